// The elementwise loops of the floating-point types that vectorise.
#pragma once

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

template <class T>
struct FloatElementwiseLoops {
  ElementwiseLoops of;
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(FloatElementwiseLoops)
