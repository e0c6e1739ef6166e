// RandomSampler: every sample once per epoch, in a new random order each time.
#pragma once

#include <taper/core/tensor.h>
#include <taper/data/samplers/base.h>

namespace taper::data::samplers {

// The order is taper::randperm with the default generator: after manual_seed it is libtorch's. One permutation is drawn
// by the constructor and one by each reset(), so the first epoch of a loader uses the second.
class TAPER_API RandomSampler : public Sampler<> {
 public:
  // `index_dtype` is the dtype of the stored indices: kInt32 takes half the memory for a dataset of up to 2^31 samples.
  // Throws ValueError for a negative size and for a dtype that cannot hold every index.
  explicit RandomSampler(int64_t size, Dtype index_dtype = kInt64);

  void reset(optional<size_t> new_size = nullopt) override;
  optional<std::vector<size_t>> next(size_t batch_size) override;
  // The position in the epoch and its order; load() adopts the size of the saved order.
  void save(serialize::OutputArchive& archive) const override;
  void load(serialize::InputArchive& archive) override;
  // The number of samples returned in this epoch.
  size_t index() const noexcept { return static_cast<size_t>(index_); }

 private:
  Tensor indices_;
  int64_t index_ = 0;
};

}  // namespace taper::data::samplers
