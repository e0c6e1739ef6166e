// The updates of the optimisers, over n elements side by side. p is the parameter, g its gradient, state what the
// optimiser keeps for it; all are [n] and apart. Terms with a factor of 0 are left out, not computed: a parameter may
// be infinite.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

enum class OptimRule : uint8_t { Sgd, Adam, RmsProp, Adagrad, Count };

// state[0]: the momentum buffer b, null where momentum is 0
//   d = g (maximize: -g) + weight_decay p
//   b = momentum b + fresh d;   d = b (nesterov: d + momentum b)
//   p = p - lr d
struct SgdRule {
  double lr, momentum, weight_decay;
  double fresh;  // the part of a new gradient in the momentum buffer: 1 - dampening
  bool nesterov, maximize;
};

// state: m, v and, for amsgrad, the largest v so far
//   p = p - shrink p;   d = g + weight_decay p
//   m = beta1 m + (1 - beta1) d;   v = beta2 v + (1 - beta2) d^2
//   p = p - step_size m / (sqrt(v) / root + eps)            amsgrad: with the largest v
struct AdamRule {
  double step_size;  // lr / (1 - beta1^t)
  double root;       // sqrt(1 - beta2^t)
  double beta1, beta2, eps, weight_decay, shrink;
};

// state: v, then for momentum b, then for centered the mean gradient m; null where they are not used
//   d = g + weight_decay p;   v = alpha v + (1 - alpha) d^2;   m = alpha m + (1 - alpha) d
//   u = d / (sqrt(v) + eps)                                 centered: sqrt(v - m^2)
//   p = p - lr u                                            momentum: b = momentum b + u;  p = p - lr b
struct RmsPropRule {
  double lr, alpha, eps, weight_decay, momentum;
};

// state[0]: the sum s of squares
//   d = g + weight_decay p;   s = s + d^2;   p = p - lr d / (sqrt(s) + eps)
struct AdagradRule {
  double lr, eps, weight_decay;
};

union OptimRuleValues {
  SgdRule sgd;
  AdamRule adam;
  RmsPropRule rms_prop;
  AdagradRule adagrad;
};

template <class T>
struct OptimLoops {
  using Update = void (*)(const OptimRuleValues& rule, T* p, const T* g, T* const* state, int64_t n);
  Update update[static_cast<int>(OptimRule::Count)];
};

}  // namespace taper::kernels

TAPER_DECLARE_LOOPS(OptimLoops<float>, optim_f32)
TAPER_DECLARE_LOOPS(OptimLoops<double>, optim_f64)
