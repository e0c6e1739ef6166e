// Views: y shares x's memory, an in-place change of one is a change of the other; dx = dy at the elements of x that y
// has, 0 elsewhere. Dimensions out of range are an IndexError. As methods alone: view, expand, unfold, as_strided
// (core/tensor.h).
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// ---- other sizes, the same order of elements ------------------------------------------------------------------------

// The elements in row-major order under other sizes, of which one may be -1: what is left. A view where x's strides
// allow it, else a copy. ValueError unless the number of elements stays.
TAPER_API Tensor reshape(const Tensor& x, IntArrayRef sizes);
// [..., start_dim to end_dim, ...] -> [..., their product, ...], both included; as reshape. A zero-dim x gives [1].
// ValueError for start_dim after end_dim.
TAPER_API Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
// [..., dim, ...] -> [..., sizes..., ...], one of which may be -1. ValueError unless their product is the size of dim.
TAPER_API Tensor unflatten(const Tensor& x, int64_t dim, IntArrayRef sizes);
// [numel]; a view of a contiguous tensor.
TAPER_API Tensor ravel(const Tensor& x);
// Without the dimensions of size 1, or without dim if its size is 1.
TAPER_API Tensor squeeze(const Tensor& x);
TAPER_API Tensor squeeze(const Tensor& x, int64_t dim);
// With a dimension of size 1 before dim (-1: after the last).
TAPER_API Tensor unsqueeze(const Tensor& x, int64_t dim);
// At least that many dimensions: [] -> [1], [n] -> [1, n], [m, n] -> [m, n, 1].
TAPER_API Tensor atleast_1d(const Tensor& x);
TAPER_API Tensor atleast_2d(const Tensor& x);
TAPER_API Tensor atleast_3d(const Tensor& x);
TAPER_API std::vector<Tensor> atleast_1d(TensorList tensors);
TAPER_API std::vector<Tensor> atleast_2d(TensorList tensors);
TAPER_API std::vector<Tensor> atleast_3d(TensorList tensors);

// ---- another order of dimensions ------------------------------------------------------------------------------------

// The two dimensions swapped.
TAPER_API Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
// [m, n] -> [n, m]; a vector as it is. An Error for more dimensions.
TAPER_API Tensor t(const Tensor& x);
// Dimension d of y is dims[d] of x. ValueError unless dims names every dimension once.
TAPER_API Tensor permute(const Tensor& x, IntArrayRef dims);
// The dimensions of `source` go where `destination` says; the others keep their order. ValueError for lists of
// different lengths or a dimension named twice.
TAPER_API Tensor movedim(const Tensor& x, IntArrayRef source, IntArrayRef destination);
TAPER_API Tensor movedim(const Tensor& x, int64_t source, int64_t destination);

// ---- parts ----------------------------------------------------------------------------------------------------------

// y[...] = x[..., index, ...], without dim; -1 is the last. IndexError for an index out of range, or a zero-dim x.
TAPER_API Tensor select(const Tensor& x, int64_t dim, int64_t index);
// y[..., i, ...] = x[..., start + i step, ...] up to end, exclusive: ceil((end - start) / step) elements. Negative
// bounds count from the end, those out of range are cut to it. ValueError for a step below 1, IndexError for a zero-dim
// x.
TAPER_API Tensor slice(const Tensor& x, int64_t dim = 0, optional<int64_t> start = nullopt,
                       optional<int64_t> end = nullopt, int64_t step = 1);
// slice from start to start + length; IndexError unless that lies within dim.
TAPER_API Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
// The diagonal of dimensions dim1 and dim2, `offset` to the right of the main one (negative: below), as the last
// dimension. ValueError for dim1 = dim2.
TAPER_API Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);

}  // namespace taper
