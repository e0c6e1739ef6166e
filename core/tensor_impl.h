// TensorImpl: what a Tensor handle points to - a storage, its geometry, and what autograd hangs on it.
#pragma once

#include <taper/core/array_ref.h>
#include <taper/core/dtype.h>
#include <taper/core/storage.h>

namespace taper {

// Owned by a TensorImpl, known only to autograd (autograd/autograd_meta.h).
struct AutogradMeta;
namespace autograd::detail {
TAPER_API void destroy_meta(AutogradMeta* meta) noexcept;
}

// What in-place changes mean for a view's history.
enum class ViewKind : uint8_t {
  kRecorded,    // made while recording was on: a change of the view or of its base is differentiated by both
  kConstant,    // made while it was off (NoGradGuard, InferenceMode): shares the memory, never has a history
  kOfFunction,  // came out of a custom Function, whose derivative nobody can take over: no change may be recorded
};

class TensorImpl final : public RefCounted {
 public:
  TensorImpl(Storage storage, ScalarType dtype, IntArrayRef sizes, IntArrayRef strides, int64_t offset)
      : storage_(std::move(storage)), offset_(offset), dtype_(dtype) {
    set_geometry(sizes, strides);
  }
  // Row-major strides.
  TensorImpl(Storage storage, ScalarType dtype, IntArrayRef sizes) : storage_(std::move(storage)), dtype_(dtype) {
    set_contiguous(sizes);
  }
  ~TensorImpl() {
    if (meta) autograd::detail::destroy_meta(meta);
  }

  // From taper's allocator; defined in core/tensor.cpp.
  static void* operator new(size_t bytes);
  static void operator delete(void* p, size_t bytes) noexcept;

  const Storage& storage() const { return storage_; }
  ScalarType dtype() const { return dtype_; }
  const DimVector& sizes() const { return sizes_; }
  const DimVector& strides() const { return strides_; }
  int64_t offset() const { return offset_; }
  int64_t numel() const { return numel_; }
  int64_t dim() const { return static_cast<int64_t>(sizes_.size()); }
  // Row-major without gaps (a tensor without elements always is).
  bool is_contiguous() const { return contiguous_; }
  void* data() const {
    return static_cast<char*>(storage_->data()) + offset_ * static_cast<int64_t>(element_size(dtype_));
  }

  TAPER_API void set_geometry(IntArrayRef sizes, IntArrayRef strides);
  TAPER_API void set_contiguous(IntArrayRef sizes);
  // Takes over the value of another tensor (set_data); autograd state stays.
  void set_value(const TensorImpl& other) {
    storage_ = other.storage_;
    dtype_ = other.dtype_;
    sizes_ = other.sizes_;
    strides_ = other.strides_;
    offset_ = other.offset_;
    numel_ = other.numel_;
    contiguous_ = other.contiguous_;
  }

  AutogradMeta* meta = nullptr;    // null until autograd needs it
  intrusive_ptr<TensorImpl> base;  // the tensor this one is a view of; never itself a view
  uint32_t base_changes = 0;       // of a view: how many recorded changes of its base its history takes into account
  ViewKind view_kind = ViewKind::kRecorded;

 private:
  Storage storage_;
  DimVector sizes_;
  DimVector strides_;
  int64_t offset_ = 0;  // in elements
  int64_t numel_ = 0;
  ScalarType dtype_;
  bool contiguous_ = true;
};

TAPER_API void intrusive_dispose(TensorImpl* impl) noexcept;

}  // namespace taper
