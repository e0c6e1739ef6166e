#include <taper/data/dataloader.h>

namespace taper::data {

FullDataLoaderOptions::FullDataLoaderOptions(const DataLoaderOptions& options)
    : batch_size(options.batch_size()),
      workers(options.workers()),
      max_jobs(options.max_jobs().value_or(2 * options.workers())),
      timeout(options.timeout()),
      enforce_ordering(options.enforce_ordering()),
      drop_last(options.drop_last()) {
  constexpr size_t kMostWorkers = 4096, kMostJobs = size_t{1} << 20;
  const auto as_given = [](size_t count) { return static_cast<long long>(count); };  // negative ones are huge here
  TAPER_CHECK_VALUE(as_given(batch_size) >= 1, "DataLoader: batch_size must be at least 1; got ", as_given(batch_size));
  TAPER_CHECK_VALUE(workers <= kMostWorkers, "DataLoader: workers must be from 0 to ", kMostWorkers, "; got ",
                    as_given(workers));
  // All are requested at once, which a stateful dataset does not limit.
  TAPER_CHECK_VALUE(workers == 0 || (max_jobs >= 1 && max_jobs <= kMostJobs), "DataLoader: max_jobs must be from 1 to ",
                    kMostJobs, " with workers; got ", as_given(max_jobs));
  TAPER_CHECK_VALUE(!timeout || timeout->milliseconds >= 0, "DataLoader: timeout must be at least 0 ms; got ",
                    timeout->milliseconds, " ms");
}

namespace detail {

void throw_past_the_end(const char* what) {
  throw IndexError(taper::detail::str("DataLoader: the iterator must be before the end of the epoch to ", what,
                                      " it; it is at the end; call begin() for another epoch"));
}

void throw_stale_iterator() {
  throw Error("DataLoader: the iterator must be of the running epoch; a later begin() has ended its epoch");
}

void throw_timeout(uint64_t batch, const Timeout& timeout) {
  throw Error(taper::detail::str("DataLoader: batch ", batch, " of the epoch must be there within ",
                                 timeout.milliseconds,
                                 " ms; it is not; allow more time, use more workers or make the dataset faster"));
}

}  // namespace detail
}  // namespace taper::data
