// Samplers: the order in which a loader iterates over a dataset.
#pragma once

#include <taper/core/array_ref.h>

#include <vector>

namespace taper::serialize {
class InputArchive;
class OutputArchive;
}  // namespace taper::serialize

namespace taper::data::samplers {

namespace detail {
[[noreturn]] TAPER_API void throw_no_archive(const char* what);
}

// The loader calls reset() when an epoch begins, then next() until it returns nullopt; always from the calling thread,
// for any number of workers.
template <class BatchRequest = std::vector<size_t>>
class Sampler {
 public:
  using BatchRequestType = BatchRequest;

  virtual ~Sampler() = default;
  // Starts a new epoch, with a new dataset size if one is given.
  virtual void reset(optional<size_t> new_size) = 0;
  // The next batch_size samples, fewer at the end, nullopt when the epoch is over.
  virtual optional<BatchRequest> next(size_t batch_size) = 0;

  // The position in the epoch; load() restores it or, on an error, leaves the sampler unchanged. A custom sampler may
  // override these; by default they throw NotImplementedError.
  virtual void save(serialize::OutputArchive&) const { detail::throw_no_archive("save"); }
  virtual void load(serialize::InputArchive&) { detail::throw_no_archive("load"); }
};

}  // namespace taper::data::samplers
