// The elementwise loops of float and double.
#pragma once

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// Index 0 of each is float, 1 double.
struct ElementwiseLoops {
  Loop unary[2][kIsaUnaryOps];
  Loop binary[2][kIsaBinaryOps];
  Loop compare[2][static_cast<int>(CompareOp::Count)];  // the result is bool
  Loop test[2][static_cast<int>(TestOp::Count)];        // the result is bool
  Loop add_scaled[2];                                   // a + param[0] b
  Loop lerp[2];                                         // a + param[0] (b - a), exact at 0 and 1
  Loop lerp_each[2];                                    // x + b (a - x), exact at 0 and 1
  Loop addcmul[2];                                      // x + param[0] a b
  Loop addcdiv[2];                                      // x + param[0] a / b
  Loop clamp[2];                                        // not below param[0], not above param[1]; NaN stays
  Loop leaky_relu[2];                                   // x > 0 ? x : param[0] x
};

}  // namespace taper::kernels

TAPER_DECLARE_LOOPS(ElementwiseLoops, elementwise_loops)
