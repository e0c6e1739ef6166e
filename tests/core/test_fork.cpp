// Forks while other threads are at something: the child must find every lock free. TAPER_FORKS=1000 makes each load's
// number of forks that.
#include <taper/core/allocator.h>
#include <taper/core/parallel.h>
#include <taper/taper.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>

#include "catch.h"
#include "support/alone.h"

// ThreadSanitizer does not support threads in the child of a fork, AddressSanitizer's own locks are not safe in it.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define TAPER_NO_FORK 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TAPER_NO_FORK 1
#endif
#endif

#if defined(__linux__) && !defined(TAPER_NO_FORK)

namespace {

using taper::Tensor;
using namespace taper::data;

struct Numbers : Dataset<Numbers, Tensor> {
  Tensor get(size_t index) override { return taper::rand({50}) + static_cast<double>(index); }
  taper::optional<size_t> size() const override { return 64; }
};

struct Shared {
  taper::nn::Linear linear{64, 64};
  Tensor leaf = taper::zeros({300, 300}, taper::requires_grad());
};

void train(taper::nn::Linear linear) {
  taper::nn::functional::mse_loss(linear->forward(taper::ones({8, 64})), taper::zeros({8, 64})).backward();
}
void load_batches() {
  auto loader = make_data_loader(Numbers(), DataLoaderOptions(4).workers(2));
  for (auto& batch : *loader) static_cast<void>(batch);
}

// Whatever locks, once.
bool use_everything() {
  taper::rand({10000});
  taper::randperm(1000);
  taper::Generator().get_state();
  taper::default_generator().set_state(taper::default_generator().get_state());
  train(taper::nn::Linear(64, 64));
  (Shared().leaf * 2).sum().backward();
  load_batches();
  std::atomic<int> sum{0};
  taper::parallel_for(0, 8, 1, [&](int64_t begin, int64_t) { sum += static_cast<int>(begin); });
  return taper::memory_stats().in_use >= 0 && sum == 28;
}

// The exit code of a child that does f: -1 if a signal ended it, as one does that hangs for 20 s.
template <class F>
int child_that(const F& f) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    int code = 2;
    try {
      code = f() ? 0 : 1;
    } catch (...) {
    }
    _exit(code);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int forks() {
  const char* const text = std::getenv("TAPER_FORKS");
  return text ? std::atoi(text) : 8;
}

template <class Work>
void check_forks_during(const Work& work) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) work();
    });
  }
  int failed = 0;
  for (int i = 0; i < forks(); ++i) failed += child_that(use_everything) != 0 ? 1 : 0;
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
}

}  // namespace

TEST_CASE("a child forked while other threads draw random numbers uses everything", "[fork]") {
  SECTION("rand") {
    check_forks_during([] { taper::rand({10000}); });
  }
  SECTION("randperm") {
    check_forks_during([] { taper::randperm(3000); });
  }
  SECTION("single draws under a lock of the program's") {
    check_forks_during([] {
      const std::lock_guard lock(taper::default_generator());
      for (int i = 0; i < 1000; ++i) taper::default_generator().random();
    });
  }
  SECTION("generators that come and go") {
    check_forks_during([] { taper::Generator().get_state(); });
  }
}

TEST_CASE("a child forked while other threads run backward uses everything", "[fork]") {
  const Shared shared;
  SECTION("into a large leaf") {
    check_forks_during([&] { (shared.leaf * 2).sum().backward(); });
  }
  SECTION("into one Linear") {
    check_forks_during([&] { train(shared.linear); });
  }
  SECTION("with random numbers in between") {
    check_forks_during([&] {
      train(shared.linear);
      taper::rand({2000});
      taper::randperm(100);
    });
  }
}

TEST_CASE("a child forked while other threads multiply matrices or allocate uses everything", "[fork][fork_products]") {
  SECTION("large products") {
    check_forks_during([] { taper::matmul(taper::ones({200, 200}), taper::ones({200, 200})); });
  }
  SECTION("small products") {
    check_forks_during([] { taper::matmul(taper::ones({8, 8}), taper::ones({8, 8})); });
  }
  SECTION("blocks of all sizes") {
    check_forks_during([] {
      for (int64_t n = 1; n < 1 << 20; n *= 3) taper::empty({n});
    });
  }
}

TEST_CASE("a child forked while OpenBLAS multiplies matrices uses everything", "[fork]") {
  CHECK(support::alone("[fork_products]", "TAPER_GEMM=openblas") == 0);
}

TEST_CASE("a child forked while loaders are at work uses everything, loaders of its own too", "[fork]") {
  check_forks_during(load_batches);
}

