// Cumulative sums and products along a dimension. y has x's sizes; a dim out of range is an IndexError. In place, as
// methods, dtype must be the tensor's own.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y_i = x_0 + ... + x_i, accumulated in double; integers and bool give int64 unless dtype says otherwise
//                                                          dx_i = dy_i + dy_(i+1) + ...
TAPER_API Tensor cumsum(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);

// y_i = x_0 ... x_i, dtypes as in cumsum                   dx_i = sum_(j >= i) dy_j prod_(k <= j, k != i) x_k
TAPER_API Tensor cumprod(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);

// y_i = ln(e^x_0 + ... + e^x_i), without overflow          dx_i = sum_(j >= i) dy_j exp(x_i - y_j)
TAPER_API Tensor logcumsumexp(const Tensor& x, int64_t dim);

}  // namespace taper
