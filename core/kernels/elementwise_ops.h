// The names of the elementwise operations: shared by the tensor-level functions (elementwise.h) and the inner loops.
#pragma once

#include <cstdint>

namespace taper::kernels {

// Floating-point functions (from Exp on) turn integers into the default dtype; the others keep the dtype.
enum class UnaryOp : uint8_t {
  Neg,
  Abs,
  Sign,
  Square,
  Relu,
  Floor,
  Ceil,
  Round,
  Exp,
  Expm1,
  Log,
  Log1p,
  Sqrt,
  Rsqrt,
  Reciprocal,
  Sin,
  Cos,
  Tanh,
  Sigmoid,
  Erf,
  Gelu,
  Silu,
  Count
};
// Results keep the common dtype; Div of integers gives the default float dtype.
// The fused backward kernels take (cotangent, saved value): ReluGrad(dy, y) = dy [not y <= 0], SigmoidGrad(dy, y) =
// dy y (1 - y), TanhGrad(dy, y) = dy (1 - y^2), GeluGrad(dy, x), SiluGrad(dy, x).
enum class BinaryOp : uint8_t {
  Add,
  Sub,
  Mul,
  Div,
  Pow,
  Maximum,
  Minimum,
  ReluGrad,
  SigmoidGrad,
  TanhGrad,
  GeluGrad,
  SiluGrad,
  Count
};
// Results are bool.
enum class CompareOp : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, And, Or, Count };
enum class TestOp : uint8_t { Not, IsNan, IsInf, IsFinite, Count };

// One row of an elementwise operation: data[0] is the result, data[1], data[2], ... the operands; strides are in bytes,
// 0 for a value that stays the same. The result may be exactly one of the operands, but not overlap one otherwise.
// `param` points to what the operation needs besides (a factor, bounds), in the dtype of the operands.
using Loop = void (*)(int64_t n, char* const* data, const int64_t* strides, const void* param);

}  // namespace taper::kernels
