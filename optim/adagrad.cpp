// The rule, compiled for every instruction set (core/kernels/isa/optim.h); below it the optimiser, compiled once.
#include <taper/core/kernels/isa/optim.h>

namespace taper::kernels {

struct AdagradRule {
  double lr;  // with lr_decay applied
  double eps, weight_decay;
};
template <class T>
using AdagradLoops = OptimLoops<AdagradRule, T>;

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(AdagradLoops)

#if defined(TAPER_ISA)

namespace taper::kernels::TAPER_ISA {
namespace {

template <class T>
void adagrad(const AdagradRule& rule, T* p, const T* g, T* const* state, int64_t n) {
  using C = compute_t<T>;
  const C lr = static_cast<C>(rule.lr), eps = static_cast<C>(rule.eps);
  const C weight_decay = static_cast<C>(rule.weight_decay);
  const bool decays = rule.weight_decay != 0;
  T* const s = state[0];
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const C d = decays ? g[i] + weight_decay * p[i] : g[i];
    const C sum = s[i] + d * d;
    s[i] = sum;
    p[i] -= lr * d / (root(sum) + eps);
  }
}

template <class T>
constexpr AdagradLoops<T> kLoops{adagrad};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(AdagradLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA

#else

#include <taper/optim/adagrad.h>
#include <taper/optim/fused_step_internal.h>

namespace taper::optim {

void AdagradOptions::visit(FieldVisitor& visitor) {
  visitor.non_negative("lr", lr_);
  visitor.non_negative("lr_decay", lr_decay_);
  visitor.non_negative("weight_decay", weight_decay_);
  visitor.non_negative("initial_accumulator_value", initial_accumulator_value_);
  visitor.non_negative("eps", eps_);
}

void AdagradParamState::visit(FieldVisitor& visitor) {
  visitor("sum", sum_);
  visitor("step", step_);
}

Tensor Adagrad::step(LossClosure closure) {
  return fused_step("Adagrad", closure, [](detail::FusedStep& step, const AdagradOptions& o, const auto& state) {
    AdagradParamState& s = state();
    step.state(0, "sum", s.sum(), o.initial_accumulator_value());
    const auto t = static_cast<double>(step.count(s.step()));
    return kernels::AdagradRule{o.lr() / (1 + (t - 1) * o.lr_decay()), o.eps(), o.weight_decay()};
  });
}

}  // namespace taper::optim

#endif
