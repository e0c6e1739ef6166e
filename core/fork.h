// What makes fork() safe. The child of a program with threads has none but the one that called fork: a lock that
// another thread held would stay locked in it for ever, and what it guards would be half changed. So fork first takes
// every lock of the library, whoever holds one gives it back first, and both processes go on with all of them free.
//
// Everything in the library that locks, or has threads, is a ForkAware in one list. fork only ever tries: if one cannot
// be had at once it gives back those it has, waits and begins anew. So no order among the locks is needed, and none can
// be taken the wrong way round.
#pragma once

#include <taper/core/macros.h>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace taper::detail {

class TAPER_API ForkAware {
 public:
  ForkAware(const ForkAware&) = delete;
  ForkAware& operator=(const ForkAware&) = delete;

 protected:
  constexpr ForkAware() = default;
  ~ForkAware() = default;
  // The last words of a constructor, the first of a destructor: the calls below need the whole object.
  void enlist();
  void delist();

  // Before fork, in the thread that calls it: brings this into a state that can be copied and holds it there, or
  // returns false and is asked again. May wait for what takes no other ForkAware.
  virtual bool hold_for_fork() = 0;
  // After each hold_for_fork that returned true: fork was tried or done, or others could not be held.
  virtual void release_after_fork() = 0;
  // In the child instead, where this thread is the only one.
  virtual void release_in_child() { release_after_fork(); }

  // Called before locking: lets a fork that waits for a moment without locks have it. Returns soon in any case.
  static void give_way() {
    if (fork_waits_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      sleep_a_little();
  }

 private:
  friend struct AtFork;
  static void sleep_a_little();
  static std::atomic<unsigned> fork_waits_;  // changes every while as long as one waits; 0: none does

  ForkAware *next_ = nullptr, *previous_ = nullptr;
};

// A recursive mutex for std::lock_guard and std::unique_lock.
class TAPER_API ForkMutex final : public ForkAware {
 public:
  // Whether fork may wait for it as long as it takes. Where the program can hold the lock, it may be doing so until the
  // thread that forks gets on: then fork goes ahead after a second, and the lock is made anew in the child.
  enum Holder { kLibrary, kProgram };
  ForkMutex() : ForkMutex(kLibrary) {}
  explicit ForkMutex(Holder holder) : holder_(holder) { enlist(); }
  ~ForkMutex() { delist(); }

  void lock();
  void unlock();

 private:
  bool hold_for_fork() override;
  void release_after_fork() override;
  void release_in_child() override;
  bool try_lock();

  const Holder holder_;
  bool given_up_ = false;                    // fork did not get it
  int64_t refused_since_ = 0;                // the first of the tries that have failed in a row, in ns; 0: none
  std::atomic<const void*> owner_{nullptr};  // something of the thread that has it; the child's thread has the same
  int depth_ = 0;
  std::mutex mutex_;
};

}  // namespace taper::detail
