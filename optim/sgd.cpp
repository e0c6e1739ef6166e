#include <taper/optim/sgd.h>

#include <taper/autograd/grad_mode.h>
#include <taper/optim/fused_step.h>

#include <cmath>

namespace taper::optim {

void SGDOptions::check() const {
  TAPER_CHECK_VALUE(lr_ >= 0 && std::isfinite(lr_), "SGD: lr must be a finite number, 0 or more; got ", lr_);
  TAPER_CHECK_VALUE(momentum_ >= 0 && std::isfinite(momentum_),
                    "SGD: momentum must be a finite number, 0 or more; got ", momentum_);
  TAPER_CHECK_VALUE(std::isfinite(dampening_), "SGD: dampening must be a finite number; got ", dampening_);
  TAPER_CHECK_VALUE(weight_decay_ >= 0 && std::isfinite(weight_decay_),
                    "SGD: weight_decay must be a finite number, 0 or more; got ", weight_decay_);
  TAPER_CHECK_VALUE(!nesterov_ || (momentum_ > 0 && dampening_ == 0),
                    "SGD: nesterov needs a momentum above 0 and a dampening of 0; got momentum ", momentum_,
                    " and dampening ", dampening_);
}

void SGDOptions::visit(FieldVisitor& visitor) {
  visitor("lr", lr_);
  visitor("momentum", momentum_);
  visitor("dampening", dampening_);
  visitor("weight_decay", weight_decay_);
  visitor("nesterov", nesterov_);
  visitor("maximize", maximize_);
}

bool operator==(const SGDOptions& a, const SGDOptions& b) {
  return a.lr_ == b.lr_ && a.momentum_ == b.momentum_ && a.dampening_ == b.dampening_ &&
         a.weight_decay_ == b.weight_decay_ && a.nesterov_ == b.nesterov_ && a.maximize_ == b.maximize_;
}

Tensor SGD::step(LossClosure closure) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  detail::FusedStep step("SGD", param_groups_);
  detail::each_parameter<SGDOptions>("SGD", param_groups_, [&](const Tensor& p, const SGDOptions& o, auto where) {
    kernels::OptimItem& item = step.add(p, where);
    bool first = false;
    if (o.momentum() != 0) {
      first = step.keep(0, "the momentum buffer", state_of<SGDParamState>(p).momentum_buffer());
    }
    item.rule = kernels::OptimRule::Sgd;
    const double fresh = first ? 1 : 1 - o.dampening();  // momentum 0 + 1 d: the rule of the first step
    item.values.sgd = {o.lr(), o.momentum(), o.weight_decay(), fresh, o.nesterov(), o.maximize()};
  });
  step.take();
  return loss;
}

}  // namespace taper::optim
