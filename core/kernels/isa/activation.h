// Activations with parameters and their derivatives: the loops of float and double.
#pragma once

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// y = f(x), with the parameters a, b, c.
enum class Activation : uint8_t {
  Elu,         // x > 0 ? b x : a (exp(c x) - 1)
  Softplus,    // a x > b ? x : ln(1 + exp(a x)) / a
  LogSigmoid,  // -ln(1 + exp(-x))
  Mish,        // x tanh(ln(1 + exp(x)))
  Tanhshrink,  // x - tanh x
  Softsign,    // x / (1 + |x|); from here on the loops are cheap
  Hardtanh,    // between a and b; its derivative may be given y instead of x
  Threshold,   // x > a ? x : b
  Hardshrink,  // -a <= x <= a ? 0 : x
  Softshrink,  // x > a ? x - a : x < -a ? x + a : 0
  Count
};

// Index 0 is float, 1 double. `param` points to a, b, c in the dtype of the loop.
struct ActivationLoops {
  Loop forward[2][static_cast<int>(Activation::Count)];   // y, x
  Loop backward[2][static_cast<int>(Activation::Count)];  // dx, dy, x
};

}  // namespace taper::kernels

TAPER_DECLARE_LOOPS(ActivationLoops, activation_loops)
