// LoaderState: the position of a loader in its epoch, as it is written to and read from archives. For dataloader.h.
#pragma once

#include <taper/data/samplers/stream.h>

#include <functional>

namespace taper::data::detail {

struct LoaderState {
  bool running = false;  // an epoch whose end the program has not seen
  uint64_t batches = 0;  // requested from the sampler in this epoch
  uint64_t seed = 0;     // of its random transforms
  // The batches that the program has not got yet, by increasing number: their indices, or the number of samples.
  std::vector<std::pair<uint64_t, std::vector<size_t>>> ahead;
};

// Writes the state, the size of the dataset if known and, under "sampler", what save_sampler writes.
TAPER_API void save_loader(serialize::OutputArchive& archive, const LoaderState& state, optional<size_t> dataset_size,
                           const std::function<void(serialize::OutputArchive&)>& save_sampler);
// Throws Error for anything but the state of a loader of a dataset of this size.
TAPER_API LoaderState read_loader(serialize::InputArchive& archive, optional<size_t> dataset_size);
// Throws IndexError for an index outside the dataset.
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
