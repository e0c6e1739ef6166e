#include <taper/data/loader_state.h>

#include <taper/core/factories.h>
#include <taper/data/samplers/sampler_state_internal.h>

#include <limits>

namespace taper::data::detail {
namespace {

using samplers::detail::read_count;
using samplers::detail::write_count;

constexpr size_t kMost = std::numeric_limits<int64_t>::max();

std::vector<size_t> read_counts(serialize::InputArchive& archive, const char* key) {
  Tensor saved;
  archive.read(key, saved, /*is_buffer=*/true);
  TAPER_CHECK(saved.dtype() == kInt64 && saved.dim() == 1, "DataLoader: ", archive.source(), ": '", key,
              "' must be a list of int64; got ", saved.dtype(), " of sizes ", saved.sizes());
  std::vector<size_t> counts;
  counts.reserve(static_cast<size_t>(saved.numel()));
  const Tensor row_major = saved.contiguous();
  const int64_t* values = row_major.data_ptr<int64_t>();
  for (int64_t i = 0; i < saved.numel(); ++i) {
    TAPER_CHECK(values[i] >= 0, "DataLoader: ", archive.source(), ": '", key, "' must not be negative; got ", values[i],
                " at position ", i);
    counts.push_back(static_cast<size_t>(values[i]));
  }
  return counts;
}

}  // namespace

void save_loader(serialize::OutputArchive& archive, const LoaderState& state, optional<size_t> dataset_size,
                 const std::function<void(serialize::OutputArchive&)>& save_sampler) {
  std::vector<int64_t> numbers, sizes, requests;
  for (const auto& [number, request] : state.ahead) {
    numbers.push_back(static_cast<int64_t>(number));
    sizes.push_back(static_cast<int64_t>(request.size()));
    for (size_t value : request) requests.push_back(static_cast<int64_t>(value));
  }
  serialize::OutputArchive sampler;
  save_sampler(sampler);
  if (dataset_size) write_count(archive, "dataset_size", *dataset_size);
  write_count(archive, "running", state.running ? 1 : 0);
  write_count(archive, "batches", state.batches);
  archive.write("seed", tensor(static_cast<int64_t>(state.seed)), /*is_buffer=*/true);
  archive.write("ahead.numbers", tensor(numbers, kInt64), /*is_buffer=*/true);
  archive.write("ahead.sizes", tensor(sizes, kInt64), /*is_buffer=*/true);
  archive.write("ahead.requests", tensor(requests, kInt64), /*is_buffer=*/true);
  archive.write("sampler", sampler);
}

LoaderState read_loader(serialize::InputArchive& archive, optional<size_t> dataset_size) {
  LoaderState state;
  if (dataset_size) {
    const size_t saved = read_count(archive, "DataLoader", "dataset_size", kMost);
    TAPER_CHECK(saved == *dataset_size, "DataLoader: ", archive.source(), ": must be of a loader of ", *dataset_size,
                " samples, the size of this one's dataset; got that of one of ", saved);
  }
  state.running = read_count(archive, "DataLoader", "running", 1) == 1;
  state.batches = read_count(archive, "DataLoader", "batches", kMost);
  state.seed = static_cast<uint64_t>(samplers::detail::read_number(archive, "DataLoader", "seed"));
  const std::vector<size_t> numbers = read_counts(archive, "ahead.numbers"),
                            sizes = read_counts(archive, "ahead.sizes"),
                            requests = read_counts(archive, "ahead.requests");
  bool fits = numbers.size() == sizes.size();
  size_t from = 0;
  for (size_t i = 0; fits && i < numbers.size(); ++i) {
    fits = numbers[i] < state.batches && (i == 0 || numbers[i] > numbers[i - 1]) && sizes[i] <= requests.size() - from;
    if (!fits) break;
    const auto begin = requests.begin() + static_cast<std::ptrdiff_t>(from);
    state.ahead.emplace_back(numbers[i], std::vector(begin, begin + static_cast<std::ptrdiff_t>(sizes[i])));
    from += sizes[i];
  }
  TAPER_CHECK(fits && from == requests.size(), "DataLoader: ", archive.source(),
              ": 'ahead' must hold rising numbers of batches, and as many requests as their sizes say; it does not; ",
              "the archive is damaged or of something else");
  return state;
}

void check_indices(serialize::InputArchive& archive, const std::vector<size_t>& request,
                   optional<size_t> dataset_size) {
  for (const size_t index : request) {
    TAPER_CHECK_INDEX(!dataset_size || index < *dataset_size, "DataLoader: ", archive.source(),
                      ": 'ahead' must hold indices below ", *dataset_size, ", the size of the dataset; got ", index);
  }
}

void load_sampler(serialize::InputArchive& archive, const std::function<void(serialize::InputArchive&)>& load_sampler) {
  serialize::InputArchive sampler;
  archive.try_read("sampler", sampler);
  load_sampler(sampler);
}

void throw_no_numbers() {
  throw NotImplementedError(
      "DataLoader::save: batches fetched ahead must be lists of indices or a BatchSize to be saved; the sampler's "
      "requests have another type; use a loader without workers");
}

}  // namespace taper::data::detail