TEST_CASE("a loader with workers refuses the child of a fork, in which it can be destroyed", "[fork]") {
  auto loader = make_data_loader(Numbers(), DataLoaderOptions(4).workers(2));
  const auto refused = [&](const auto& f) {
    try {
      f();
    } catch (const taper::Error& e) {
      return std::string(e.what()).find("DataLoader: a loader with workers must be used in the process that made it") ==
             0;
    }
    return false;
  };
  const auto batch = loader->begin();
  CHECK(child_that([&] {
          return refused([&] { loader->begin(); }) && refused([&] { loader->join(); }) && refused([&] {
                   auto next = batch;
                   for (int i = 0; i < 20; ++i) ++next;
                 });
        }) == 0);
  CHECK(child_that([&] {
          loader.reset();
          return true;
        }) == 0);
  size_t batches = 0;
  for (auto at = batch; at != loader->end(); ++at) ++batches;
  CHECK(batches == 16);  // the parent goes on as if nothing had been

  auto here = make_data_loader(Numbers(), DataLoaderOptions(4));
  CHECK(child_that([&] {
          size_t count = 0;
          for (auto& each : *here) count += each.size();
          return count == 64;
        }) == 0);
}

TEST_CASE("a fork does not wait for a moment in which nobody multiplies", "[fork]") {
  const taper::NoGradGuard no_grad;
  const Tensor a = taper::ones({1800, 1800});
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) taper::mm(a, a);
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // all are at it
  const auto start = std::chrono::steady_clock::now();
  CHECK(child_that([] { return true; }) == 0);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(15));
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("parent and child draw the same numbers after a fork", "[fork]") {
  taper::manual_seed(3);
  taper::rand({7});
  const taper::Tensor before = taper::default_generator().get_state();
  CHECK(child_that([&] { return taper::default_generator().get_state().equal(before); }) == 0);
  CHECK(taper::default_generator().get_state().equal(before));
}

TEST_CASE("whoever forks may hold a generator, and another thread may do so until the fork is over", "[fork]") {
  {
    const std::lock_guard lock(taper::default_generator());
    CHECK(child_that([] {
            taper::rand({5});
            taper::default_generator().unlock();
            return use_everything();
          }) == 0);
  }
  std::promise<void> held, forked;
  std::thread other([&] {
    const std::lock_guard lock(taper::default_generator());
    held.set_value();
    forked.get_future().wait();
  });
  held.get_future().wait();
  CHECK(child_that(use_everything) == 0);
  forked.set_value();
  other.join();
  CHECK(use_everything());
}

TEST_CASE("a piece of a loop that forks and returns does not hang the child, whichever thread ran it", "[fork]") {
  std::cout.flush();  // a child that ends by itself would write what is in the buffer once more
  for (const bool on_worker : {false, true}) {
    CAPTURE(on_worker);
    CHECK(child_that([&] {
            taper::set_num_threads(2);
            const auto caller = std::this_thread::get_id();
            const pid_t here = getpid();
            std::atomic<bool> done{false};
            pid_t inner = 0;
            try {
              taper::parallel_for(0, 64, 1, [&](int64_t, int64_t) {
                std::this_thread::sleep_for(std::chrono::microseconds(300));
                if ((std::this_thread::get_id() != caller) != on_worker || done.exchange(true)) return;
                inner = fork();
                if (inner != 0) return;
                sigset_t all;  // the pool's threads block every signal
                sigfillset(&all);
                pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
                alarm(10);
              });
            } catch (const taper::Error&) {  // the child's, some of whose pieces other threads had
            }
            if (getpid() != here) _exit(0);
            int status = 0;
            if (inner > 0) waitpid(inner, &status, 0);
            return status == 0;
          }) == 0);
  }
}

TEST_CASE("a worker of a loader that forks and returns does not hang the child", "[fork]") {
  struct Forking : Dataset<Forking, int> {
    explicit Forking(std::atomic<pid_t>* child_) : child(child_) {}
    int get(size_t index) override {
      if (index == 3 && (*child = fork()) == 0) alarm(10);
      return 0;
    }
    taper::optional<size_t> size() const override { return 8; }
    std::atomic<pid_t>* child;
  };
  std::cout.flush();
  CHECK(child_that([] {
          std::atomic<pid_t> inner{0};
          auto loader = make_data_loader(Forking(&inner), DataLoaderOptions(1).workers(2));
          for (auto& batch : *loader) static_cast<void>(batch);
          int status = -1;
          waitpid(inner, &status, 0);
          return inner > 0 && status == 0;
        }) == 0);
}

#endif
