// A shared pointer whose count lives in the object: one word wide, one allocation, no control block.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace taper {

// Base of counted objects. The count starts at 1: the creator's reference, adopted by intrusive_ptr::adopt.
// When it falls to 0, `intrusive_dispose(T*)` - found by argument-dependent lookup - ends the object.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void retain() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  // True when this was the last reference.
  bool release() const noexcept {
    // The only holder may skip the locked decrement: nobody else can raise a count of 1.
    if (count_.load(std::memory_order_acquire) == 1) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  uint32_t use_count() const noexcept { return count_.load(std::memory_order_relaxed); }

 protected:
  ~RefCounted() = default;

 private:
  mutable std::atomic<uint32_t> count_{1};
};

template <class T>
class intrusive_ptr {
 public:
  intrusive_ptr() = default;
  intrusive_ptr(std::nullptr_t) {}  // NOLINT
  // Takes over a reference that the caller holds.
  static intrusive_ptr adopt(T* p) noexcept {
    intrusive_ptr r;
    r.p_ = p;
    return r;
  }
  // Adds a reference.
  static intrusive_ptr share(T* p) noexcept {
    if (p) p->retain();
    return adopt(p);
  }
  template <class... Args>
  static intrusive_ptr make(Args&&... args) {
    return adopt(new T(std::forward<Args>(args)...));
  }
  intrusive_ptr(const intrusive_ptr& other) noexcept : p_(other.p_) {
    if (p_) p_->retain();
  }
  intrusive_ptr(intrusive_ptr&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  template <class U>
  requires(std::is_convertible_v<U*, T*>) intrusive_ptr(intrusive_ptr<U> other)
  noexcept : p_(other.detach()) {}  // NOLINT
  intrusive_ptr& operator=(intrusive_ptr other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~intrusive_ptr() { reset(); }

  void reset() noexcept {
    if (T* p = std::exchange(p_, nullptr); p && p->release()) intrusive_dispose(p);
  }
  // Gives the reference away without touching the count.
  T* detach() noexcept { return std::exchange(p_, nullptr); }
  T* get() const noexcept { return p_; }
  T& operator*() const noexcept { return *p_; }
  T* operator->() const noexcept { return p_; }
  explicit operator bool() const noexcept { return p_ != nullptr; }
  friend bool operator==(const intrusive_ptr& a, const intrusive_ptr& b) noexcept { return a.p_ == b.p_; }
  friend bool operator==(const intrusive_ptr& a, std::nullptr_t) noexcept { return a.p_ == nullptr; }

 private:
  T* p_ = nullptr;
};

}  // namespace taper
