#include <taper/data/samplers/distributed.h>

#include <taper/data/samplers/sampler_state_internal.h>

#include <algorithm>
#include <limits>
#include <random>

namespace taper::data::samplers::detail {
namespace {
constexpr size_t kReplicaLimit = size_t{1} << 40;  // of samples and of replicas: far above any, far below an overflow
}

void check_replicas(size_t num_replicas, size_t rank) {
  TAPER_CHECK_VALUE(num_replicas < kReplicaLimit, "DistributedSampler: num_replicas must be below 2^40; got ",
                    num_replicas);
  TAPER_CHECK_VALUE(rank < num_replicas, "DistributedSampler: rank must be below num_replicas; got ", rank, " and ",
                    num_replicas);
}

DistributedOrder::DistributedOrder(size_t size, size_t num_replicas, size_t rank, bool allow_duplicates, bool shuffle)
    : DistributedSampler(size, num_replicas, rank, allow_duplicates), shuffle_(shuffle) {
  DistributedOrder::reset(nullopt);
}

void DistributedOrder::reset(optional<size_t> new_size) {
  const size_t size = new_size.value_or(size_);
  TAPER_CHECK_VALUE(size < kReplicaLimit, "DistributedSampler: the size must be below 2^40; got ", size);
  const size_t local = local_sample_count(size);
  if (all_indices_.size() != local * num_replicas_) all_indices_ = std::vector<size_t>(local * num_replicas_);
  size_ = size;
  // The duplicates: from the beginning again, as often as it takes.
  for (size_t i = 0; i < all_indices_.size(); ++i) all_indices_[i] = i % size_;
  if (shuffle_) {
    std::mt19937 generator(static_cast<std::mt19937::result_type>(epoch_));
    std::shuffle(all_indices_.begin(), all_indices_.end(), generator);
  }
  sample_index_ = rank_ * local;
  end_index_ = sample_index_ + local;
}

optional<std::vector<size_t>> DistributedOrder::next(size_t batch_size) {
  const size_t count = std::min(batch_size, end_index_ - sample_index_);
  if (count == 0) return nullopt;
  const auto from = all_indices_.begin() + static_cast<std::ptrdiff_t>(sample_index_);
  sample_index_ += count;
  return std::vector<size_t>(from, from + static_cast<std::ptrdiff_t>(count));
}

void DistributedOrder::save(serialize::OutputArchive& archive) const {
  write_count(archive, "sample_index_", sample_index_);
  write_count(archive, "epoch_", epoch_);
}

void DistributedOrder::load(serialize::InputArchive& archive) {
  const size_t epoch = read_count(archive, "DistributedSampler", "epoch_", std::numeric_limits<int64_t>::max());
  const size_t local = local_sample_count(), begin = rank_ * local;
  const size_t index = read_count(archive, "DistributedSampler", "sample_index_", begin + local);
  TAPER_CHECK(index >= begin, "DistributedSampler: ", archive.source(), ": 'sample_index_' must be from ", begin,
              " to ", begin + local, " for rank ", rank_, "; got ", index, "; it is of another rank or size");
  set_epoch(epoch);
  reset(nullopt);
  sample_index_ = index;
}

}  // namespace taper::data::samplers::detail
