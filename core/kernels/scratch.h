// Memory of a kernel's own for as long as it runs.
#pragma once

#include <taper/core/allocator.h>

#include <cstddef>
#include <cstdint>

namespace taper::detail {

// allocate(), but not counted as one of the large allocations after which an old peak of use is forgotten: a step may
// make thousands of them (core/allocator.cpp).
TAPER_API void* allocate_scratch(size_t bytes);

}  // namespace taper::detail
namespace taper::kernels {

// n values, undefined; null for none.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t n)
      : bytes_(static_cast<size_t>(n) * sizeof(T)), data_(taper::detail::allocate_scratch(bytes_)) {}
  ~Scratch() { taper::detail::deallocate(data_, bytes_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* get() const { return static_cast<T*>(data_); }

 private:
  size_t bytes_;
  void* data_;
};

}  // namespace taper::kernels
