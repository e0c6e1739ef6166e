// Copies between any strides and dtypes.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// dst := src, broadcast to dst's sizes and converted to its dtype; any strides, overlapping storage allowed.
TAPER_API void copy(const Tensor& dst, const Tensor& src);
TAPER_API void fill(const Tensor& dst, const Scalar& value);
// A new row-major tensor of the given dtype.
TAPER_API Tensor to_dtype(const Tensor& x, ScalarType dtype);
// x itself when it is row-major, else a copy that is.
TAPER_API Tensor contiguous(const Tensor& x);

}  // namespace taper::kernels
