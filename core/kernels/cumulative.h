// Running results along one dimension, without autograd. Any strides; the result is row-major. Floats are accumulated
// in double. `reverse` runs from the last element to the first.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// y_i = x_0 + ... + x_i and y_i = x_0 ... x_i; x is converted to `dtype` first. Integers wrap around.
TAPER_API Tensor cumsum(const Tensor& x, int64_t dim, ScalarType dtype, bool reverse);
TAPER_API Tensor cumprod(const Tensor& x, int64_t dim, ScalarType dtype, bool reverse);
// y_i = ln(e^x_0 + ... + e^x_i); x is of a floating-point type.
TAPER_API Tensor logcumsumexp(const Tensor& x, int64_t dim);
// y_i = b_i + a_i y_(i-1), with 0 before the first; a and b are of the same sizes and floating-point dtype.
TAPER_API Tensor recurrence(const Tensor& a, const Tensor& b, int64_t dim, bool reverse);

}  // namespace taper::kernels
