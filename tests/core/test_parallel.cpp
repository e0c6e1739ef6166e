#include <taper/core/error.h>
#include <taper/core/parallel.h>

#include "catch.h"
#include "support/scopes.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace support;
using std::int64_t;

namespace {}  // namespace

TEST_CASE("parallel_for visits every index once, whatever the number of threads", "[parallel]") {
  for (const int threads : {1, 2, 5}) {
    const Threads set(threads);
    for (const int64_t n : {1, 2, 63, 64, 65, 1000}) {
      for (const int64_t grain : {-3, 0, 1, 7, 64, 5000}) {
        std::vector<int> visits(static_cast<size_t>(n), 0);
        taper::parallel_for(10, 10 + n, grain, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i - 10)];
        });
        CHECK(visits == std::vector<int>(static_cast<size_t>(n), 1));
      }
    }
  }
}

TEST_CASE("the bounds of the pieces depend on the sizes alone", "[parallel]") {
  for (const int threads : {1, 2, 3, 8}) {
    const Threads set(threads);
    std::vector<std::pair<int64_t, int64_t>> pieces(4);
    taper::parallel_for(5, 40, 10, [&](int64_t b, int64_t e) { pieces[static_cast<size_t>((b - 5) / 10)] = {b, e}; });
    CHECK(pieces == std::vector<std::pair<int64_t, int64_t>>{{5, 15}, {15, 25}, {25, 35}, {35, 40}});
  }
}

TEST_CASE("an empty range calls nothing", "[parallel]") {
  taper::parallel_for(3, 3, 1, [](int64_t, int64_t) { FAIL("called"); });
  taper::parallel_for(4, 3, 1, [](int64_t, int64_t) { FAIL("called"); });
}

TEST_CASE("more pieces than fit the ticket are grouped", "[parallel]") {
  const Threads set(2);
  std::atomic<int64_t> sum{0};
  struct Stop {};
  // Far too many to run: stop at the third, and see that it is the one reported.
  try {
    taper::parallel_for(0, int64_t{1} << 40, 1, [&](int64_t b, int64_t) {
      if (b == 2) throw Stop();
      sum += b;
    });
    FAIL("no exception");
  } catch (const Stop&) {
  }
  CHECK(sum >= 1);
}

TEST_CASE("of several exceptions the one of the lowest piece reaches the caller", "[parallel]") {
  for (const int threads : {1, 2, 4}) {
    const Threads set(threads);
    for (int round = 0; round < 200; ++round) {
      try {
        taper::parallel_for(0, 50, 1, [](int64_t b, int64_t) {
          if (b % 10 == 7) throw std::runtime_error(std::to_string(b));
        });
        FAIL("no exception");
      } catch (const std::runtime_error& e) {
        CHECK(std::string(e.what()) == "7");
      }
    }
    int64_t after = 0;  // and the pool still works
    taper::parallel_for(0, 1, 1, [&](int64_t, int64_t) { ++after; });
    CHECK(after == 1);
  }
}

TEST_CASE("loops inside loops run on the thread they are in", "[parallel]") {
  const Threads set(2);
  CHECK_FALSE(taper::detail::in_parallel_region());
  std::atomic<int> inner{0}, moved{0};
  taper::parallel_for(0, 16, 1, [&](int64_t, int64_t) {
    const auto here = std::this_thread::get_id();
    if (!taper::detail::in_parallel_region()) ++moved;
    taper::parallel_for(0, 8, 1, [&](int64_t, int64_t) {
      if (std::this_thread::get_id() != here) ++moved;
      ++inner;
    });
  });
  CHECK(inner == 128);
  CHECK(moved == 0);
  CHECK_FALSE(taper::detail::in_parallel_region());
}

TEST_CASE("several threads of a program may run loops at once", "[parallel]") {
  const Threads set(2);
  std::atomic<int64_t> total{0};
  std::vector<std::thread> hosts;
  for (int h = 0; h < 4; ++h) {
    hosts.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        std::atomic<int64_t> mine{0};
        taper::parallel_for(0, 20, 1, [&](int64_t b, int64_t) { mine += b; });
        total += mine;
      }
    });
  }
  for (std::thread& host : hosts) host.join();
  CHECK(total == 4 * 500 * 190);
}

TEST_CASE("many short loops, some after a pause in which the threads fall asleep", "[parallel]") {
  const Threads set(3);
  int64_t sum = 0;
  for (int round = 0; round < 3000; ++round) {
    int64_t part[4] = {};
    taper::parallel_for(0, 4, 1, [&](int64_t b, int64_t) { part[b] = b; });
    sum += part[0] + part[1] + part[2] + part[3];
    if (round % 500 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(sum == 6 * 3000);
}

TEST_CASE("set_num_threads checks its argument and where it is called", "[parallel]") {
  CHECK_THROWS_AS(taper::set_num_threads(0), taper::ValueError);
  CHECK_THROWS_AS(taper::set_num_threads(-2), taper::ValueError);
  const Threads set(2);
  CHECK(taper::get_num_threads() == 2);
  CHECK_THROWS_AS(taper::parallel_for(0, 4, 1, [](int64_t, int64_t) { taper::set_num_threads(1); }), taper::Error);
  CHECK(taper::get_num_threads() == 2);
}

// ThreadSanitizer does not support threads in the child of a fork.
#if defined(__SANITIZE_THREAD__)
#define TAPER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TAPER_TSAN 1
#endif
#endif

#if defined(__linux__) && !defined(TAPER_TSAN)
TEST_CASE("the child of a fork runs loops of its own", "[parallel]") {
  const Threads set(2);
  taper::parallel_for(0, 8, 1, [](int64_t, int64_t) {});  // the pool is running
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int64_t> sum{0};
    for (int round = 0; round < 50; ++round) taper::parallel_for(0, 8, 1, [&](int64_t b, int64_t) { sum += b; });
    _exit(sum == 50 * 28 ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}
#endif

TEST_CASE("the number of threads has an upper bound") {
  CHECK_THROWS_AS(taper::set_num_threads(4097), taper::ValueError);
  CHECK_THROWS_AS(taper::set_num_threads(INT32_MAX), taper::ValueError);
}
