// The update of stochastic gradient descent, over n elements side by side.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

struct SgdRule {
  double lr, momentum, weight_decay;
  double fresh;  // the part of a new gradient in the momentum buffer: 1 - dampening
  bool nesterov, maximize;
};

// p, g and buffer are [n] and either the same or apart; buffer is null where momentum is 0.
//   d = g (maximize: -g) + weight_decay p
//   buffer = momentum buffer + fresh d;   d = buffer (nesterov: d + momentum buffer)
//   p = p - lr d
// Terms with a factor of 0 are left out, not computed: a parameter may be infinite.
template <class T>
struct SgdLoops {
  void (*update)(const SgdRule& rule, T* p, const T* g, T* buffer, int64_t n);
};

}  // namespace taper::kernels

TAPER_DECLARE_LOOPS(SgdLoops<float>, sgd_f32)
TAPER_DECLARE_LOOPS(SgdLoops<double>, sgd_f64)
