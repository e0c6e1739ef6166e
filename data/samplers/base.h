// Samplers: the order in which a loader visits a dataset.
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

// The loader calls reset() when an epoch begins, then next() until it is out of batches; always from the program's own
// thread, whatever the number of workers.
template <class BatchRequest = std::vector<size_t>>
class Sampler {
 public:
  using BatchRequestType = BatchRequest;

  virtual ~Sampler() = default;
  // Starts over, for a dataset of another size if one is given.
  virtual void reset(optional<size_t> new_size) = 0;
  // The next batch_size samples, fewer at the end, nothing when the epoch is over.
  virtual optional<BatchRequest> next(size_t batch_size) = 0;

  // Where the epoch is; load() puts the sampler there or, on an error, leaves it as it was. A sampler of your own may
  // override these; they throw NotImplementedError until then.
  virtual void save(serialize::OutputArchive&) const { detail::throw_no_archive("save"); }
  virtual void load(serialize::InputArchive&) { detail::throw_no_archive("load"); }
};

}  // namespace taper::data::samplers
