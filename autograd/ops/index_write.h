// Copies of x in which elements that an index, a mask or a view names are replaced. dx = dy, 0 where replaced; the
// gradient of what was written is dy there, 0 for what was overwritten. Indices are int64; one out of range is an
// IndexError, sizes that do not fit are an Error, another dtype than x's is a TypeError.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y[..., index[i], ...] = source[..., i, ...] along dim, where source has x's sizes but n along dim, for n indices:
// added, times alpha, to x's slices (index_add); in their place, of several for one the last (index_copy); a number
// (index_fill).
TAPER_API Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                           const Scalar& alpha = 1);
TAPER_API Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
TAPER_API Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value);
TAPER_API Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value);

// flat[index[i]] = source[i] of the flattened tensor, for as many elements as indices. Negative indices count from the
// end. Of several for one index the last stays; with accumulate all are added.
TAPER_API Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate = false);
// The elements of source, in order, where mask is true; there must be enough of them.
TAPER_API Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source);

// src in place of x.select(dim, index), of x.slice(dim, start, end, step), of x.diagonal(offset, dim1, dim2): of their
// sizes.
TAPER_API Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index);
TAPER_API Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim = 0, optional<int64_t> start = nullopt,
                               optional<int64_t> end = nullopt, int64_t step = 1);
TAPER_API Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset = 0, int64_t dim1 = 0,
                                  int64_t dim2 = 1);

}  // namespace taper
