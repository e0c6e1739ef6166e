// Where freed blocks wait: size classes, memory of the system, what a thread keeps, and the cache that all share.
// Internal to allocator.cpp.
//
// Sizes are rounded up to classes, four to each doubling: 64, 128, 192, 256, 320, 384, 448, 512, 640, 768, ...
#pragma once

#include <taper/core/allocator.h>
#include <taper/core/fork.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace taper::detail {

constexpr size_t kAlignment = 64;
constexpr size_t kSmallMax = size_t{64} << 10;  // up to here blocks are kept by threads
constexpr size_t kMapMin = size_t{1} << 20;     // from here blocks are mapped, and so go back to the system when freed
constexpr size_t kHugePage = size_t{2} << 20;
constexpr int64_t kThreadListBytes = 256 << 10;  // a thread keeps this much of each class, but
constexpr int64_t kThreadListBlocks = 256;       // at most so many blocks
constexpr int64_t kAlwaysKeep = int64_t{64} << 20;
constexpr int kWindow = 4096;  // large allocations after which an old peak of use starts to be forgotten

constexpr int class_of(size_t bytes) {
  if (bytes <= 256) return static_cast<int>((bytes - 1) / 64);
  const int e = std::bit_width(bytes - 1);
  return (e - 9) * 4 + static_cast<int>((bytes - 1) >> (e - 3));
}
constexpr size_t class_size(int c) {
  return c < 4 ? 64 * (static_cast<size_t>(c) + 1) : static_cast<size_t>(5 + c % 4) << (5 + c / 4);
}
constexpr int kSmallClasses = class_of(kSmallMax) + 1;
constexpr int kClasses = class_of(size_t{1} << 46) + 1;  // 64 TiB: more than a process can address

// How many blocks of each class a thread keeps.
constexpr auto kThreadLimit = [] {
  std::array<int, kSmallClasses> limit{};
  for (int c = 0; c < kSmallClasses; ++c) {
    limit[c] = static_cast<int>(std::min(kThreadListBlocks, kThreadListBytes / static_cast<int64_t>(class_size(c))));
  }
  return limit;
}();

static_assert(class_size(kSmallClasses - 1) == kSmallMax && class_size(class_of(257)) == 320);
static_assert(class_size(class_of(641)) == 768 && class_of(640) + 1 == class_of(641));

// Fresh memory of a class, or null. Mapped blocks start at a huge page where they are large enough to hold one: the
// first pass over 2 MiB then costs one page fault instead of 512.
inline void* system_allocate(size_t size) {
#if defined(__linux__)
  if (size >= kMapMin) {
    const size_t slack = size >= kHugePage ? kHugePage : 0;
    void* raw = mmap(nullptr, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED) return nullptr;
    if (slack == 0) return raw;
    char* const start = static_cast<char*>(raw);
    const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(start) % kHugePage) % kHugePage;
    if (before != 0) munmap(start, before);
    munmap(start + before + size, slack - before);
    madvise(start + before, size, MADV_HUGEPAGE);
    return start + before;
  }
#endif
  return std::aligned_alloc(kAlignment, size);
}

inline void system_free(void* p, size_t size) {
#if defined(__linux__)
  if (size >= kMapMin) {
    munmap(p, size);
    return;
  }
#endif
  static_cast<void>(size);
  std::free(p);
}

// The head of a free block. The block itself is the node: it has at least 64 bytes.
struct Block {
  Block* next;           // of the same class
  Block* previous;       // of the same class; only in the shared cache, as all below
  Block *newer, *older;  // of any class, by time of freeing
  int size_class;
};

// What one thread keeps. Only its thread writes; memory_stats() reads in_use_delta.
struct ThreadCache {
  Block* free[kSmallClasses] = {};
  int count[kSmallClasses] = {};
  std::atomic<int64_t> in_use_delta{0};  // bytes handed out here, not yet added to SharedCache::in_use_
  ThreadCache* next_thread = nullptr;

