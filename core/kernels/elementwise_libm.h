// The elementwise loops that gain nothing from wider instructions: functions of the C++ library and special functions,
// of float32 and float64. Internal.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/kernels/elementwise_ops.h>

namespace taper::kernels {

const ElementwiseLoops& libm_loops(ScalarType dtype);
// The derivative of order n of digamma, with n >= 1 as a double in `param`.
Loop polygamma_loop(ScalarType dtype);

}  // namespace taper::kernels
