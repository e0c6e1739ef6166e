// The thread pool. One job at a time; a job is a number of units, dealt out evenly: the caller has the first ones, the
// first worker the next ones, and so on. Loops over the same data are thus mostly done by the same threads, which find
// it in their caches: fetching what another core has written can cost several times the arithmetic. A thread that is
// through with its share takes from the others.
//
// Why a share is one word of 64 bits, (generation << 32 | next << 16 | end): a worker that comes late must not take a
// unit of a job that has ended, whose context is gone. It claims by compare-exchange on the share it has seen, so a
// claim succeeds only while that very job still has units left, and a job does not end before every unit claimed has
// been counted in done_.
#include <taper/core/error.h>
#include <taper/core/float_mode_internal.h>
#include <taper/core/fork.h>
#include <taper/core/parallel.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#include <signal.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace taper {
namespace {

using detail::float_mode;
using detail::set_float_mode;
using std::int64_t;

constexpr auto kWorkerSpin = std::chrono::microseconds(60);  // covers the gap between two loops of a training step
constexpr auto kCallerSpin = std::chrono::microseconds(60);
constexpr int kMaxThreads = 4096;
constexpr int64_t kMaxUnits = 65535;  // must fit 16 bits of a share

thread_local bool inside_piece = false;

void pause_cpu() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins until ready() or until the time is over; true if ready. Gives the processor away now and then, so that on an
// oversubscribed machine the one we wait for can run.
template <class Ready>
bool spin_until(const Ready& ready, std::chrono::nanoseconds limit) {
  for (int i = 0; i < 64; ++i) {
    if (ready()) return true;
    pause_cpu();
  }
  const auto start = std::chrono::steady_clock::now();
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      pause_cpu();
    }
    std::this_thread::yield();
  } while (std::chrono::steady_clock::now() - start < limit);
  return ready();
}

class Pool {
 public:
  explicit Pool(int workers) : shares_(static_cast<size_t>(workers) + 1) {
    threads_.reserve(static_cast<size_t>(workers));
#if defined(__linux__)
    sigset_t all, before;  // signals go to the host program's threads, never to ours
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
#endif
    try {
      for (int i = 1; i <= workers; ++i) threads_.emplace_back([this, i] { work(static_cast<size_t>(i)); });
    } catch (const std::exception&) {
      // The system refuses more threads: those that exist do the work.
    }
#if defined(__linux__)
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
  }

  void run(int64_t pieces, void (*piece_fn)(void*, int64_t), void* ctx) {
    const int64_t per_unit = (pieces - 1) / kMaxUnits + 1;
    const auto units = static_cast<uint32_t>((pieces - 1) / per_unit + 1);
    pieces_.store(pieces, std::memory_order_release);
    per_unit_.store(per_unit, std::memory_order_release);
    units_.store(units, std::memory_order_release);
    piece_fn_.store(piece_fn, std::memory_order_release);
    ctx_.store(ctx, std::memory_order_release);
    float_mode_.store(float_mode(), std::memory_order_release);
    failed_piece_.store(INT64_MAX, std::memory_order_release);
    done_.store(0, std::memory_order_relaxed);
    const uint32_t generation = generation_.load(std::memory_order_relaxed) + 1;
    const uint64_t threads = shares_.size();
    for (uint64_t t = 0; t < threads; ++t) {
      const uint64_t next = (t * units + threads - 1) / threads, end = ((t + 1) * units + threads - 1) / threads;
      shares_[t].word.store(uint64_t{generation} << 32 | next << 16 | end, std::memory_order_release);
    }
    generation_.store(generation);  // sequentially consistent, against sleepers_ in sleep()
    wake(units - 1);

    work_on(generation, 0);
    const auto all_done = [&] { return done_.load(std::memory_order_acquire) == units; };
    if (!spin_until(all_done, kCallerSpin)) {
      for (uint32_t seen; (seen = done_.load(std::memory_order_acquire)) != units;) {
        TAPER_CHECK(!lost_,
                    "parallel_for: the loop must end in the process that began it; a piece of it forked, and "
                    "the child has none of the threads that were at the others; leave the child by _exit");
        done_.wait(seen);
      }
    }
    if (failed_piece_.load(std::memory_order_relaxed) != INT64_MAX) {
      std::rethrow_exception(std::exchange(exception_, nullptr));
    }
  }

  // In the child of a fork, which has none of the threads.
  void lose_threads() {
    lost_ = true;
    stopping_.store(true);
  }

