// The caching allocator under every tensor: blocks of 64-byte alignment, kept for reuse when they are freed, so that a
// training step pays neither the system allocator nor the page faults of fresh memory.
#pragma once

#include <taper/core/macros.h>

#include <cstddef>
#include <cstdint>

namespace taper {

// All in bytes, over all threads. Blocks are counted by their rounded-up size.
struct MemoryStats {
  std::int64_t in_use;  // handed out now
  std::int64_t cached;  // freed, kept for reuse
  std::int64_t peak;    // the most that was in use at once
};

TAPER_API MemoryStats memory_stats();

// Gives cached memory back to the system. Small blocks cached by other threads stay with them.
TAPER_API void empty_cache();

namespace detail {

// A block of at least `bytes` bytes, aligned to 64, content undefined; null for 0 bytes. Throws Error, with the number
// of bytes, when there is no such memory. Any thread may free it, with the size it was asked for; freeing null is fine.
TAPER_API void* allocate(std::size_t bytes);
TAPER_API void deallocate(void* p, std::size_t bytes) noexcept;

}  // namespace detail
}  // namespace taper
