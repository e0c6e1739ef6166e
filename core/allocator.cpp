// Sizes are rounded up to classes, four to each doubling: 64, 128, 192, 256, 320, 384, 448, 512, 640, 768, ...
//
// Small blocks are kept by the thread that frees them, in singly linked lists that live in the blocks themselves: a
// pair of calls is a few instructions and no lock. Lists that grow too long, and those of a thread that ends, go to the
// shared cache; large blocks always do. The shared cache hands out the block freed last (its lines are still warm) and
// gives back the one unused for longest when the whole exceeds what the program has recently needed.
#include <taper/core/allocator.h>
#include <taper/core/error.h>
#include <taper/core/fork.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace taper {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kCaching = false;
#elif !defined(__has_feature)
constexpr bool kCaching = true;
#elif __has_feature(address_sanitizer)
constexpr bool kCaching = false;
#else
constexpr bool kCaching = true;
#endif

using std::int64_t;
using std::size_t;

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
void* system_allocate(size_t size) {
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

void system_free(void* p, size_t size) {
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
  std::atomic<int64_t> in_use_delta{0};  // bytes handed out here, not yet added to Shared::in_use
  ThreadCache* next_thread = nullptr;

  void add_in_use(int64_t bytes) {  // one writer: no read-modify-write needed
    in_use_delta.store(in_use_delta.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
};

class Shared {
 public:
  detail::ForkMutex mutex;  // guards all that follows

  // A block of the class, cached or fresh; null if the system has no more.
  void* take(int size_class) {
    const size_t size = class_size(size_class);
    Block* block = free_[size_class];
    if (block != nullptr) {
      unlink(block);
    } else {
      make_room(static_cast<int64_t>(size));
      block = static_cast<Block*>(system_allocate(size));
      if (block == nullptr) {
        release_until(0);
        block = static_cast<Block*>(system_allocate(size));
        if (block == nullptr) return nullptr;
      }
      held_ += static_cast<int64_t>(size);
    }
    return block;
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

// Never destroyed: static objects may free their tensors after everything else has gone.
Shared& shared() {
  static Shared& s = *new Shared;
  return s;
}
[[maybe_unused]] const Shared& early_shared = shared();  // a fork while it is being made would lose it

#if defined(__GNUC__) && !defined(__APPLE__)
#define TAPER_FAST_TLS __attribute__((tls_model("initial-exec")))
#else
#define TAPER_FAST_TLS
#endif
TAPER_FAST_TLS constinit thread_local ThreadCache* this_cache = nullptr;
constinit thread_local bool thread_ended = false;  // the cache is gone, but destructors may still free

// Moves blocks of one class to the shared cache until `keep` are left.
void hand_back(Shared& s, ThreadCache& cache, int size_class, int keep) {
  while (cache.count[size_class] > keep) {
    Block* block = cache.free[size_class];
    cache.free[size_class] = block->next;
    --cache.count[size_class];
    s.put(block, size_class);
  }
}

void hand_back_all(Shared& s, ThreadCache& cache) {
  for (int c = 0; c < kSmallClasses; ++c) hand_back(s, cache, c, 0);
  s.collect(cache);
}

struct CacheOwner {
  ~CacheOwner() {
    ThreadCache* const mine = std::exchange(this_cache, nullptr);
    thread_ended = true;
    Shared& s = shared();
    const std::lock_guard lock(s.mutex);
    hand_back_all(s, *mine);
    ThreadCache** link = &s.threads;
    while (*link != mine) link = &(*link)->next_thread;
    *link = mine->next_thread;
    delete mine;
  }
};

// This thread's cache, made at the first call; null while the thread ends or memory is out.
ThreadCache* get_cache() {
  if (this_cache != nullptr || thread_ended) return this_cache;
  auto* const made = new (std::nothrow) ThreadCache;
  if (made == nullptr) return nullptr;
  {
    Shared& s = shared();
    const std::lock_guard lock(s.mutex);
    made->next_thread = std::exchange(s.threads, made);
  }
  this_cache = made;
  static thread_local CacheOwner owner;
  static_cast<void>(owner);
  return made;
}

[[noreturn]] void fail(size_t bytes) {
  const MemoryStats now = memory_stats();
  throw Error(detail::str("allocate: not enough memory for ", bytes, " bytes; ", now.in_use, " bytes are in use and ",
                          now.cached, " cached"));
}

void* allocate_slow(size_t bytes) {
  if (bytes > class_size(kClasses - 1)) fail(bytes);
  const int size_class = class_of(bytes);
  const auto size = static_cast<int64_t>(class_size(size_class));
  ThreadCache* const cache = get_cache();
  Shared& s = shared();
  void* p = nullptr;
  {
    const std::lock_guard lock(s.mutex);
    if (cache != nullptr) s.collect(*cache);
    p = s.take(size_class);
    if (p != nullptr) {
      s.add_in_use(size);
      if (size_class >= kSmallClasses) {
        s.count_large();
      } else if (cache != nullptr) {
        // While we are here: half a list of what other threads have freed.
        for (int i = kThreadLimit[size_class] / 2; i > 0; --i) {
          Block* block = s.take_cached(size_class);
          if (block == nullptr) break;
          block->next = cache->free[size_class];
          cache->free[size_class] = block;
          ++cache->count[size_class];
        }
      }
    }
  }
  if (p == nullptr) fail(bytes);
  return p;
}

void deallocate_slow(Block* block, int size_class) {
  const auto size = static_cast<int64_t>(class_size(size_class));
  ThreadCache* const cache = get_cache();
  Shared& s = shared();
  const std::lock_guard lock(s.mutex);
  if (cache != nullptr) {
    s.collect(*cache);
    if (size_class < kSmallClasses) hand_back(s, *cache, size_class, kThreadLimit[size_class] / 2);
  }
  s.add_in_use(-size);
  s.put(block, size_class);
}

// Without caching every block comes from the system at its exact size and goes back at once, so that AddressSanitizer
// sees a use after free or past the end.
[[maybe_unused]] void* allocate_exact(size_t bytes) {
  const size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* p = nullptr;
  // AddressSanitizer ends the program at a size above its own limit of 1 TiB.
  if (bytes > size_t{1} << 39 || posix_memalign(&p, kAlignment, bytes) != 0) fail(bytes);
  Shared& s = shared();
  const std::lock_guard lock(s.mutex);
  s.add_held(static_cast<int64_t>(size));
  return p;
}

[[maybe_unused]] void deallocate_exact(void* p, size_t bytes) {
  const size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  std::free(p);
  Shared& s = shared();
  const std::lock_guard lock(s.mutex);
  s.add_held(-static_cast<int64_t>(size));
}

}  // namespace

MemoryStats memory_stats() {
  Shared& s = shared();
  const std::lock_guard lock(s.mutex);
  return s.stats();
}

void empty_cache() {
  ThreadCache* const cache = get_cache();
  Shared& s = shared();
  const std::lock_guard lock(s.mutex);
  if (cache != nullptr) hand_back_all(s, *cache);
  s.release_until(0);
}

namespace detail {

void* allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  if constexpr (!kCaching) return allocate_exact(bytes);
  if (bytes <= kSmallMax) {
    if (ThreadCache* const cache = this_cache) {
      const int c = class_of(bytes);
      if (Block* const block = cache->free[c]) {
        cache->free[c] = block->next;
        --cache->count[c];
        cache->add_in_use(static_cast<int64_t>(class_size(c)));
        return block;
      }
    }
  }
  return allocate_slow(bytes);
}

void deallocate(void* p, size_t bytes) noexcept {
  if (p == nullptr) return;
  if constexpr (!kCaching) return deallocate_exact(p, bytes);
  auto* const block = static_cast<Block*>(p);
  const int c = class_of(bytes);
  if (bytes <= kSmallMax) {
    if (ThreadCache* const cache = this_cache; cache != nullptr && cache->count[c] < kThreadLimit[c]) {
      block->next = cache->free[c];
      cache->free[c] = block;
      ++cache->count[c];
      cache->add_in_use(-static_cast<int64_t>(class_size(c)));
      return;
    }
  }
  deallocate_slow(block, c);
}

}  // namespace detail
}  // namespace taper