  void stop() {
    stopping_.store(true);
    wake(UINT32_MAX);
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work(size_t self) {
    uint32_t seen = 0;
    const auto something = [&] {
      return generation_.load(std::memory_order_acquire) != seen || stopping_.load(std::memory_order_relaxed);
    };
    while (!stopping_.load(std::memory_order_acquire)) {
      if (const uint32_t now = generation_.load(std::memory_order_acquire); now != seen) work_on(seen = now, self);
      if (!spin_until(something, kWorkerSpin)) sleep(seen);
    }
  }

  void sleep(uint32_t seen_generation) {
    sleepers_.fetch_add(1);
    const uint32_t seen = wake_.load();
    if (generation_.load() == seen_generation && !stopping_.load()) wake_.wait(seen);
    sleepers_.fetch_sub(1);
  }

  // Workers that spin need no call; of the sleepers, only as many as there are units for are woken.
  void wake(uint32_t helpers_wanted) {
    const uint32_t sleeping = sleepers_.load();
    if (sleeping == 0) return;
    const auto workers = static_cast<uint32_t>(threads_.size());
    const uint32_t awake = workers > sleeping ? workers - sleeping : 0;
    if (helpers_wanted <= awake) return;
    wake_.fetch_add(1);
    if (helpers_wanted - awake >= sleeping) return wake_.notify_all();
    for (uint32_t i = awake; i < helpers_wanted; ++i) wake_.notify_one();
  }

  // Claims and runs units of the job until none is left: the own ones first, in order, then the last ones of others.
  void work_on(uint32_t generation, size_t self) {
    uint32_t finished = 0;
    for (size_t i = 0; i < shares_.size(); ++i) {
      std::atomic<uint64_t>& share = shares_[(self + i) % shares_.size()].word;
      uint64_t word = share.load(std::memory_order_acquire);
      for (;;) {
        const auto next = static_cast<uint16_t>(word >> 16), end = static_cast<uint16_t>(word);
        if (word >> 32 != generation || next == end) break;
        // Should these belong to a later job than the share, the exchange fails: that job was dealt out over this one.
        const auto piece_fn = piece_fn_.load(std::memory_order_acquire);
        void* const ctx = ctx_.load(std::memory_order_acquire);
        const int64_t pieces = pieces_.load(std::memory_order_acquire);
        const int64_t per_unit = per_unit_.load(std::memory_order_acquire);
        const unsigned mode = float_mode_.load(std::memory_order_acquire);
        const uint64_t rest = i == 0 ? word + (uint64_t{1} << 16) : word - 1;
        if (!share.compare_exchange_weak(word, rest, std::memory_order_acq_rel)) continue;
        ++finished;
        if (float_mode() != mode) set_float_mode(mode);
        const int64_t first = int64_t{i == 0 ? next : end - 1} * per_unit;
        for (int64_t piece = first; piece < pieces && piece < first + per_unit; ++piece) {
          // Pieces above one that threw are skipped. The lowest that throws is always run, so it is the one reported.
          if (piece > failed_piece_.load(std::memory_order_relaxed)) break;
          run_piece(piece_fn, ctx, piece);
        }
        word = share.load(std::memory_order_acquire);
      }
    }
    if (finished == 0) return;
    const uint32_t units = units_.load(std::memory_order_acquire);
    if (done_.fetch_add(finished, std::memory_order_acq_rel) + finished == units) done_.notify_one();
  }

  void run_piece(void (*piece_fn)(void*, int64_t), void* ctx, int64_t piece) {
    inside_piece = true;
    try {
      piece_fn(ctx, piece);
    } catch (...) {
      const std::lock_guard lock(exception_mutex_);
      if (piece < failed_piece_.load(std::memory_order_relaxed)) {
        exception_ = std::current_exception();
        failed_piece_.store(piece, std::memory_order_relaxed);
      }
    }
    inside_piece = false;
  }

  struct alignas(64) Share {
    std::atomic<uint64_t> word{0};
  };

  alignas(64) std::atomic<uint32_t> generation_{0};
  std::atomic<void (*)(void*, int64_t)> piece_fn_{nullptr};
  std::atomic<void*> ctx_{nullptr};
  std::atomic<int64_t> pieces_{0}, per_unit_{1};
  std::atomic<uint32_t> units_{0};
  std::atomic<unsigned> float_mode_{0};
  std::atomic<bool> stopping_{false};
  bool lost_ = false;
  alignas(64) std::atomic<uint32_t> done_{0};
  std::atomic<int64_t> failed_piece_{INT64_MAX};
  alignas(64) std::atomic<uint32_t> sleepers_{0};
  std::atomic<uint32_t> wake_{0};
  std::mutex exception_mutex_;
  std::exception_ptr exception_;
  std::vector<Share> shares_;  // of the caller, then one per worker
  std::vector<std::thread> threads_;
};

bool read_number(const char* path, const char* format, long long* a, long long* b = nullptr) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return false;
  const int wanted = b == nullptr ? 1 : 2;
  const int got = b == nullptr ? std::fscanf(file, format, a) : std::fscanf(file, format, a, b);
  std::fclose(file);
  return got == wanted;
}

