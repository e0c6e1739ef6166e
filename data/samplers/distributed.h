// Samplers for several processes (replicas) that share one dataset: each takes its part of every epoch. There is no
// communication: every replica computes the same order and takes its part of it.
//
//   samplers::DistributedRandomSampler sampler(dataset_size, /*num_replicas=*/4, /*rank=*/my_number);
//   for (size_t epoch = 0; epoch < 10; ++epoch) {
//     sampler.set_epoch(epoch);                       // before the loader's begin(), which calls reset()
//     ...
//   }
#pragma once

#include <taper/data/samplers/base.h>

namespace taper::data::samplers {

namespace detail {
// Throws ValueError.
TAPER_API void check_replicas(size_t num_replicas, size_t rank);
}  // namespace detail

template <class BatchRequest = std::vector<size_t>>
class DistributedSampler : public Sampler<BatchRequest> {
 public:
  // Each replica gets the same number of samples. Where size is not a multiple of num_replicas, allow_duplicates
  // repeats the first samples of the dataset; without it the last size % num_replicas are left out, the same in every
  // epoch. Throws ValueError unless rank is below num_replicas, and num_replicas below 2^40.
  explicit DistributedSampler(size_t size, size_t num_replicas = 1, size_t rank = 0, bool allow_duplicates = true)
      : size_(size), num_replicas_(num_replicas), rank_(rank), epoch_(0), allow_duplicates_(allow_duplicates) {
    detail::check_replicas(num_replicas, rank);
  }

  // Seeds the order of the next reset(); must be the same in all replicas.
  void set_epoch(size_t epoch) { epoch_ = epoch; }
  size_t epoch() const { return epoch_; }

 protected:
  // Samples of one replica in an epoch.
  size_t local_sample_count() const { return local_sample_count(size_); }
  size_t local_sample_count(size_t size) const {
    return size / num_replicas_ + (allow_duplicates_ && size % num_replicas_ != 0 ? 1 : 0);
  }

  size_t size_, num_replicas_, rank_, epoch_;
  bool allow_duplicates_;
};

namespace detail {

// The common base: an order of all samples, of which rank r takes the r-th part.
class TAPER_API DistributedOrder : public DistributedSampler<> {
 public:
  // Throws ValueError, and leaves the sampler unchanged, for 2^40 samples and more.
  void reset(optional<size_t> new_size = nullopt) override;
  optional<std::vector<size_t>> next(size_t batch_size) override;
  // The epoch and the position in it. load() recomputes the order of that epoch: size and replicas must be the same.
  void save(serialize::OutputArchive& archive) const override;
  void load(serialize::InputArchive& archive) override;
  // The position in the order of all replicas: rank * (samples per replica) at the start of an epoch.
  size_t index() const noexcept { return sample_index_; }

 protected:
  DistributedOrder(size_t size, size_t num_replicas, size_t rank, bool allow_duplicates, bool shuffle);

 private:
  bool shuffle_;
  size_t sample_index_ = 0, end_index_ = 0;
  std::vector<size_t> all_indices_;
};

}  // namespace detail

// Shuffled by std::shuffle with std::mt19937(epoch), as in libtorch (the same order for the same standard library).
class TAPER_API DistributedRandomSampler : public detail::DistributedOrder {
 public:
  explicit DistributedRandomSampler(size_t size, size_t num_replicas = 1, size_t rank = 0, bool allow_duplicates = true)
      : DistributedOrder(size, num_replicas, rank, allow_duplicates, true) {}
};

// 0, 1, 2, ... in order, a contiguous part for each replica.
class TAPER_API DistributedSequentialSampler : public detail::DistributedOrder {
 public:
  explicit DistributedSequentialSampler(size_t size, size_t num_replicas = 1, size_t rank = 0,
                                        bool allow_duplicates = true)
      : DistributedOrder(size, num_replicas, rank, allow_duplicates, false) {}
};

}  // namespace taper::data::samplers
