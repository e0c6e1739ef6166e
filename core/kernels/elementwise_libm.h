// The elementwise loops that gain nothing from wider instructions: functions of the C library, and quotients with their
// remainders. Internal.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/kernels/elementwise_ops.h>

namespace taper::kernels {

// For the operations from Trunc and Fmod on, of float32 and float64; null for those of integers alone.
Loop libm_loop(UnaryOp op, ScalarType dtype);
Loop libm_loop(BinaryOp op, ScalarType dtype);
// The derivative of order n of digamma, with n >= 1 as a double in `param`.
Loop polygamma_loop(ScalarType dtype);

}  // namespace taper::kernels
