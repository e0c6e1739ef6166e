// Products added to a tensor, Kronecker and cross products, distances. Sizes that do not fit are an Error.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// ---- y = beta x + alpha product: x broadcasts to the product's sizes and is ignored when beta is 0 ------------------
//                                                          dx = beta dy, the product gets alpha dy
TAPER_API Tensor addmv(const Tensor& x, const Tensor& a, const Tensor& v, const Scalar& beta = 1,
                       const Scalar& alpha = 1);  // a v: [m, k] [k] -> [m]
TAPER_API Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                      const Scalar& alpha = 1);  // outer(a, b): [m] [n] -> [m, n]
TAPER_API Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                         const Scalar& alpha = 1);  // bmm(a, b): [b, m, k] [b, k, n] -> [b, m, n]
TAPER_API Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1,
                        const Scalar& alpha = 1);  // bmm(a, b) summed over the batch: [m, n]

// Every element of a times b: block [i, j] of y is a[i, j] b, sizes multiply; the smaller rank is padded with 1 at the
// left.
TAPER_API Tensor kron(const Tensor& a, const Tensor& b);

// The cross product along dim, of size 3 (the first such one unless given)        da = b x dy, db = dy x a
TAPER_API Tensor cross(const Tensor& a, const Tensor& b, optional<int64_t> dim = nullopt);

// y_ij = |a_i - b_j|, the p-norm: a [..., n, k], b [..., m, k] -> [..., n, m], leading dimensions broadcast
//                                     da_i = sum_j dy_ij sign(d) (|d| / y_ij)^(p - 1), d = a_i - b_j; db_j likewise
// compute_mode (0, 1 or 2) is accepted for libtorch's sake: a^2 - 2 a b + b^2, which loses digits, is never used.
// ValueError for p < 0, TypeError unless both have the same floating-point dtype.
TAPER_API Tensor cdist(const Tensor& a, const Tensor& b, double p = 2, optional<int64_t> compute_mode = nullopt);
// The same of each two rows of one matrix x [n, k]: [n (n - 1) / 2], in the order 01, 02, ..., 12, 13, ...
TAPER_API Tensor pdist(const Tensor& x, double p = 2);

}  // namespace taper
