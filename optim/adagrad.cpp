#include <taper/optim/adagrad.h>

#include <taper/autograd/grad_mode.h>
#include <taper/optim/fused_step.h>

#include <cmath>

namespace taper::optim {

void AdagradOptions::check() const {
  const auto at_least_0 = [](const char* name, double value) {
    TAPER_CHECK_VALUE(value >= 0 && std::isfinite(value), "Adagrad: ", name,
                      " must be a finite number, 0 or more; got ", value);
  };
  at_least_0("lr", lr_);
  at_least_0("lr_decay", lr_decay_);
  at_least_0("weight_decay", weight_decay_);
  at_least_0("initial_accumulator_value", initial_accumulator_value_);
  at_least_0("eps", eps_);
}

void AdagradOptions::visit(FieldVisitor& visitor) {
  visitor("lr", lr_);
  visitor("lr_decay", lr_decay_);
  visitor("weight_decay", weight_decay_);
  visitor("initial_accumulator_value", initial_accumulator_value_);
  visitor("eps", eps_);
}

bool operator==(const AdagradOptions& a, const AdagradOptions& b) {
  return a.lr_ == b.lr_ && a.lr_decay_ == b.lr_decay_ && a.weight_decay_ == b.weight_decay_ &&
         a.initial_accumulator_value_ == b.initial_accumulator_value_ && a.eps_ == b.eps_;
}

void AdagradParamState::visit(FieldVisitor& visitor) {
  visitor("sum", sum_);
  visitor("step", step_);
}

Tensor Adagrad::step(LossClosure closure) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  detail::FusedStep step("Adagrad", param_groups_);
  const auto add = [&](const Tensor& p, const AdagradOptions& o, detail::FusedStep::Where where) {
    kernels::OptimItem& item = step.add(p, where);
    auto& state = state_of<AdagradParamState>(p);
    step.keep(0, "sum", state.sum(), o.initial_accumulator_value());
    const auto t = static_cast<double>(step.count(state.step()));
    item.rule = kernels::OptimRule::Adagrad;
    item.values.adagrad = {o.lr() / (1 + (t - 1) * o.lr_decay()), o.eps(), o.weight_decay()};
  };
  detail::each_parameter<AdagradOptions>("Adagrad", param_groups_, add);
  step.take();
  return loss;
}

}  // namespace taper::optim
