#include <taper/core/allocator.h>
#include <taper/core/error.h>

#include <cstdlib>

namespace taper {

MemoryStats memory_stats() { return {0, 0, 0}; }
void empty_cache() {}

namespace detail {

void* allocate(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  void* p = bytes > PTRDIFF_MAX - 64 ? nullptr : std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  TAPER_CHECK(p != nullptr, "allocate: not enough memory for ", bytes, " bytes");
  return p;
}
void deallocate(void* p, std::size_t) noexcept { std::free(p); }

}  // namespace detail
}  // namespace taper
