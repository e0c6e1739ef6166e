// WorkerException: thrown in a loop over a loader when a worker failed to fetch a batch.
#pragma once

#include <taper/core/error.h>

#include <exception>

namespace taper::data {

// The message is libtorch's and ends with the original one; std::rethrow_exception(e.original_exception) gives the
// original with its type. The loop can continue with the next batch: comparing the iterator with end() fetches it.
struct TAPER_API WorkerException : Error {
  explicit WorkerException(std::exception_ptr original, uint64_t batch = 0);
  ~WorkerException() override;

  std::exception_ptr original_exception;
  uint64_t batch;  // its number, from 0 at the start of the epoch
};

}  // namespace taper::data
