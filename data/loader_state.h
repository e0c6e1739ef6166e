// LoaderState: where a loader is in its epoch, on the way into an archive or out of one. Internal to data/.
#pragma once

#include <taper/data/samplers/stream.h>

#include <functional>

namespace taper::data::detail {

struct LoaderState {
  bool running = false;  // an epoch, whose end the program has not seen
  uint64_t batches = 0;  // that the sampler was asked for in it
  uint64_t seed = 0;     // of its random transforms
  // Those of them that the program has not got, by their number, rising: the indices, or how many samples.
  std::vector<std::pair<uint64_t, std::vector<size_t>>> ahead;
};

// The archive gets the state, the size of the dataset where that is known and, under "sampler", what save_sampler
// writes.
TAPER_API void save_loader(serialize::OutputArchive& archive, const LoaderState& state, optional<size_t> dataset_size,
                           const std::function<void(serialize::OutputArchive&)>& save_sampler);
// Throws Error for what is no state of a loader, or that of one with a dataset of another size.
TAPER_API LoaderState read_loader(serialize::InputArchive& archive, optional<size_t> dataset_size);
// Throws IndexError for an index beyond the dataset.
TAPER_API void check_indices(serialize::InputArchive& archive, const std::vector<size_t>& request,
                             optional<size_t> dataset_size);
TAPER_API void load_sampler(serialize::InputArchive& archive,
                            const std::function<void(serialize::InputArchive&)>& load_sampler);

[[noreturn]] TAPER_API void throw_no_numbers();

// Requests as numbers, and back.
inline std::vector<size_t> numbers_of(const std::vector<size_t>& request) { return request; }
inline std::vector<size_t> numbers_of(const samplers::BatchSize& request) { return {request.size()}; }
template <class Request>
std::vector<size_t> numbers_of(const Request&) {
  throw_no_numbers();
}
template <class Request>
Request request_of(std::vector<size_t> numbers) {
  if constexpr (std::is_same_v<Request, std::vector<size_t>>) {
    return numbers;
  } else if constexpr (std::is_same_v<Request, samplers::BatchSize>) {
    TAPER_CHECK(numbers.size() == 1, "DataLoader: a saved BatchSize must be one number; got ", numbers.size());
    return samplers::BatchSize(numbers[0]);
  } else {
    throw_no_numbers();
  }
}

}  // namespace taper::data::detail
