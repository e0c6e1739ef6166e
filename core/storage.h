// Storage: one block of bytes, shared by a tensor and all views of it, with the version that counts in-place changes.
#pragma once

#include <taper/core/error.h>
#include <taper/core/intrusive_ptr.h>
#include <taper/core/macros.h>

#include <functional>

namespace taper {

// Usually a header of 64 bytes in front of its own data (one allocation); for from_blob, data of somebody else's.
class StorageImpl final : public RefCounted {
 public:
  // `nbytes` uninitialised bytes, 64-byte aligned.
  TAPER_API static intrusive_ptr<StorageImpl> allocate(size_t nbytes);
  // Memory owned elsewhere; `deleter` (may be empty) runs when the last tensor on it is gone.
  TAPER_API static intrusive_ptr<StorageImpl> borrow(void* data, size_t nbytes, std::function<void(void*)> deleter);

  void* data() const noexcept { return data_; }
  size_t nbytes() const noexcept { return nbytes_; }

  // Counts in-place changes through any tensor on this storage; saved tensors compare it.
  uint32_t version() const noexcept { return version_.load(std::memory_order_relaxed); }
  void bump_version() noexcept { version_.fetch_add(1, std::memory_order_relaxed); }

  // Made while this thread was in inference mode.
  bool is_inference() const noexcept { return inference_; }

 private:
  StorageImpl(void* data, size_t nbytes) noexcept;
  ~StorageImpl() = default;
  TAPER_API friend void intrusive_dispose(StorageImpl* storage) noexcept;

  void* data_;
  size_t nbytes_;
  std::atomic<uint32_t> version_{0};
  bool borrowed_ = false;
  bool inference_;
  std::function<void(void*)>* deleter_ = nullptr;  // of borrowed memory, may be null
};
TAPER_API void intrusive_dispose(StorageImpl* storage) noexcept;

// A handle on it, with libtorch's names.
class Storage : public intrusive_ptr<StorageImpl> {
 public:
  using intrusive_ptr::intrusive_ptr;
  Storage(intrusive_ptr storage) noexcept : intrusive_ptr(std::move(storage)) {}  // NOLINT
  void* data() const { return get()->data(); }
  template <class T>
  T* data() const {
    return static_cast<T*>(get()->data());
  }
  size_t nbytes() const { return get()->nbytes(); }
  uint32_t use_count() const { return get()->use_count(); }
  bool unique() const { return use_count() == 1; }
  bool is_alias_of(const Storage& other) const { return *this == other; }
};

namespace detail {
// This thread's inference mode (autograd/grad_mode.h).
TAPER_API bool inference_mode() noexcept;
TAPER_API void set_inference_mode(bool enabled) noexcept;
}  // namespace detail

}  // namespace taper
