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

// A view of x's memory with these sizes and strides, `offset` elements from x's first.
inline Tensor view_of(const Tensor& x, IntArrayRef sizes, IntArrayRef strides, int64_t offset = 0) {
  return Tensor(intrusive_ptr<TensorImpl>::make(x.storage(), x.dtype(), sizes, strides, x.storage_offset() + offset));
}

// Of an operand that is undefined where it is absent.
inline Tensor contiguous_if_defined(const Tensor& x) { return x.defined() ? contiguous(x) : x; }
template <class T>
const T* data_or_null(const Tensor& x) {
  return x.defined() ? x.data_ptr<T>() : nullptr;
}

}  // namespace taper::kernels
