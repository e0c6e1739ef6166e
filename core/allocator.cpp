// Small blocks are kept by the thread that frees them, in singly linked lists that live in the blocks themselves: a
// pair of calls is a few instructions and no lock. Lists that grow too long, and those of a thread that ends, go to the
// shared cache; large blocks always do.
#include <taper/core/allocator.h>

#include <taper/core/allocator_internal.h>
#include <taper/core/error.h>
#include <taper/core/kernels/scratch.h>

#include <mutex>
#include <new>
#include <utility>

namespace taper {
namespace detail {
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

// Never destroyed: static objects may free their tensors after everything else has gone.
SharedCache& shared() {
  static SharedCache& s = *new SharedCache;
  return s;
}
[[maybe_unused]] const SharedCache& early_shared = shared();  // a fork while it is being made would lose it

#if defined(__GNUC__) && !defined(__APPLE__)
#define TAPER_FAST_TLS __attribute__((tls_model("initial-exec")))
#else
#define TAPER_FAST_TLS
#endif
TAPER_FAST_TLS constinit thread_local ThreadCache* this_cache = nullptr;
constinit thread_local bool thread_ended = false;  // the cache is gone, but destructors may still free

// Moves blocks of one class to the shared cache until `keep` are left.
void hand_back(SharedCache& s, ThreadCache& cache, int size_class, int keep) {
  while (cache.count[size_class] > keep) s.put(cache.pop(size_class), size_class);
}

void hand_back_all(SharedCache& s, ThreadCache& cache) {
  for (int c = 0; c < kSmallClasses; ++c) hand_back(s, cache, c, 0);
  s.collect(cache);
}

struct CacheOwner {
  ~CacheOwner() {
    ThreadCache* const mine = std::exchange(this_cache, nullptr);
    thread_ended = true;
    SharedCache& s = shared();
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
    SharedCache& s = shared();
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
  throw Error(str("allocate: not enough memory for ", bytes, " bytes; ", now.in_use, " bytes are in use and ",
                  now.cached, " cached"));
}

void* allocate_slow(size_t bytes, bool scratch = false) {
  if (bytes > class_size(kClasses - 1)) fail(bytes);
  const int size_class = class_of(bytes);
  const auto size = static_cast<int64_t>(class_size(size_class));
  ThreadCache* const cache = get_cache();
  SharedCache& s = shared();
  void* p = nullptr;
  {
    const std::lock_guard lock(s.mutex);
    if (cache != nullptr) s.collect(*cache);
    p = s.take(size_class);
    if (p != nullptr) {
      s.add_in_use(size);
      if (size_class >= kSmallClasses) {
        if (!scratch) s.count_large();
      } else if (cache != nullptr) {
        // While we are here: half a list of what other threads have freed.
        for (int i = kThreadLimit[size_class] / 2; i > 0; --i) {
          Block* const block = s.take_cached(size_class);
          if (block == nullptr) break;
          cache->push(size_class, block);
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
  SharedCache& s = shared();
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
  SharedCache& s = shared();
  const std::lock_guard lock(s.mutex);
  s.add_held(static_cast<int64_t>(size));
  return p;
}

[[maybe_unused]] void deallocate_exact(void* p, size_t bytes) {
  const size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  std::free(p);
  SharedCache& s = shared();
  const std::lock_guard lock(s.mutex);
  s.add_held(-static_cast<int64_t>(size));
}

}  // namespace

void* allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  if constexpr (!kCaching) return allocate_exact(bytes);
  if (bytes <= kSmallMax) {
    if (ThreadCache* const cache = this_cache) {
      const int c = class_of(bytes);
      if (Block* const block = cache->pop(c)) {
        cache->add_in_use(static_cast<int64_t>(class_size(c)));
        return block;
      }
    }
  }
  return allocate_slow(bytes);
}

void* allocate_scratch(size_t bytes) {
  if (!kCaching || bytes <= kSmallMax) return allocate(bytes);
  return allocate_slow(bytes, true);
}

void deallocate(void* p, size_t bytes) noexcept {
  if (p == nullptr) return;
  if constexpr (!kCaching) return deallocate_exact(p, bytes);
  auto* const block = static_cast<Block*>(p);
  const int c = class_of(bytes);
  if (bytes <= kSmallMax) {
    if (ThreadCache* const cache = this_cache; cache != nullptr && cache->count[c] < kThreadLimit[c]) {
      cache->push(c, block);
      cache->add_in_use(-static_cast<int64_t>(class_size(c)));
      return;
    }
  }
  deallocate_slow(block, c);
}

}  // namespace detail

MemoryStats memory_stats() {
  detail::SharedCache& s = detail::shared();
  const std::lock_guard lock(s.mutex);
  return s.stats();
}

void empty_cache() {
  detail::ThreadCache* const cache = detail::get_cache();
  detail::SharedCache& s = detail::shared();
  const std::lock_guard lock(s.mutex);
  if (cache != nullptr) detail::hand_back_all(s, *cache);
  s.release_until(0);
}

}  // namespace taper
