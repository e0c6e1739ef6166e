#include <taper/optim/rmsprop.h>

#include <taper/autograd/grad_mode.h>
#include <taper/optim/fused_step.h>

#include <cmath>

namespace taper::optim {

void RMSpropOptions::check() const {
  TAPER_CHECK_VALUE(lr_ >= 0 && std::isfinite(lr_), "RMSprop: lr must be a finite number, 0 or more; got ", lr_);
  TAPER_CHECK_VALUE(alpha_ >= 0 && alpha_ <= 1, "RMSprop: alpha must be from 0 to 1; got ", alpha_);
  TAPER_CHECK_VALUE(eps_ >= 0 && std::isfinite(eps_), "RMSprop: eps must be a finite number, 0 or more; got ", eps_);
  TAPER_CHECK_VALUE(weight_decay_ >= 0 && std::isfinite(weight_decay_),
                    "RMSprop: weight_decay must be a finite number, 0 or more; got ", weight_decay_);
  TAPER_CHECK_VALUE(momentum_ >= 0 && std::isfinite(momentum_),
                    "RMSprop: momentum must be a finite number, 0 or more; got ", momentum_);
}

void RMSpropOptions::visit(FieldVisitor& visitor) {
  visitor("lr", lr_);
  visitor("alpha", alpha_);
  visitor("eps", eps_);
  visitor("weight_decay", weight_decay_);
  visitor("momentum", momentum_);
  visitor("centered", centered_);
}

bool operator==(const RMSpropOptions& a, const RMSpropOptions& b) {
  return a.lr_ == b.lr_ && a.alpha_ == b.alpha_ && a.eps_ == b.eps_ && a.weight_decay_ == b.weight_decay_ &&
         a.momentum_ == b.momentum_ && a.centered_ == b.centered_;
}

void RMSpropParamState::visit(FieldVisitor& visitor) {
  visitor("step", step_);
  visitor("square_avg", square_avg_);
  visitor("momentum_buffer", momentum_buffer_);
  visitor("grad_avg", grad_avg_);
}

Tensor RMSprop::step(LossClosure closure) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  detail::FusedStep step("RMSprop", param_groups_);
  const auto add = [&](const Tensor& p, const RMSpropOptions& o, detail::FusedStep::Where where) {
    kernels::OptimItem& item = step.add(p, where);
    auto& state = state_of<RMSpropParamState>(p);
    step.keep(0, "square_avg", state.square_avg());
    if (o.momentum() > 0) step.keep(1, "momentum_buffer", state.momentum_buffer());
    if (o.centered()) step.keep(2, "grad_avg", state.grad_avg());
    step.count(state.step());
    item.rule = kernels::OptimRule::RmsProp;
    item.values.rms_prop = {o.lr(), o.alpha(), o.eps(), o.weight_decay(), o.momentum()};
  };
  detail::each_parameter<RMSpropOptions>("RMSprop", param_groups_, add);
  step.take();
  return loss;
}

}  // namespace taper::optim
