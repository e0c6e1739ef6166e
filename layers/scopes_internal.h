// What tools that run a model put back at the end of a scope, also after an exception.
#pragma once

#include <taper/core/random.h>
#include <taper/layers/module.h>

namespace taper::nn::detail {

// Every module gets back the mode it had when this was made.
class ModeScope {
 public:
  explicit ModeScope(Module& model) {
    model.apply([this](Module& m) { modes_.emplace_back(&m, m.is_training()); });
  }
  ~ModeScope() {
    for (const auto& [module, mode] : modes_) module->train(mode);  // parents first, so that a child's own mode wins
  }
  ModeScope(const ModeScope&) = delete;
  ModeScope& operator=(const ModeScope&) = delete;

 private:
  std::vector<std::pair<Module*, bool>> modes_;
};

// The default generator gets back its state.
class RandomScope {
 public:
  RandomScope() : state_(default_generator().get_state()) {}
  ~RandomScope() { default_generator().set_state(state_); }
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  Tensor state_;
};

}  // namespace taper::nn::detail
