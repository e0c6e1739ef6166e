// The names of the elementwise operations: shared by the tensor-level functions (elementwise.h) and the inner loops.
#pragma once

#include <cstdint>

namespace taper::kernels {

// Floating-point functions (from Exp on, without Trunc, Frac and BitNot) turn integers into the default dtype; the
// others keep the dtype. Those from Trunc on have no loops in isa/ but in elementwise_libm.cpp.
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
  Trunc,
  Frac,
  BitNot,
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Asinh,
  Acosh,
  Atanh,
  Exp2,
  Log2,
  Log10,
  Erfc,
  Erfinv,
  Lgamma,
  Digamma,
  Count
};
constexpr int kIsaUnaryOps = static_cast<int>(UnaryOp::Trunc);
// Results keep the common dtype; Div, Atan2 and Xlogy of integers give the default float dtype. Those from Fmax on have
// no loops in isa/ but in elementwise_libm.cpp.
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
  TruncDivide,
  Fmod,
  Remainder,
  FloorDivide,
  Fmax,
  Fmin,
  BitAnd,
  BitOr,
  BitXor,
  Atan2,
  Hypot,
  LogAddExp,
  Xlogy,
  Count
};
constexpr int kIsaBinaryOps = static_cast<int>(BinaryOp::Fmax);
// Results are bool.
enum class CompareOp : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, And, Or, Xor, Count };
enum class TestOp : uint8_t { Not, IsNan, IsInf, IsFinite, SignBit, Count };

// One row of an elementwise operation: data[0] is the result, data[1], data[2], ... the operands; strides are in bytes,
// 0 for a value that stays the same. The result may be exactly one of the operands, but not overlap one otherwise.
// `param` points to what the operation needs besides (a factor, bounds), in the dtype of the operands.
using Loop = void (*)(int64_t n, char* const* data, const int64_t* strides, const void* param);

}  // namespace taper::kernels
