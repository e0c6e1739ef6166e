#include <taper/optim/adam.h>

#include <taper/autograd/grad_mode.h>
#include <taper/optim/fused_step.h>

#include <cmath>

namespace taper::optim {

void AdamOptions::check(const char* name) const {
  TAPER_CHECK_VALUE(lr_ >= 0 && std::isfinite(lr_), name, ": lr must be a finite number, 0 or more; got ", lr_);
  const auto [beta1, beta2] = betas_;
  TAPER_CHECK_VALUE(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, name, ": betas must be from 0 to below 1; got ",
                    beta1, " and ", beta2);
  TAPER_CHECK_VALUE(eps_ >= 0 && std::isfinite(eps_), name, ": eps must be a finite number, 0 or more; got ", eps_);
  TAPER_CHECK_VALUE(weight_decay_ >= 0 && std::isfinite(weight_decay_), name,
                    ": weight_decay must be a finite number, 0 or more; got ", weight_decay_);
}
void AdamOptions::check() const { check("Adam"); }

void AdamOptions::visit(FieldVisitor& visitor) {
  visitor("lr", lr_);
  visitor("beta1", std::get<0>(betas_));
  visitor("beta2", std::get<1>(betas_));
  visitor("eps", eps_);
  visitor("weight_decay", weight_decay_);
  visitor("amsgrad", amsgrad_);
}

bool operator==(const AdamOptions& a, const AdamOptions& b) {
  return a.lr_ == b.lr_ && a.betas_ == b.betas_ && a.eps_ == b.eps_ && a.weight_decay_ == b.weight_decay_ &&
         a.amsgrad_ == b.amsgrad_;
}

void AdamParamState::visit(FieldVisitor& visitor) {
  visitor("step", step_);
  visitor("exp_avg", exp_avg_);
  visitor("exp_avg_sq", exp_avg_sq_);
  visitor("max_exp_avg_sq", max_exp_avg_sq_);
}

namespace {

// What of the weight decay goes into the gradient (Adam) and what shrinks the parameter itself (AdamW).
template <class Options>
constexpr bool kShrinks = std::is_same_v<Options, AdamWOptions>;

template <class Options>
void add(detail::FusedStep& step, const Tensor& p, const Options& o, detail::FusedStep::Where where,
         AdamParamState& state) {
  kernels::OptimItem& item = step.add(p, where);
  step.keep(0, "exp_avg", state.exp_avg());
  step.keep(1, "exp_avg_sq", state.exp_avg_sq());
  if (o.amsgrad()) step.keep(2, "max_exp_avg_sq", state.max_exp_avg_sq());
  const auto t = static_cast<double>(step.count(state.step()));
  const auto [beta1, beta2] = o.betas();
  const double decay = o.weight_decay();
  item.rule = kernels::OptimRule::Adam;
  item.values.adam = {o.lr() / (1 - std::pow(beta1, t)), std::sqrt(1 - std::pow(beta2, t)),       beta1, beta2, o.eps(),
                      kShrinks<Options> ? 0.0 : decay,   kShrinks<Options> ? o.lr() * decay : 0.0};
}

}  // namespace

Tensor Adam::step(LossClosure closure) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  detail::FusedStep step("Adam", param_groups_);
  detail::each_parameter<AdamOptions>("Adam", param_groups_, [&](const Tensor& p, const AdamOptions& o, auto where) {
    add(step, p, o, where, state_of<AdamParamState>(p));
  });
  step.take();
  return loss;
}

Tensor AdamW::step(LossClosure closure) {
  Tensor loss = begin_step(closure);
  const NoGradGuard no_grad;
  detail::FusedStep step("AdamW", param_groups_);
  detail::each_parameter<AdamWOptions>("AdamW", param_groups_, [&](const Tensor& p, const AdamWOptions& o, auto where) {
    add(step, p, o, where, state_of<AdamParamState>(p));
  });
  step.take();
  return loss;
}

}  // namespace taper::optim
