#include <taper/core/tensor.h>

#include <taper/core/allocator.h>
#include <taper/core/dims.h>

namespace taper {

void* TensorImpl::operator new(size_t bytes) { return detail::allocate(bytes); }
void TensorImpl::operator delete(void* p, size_t bytes) noexcept { detail::deallocate(p, bytes); }
// Here and not in the header: it stands behind every Tensor that a user's code lets go.
void intrusive_dispose(TensorImpl* impl) noexcept { delete impl; }

void TensorImpl::set_contiguous(IntArrayRef sizes) {
  sizes_.assign(sizes.begin(), sizes.end());
  set_row_major(sizes, strides_);
  numel_ = checked_numel("tensor", sizes);
  contiguous_ = true;
}

void TensorImpl::set_geometry(IntArrayRef sizes, IntArrayRef strides) {
  sizes_.assign(sizes.begin(), sizes.end());
  strides_.assign(strides.begin(), strides.end());
  numel_ = checked_numel("tensor", sizes);
  contiguous_ = true;
  int64_t expected = 1;
  for (size_t i = sizes.size(); i-- > 0 && numel_ > 0;) {
    if (sizes[i] != 1 && strides[i] != expected) contiguous_ = false;
    expected *= sizes[i];
  }
}

int64_t Tensor::size(int64_t dim) const { return sizes()[static_cast<size_t>(wrap_dim("size", dim, this->dim()))]; }
int64_t Tensor::stride(int64_t dim) const {
  return strides()[static_cast<size_t>(wrap_dim("stride", dim, this->dim()))];
}

Scalar Tensor::item() const {
  TAPER_CHECK(numel() == 1, "item: the tensor must have one element; got sizes ", sizes());
  return dispatch_stored(dtype(), [&](auto zero) { return Scalar(*static_cast<decltype(zero)*>(data_ptr())); });
}

bool Tensor::is_nonzero() const {
  TAPER_CHECK(numel() == 1, "is_nonzero: the tensor must have one element; got sizes ", sizes());
  return item().to<bool>();
}

void Tensor::undefined() {
  throw Error("tensor: the operation needs a defined tensor; got an empty handle (default-constructed or moved from)");
}

void Tensor::wrong_dtype(ScalarType wanted, const char* op) const {
  throw TypeError(
      detail::str(op, ": the C++ type must match the dtype; asked for ", wanted, ", the tensor is ", dtype()));
}

}  // namespace taper
