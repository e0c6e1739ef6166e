// DataLoaderOptions: batch size, workers and prefetching of a loader.
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
  // Threads that prefetch batches. 0: each batch is fetched by the calling thread when it is requested.
  TAPER_ARG(size_t, workers) = 0;
  // The maximum number of batches being fetched or waiting to be used; by default twice the number of workers.
  TAPER_ARG(optional<size_t>, max_jobs);
  // The longest wait for a batch from the workers, then an error is thrown. By default unlimited.
  TAPER_ARG(optional<Timeout>, timeout);
  // Return batches in the sampler's order. False: in the order in which they are ready, which depends on timing.
  TAPER_ARG(bool, enforce_ordering) = true;
  // Drop the last batch when it is shorter than batch_size.
  TAPER_ARG(bool, drop_last) = false;
};

// The options with all defaults filled in, checked.
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
