// SequentialSampler: 0, 1, 2, ... in order; for evaluation.
#pragma once

#include <taper/data/samplers/base.h>

namespace taper::data::samplers {

class TAPER_API SequentialSampler : public Sampler<> {
 public:
  explicit SequentialSampler(size_t size) : size_(size) {}

  void reset(optional<size_t> new_size = nullopt) override;
  optional<std::vector<size_t>> next(size_t batch_size) override;
  // The position in the epoch.
  void save(serialize::OutputArchive& archive) const override;
  void load(serialize::InputArchive& archive) override;
  // The number of samples returned in this epoch.
  size_t index() const noexcept { return index_; }

 private:
  size_t size_;
  size_t index_ = 0;
};

}  // namespace taper::data::samplers
