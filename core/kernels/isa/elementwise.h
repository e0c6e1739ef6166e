// The elementwise loops of float and double that vectorise.
#pragma once

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

struct FloatElementwiseLoops {
  ElementwiseLoops of_float, of_double;
};

}  // namespace taper::kernels

TAPER_DECLARE_LOOPS(FloatElementwiseLoops, elementwise_loops)
