// The rule, compiled for every instruction set (core/kernels/isa/optim.h); below it the optimiser, compiled once.
#include <taper/core/kernels/isa/optim.h>

namespace taper::kernels {

struct SgdRule {
  double lr, momentum, one_minus_dampening, weight_decay;
  bool nesterov, maximize;
};
template <class T>
using SgdLoops = OptimLoops<SgdRule, T>;

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(SgdLoops)

#if defined(TAPER_ISA)

namespace taper::kernels::TAPER_ISA {
namespace {

// Of two products in a sum, gcc fuses the first one into the addition. Written in this order, that is the one that is
// fused in PyTorch's kernels, too, and the results of SGD are the same to the last bit.
template <class T, bool kDecay, bool kMomentum, bool kNesterov>
void sgd_loop(const SgdRule& rule, T* p, const T* g, T* buffer, int64_t n) {
  using C = compute_t<T>;
  const C lr = static_cast<C>(rule.lr), momentum = static_cast<C>(rule.momentum);
  const C decay = static_cast<C>(rule.weight_decay), one_minus_dampening = static_cast<C>(rule.one_minus_dampening);
  const C sign = rule.maximize ? C(-1) : C(1);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    C d;
    if constexpr (kDecay) {
      d = decay * p[i] + sign * g[i];
    } else {
      d = sign * g[i];
    }
    if constexpr (kMomentum) {
      const C b = one_minus_dampening * d + momentum * buffer[i];
      buffer[i] = b;
      d = kNesterov ? momentum * b + d : b;
    }
    p[i] -= lr * d;
  }
}

template <class T>
void sgd(const SgdRule& rule, T* p, const T* g, T* const* state, int64_t n) {
  const bool decay = rule.weight_decay != 0, nesterov = rule.nesterov;
  const auto plain = decay ? sgd_loop<T, true, false, false> : sgd_loop<T, false, false, false>;
  const auto momentum = decay ? (nesterov ? sgd_loop<T, true, true, true> : sgd_loop<T, true, true, false>)
                              : (nesterov ? sgd_loop<T, false, true, true> : sgd_loop<T, false, true, false>);
  (state[0] ? momentum : plain)(rule, p, g, state[0], n);
}

template <class T>
constexpr SgdLoops<T> kLoops{sgd};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(SgdLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA

#else

#include <taper/optim/fused_step_internal.h>
#include <taper/optim/sgd.h>

namespace taper::optim {

void SGDOptions::visit(FieldVisitor& visitor) {
  visitor.non_negative("lr", lr_);
  visitor.non_negative("momentum", momentum_);
  visitor.finite("dampening", dampening_);
  visitor.non_negative("weight_decay", weight_decay_);
  visitor("nesterov", nesterov_);
  visitor("maximize", maximize_);
}

void SGDOptions::check() const {
  check_fields("SGD");
  TAPER_CHECK_VALUE(!nesterov_ || (momentum_ > 0 && dampening_ == 0),
                    "SGD: nesterov needs a momentum above 0 and a dampening of 0; got momentum ", momentum_,
                    " and dampening ", dampening_);
}

Tensor SGD::step(LossClosure closure) {
  return fused_step("SGD", closure, [](detail::FusedStep& step, const SGDOptions& o, const auto& state) {
    bool first = false;
    if (o.momentum() != 0) first = step.state(0, "the momentum buffer", state().momentum_buffer());
    const double one_minus_dampening = first ? 1 : 1 - o.dampening();  // at the first step b = momentum 0 + 1 d
    return kernels::SgdRule{o.lr(), o.momentum(), one_minus_dampening, o.weight_decay(), o.nesterov(), o.maximize()};
  });
}

}  // namespace taper::optim

#endif
