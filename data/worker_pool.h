// WorkerPool: the threads behind a loader. It knows jobs by their number only (a slot, where the loader keeps request
// and result); everything typed stays with the loader.
#pragma once

#include <taper/core/array_ref.h>

#include <functional>
#include <memory>

namespace taper::data::detail {

// One thread owns the pool and makes all calls but one_at_a_time(); `work` runs on the pool's threads.
class TAPER_API WorkerPool {
 public:
  // Does the job of a slot, on worker 0, 1, ...; must not throw.
  using Work = std::function<void(size_t worker, size_t slot)>;

  // Starts the threads. Throws Error, and leaves none behind, when the system has no more.
  WorkerPool(size_t workers, Work work);
  // Forgets what has not begun and waits for what has.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Whether this is the child of a fork, in which the threads do not exist and any may have been in the midst of its
  // work. All other calls throw then; the destructor waits for nothing.
  bool lost() const;
  // Slots that were pushed and not yet popped.
  size_t in_flight() const;
  // Hands a slot, which must not be in flight, to the workers; they begin in the order of the pushes.
  void push(size_t slot);
  // Waits for a job to be done and returns its slot: of the oldest push if `in_order`, otherwise of any. Nothing when
  // none is in flight or the time is over. What the worker wrote is visible to the caller.
  optional<size_t> pop(bool in_order, optional<double> timeout_ms);
  // Forgets what has not begun and waits for what has; nothing is in flight after.
  void drain();
  // Calls `f` when no other thread is in a call of it; for the workers.
  void one_at_a_time(const std::function<void()>& f);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taper::data::detail
