// The elementwise loops of integers and bool, for one instruction set. Arithmetic wraps around (two's complement).
// Internal.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/kernels/elementwise_ops.h>

namespace taper::kernels {

const ElementwiseLoops& integer_loops(ScalarType dtype);

}  // namespace taper::kernels
