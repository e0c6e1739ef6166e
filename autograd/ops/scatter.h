// scatter: the elements of src written into a copy of x, along one dimension at the indices that `index` gives.
//
//   y[..., index[..., i, ...], ...] = src[..., i, ...]      dx = dy, 0 where replaced; dsrc = dy at the index,
//                                                           0 for elements that were overwritten
//   x      any sizes, as many dimensions as index
//   index  int64; at most as large as src in each dimension, and as x except along dim
//   src    a tensor of x's dtype, or a number
//
// Where no index points, y is x; of several elements for one index the last stays. Sizes that do not fit are an Error,
// an index outside [0, size of dim) is an IndexError, another dtype a TypeError.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value);
// Combined with what is there: reduce "add" or "multiply" (else a ValueError).
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, std::string_view reduce);
TAPER_API Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value,
                         std::string_view reduce);

// Added to what is there                                    dx = dy, dsrc = dy at the index
TAPER_API Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);

// The "sum", "prod", "mean", "amax" or "amin" (else a ValueError) of the elements with the same index, with x's own
// unless include_self is false. The gradient of amax and amin is shared evenly between equal elements.
TAPER_API Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                                std::string_view reduce, bool include_self = true);

}  // namespace taper
