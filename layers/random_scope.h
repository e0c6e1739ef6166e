// RandomScope: the default generator is, at the end of a scope, where it was at its beginning.
#pragma once

#include <taper/core/random.h>

namespace taper::nn::detail {

class RandomScope {
 public:
  RandomScope() : state_(default_generator().get_state()) {}
  ~RandomScope() { rewind(); }
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;
  void rewind() { default_generator().set_state(state_); }

 private:
  Tensor state_;
};

}  // namespace taper::nn::detail
