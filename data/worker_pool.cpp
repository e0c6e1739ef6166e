#include <taper/data/worker_pool.h>

#include <taper/core/fork.h>
#include <taper/data/worker_exception.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace taper::data {

namespace {

// Milliseconds; a year. Deadlines far beyond it are past what the clock can count, and would be over at once.
constexpr double kLongestWait = 365 * 24 * 3600e3;

std::string original_message(const std::exception_ptr& original) {
  try {
    std::rethrow_exception(original);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

// libtorch's words, which programs compare.
WorkerException::WorkerException(std::exception_ptr original, uint64_t batch_)
    : Error(taper::detail::str("Caught exception in DataLoader worker thread. Original message: ",
                               original_message(original))),
      original_exception(std::move(original)),
      batch(batch_) {}

WorkerException::~WorkerException() = default;

namespace detail {

struct WorkerPool::State final : taper::detail::ForkAware {
  explicit State(Work w) : work(std::move(w)) { enlist(); }
  ~State() { delist(); }

  // Fork does not wait for the workers, who may be in the program's code for long: the child is told.
  bool hold_for_fork() override { return true; }
  void release_after_fork() override {}
  void release_in_child() override { lost = true; }
  void check_not_lost() const {
    TAPER_CHECK(!lost,
                "DataLoader: a loader with workers must be used in the process that made it; this one is a fork "
                "of that, in which its threads do not exist; make a new loader here, or one with workers(0)");
  }

  void run(size_t worker) {
    std::unique_lock lock(mutex);
    while (true) {
      pushed.wait(lock, [&] { return stop || !waiting.empty(); });
      if (stop) return;
      const size_t slot = waiting.front();
      waiting.pop_front();
      lock.unlock();
      work(worker, slot);
      if (lost) return;  // the work was to fork, and this is the child
      lock.lock();
      done[slot] = true;
      finished.notify_one();
    }
  }

  // The oldest push that can be popped, or the end.
  std::deque<size_t>::iterator ready(bool in_order) {
    if (in_order) return !in_flight.empty() && done[in_flight.front()] ? in_flight.begin() : in_flight.end();
    return std::find_if(in_flight.begin(), in_flight.end(), [&](size_t slot) { return done[slot]; });
  }

  void stop_threads() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    pushed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  const Work work;
  mutable std::mutex mutex;
  std::mutex turn;  // of one_at_a_time()
  std::condition_variable pushed, finished;
  std::deque<size_t> waiting;    // not begun, oldest first
  std::deque<size_t> in_flight;  // not popped, oldest first
  std::vector<bool> done;        // by slot
  bool stop = false;
  bool lost = false;  // the threads are in another process
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(size_t workers, Work work) : state_(std::make_unique<State>(std::move(work))) {
  try {
    state_->threads.reserve(workers);
    for (size_t i = 0; i < workers; ++i) state_->threads.emplace_back([s = state_.get(), i] { s->run(i); });
  } catch (const std::system_error& e) {
    state_->stop_threads();
    throw Error(taper::detail::str("DataLoader: the system must give a thread to each of ", workers,
                                   " workers; it gave ", state_->threads.size(), " (", e.what(),
                                   "); ask for fewer workers"));
  }
}

WorkerPool::~WorkerPool() {
  if (lost()) {
    static_cast<void>(state_.release());  // a thread that does not exist can neither be joined nor destroyed
  } else {
    state_->stop_threads();
  }
}

bool WorkerPool::lost() const { return state_->lost; }

size_t WorkerPool::in_flight() const {
  state_->check_not_lost();
  const std::lock_guard lock(state_->mutex);
  return state_->in_flight.size();
}

void WorkerPool::push(size_t slot) {
  state_->check_not_lost();
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->done.size() <= slot) state_->done.resize(slot + 1);
    state_->done[slot] = false;
    state_->waiting.push_back(slot);
    state_->in_flight.push_back(slot);
  }
  state_->pushed.notify_one();
}

optional<size_t> WorkerPool::pop(bool in_order, optional<double> timeout_ms) {
  State& s = *state_;
  s.check_not_lost();
  std::unique_lock lock(s.mutex);
  if (s.in_flight.empty()) return nullopt;
  auto at = s.in_flight.end();
  const auto found = [&] { return (at = s.ready(in_order)) != s.in_flight.end(); };
  if (!timeout_ms || *timeout_ms > kLongestWait) {
    s.finished.wait(lock, found);
  } else if (!s.finished.wait_for(lock, std::chrono::duration<double, std::milli>(*timeout_ms), found)) {
    return nullopt;
  }
  const size_t slot = *at;
  s.in_flight.erase(at);
  return slot;
}

void WorkerPool::drain() {
  State& s = *state_;
  s.check_not_lost();
  std::unique_lock lock(s.mutex);
  for (size_t slot : s.waiting) s.done[slot] = true;
  s.waiting.clear();
  s.finished.wait(lock, [&] {
    return std::all_of(s.in_flight.begin(), s.in_flight.end(), [&](size_t slot) { return s.done[slot]; });
  });
  s.in_flight.clear();
}

void WorkerPool::one_at_a_time(const std::function<void()>& f) {
  const std::lock_guard lock(state_->turn);
  f();
}

}  // namespace detail
}  // namespace taper::data
