// Matrix products on tensors, without autograd. Transposed operands (any strides with one unit stride) are passed to
// the BLAS seam as they are; others are copied first.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// [m,k] [k,n] -> [m,n]
TAPER_API Tensor mm(const Tensor& a, const Tensor& b);
// The same for a^T where trans_a and b^T where trans_b, without making the views.
TAPER_API Tensor mm(const Tensor& a, bool trans_a, const Tensor& b, bool trans_b);
// out = beta out + alpha a b
TAPER_API void addmm_out(const Tensor& out, const Tensor& a, const Tensor& b, double beta, double alpha);
// [..., m,k] [..., k,n] -> [..., m,n]; batch dims are equal or broadcast
TAPER_API Tensor bmm(const Tensor& a, const Tensor& b);
TAPER_API Tensor mv(const Tensor& a, const Tensor& x);
TAPER_API Tensor dot(const Tensor& a, const Tensor& b);
// x [rows, in], weight [out, in], bias [out] or undefined -> [rows, out]
TAPER_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

}  // namespace taper::kernels
