// Small checks on dimensions and sizes that every operation shares.
#pragma once

#include <taper/core/array_ref.h>

namespace taper {

// `dim` counted from 0, for a tensor of `rank` dims; a zero-dim tensor takes 0 and -1.
inline int64_t wrap_dim(const char* op, int64_t dim, int64_t rank) {
  const int64_t range = rank == 0 ? 1 : rank;
  TAPER_CHECK_INDEX(dim >= -range && dim < range, op, ": the dimension must be in [", -range, ", ", range - 1,
                    "]; got ", dim);
  return dim < 0 ? dim + range : dim;
}

// The number of elements; negative sizes and products beyond 2^63 are errors.
inline int64_t checked_numel(const char* op, IntArrayRef sizes) {
  int64_t numel = 1;
  bool empty = false;
  for (int64_t size : sizes) {
    TAPER_CHECK_VALUE(size >= 0, op, ": sizes must not be negative; got ", sizes);
    empty = empty || size == 0;
  }
  for (int64_t size : sizes) {
    TAPER_CHECK_VALUE(empty || !__builtin_mul_overflow(numel, size, &numel), op, ": the sizes ", sizes,
                      " ask for more elements than memory can address");
  }
  return empty ? 0 : numel;
}

// The strides of a row-major tensor; at least 1, as in PyTorch, even beside dimensions of size 0. Those of a tensor
// without elements may wrap around: nothing is ever reached through them.
inline void set_row_major(IntArrayRef sizes, DimVector& strides) {
  strides.resize(sizes.size());
  uint64_t stride = 1;
  for (size_t d = sizes.size(); d-- > 0;) {
    strides[d] = static_cast<int64_t>(stride);
    stride *= static_cast<uint64_t>(sizes[d] > 1 ? sizes[d] : 1);
  }
}

}  // namespace taper
