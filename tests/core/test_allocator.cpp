#include <taper/core/allocator.h>
#include <taper/core/error.h>
#include <taper/core/kernels/scratch.h>
#include <taper/taper.h>

#include "catch.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

using taper::detail::allocate;
using taper::detail::deallocate;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kCaching = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kCaching = false;
#else
constexpr bool kCaching = true;
#endif
#else
constexpr bool kCaching = true;
#endif

TEST_CASE("blocks are aligned, writable to the end and do not overlap", "[allocator]") {
  struct Live {
    unsigned char* p;
    size_t bytes;
    unsigned char mark;
  };
  std::vector<Live> live;
  std::mt19937 random(1);
  const auto before = taper::memory_stats();
  bool good = true;
  for (int step = 0; step < 20000; ++step) {
    if (live.size() < 200 && random() % 2 == 0) {
      const size_t bytes = 1 + random() % (size_t{1} << (4 + random() % 15));
      auto* p = static_cast<unsigned char*>(allocate(bytes));
      good = good && reinterpret_cast<std::uintptr_t>(p) % 64 == 0;
      live.push_back({p, bytes, static_cast<unsigned char>(random())});
      p[0] = p[bytes - 1] = p[bytes / 2] = live.back().mark;
    } else if (!live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      const Live l = live.back();
      live.pop_back();
      good = good && l.p[0] == l.mark && l.p[l.bytes - 1] == l.mark && l.p[l.bytes / 2] == l.mark;
      deallocate(l.p, l.bytes);
    }
  }
  for (const Live& l : live) deallocate(l.p, l.bytes);
  CHECK(good);
  CHECK(taper::memory_stats().in_use == before.in_use);
}

TEST_CASE("every size class holds what was asked for", "[allocator]") {
  for (size_t bytes = 1; bytes <= (size_t{8} << 20); bytes += 1 + bytes / 7) {
    for (const size_t b : {bytes, (bytes + 63) / 64 * 64, (bytes + 63) / 64 * 64 + 1}) {
      void* p = allocate(b);
      REQUIRE(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
      std::memset(p, 0xab, b);
      deallocate(p, b);
    }
  }
}

TEST_CASE("no bytes are no block", "[allocator]") {
  CHECK(allocate(0) == nullptr);
  deallocate(nullptr, 0);
  deallocate(nullptr, 100);
}

TEST_CASE("an impossible size is an error that names it", "[allocator]") {
  for (const size_t bytes : {SIZE_MAX, SIZE_MAX - 63, size_t{1} << 62, size_t{1} << 46}) {
    try {
      deallocate(allocate(bytes), bytes);
      FAIL("no error for " << bytes);
    } catch (const taper::Error& e) {
      CHECK(std::string(e.what()).find(std::to_string(bytes) + " bytes") != std::string::npos);
    }
  }
}

TEST_CASE("statistics count what is in use and what is kept", "[allocator]") {
  taper::empty_cache();
  const auto before = taper::memory_stats();
  const size_t large = size_t{3} << 20;
  void* a = allocate(large);
  void* b = allocate(1000);
  const auto during = taper::memory_stats();
  CHECK(during.in_use >= before.in_use + static_cast<std::int64_t>(large) + 1000);
  CHECK(during.peak >= during.in_use);
  deallocate(a, large);
  deallocate(b, 1000);
  CHECK(taper::memory_stats().in_use == before.in_use);
  if (kCaching) CHECK(taper::memory_stats().cached >= before.cached + static_cast<std::int64_t>(large));
  taper::empty_cache();
  CHECK(taper::memory_stats().cached <= before.cached);
}

TEST_CASE("a freed block is handed out again", "[allocator]") {
  if (!kCaching) return;
  for (const size_t bytes : {size_t{100}, size_t{100000}, size_t{5} << 20}) {
    void* first = allocate(bytes);
    deallocate(first, bytes);
    void* second = allocate(bytes);
    CHECK(first == second);
    deallocate(second, bytes);
  }
}

TEST_CASE("idle memory stays bounded when sizes vary", "[allocator]") {
  taper::empty_cache();
  std::mt19937 random(2);
  std::int64_t most = 0;
  for (int step = 0; step < 3000; ++step) {
    const size_t bytes = (size_t{1} << 16) + random() % (size_t{20} << 20);
    deallocate(allocate(bytes), bytes);
    most = std::max(most, taper::memory_stats().cached);
  }
  CHECK(most <= (std::int64_t{256} << 20));  // the earlier peak of this process may allow more than 64 MiB
  taper::empty_cache();
}

TEST_CASE("scratch memory of kernels does not age the peak of what tensors use", "[allocator]") {
  if (!kCaching) return;
  { const taper::Tensor large = taper::empty({int64_t{64} << 20}); }  // 256 MiB
  const int64_t kept = taper::memory_stats().cached;
  for (int i = 0; i < 50000; ++i) {
    const taper::kernels::Scratch<float> scratch(int64_t{1} << 16);
  }
  CHECK(taper::memory_stats().cached >= kept);
}

TEST_CASE("blocks may be freed by another thread, and a thread that ends leaves its cache", "[allocator]") {
  const auto before = taper::memory_stats();
  std::vector<void*> blocks(5000);
  std::thread([&] {
    for (void*& p : blocks) p = allocate(200);
  }).join();
  for (void* p : blocks) deallocate(p, 200);
  std::thread([&] {
    for (void*& p : blocks) p = allocate(200);
    for (void* p : blocks) deallocate(p, 200);
  }).join();
  CHECK(taper::memory_stats().in_use == before.in_use);
  taper::empty_cache();
  CHECK(taper::memory_stats().cached <= before.cached);
}

TEST_CASE("threads allocate and free at once", "[allocator]") {
  const auto before = taper::memory_stats();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::mt19937 random(static_cast<unsigned>(t));
      std::vector<std::pair<void*, size_t>> live;
      for (int step = 0; step < 5000; ++step) {
        const size_t bytes = 1 + random() % 200000;
        live.emplace_back(allocate(bytes), bytes);
        static_cast<char*>(live.back().first)[bytes - 1] = 1;
        if (live.size() > 20) {
          std::swap(live[random() % live.size()], live.back());
          deallocate(live.back().first, live.back().second);
          live.pop_back();
        }
      }
      for (auto [p, bytes] : live) deallocate(p, bytes);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(taper::memory_stats().in_use == before.in_use);
}

namespace {

// Freed after main, when the thread's cache has gone.
struct Late {
  void* p = allocate(300);
  ~Late() { deallocate(p, 300); }
} late;

}  // namespace
