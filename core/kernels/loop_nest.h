// Running an inner loop over operands of any strides: the part that every elementwise kernel shares. Internal.
#pragma once

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/tensor.h>

#include <initializer_list>

namespace taper::kernels {

// Elements a piece of a parallel loop takes: about 10 us of additions, or of exponentials.
constexpr int64_t kCheapGrain = 32768;
constexpr int64_t kCostlyGrain = 8192;

// Where an operand's elements are; broadcast to the result's sizes by run_loop.
struct Operand {
  Operand(const Tensor& t)  // NOLINT
      : data(static_cast<char*>(t.data_ptr())),
        itemsize(static_cast<int64_t>(t.element_size())),
        sizes(t.sizes()),
        strides(t.strides()),
        contiguous(t.is_contiguous()) {}
  // One value for all elements.
  explicit Operand(const void* value) : data(static_cast<char*>(const_cast<void*>(value))) {}

  char* data;
  int64_t itemsize = 0;
  IntArrayRef sizes, strides;
  bool contiguous = false;
};

// Calls `loop` on rows that together are all elements. operands[0] is the result; the others broadcast to its sizes
// (checked by the caller). Elements are independent, so the order is the one that suits the result's memory.
void run_loop(Loop loop, std::initializer_list<Operand> operands, const void* param, int64_t grain);

// The dimensions of such a loop, innermost first: for each its size and the byte stride of every operand. They are
// sorted so that the result is written in memory order, and neighbours that step alike are joined.
constexpr size_t kMaxOperands = 4;
struct Grid {
  size_t rank = 0;
  size_t count = 0;  // of operands
  DimVector sizes;
  DimVector strides[kMaxOperands];
};
Grid make_grid(const Operand* operands, size_t count);

// A new row-major tensor with undefined values.
Tensor make_tensor(const char* op, IntArrayRef sizes, ScalarType dtype);

// False when no two elements of such a tensor can share memory.
bool may_overlap(IntArrayRef sizes, IntArrayRef strides);

// Whether the memory of the two overlaps other than element on element: a kernel that writes `out` element by element
// would overwrite elements of `in` before it reads them.
bool overlaps_partially(const Tensor& out, const Tensor& in);

}  // namespace taper::kernels