// Processors this process may use: its affinity mask, and the processor time a container grants (cgroup v2, then v1).
int count_processors() {
  int n = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
  long long quota = 0, period = 0;
  const bool limited = read_number("/sys/fs/cgroup/cpu.max", "%lld %lld", &quota, &period) ||
                       (read_number("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "%lld", &quota) &&
                        read_number("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "%lld", &period));
  if (limited && quota > 0 && period > 0) {
    const long long granted = (quota + period - 1) / period;
    if (granted < n) n = static_cast<int>(granted);
  }
#endif
  return n < 1 ? 1 : n;
}

int default_num_threads() {
  if (const char* text = std::getenv("TAPER_NUM_THREADS")) {
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && n >= 1 && n <= kMaxThreads) return static_cast<int>(n);
    warn(detail::str("TAPER_NUM_THREADS: must be a whole number from 1 to ", kMaxThreads, "; got '", text,
                     "'; ignored"));
  }
  return count_processors();
}

// Never destroyed before the process ends: parallel loops may still run in destructors of static objects.
struct State {
  std::atomic<int> num_threads{0};  // 0: not asked for yet
  std::mutex busy;                  // held by whoever uses or changes the pool
  Pool* pool = nullptr;             // null: not started, or the child of a fork, which has none of our threads
  bool exiting = false;

  void stop_pool() {
    if (Pool* const stopped = std::exchange(pool, nullptr)) {
      stopped->stop();
      delete stopped;
    }
  }
};

State*& current_state() {
  static State* current = new State;
  return current;
}
State& state() { return *current_state(); }

// Fork does not wait for a running loop: one of its pieces may be what forks. The child of a fork has none of our
// threads: it starts its own at its first loop. What was there cannot be freed safely, nor its mutex unlocked, should
// another thread have held it.
class ForkedPool final : public detail::ForkAware {
 public:
  ForkedPool() {
    state();
    enlist();
  }

 private:
  bool hold_for_fork() override { return true; }
  void release_after_fork() override {}
  void release_in_child() override {
    const State& before = state();
    if (before.pool != nullptr) before.pool->lose_threads();
    current_state() = new State;
    state().num_threads = before.num_threads.load();
  }
} forked_pool;

// Stops the threads when the program (or the library) goes; later loops run on their caller.
struct AtExit {
  ~AtExit() {
    State& s = state();
    // Called from a piece, or while another thread computes: the process is about to end anyway, do not wait for it.
    if (inside_piece || !s.busy.try_lock()) return;
    s.exiting = true;
    s.stop_pool();
    s.busy.unlock();
  }
} at_exit;

}  // namespace

int get_num_threads() {
  std::atomic<int>& n = state().num_threads;
  if (int now = n.load(std::memory_order_relaxed)) return now;
  int expected = 0;
  const int chosen = default_num_threads();
  return n.compare_exchange_strong(expected, chosen) ? chosen : expected;
}

void set_num_threads(int n) {
  TAPER_CHECK_VALUE(n >= 1 && n <= kMaxThreads, "set_num_threads: the number of threads must be from 1 to ",
                    kMaxThreads, "; got ", n);
  TAPER_CHECK(!inside_piece, "set_num_threads: must not be called inside a parallel loop; call it before");
  static constinit std::atomic<int> counted{0};
  if (counted == 0) counted = count_processors();
  const int processors = counted;
  static std::atomic<bool> warned{false};
  if (n > processors && !warned.exchange(true)) {
    warn(detail::str("set_num_threads: ", n, " threads on ", processors,
                     " processors take turns; more threads than processors make nothing faster"));
  }
  State& s = state();
  const std::lock_guard lock(s.busy);
  if (s.num_threads.exchange(n) != n) s.stop_pool();
}

namespace detail {

bool in_parallel_region() { return inside_piece; }

void parallel_run(int64_t pieces, void (*piece_fn)(void*, int64_t), void* ctx) {
  if (pieces > 1 && !inside_piece && get_num_threads() > 1) {
    State& s = state();
    const std::unique_lock lock(s.busy, std::try_to_lock);
    if (lock.owns_lock() && !s.exiting) {
      if (s.pool == nullptr) s.pool = new Pool(get_num_threads() - 1);
      return s.pool->run(pieces, piece_fn, ctx);
    }
  }
  for (int64_t piece = 0; piece < pieces; ++piece) piece_fn(ctx, piece);
}

}  // namespace detail
}  // namespace taper
