// Elements picked by index or mask. Indices are int64 and, unless said otherwise, from 0 on; one out of range is an
// IndexError. dx = dy summed at the elements picked, 0 elsewhere.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y[..., i, ...] = x[..., index[i], ...] along dim: index [n] or zero-dim, int32 too; y has size n there.
TAPER_API Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
// y[..., i, ...] = x[..., index[..., i, ...], ...] along dim: index has as many dimensions as x and, except along dim,
// at most x's sizes (else an Error); y has the sizes of index.
TAPER_API Tensor gather(const Tensor& x, int64_t dim, const Tensor& index, bool sparse_grad = false);
// y[...] = flat[index[...]] of the flattened tensor; negative indices count from the end.
TAPER_API Tensor take(const Tensor& x, const Tensor& index);
// gather whose operands broadcast except along dim; without dim both are flattened.
TAPER_API Tensor take_along_dim(const Tensor& x, const Tensor& indices, optional<int64_t> dim = nullopt);

// x.index({...}) by numbers, slices, tensors of indices and masks (core/indexing.h).
TAPER_API Tensor index(const Tensor& x, ArrayRef<TensorIndex> indices);
// y = x with value, which broadcasts, at these elements, or added to them; of several for an element the last stays
//                                                          dx = dy, 0 where replaced; dvalue = dy at the elements
TAPER_API Tensor index_put(const Tensor& x, ArrayRef<TensorIndex> indices, const Tensor& value,
                           bool accumulate = false);
TAPER_API Tensor& index_put_(Tensor& x, ArrayRef<TensorIndex> indices, const Tensor& value, bool accumulate = false);

// Masks are bool and broadcast with x (uint8 gets a warning); another dtype is a TypeError.
// y = mask ? value : x, for a number or zero-dim tensor    dx = mask ? 0 : dy, dvalue = sum of dy under the mask
TAPER_API Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value);
TAPER_API Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);
// The elements where mask is true, [n], in row-major order.
TAPER_API Tensor masked_select(const Tensor& x, const Tensor& mask);

// ---- without derivative ---------------------------------------------------------------------------------------------
// The indices of the elements that are not 0, in row-major order: [n, dims]; or a vector [n] for each dimension.
TAPER_API Tensor nonzero(const Tensor& x);
inline Tensor argwhere(const Tensor& x) { return nonzero(x); }
TAPER_API std::vector<Tensor> nonzero_numpy(const Tensor& x);
TAPER_API std::vector<Tensor> where(const Tensor& condition);
// Class indices [...] -> int64 [..., num_classes], 1 at the index and 0 elsewhere; -1 counts the classes from the
// largest index. ValueError for an index outside [0, num_classes).
TAPER_API Tensor one_hot(const Tensor& index, int64_t num_classes = -1);

}  // namespace taper
