// FusedStep: one step of an optimiser, checked for all parameters first and then taken in one parallel pass over their
// memory. What all optimisers here share. Internal.
#pragma once

#include <taper/autograd/grad_mode.h>
#include <taper/core/kernels/optim.h>
#include <taper/optim/optimizer.h>

namespace taper::optim::detail {

class FusedStep {
 public:
  // `name` of the optimiser, for errors.
  FusedStep(const char* name, const std::vector<OptimizerParamGroup>& groups);

  // The group and the position in it, for errors.
  using Where = std::pair<size_t, size_t>;
  // A parameter that has a gradient.
  void add(const Tensor& p, Where where);
  // state[index] of the parameter added last: the memory of `tensor`, a field of what is kept for it. Where it is
  // undefined it becomes `first` in all elements, when the step is taken. Returns whether it was.
  bool state(int index, const char* what, Tensor& tensor, double first = 0);
  // The number of the parameter's step, counted from 1 in `counter`, which moves on when the step is taken.
  int64_t count(int64_t& counter);
  // What all its elements have in common.
  template <class Rule>
  void set_rule(const Rule& rule) {
    current_->set_rule(rule);
  }

  // Takes the step. From here on nothing fails, but for the check that no row-major parameters overlap, which would
  // race.
  void apply();

 private:
  void check_like(const char* what, const Tensor& value, const Tensor& p) const;
  void check_apart() const;
  std::string place() const;

  const char* const name_;
  Where where_;
  std::vector<kernels::OptimItem> items_;  // updated in parallel
  // A parameter that is not row-major is updated in a copy that is. One after the other: it may share memory with those
  // before it, as a weight and its transpose do, and goes on from what they have become.
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

// Calls f(p, options of its group, where) for every parameter that has a gradient, once all options are checked.
template <class Options, class F>
void each_parameter(const char* name, std::vector<OptimizerParamGroup>& groups, const F& f) {
  size_t parameters = 0;
  for (const OptimizerParamGroup& group : groups) {
    TAPER_CHECK_TYPE(dynamic_cast<const Options*>(&group.options()), name, "::step: the options of a group must be ",
                     name, "Options; those of group ", &group - groups.data(), " are not");
    group.options().check();
    parameters += group.params().size();
  }
  TAPER_CHECK_VALUE(parameters > 0, name, "::step: the optimiser must have parameters; got none; ",
                    "were the layers registered (register_module) before parameters() was called?");
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto& options = static_cast<const Options&>(groups[g].options());
    const std::vector<Tensor>& params = groups[g].params();
    for (size_t i = 0; i < params.size(); ++i) {
      TAPER_CHECK(params[i].defined(), name, "::step: a parameter must be defined; parameter ", i, " of group ", g,
                  " is not");
      if (params[i].grad().defined()) f(params[i], options, FusedStep::Where(g, i));
    }
  }
}

}  // namespace taper::optim::detail

namespace taper::optim {

template <class Options, class State>
template <class RuleOf>
Tensor FusedOptimizer<Options, State>::fused_step(const char* name, const LossClosure& closure, const RuleOf& rule_of) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  detail::FusedStep step(name, param_groups_);
  detail::each_parameter<Options>(name, param_groups_, [&](const Tensor& p, const Options& options, auto where) {
    step.add(p, where);
    const auto state = [&]() -> State& { return state_of<State>(p); };
    step.set_rule(rule_of(step, options, state));
  });
  step.apply();
  return loss;
}

}  // namespace taper::optim
