// The elementwise loops of integers and bool, for one instruction set. Arithmetic wraps around (two's complement).
// Null where an operation does not exist for a dtype, or goes by another (division by float). Internal.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/kernels/elementwise_ops.h>

namespace taper::kernels {

Loop integer_loop(UnaryOp op, ScalarType dtype);
Loop integer_loop(BinaryOp op, ScalarType dtype);
Loop integer_loop(CompareOp op, ScalarType dtype);
Loop integer_loop(TestOp op, ScalarType dtype);
// As in isa/elementwise.h; no addcdiv.
Loop integer_add_scaled(ScalarType dtype);
Loop integer_addcmul(ScalarType dtype);
Loop integer_clamp(ScalarType dtype);
// y = condition ? a : b for any dtype, floats included; data = {y, condition (bool), a, b}.
Loop where_loop(ScalarType dtype);

}  // namespace taper::kernels
