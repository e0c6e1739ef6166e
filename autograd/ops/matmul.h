// Matrix products. Operands have the same dtype (else a TypeError) and sizes that fit (else an Error that shows both).
// For y = a b: da = dy b^T, db = a^T dy, summed over what was broadcast.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

TAPER_API Tensor mm(const Tensor& a, const Tensor& b);     // [m, k] [k, n] -> [m, n]
TAPER_API Tensor bmm(const Tensor& a, const Tensor& b);    // [b, m, k] [b, k, n] -> [b, m, n]
TAPER_API Tensor mv(const Tensor& a, const Tensor& x);     // [m, k] [k] -> [m]
TAPER_API Tensor dot(const Tensor& a, const Tensor& b);    // [k] [k] -> []
TAPER_API Tensor outer(const Tensor& a, const Tensor& b);  // [m] [n] -> [m, n]

// [..., m, k] [..., k, n] -> [..., m, n], where the leading dimensions broadcast. A vector on the left is a row, one on
// the right a column, whose dimension of size 1 y does not have.
TAPER_API Tensor matmul(const Tensor& a, const Tensor& b);

// y = beta x + alpha a b: a [m, k], b [k, n], x broadcasts to [m, n] and is ignored when beta is 0
//                                                          dx = beta dy, da = alpha dy b^T, db = alpha a^T dy
TAPER_API Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                       const Scalar& alpha = 1);

// y = x weight^T + bias                                    dx = dy weight, dweight = dy^T x, dbias = sum dy
//   x [..., in], weight [out, in], bias [out] or undefined, y [..., out]
TAPER_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace taper
