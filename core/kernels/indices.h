// What operations that take index tensors have in common. Internal.
#pragma once

#include <taper/core/tensor.h>

#include <vector>

namespace taper::kernels {

// Elements that a piece of a parallel loop moves; the grain of a loop over items of `elements_each` elements.
constexpr int64_t kMoveGrain = 1 << 15;
inline int64_t move_grain(int64_t elements_each) { return kMoveGrain / (elements_each < 1 ? 1 : elements_each) + 1; }

// The dims that a list of index tensors is for, each the one of its place in the list (undefined: the whole dim, none).
struct IndexedDims {
  DimVector dims, sizes;  // sizes: those that the index tensors broadcast to
  bool together = false;  // the dims are neighbours
  int64_t points = 1;     // how many elements `sizes` are

  IndexedDims(const char* op, const std::vector<Tensor>& indices);
};

// The index as int64; an error when it is neither that nor int32.
Tensor as_int64(const char* op, const Tensor& index);

// A zero-dim tensor counts as one of size [1].
DimVector at_least_1d(IntArrayRef values);

[[noreturn]] void out_of_range(const char* op, int64_t index, size_t dim, const Tensor& x);
// An error when one of the indices, int64 and row-major, is not in [0, size) of dimension `dim` of x. A loop that
// writes comes after it: a bad index changes nothing.
void check_indices(const char* op, const Tensor& indices, size_t dim, const Tensor& x);

}  // namespace taper::kernels
