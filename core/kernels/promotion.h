// Which dtype and which sizes an operation on several operands has.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// The dtype of an operation on both: dimensions outrank zero-dim tensors, which outrank plain numbers, within a kind.
TAPER_API ScalarType result_type(const Tensor& a, const Tensor& b);
TAPER_API ScalarType result_type(const Tensor& a, const Scalar& b);
ScalarType result_type(const Tensor& a, const Tensor& b, const Tensor& c);
// The sizes all broadcast to; an error names `op` and both shapes.
TAPER_API DimVector broadcast_sizes(const char* op, IntArrayRef a, IntArrayRef b);
inline DimVector broadcast_sizes(const char* op, IntArrayRef a, IntArrayRef b, IntArrayRef c) {
  return broadcast_sizes(op, a, broadcast_sizes(op, b, c));
}

}  // namespace taper::kernels