  // A block of the class that waits here; null if there is none.
  Block* pop(int c) {
    Block* const block = free[c];
    if (block != nullptr) {
      free[c] = block->next;
      --count[c];
    }
    return block;
  }
  void push(int c, Block* block) {
    block->next = free[c];
    free[c] = block;
    ++count[c];
  }
  void add_in_use(int64_t bytes) {  // one writer: no read-modify-write needed
    in_use_delta.store(in_use_delta.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
};

// The cache of all threads. It hands out the block freed last (its lines are still warm) and gives back the one unused
// for longest when the whole exceeds what the program has recently needed.
class SharedCache {
 public:
  ForkMutex mutex;  // guards all that follows

  // A block of the class, cached or fresh; null if the system has no more.
  void* take(int size_class) {
    if (Block* const block = take_cached(size_class)) return block;
    const size_t size = class_size(size_class);
    make_room(static_cast<int64_t>(size));
    void* fresh = system_allocate(size);
    if (fresh == nullptr) {
      release_until(0);
      fresh = system_allocate(size);
    }
    if (fresh != nullptr) held_ += static_cast<int64_t>(size);
    return fresh;
  }

  Block* take_cached(int size_class) {
    Block* block = free_[size_class];
    if (block != nullptr) unlink(block);
    return block;
  }

  void put(Block* block, int size_class) {
    block->size_class = size_class;
    block->previous = nullptr;
    block->next = free_[size_class];
    if (block->next != nullptr) block->next->previous = block;
    free_[size_class] = block;
    block->newer = nullptr;
    block->older = newest_;
    (newest_ != nullptr ? newest_->newer : oldest_) = block;
    newest_ = block;
    idle_ += static_cast<int64_t>(class_size(size_class));
  }

  void add_in_use(int64_t bytes) {
    in_use_ += bytes;
    peak_ = std::max(peak_, in_use_);
    recent_peak_ = std::max(recent_peak_, in_use_);
  }

  // For blocks that bypass the cache.
  void add_held(int64_t bytes) {
    held_ += bytes;
    add_in_use(bytes);
  }

  void collect(ThreadCache& cache) { add_in_use(cache.in_use_delta.exchange(0, std::memory_order_relaxed)); }

  // Once per kWindow large allocations: the peak of the window before last is forgotten, its memory given back.
  void count_large() {
    if (++large_count_ % kWindow != 0) return;
    previous_peak_ = recent_peak_;
    recent_peak_ = in_use_;
    release_until(limit() - (held_ - idle_));
  }

  // Gives back the blocks unused for longest until at most `bytes` are idle here.
  void release_until(int64_t bytes) {
    while (oldest_ != nullptr && idle_ > bytes) {
      Block* block = oldest_;
      const size_t size = class_size(block->size_class);
      unlink(block);
      held_ -= static_cast<int64_t>(size);
      system_free(block, size);
    }
  }

  MemoryStats stats() const {
    int64_t in_use = in_use_;
    for (const ThreadCache* t = threads; t != nullptr; t = t->next_thread) {
      in_use += t->in_use_delta.load(std::memory_order_relaxed);
    }
    return {in_use, held_ - in_use, std::max(peak_, in_use)};
  }

  ThreadCache* threads = nullptr;

 private:
  // What the cache may hold in all: the recent peak plus 25 %, so that sizes may vary.
  int64_t limit() const {
    const int64_t peak = std::max(recent_peak_, previous_peak_);
    return std::max(kAlwaysKeep, peak + peak / 4);
  }
  void make_room(int64_t size) {
    if (held_ + size > limit()) release_until(std::max<int64_t>(0, idle_ - (held_ + size - limit())));
  }
  void unlink(Block* block) {
    (block->previous != nullptr ? block->previous->next : free_[block->size_class]) = block->next;
    if (block->next != nullptr) block->next->previous = block->previous;
    (block->newer != nullptr ? block->newer->older : newest_) = block->older;
    (block->older != nullptr ? block->older->newer : oldest_) = block->newer;
    idle_ -= static_cast<int64_t>(class_size(block->size_class));
  }

  Block* free_[kClasses] = {};
  Block *newest_ = nullptr, *oldest_ = nullptr;
  int64_t held_ = 0;    // got from the system and not given back
  int64_t idle_ = 0;    // of these, in the lists above; threads keep some more
  int64_t in_use_ = 0;  // without the threads' deltas
  int64_t peak_ = 0, recent_peak_ = 0, previous_peak_ = 0;
  int large_count_ = 0;
};

}  // namespace taper::detail
