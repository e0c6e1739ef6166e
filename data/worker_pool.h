// WorkerPool: the threads of a loader. It knows a job by its slot only, where the loader keeps request and result;
// everything typed stays in the loader.
#pragma once

#include <taper/core/array_ref.h>

#include <functional>
#include <memory>

namespace taper::data::detail {

// One thread owns the pool and makes all calls except one_at_a_time(); `work` runs on the pool's threads.
class TAPER_API WorkerPool {
 public:
  // Does the job of a slot, on worker 0, 1, ...; must not throw.
  using Work = std::function<void(size_t worker, size_t slot)>;

  // Starts the threads. Throws Error, and leaves none behind, when the system cannot create them.
  WorkerPool(size_t workers, Work work);
  // Drops jobs that have not begun and waits for those that have.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Whether this is the child of a fork, in which the threads do not exist and their jobs may be half done. All other
  // calls throw then; the destructor does not wait.
  bool lost() const;
  // Slots that were pushed and not yet popped.
  size_t in_flight() const;
  // Passes a slot, which must not be in flight, to the workers; they begin in the order of the pushes.
  void push(size_t slot);
  // Waits for a job to be done and returns its slot: of the oldest push if `in_order`, otherwise of any. nullopt when
  // none is in flight or on timeout. What the worker wrote is visible to the caller.
  optional<size_t> pop(bool in_order, optional<double> timeout_ms);
  // Drops jobs that have not begun and waits for those that have; none is in flight afterwards.
  void drain();
  // Calls `f` under a mutex; for the workers.
  void one_at_a_time(const std::function<void()>& f);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taper::data::detail
