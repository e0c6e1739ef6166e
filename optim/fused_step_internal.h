// FusedStep: one step of an optimiser, first checked for all parameters and then applied in one parallel pass over
// their memory. All optimisers here use it.
#pragma once

#include <taper/autograd/grad_mode.h>
#include <taper/core/kernels/optim.h>
#include <taper/optim/optimizer.h>

namespace taper::optim::detail {

class FusedStep {
 public:
  // `name` of the optimiser, for errors. ValueError without parameters.
  FusedStep(const char* name, const std::vector<OptimizerParamGroup>& groups);

  // The group and the position in it, for errors.
  using Where = std::pair<size_t, size_t>;
  // Adds the parameter if it has a gradient, and returns whether it has.
  bool add(const Tensor& p, Where where);
  // state[index] of the parameter added last: the memory of `tensor`, a field of its state. An undefined one becomes a
  // tensor of `first` when the step is applied. Returns whether it was undefined.
  bool state(int index, const char* what, Tensor& tensor, double first = 0);
  // The number of the parameter's step from 1; increments `counter` when the step is applied.
  int64_t count(int64_t& counter);
  // The rule of the parameter added last: what all its elements have in common.
  template <class Rule>
  void set_rule(const Rule& rule) {
    current_->set_rule(rule);
  }

  // Applies the step. Nothing fails after the check that no row-major parameters overlap, which would race.
  void apply();

 private:
  void check_like(const char* what, const Tensor& value, const Tensor& p) const;
  void check_apart() const;
  std::string place() const;

  const char* const name_;
  Where where_;
  std::vector<kernels::OptimItem> items_;  // updated in parallel
  // A parameter that is not row-major is updated in a row-major copy. One after the other: it may share memory with
  // those before it, as a weight and its transpose do, and must see their update.
  struct Strided {
    const Tensor* p;
    Tensor copy;
    kernels::OptimItem item;
  };
  std::vector<Strided> strided_;
  kernels::OptimItem* current_ = nullptr;  // added last
  std::vector<const Tensor*> updated_;
  std::vector<Tensor> gradients_;  // row-major copies of those that are not
  std::vector<std::pair<Tensor*, Tensor>> new_states_;
  std::vector<int64_t*> counters_;
};

template <class Options, class State>
template <class RuleOf>
Tensor FusedOptimizer<Options, State>::fused_step(const char* name, const LossClosure& closure, const RuleOf& rule_of) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  for (const OptimizerParamGroup& group : param_groups_) {
    TAPER_CHECK_TYPE(dynamic_cast<const Options*>(&group.options()), name, "::step: the options of a group must be ",
                     name, "Options; those of group ", &group - param_groups_.data(), " are not");
    group.options().check();
  }
  FusedStep step(name, param_groups_);
  for (size_t g = 0; g < param_groups_.size(); ++g) {
    const auto& options = static_cast<const Options&>(param_groups_[g].options());
    const std::vector<Tensor>& params = param_groups_[g].params();
    for (size_t i = 0; i < params.size(); ++i) {
      if (!step.add(params[i], {g, i})) continue;
      const auto state = [&]() -> State& { return state_of<State>(params[i]); };
      step.set_rule(rule_of(step, options, state));
    }
  }
  step.apply();
  return loss;
}

}  // namespace taper::optim::detail
