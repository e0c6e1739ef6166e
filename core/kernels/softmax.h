// Softmax along `dim`, without autograd: one fused pass per line.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

TAPER_API Tensor softmax(const Tensor& x, int64_t dim);
TAPER_API Tensor log_softmax(const Tensor& x, int64_t dim);
// dx = y (dy - sum dy y)                 dx = dy - exp(y) sum dy
TAPER_API Tensor softmax_backward(const Tensor& dy, const Tensor& y, int64_t dim);
TAPER_API Tensor log_softmax_backward(const Tensor& dy, const Tensor& y, int64_t dim);

}  // namespace taper::kernels
