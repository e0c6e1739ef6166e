// Distances of all pairs of rows, without autograd.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// a [batch, n, k], b [batch, m, k] -> y [batch, n, m]: (sum |a_i - b_j|^p)^(1/p), added up in double; p = 0 counts the
// values that differ, p = inf takes the largest difference. Both of one floating-point dtype.
TAPER_API Tensor cdist(const Tensor& a, const Tensor& b, double p);
// da_i = sum_j dy_ij sign(a_i - b_j) (|a_i - b_j| / y_ij)^(p-1), 0 where a and b are equal.
TAPER_API Tensor cdist_backward(const Tensor& dy, const Tensor& a, const Tensor& b, const Tensor& y, double p);

}  // namespace taper::kernels
