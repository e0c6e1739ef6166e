// DataLoaderOptions: how a loader cuts an epoch into batches and who fetches them.
//
//   DataLoaderOptions(64).workers(2).drop_last(true)
#pragma once

#include <taper/core/arg.h>
#include <taper/core/array_ref.h>

namespace taper::data {

// A time in milliseconds; any std::chrono::duration converts to it (and <chrono> need not be included here).
struct Timeout {
  template <class Duration>
  requires requires(Duration d) { d.count(), Duration::period::num, Duration::period::den; }
  Timeout(Duration d)  // NOLINT
      : milliseconds(1e3 * static_cast<double>(d.count()) * Duration::period::num / Duration::period::den) {}

  double milliseconds;
};

struct DataLoaderOptions {
  DataLoaderOptions() = default;
  DataLoaderOptions(size_t batch_size) : batch_size_(batch_size) {}  // NOLINT

  // Samples in a batch; at least 1.
  TAPER_ARG(size_t, batch_size) = 1;
  // Threads that fetch batches ahead of the program. 0: each batch is fetched when it is asked for, by the caller.
  TAPER_ARG(size_t, workers) = 0;
  // The most batches being fetched or waiting to be used; twice the number of workers unless set.
  TAPER_ARG(optional<size_t>, max_jobs);
  // The longest wait for a batch of the workers; an error when it passes. Without end unless set.
  TAPER_ARG(optional<Timeout>, timeout);
  // Give batches in the sampler's order. False: in the order they are ready, which depends on timing.
  TAPER_ARG(bool, enforce_ordering) = true;
  // Leave out the last batch when it is shorter than batch_size.
  TAPER_ARG(bool, drop_last) = false;
};

// The options with everything decided and checked.
struct TAPER_API FullDataLoaderOptions {
  // Throws ValueError for a batch size or max_jobs of 0, and for more workers (4096) or jobs (2^20) than a machine
  // could run, negative ones included.
  explicit FullDataLoaderOptions(const DataLoaderOptions& options);

  size_t batch_size;
  size_t workers;
  size_t max_jobs;
  optional<Timeout> timeout;
  bool enforce_ordering;
  bool drop_last;
};

}  // namespace taper::data
