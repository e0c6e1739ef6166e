// Integer tensors as indices, for the operations that come down to them. Internal.
#pragma once

#include <taper/autograd/ops/ops_internal.h>

namespace taper::autograd {

// One int64 tensor for each of the leading dims, undefined for a dim taken whole. They broadcast; negative ones count
// from the end.
using Indices = std::vector<Tensor>;

// y = x at the points                      dx = dy summed at the points
Tensor index_points(const char* node, const Tensor& x, const Indices& indices);
// y = x with value put at (or added to) the points; of several values for a point the last one stays
// dx = dy, 0 at the points unless added; dvalue = dy at the points, 0 for values that were overwritten
Tensor index_put_points(const Tensor& x, const Indices& indices, const Tensor& value, bool accumulate);

// dvalue, 0 for values that were overwritten: where `stays` is false; undefined: nowhere.
inline Tensor where_stays(const Tensor& stays, const Tensor& dvalue) {
  return stays.defined() ? where(stays, dvalue, 0) : dvalue;
}

// The mask as bool; one of uint8 gets a warning and must hold 0 and 1.
Tensor bool_mask(const char* op, const Tensor& mask);

// Indices that leave all dims but `dim` whole.
inline Indices along(int64_t dim, const Tensor& index) {
  Indices indices(static_cast<size_t>(dim) + 1);
  indices.back() = index;
  return indices;
}

// f(), whose IndexError speaks of the flattened x, in terms of x. Negative indices may be allowed.
template <class F>
auto with_flat_index(const char* op, const Tensor& x, const Tensor& index, bool negative, const F& f) {
  try {
    return f();
  } catch (const IndexError&) {
    const int64_t low = negative ? -x.numel() : 0;
    const Tensor list = index.reshape({-1}).contiguous();
    for (const int64_t i : IntArrayRef(list.data_ptr<int64_t>(), static_cast<size_t>(list.numel()))) {
      TAPER_CHECK_INDEX(i >= low && i < x.numel(), op, ": the index must be in [", low, ", ", x.numel() - 1,
                        "], for all elements of sizes ", x.sizes(), "; got ", i);
    }
    throw;
  }
}

}  // namespace taper::autograd
