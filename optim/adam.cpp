// The rule, compiled for every instruction set (core/kernels/isa/optim.h); below it the optimiser, compiled once.
#include <taper/core/kernels/isa/optim.h>

namespace taper::kernels {

struct AdamRule {
  double step_size;  // lr / (1 - beta1^t)
  double root;       // sqrt(1 - beta2^t)
  double beta1, beta2, eps;
  double weight_decay;     // added to the gradient: Adam
  double decoupled_decay;  // lr weight_decay, subtracted from the parameter: AdamW
};
template <class T>
using AdamLoops = OptimLoops<AdamRule, T>;

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(AdamLoops)

#if defined(TAPER_ISA)

namespace taper::kernels::TAPER_ISA {
namespace {

template <class T, bool kDecoupled, bool kAmsgrad>
void adam_loop(const AdamRule& rule, T* p, const T* g, T* m, T* v, T* max_v, int64_t n) {
  using C = compute_t<T>;
  const C beta1 = static_cast<C>(rule.beta1), one_minus_beta1 = static_cast<C>(1 - rule.beta1);
  const C beta2 = static_cast<C>(rule.beta2), one_minus_beta2 = static_cast<C>(1 - rule.beta2);
  const C step_size = static_cast<C>(rule.step_size), eps = static_cast<C>(rule.eps);
  const C scale = static_cast<C>(1 / rule.root), weight_decay = static_cast<C>(rule.weight_decay);
  const C decay_factor = static_cast<C>(1 - rule.decoupled_decay);
  const bool decays = rule.weight_decay != 0;
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    C w = p[i], d = g[i];
    if constexpr (kDecoupled) {
      w *= decay_factor;
    } else {
      d = decays ? d + weight_decay * w : d;
    }
    m[i] = beta1 * m[i] + one_minus_beta1 * d;
    C second = beta2 * v[i] + one_minus_beta2 * d * d;
    v[i] = second;
    if constexpr (kAmsgrad) {
      const C before = max_v[i];
      second = before > second || before != before ? before : second;  // NaN wins
      max_v[i] = second;
    }
    p[i] = w - step_size * m[i] / (root(second) * scale + eps);
  }
}

template <class T>
void adam(const AdamRule& rule, T* p, const T* g, T* const* state, int64_t n) {
  const bool decoupled = rule.decoupled_decay != 0, amsgrad = state[2] != nullptr;
  const auto loop = decoupled ? (amsgrad ? adam_loop<T, true, true> : adam_loop<T, true, false>)
                              : (amsgrad ? adam_loop<T, false, true> : adam_loop<T, false, false>);
  loop(rule, p, g, state[0], state[1], state[2], n);
}

template <class T>
constexpr AdamLoops<T> kLoops{adam};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(AdamLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA

#else

#include <taper/optim/adam.h>
#include <taper/optim/fused_step_internal.h>

#include <cmath>

namespace taper::optim {

void AdamOptions::visit(FieldVisitor& visitor) {
  visitor.non_negative("lr", lr_);
  visitor("beta1", std::get<0>(betas_));
  visitor("beta2", std::get<1>(betas_));
  visitor.non_negative("eps", eps_);
  visitor.non_negative("weight_decay", weight_decay_);
  visitor("amsgrad", amsgrad_);
}

void AdamOptions::check(const char* name) const {
  check_fields(name);
  const auto [beta1, beta2] = betas_;
  TAPER_CHECK_VALUE(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, name, ": betas must be from 0 to below 1; got ",
                    beta1, " and ", beta2);
}

void AdamParamState::visit(FieldVisitor& visitor) {
  visitor("step", step_);
  visitor("exp_avg", exp_avg_);
  visitor("exp_avg_sq", exp_avg_sq_);
  visitor("max_exp_avg_sq", max_exp_avg_sq_);
}

namespace {

kernels::AdamRule adam_rule(detail::FusedStep& step, const AdamOptions& o, AdamParamState& state, double weight_decay,
                            double decoupled_decay) {
  step.state(0, "exp_avg", state.exp_avg());
  step.state(1, "exp_avg_sq", state.exp_avg_sq());
  if (o.amsgrad()) step.state(2, "max_exp_avg_sq", state.max_exp_avg_sq());
  const auto t = static_cast<double>(step.count(state.step()));
  const auto [beta1, beta2] = o.betas();
  return {o.lr() / (1 - std::pow(beta1, t)),
          std::sqrt(1 - std::pow(beta2, t)),
          beta1,
          beta2,
          o.eps(),
          weight_decay,
          decoupled_decay};
}

}  // namespace

Tensor Adam::step(LossClosure closure) {
  return fused_step("Adam", closure, [](detail::FusedStep& step, const AdamOptions& o, const auto& state) {
    return adam_rule(step, o, state(), o.weight_decay(), 0);
  });
}

Tensor AdamW::step(LossClosure closure) {
  return fused_step("AdamW", closure, [](detail::FusedStep& step, const AdamWOptions& o, const auto& state) {
    return adam_rule(step, o, state(), 0, o.lr() * o.weight_decay());
  });
}

}  // namespace taper::optim

#endif
