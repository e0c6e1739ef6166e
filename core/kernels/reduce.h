// Reductions over any set of dimensions, without autograd. Work is cut by sizes alone and partial results are combined
// in a fixed order, so the bits do not depend on the number of threads. Empty `dims` means all dimensions.
#pragma once

#include <taper/core/tensor.h>

#include <bitset>

namespace taper::kernels {

// A set of dims. A tensor to reduce has at most kMaxReduceDims of them, as in PyTorch.
constexpr int64_t kMaxReduceDims = 64;
using DimMask = std::bitset<kMaxReduceDims>;

// `dims` checked (range, no duplicates); an empty list means all.
TAPER_API DimMask dim_mask(const char* op, IntArrayRef dims, int64_t rank);
// Sizes after reducing the dims of `mask`.
TAPER_API DimVector reduced_sizes(IntArrayRef sizes, const DimMask& mask, bool keepdim);

// Floats: blocked lanes combined in double. Integers and bool: int64, unless `dtype` says otherwise.
TAPER_API Tensor sum(const Tensor& x, IntArrayRef dims, bool keepdim, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor mean(const Tensor& x, IntArrayRef dims, bool keepdim);
// Two passes (mean, then squared deviations), in double accumulation; divisor max(m - correction, 0).
TAPER_API Tensor var(const Tensor& x, IntArrayRef dims, int64_t correction, bool keepdim);
TAPER_API Tensor prod(const Tensor& x, IntArrayRef dims, bool keepdim, optional<ScalarType> dtype = nullopt);
// NaN wins; an empty slice is an error.
TAPER_API Tensor amax(const Tensor& x, IntArrayRef dims, bool keepdim);
TAPER_API Tensor amin(const Tensor& x, IntArrayRef dims, bool keepdim);
// (values, int64 indices of the first of them) along one dim.
TAPER_API std::tuple<Tensor, Tensor> max_dim(const Tensor& x, int64_t dim, bool keepdim);
TAPER_API std::tuple<Tensor, Tensor> min_dim(const Tensor& x, int64_t dim, bool keepdim);
TAPER_API Tensor all(const Tensor& x, IntArrayRef dims, bool keepdim);
TAPER_API Tensor any(const Tensor& x, IntArrayRef dims, bool keepdim);
// (sum |x|^p)^(1/p), p = 0, 1, 2, inf, -inf or any other; accumulated in double.
TAPER_API Tensor norm(const Tensor& x, double p, IntArrayRef dims, bool keepdim);

}  // namespace taper::kernels
