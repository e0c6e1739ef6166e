// Functions of one tensor, elementwise: y has x's sizes. dy is the cotangent of y in the derivatives given here and in
// the other headers of this folder. Integer and bool tensors give floats of the default dtype where the value is no
// integer. Outside a function's domain y is NaN or infinite, as in <cmath>; only the errors named are thrown.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// neg, abs, exp, log, sin, tanh, sigmoid, relu, floor, erf, ...: formula and derivative are in the list.
#define TAPER_UNARY(name) TAPER_API Tensor name(const Tensor& x);
#include <taper/core/elementwise.def>

// y = x, the tensor itself.
inline Tensor positive(const Tensor& x) { return x; }

// y = the derivative of order n of digamma                 dx = dy polygamma(n + 1, x)
// ValueError for n < 0.
TAPER_API Tensor polygamma(int64_t n, const Tensor& x);

// y = x with NaN, inf and -inf replaced: by 0, the largest and the lowest number of the dtype unless given.
//                                                          dx = dy, 0 at what was replaced
TAPER_API Tensor nan_to_num(const Tensor& x, optional<double> nan = nullopt, optional<double> posinf = nullopt,
                            optional<double> neginf = nullopt);

}  // namespace taper
