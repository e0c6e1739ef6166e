// Integer tensors as indices, for the operations that come down to them. Internal.
#pragma once

#include <taper/core/kernels/elementwise.h>
#include <taper/core/tensor.h>

namespace taper::autograd {

// One int64 tensor for each of the leading dims, undefined for a dim taken whole. They broadcast; negative ones count
// from the end.
using Indices = std::vector<Tensor>;

// y = x at the points                      dx = dy added up at the points
Tensor index_points(const char* node, const Tensor& x, const Indices& indices);
// y = x with value put at (or added to) the points
// dx = dy, 0 at the points unless added; dvalue = dy at the points
Tensor index_put_points(const Tensor& x, const Indices& indices, const Tensor& value, bool accumulate);

// Indices that leave all dims but `dim` whole.
inline Indices along(int64_t dim, const Tensor& index) {
  Indices indices(static_cast<size_t>(dim) + 1);
  indices.back() = index;
  return indices;
}

// The values of x in a new tensor, without gradient.
inline Tensor copied(const Tensor& x) { return kernels::to_dtype(x, x.dtype()); }

}  // namespace taper::autograd
