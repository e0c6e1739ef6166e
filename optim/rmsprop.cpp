// The rule, compiled for every instruction set (core/kernels/isa/optim.h); below it the optimiser, compiled once.
#include <taper/core/kernels/isa/optim.h>

namespace taper::kernels {

struct RMSpropRule {
  double lr, alpha, eps, weight_decay, momentum;
};
template <class T>
using RMSpropLoops = OptimLoops<RMSpropRule, T>;

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(RMSpropLoops)

#if defined(TAPER_ISA)

namespace taper::kernels::TAPER_ISA {
namespace {

template <class T, bool kMomentum, bool kCentered>
void rmsprop_loop(const RMSpropRule& rule, T* p, const T* g, T* v, T* b, T* m, int64_t n) {
  using C = compute_t<T>;
  const C lr = static_cast<C>(rule.lr), alpha = static_cast<C>(rule.alpha),
          one_minus_alpha = static_cast<C>(1 - rule.alpha);
  const C eps = static_cast<C>(rule.eps), momentum = static_cast<C>(rule.momentum);
  const C weight_decay = static_cast<C>(rule.weight_decay);
  const bool decays = rule.weight_decay != 0;
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const C d = decays ? g[i] + weight_decay * p[i] : g[i];
    C second = alpha * v[i] + one_minus_alpha * d * d;
    v[i] = second;
    if constexpr (kCentered) {
      const C first = alpha * m[i] + one_minus_alpha * d;
      m[i] = first;
      second -= first * first;
    }
    C u = d / (root(second) + eps);
    if constexpr (kMomentum) {
      u += momentum * b[i];
      b[i] = u;
    }
    p[i] -= lr * u;
  }
}

template <class T>
void rmsprop(const RMSpropRule& rule, T* p, const T* g, T* const* state, int64_t n) {
  const bool momentum = state[1] != nullptr, centered = state[2] != nullptr;
  const auto loop = momentum ? (centered ? rmsprop_loop<T, true, true> : rmsprop_loop<T, true, false>)
                             : (centered ? rmsprop_loop<T, false, true> : rmsprop_loop<T, false, false>);
  loop(rule, p, g, state[0], state[1], state[2], n);
}

template <class T>
constexpr RMSpropLoops<T> kLoops{rmsprop};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(RMSpropLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA

#else

#include <taper/optim/fused_step_internal.h>
#include <taper/optim/rmsprop.h>

namespace taper::optim {

void RMSpropOptions::visit(FieldVisitor& visitor) {
  visitor.non_negative("lr", lr_);
  visitor.from_0_to_1("alpha", alpha_);
  visitor.non_negative("eps", eps_);
  visitor.non_negative("weight_decay", weight_decay_);
  visitor.non_negative("momentum", momentum_);
  visitor("centered", centered_);
}

void RMSpropParamState::visit(FieldVisitor& visitor) {
  visitor("step", step_);
  visitor("square_avg", square_avg_);
  visitor("momentum_buffer", momentum_buffer_);
  visitor("grad_avg", grad_avg_);
}

Tensor RMSprop::step(LossClosure closure) {
  return fused_step("RMSprop", closure, [](detail::FusedStep& step, const RMSpropOptions& o, const auto& state) {
    RMSpropParamState& s = state();
    step.state(0, "square_avg", s.square_avg());
    if (o.momentum() > 0) step.state(1, "momentum_buffer", s.momentum_buffer());
    if (o.centered()) step.state(2, "grad_avg", s.grad_avg());
    step.count(s.step());
    return kernels::RMSpropRule{o.lr(), o.alpha(), o.eps(), o.weight_decay(), o.momentum()};
  });
}

}  // namespace taper::optim

#endif
