#include <taper/core/fork.h>

#include <chrono>
#include <new>
#include <thread>

#if defined(__linux__)
#include <pthread.h>
#endif

namespace taper::detail {

using namespace std::chrono_literals;

constinit std::atomic<unsigned> ForkAware::fork_waits_{0};

// The handlers, registered once for all that is in the list.
struct AtFork {
  static inline constinit std::mutex mutex;  // guards the list; held while the process is copied
  static inline constinit ForkAware* first = nullptr;

  static void before() {
    static constinit std::atomic<unsigned> last_round{0};
    unsigned round = 0;
    for (int tries = 0; mutex.lock(), !hold_all(); ++tries) {
      mutex.unlock();
      if (tries % 16 == 0) round = ++last_round;
      ForkAware::fork_waits_.store(round, std::memory_order_relaxed);
      std::this_thread::sleep_for(20us);
    }
    ForkAware::fork_waits_.store(0, std::memory_order_relaxed);
  }
  static void in_parent() {
    release_all(nullptr, &ForkAware::release_after_fork);
    mutex.unlock();
  }
  static void in_child() {
    release_all(nullptr, &ForkAware::release_in_child);
    mutex.unlock();
  }

  static bool hold_all() {
    for (ForkAware* f = first; f != nullptr; f = f->next_) {
      if (f->hold_for_fork()) continue;
      release_all(f, &ForkAware::release_after_fork);
      return false;
    }
    return true;
  }
  static void release_all(const ForkAware* end, void (ForkAware::*release)()) {
    for (ForkAware* f = first; f != end; f = f->next_) (f->*release)();
  }
};

namespace {
#if defined(__linux__)
[[maybe_unused]] const int registered = pthread_atfork(AtFork::before, AtFork::in_parent, AtFork::in_child);
#endif
thread_local char this_thread = 0;  // its address is the thread's name
}  // namespace

void ForkAware::enlist() {
  const std::lock_guard lock(AtFork::mutex);
  next_ = AtFork::first;
  if (next_ != nullptr) next_->previous_ = this;
  AtFork::first = this;
}

void ForkAware::delist() {
  const std::lock_guard lock(AtFork::mutex);
  (previous_ != nullptr ? previous_->next_ : AtFork::first) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

// Once for each value of fork_waits_, at most 1 ms or so: a thread that holds another lock meanwhile, or that others
// wait for, delays the fork but never stops it.
void ForkAware::sleep_a_little() {
  static thread_local unsigned last = 0;
  const unsigned now = fork_waits_.load(std::memory_order_relaxed);
  if (now == last) return;
  last = now;
  for (int i = 0; i < 10 && fork_waits_.load(std::memory_order_relaxed) == now; ++i) {
    std::this_thread::sleep_for(100us);
  }
}

void ForkMutex::lock() {
  if (owner_.load(std::memory_order_relaxed) != &this_thread) {
    give_way();
    mutex_.lock();
    owner_.store(&this_thread, std::memory_order_relaxed);
  }
  ++depth_;
}

bool ForkMutex::try_lock() {
  if (owner_.load(std::memory_order_relaxed) != &this_thread) {
    if (!mutex_.try_lock()) return false;
    owner_.store(&this_thread, std::memory_order_relaxed);
  }
  ++depth_;
  return true;
}

void ForkMutex::unlock() {
  if (--depth_ != 0) return;
  owner_.store(nullptr, std::memory_order_relaxed);
  mutex_.unlock();
}

bool ForkMutex::hold_for_fork() {
  given_up_ = !try_lock();
  if (!given_up_) {
    refused_since_ = 0;
    return true;
  }
  const int64_t now = std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  if (refused_since_ == 0) refused_since_ = now;
  return holder_ == kProgram && now - refused_since_ > 1'000'000'000;
}

void ForkMutex::release_after_fork() {
  refused_since_ = 0;
  if (!given_up_) unlock();
}

void ForkMutex::release_in_child() {
  refused_since_ = 0;
  if (!given_up_) return unlock();
  owner_ = nullptr;
  depth_ = 0;
  new (&mutex_) std::mutex;
}

}  // namespace taper::detail
