// WorkerException: what a loop over a loader meets when a worker could not fetch a batch.
#pragma once

#include <taper/core/error.h>

#include <exception>

namespace taper::data {

// The message names the batch and ends with the original one; std::rethrow_exception(e.original_exception) gives the
// original with its type. The loop may go on with the next batch: fetch it by comparing the iterator with end() again.
struct TAPER_API WorkerException : Error {
  // `batch` counts from 0 at the start of the epoch.
  WorkerException(std::exception_ptr original, uint64_t batch);
  ~WorkerException() override;

  std::exception_ptr original_exception;
};

}  // namespace taper::data
