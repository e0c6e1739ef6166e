// Arithmetic and other functions of two tensors, elementwise. The sizes broadcast as in PyTorch (aligned at the right,
// 1 stretches; others are an error that shows both), dtypes promote by promote_types, and a number never widens a
// tensor of its own kind. Gradients are summed over what was stretched.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

// mul, div, pow, fmod, remainder, floor_divide, xlogy, bitwise_and, ..., of two tensors or a tensor and a number:
// formula and derivative are in the list.
#define TAPER_BINARY(name)                                 \
  TAPER_API Tensor name(const Tensor& a, const Tensor& b); \
  TAPER_API Tensor name(const Tensor& a, const Scalar& b);
#include <taper/core/elementwise.def>
// The same of a number and a tensor.
TAPER_API Tensor pow(const Scalar& a, const Tensor& b);
TAPER_API Tensor remainder(const Scalar& a, const Tensor& b);
TAPER_API Tensor xlogy(const Scalar& a, const Tensor& b);
inline Tensor bitwise_and(const Scalar& a, const Tensor& b) { return bitwise_and(b, a); }
inline Tensor bitwise_or(const Scalar& a, const Tensor& b) { return bitwise_or(b, a); }
inline Tensor bitwise_xor(const Scalar& a, const Tensor& b) { return bitwise_xor(b, a); }

// y = a + alpha b                                          da = dy, db = alpha dy
// TypeError for a fractional alpha when the result is an integer.
TAPER_API Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
TAPER_API Tensor add(const Tensor& a, const Scalar& b, const Scalar& alpha = 1);

// y = a - alpha b; rsub: b - alpha a                       da = dy, db = -alpha dy
// TypeError as in add, and for bool operands.
TAPER_API Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
TAPER_API Tensor sub(const Tensor& a, const Scalar& b, const Scalar& alpha = 1);
inline Tensor rsub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1) { return sub(b, a, alpha); }
inline Tensor rsub(const Tensor& a, const Scalar& b, const Scalar& alpha = 1) { return b - a * alpha; }

// y = a / b rounded: rounding_mode "trunc" (towards 0) or "floor" (down); as div for nullopt       da = db = 0
// Integers stay integers. ValueError for another mode, and for an integer divided by 0.
TAPER_API Tensor div(const Tensor& a, const Tensor& b, optional<std::string_view> rounding_mode);
TAPER_API Tensor div(const Tensor& a, const Scalar& b, optional<std::string_view> rounding_mode);

// y = the angle of the point (b, a), in [-pi, pi]          da = dy b / (a^2 + b^2), db = -dy a / (a^2 + b^2)
TAPER_API Tensor atan2(const Tensor& a, const Tensor& b);
inline Tensor arctan2(const Tensor& a, const Tensor& b) { return atan2(a, b); }

// y = sqrt(a^2 + b^2), without overflow                    da = dy a / y, db = dy b / y
TAPER_API Tensor hypot(const Tensor& a, const Tensor& b);

// y = ln(e^a + e^b), without overflow                      da = dy sigmoid(a - b), db = dy sigmoid(b - a)
TAPER_API Tensor logaddexp(const Tensor& a, const Tensor& b);

// y = max(a, b) or min(a, b); NaN where one is             da = dy where a is chosen, dy / 2 where a = b; db likewise
TAPER_API Tensor maximum(const Tensor& a, const Tensor& b);
TAPER_API Tensor minimum(const Tensor& a, const Tensor& b);

// y = the larger (smaller) one, or the one that is not NaN da = dy where a is chosen or a = b; db = dy elsewhere
TAPER_API Tensor fmax(const Tensor& a, const Tensor& b);
TAPER_API Tensor fmin(const Tensor& a, const Tensor& b);

// y = x + weight (end - x), exact at both ends             dx = dy (1 - weight), dend = dy weight,
//                                                          dweight = dy (end - x)
// TypeError unless all tensors have the same floating-point dtype.
TAPER_API Tensor lerp(const Tensor& x, const Tensor& end, const Scalar& weight);
TAPER_API Tensor lerp(const Tensor& x, const Tensor& end, const Tensor& weight);

// y = x + value a b                                        dx = dy, da = value dy b, db = value dy a
// y = x + value a / b                                      dx = dy, da = value dy / b, db = -value dy (a / b) / b
// TypeError for a fractional value when all tensors are integers.
TAPER_API Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1);
TAPER_API Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1);

}  // namespace taper
