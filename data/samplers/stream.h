// StreamSampler: numbers of samples instead of indices, for datasets without indices.
#pragma once

#include <taper/data/samplers/base.h>

namespace taper::data::samplers {

// The base of requests other than lists of indices.
struct CustomBatchRequest {
  virtual ~CustomBatchRequest() = default;
  // The number of samples requested.
  virtual size_t size() const = 0;
};

struct BatchSize : CustomBatchRequest {
  explicit BatchSize(size_t size) : size_(size) {}
  size_t size() const noexcept override { return size_; }
  operator size_t() const noexcept { return size_; }  // NOLINT
  size_t size_;
};

// Batches until `epoch_size` samples have been requested.
class TAPER_API StreamSampler : public Sampler<BatchSize> {
 public:
  explicit StreamSampler(size_t epoch_size) : epoch_size_(epoch_size) {}

  void reset(optional<size_t> new_size = nullopt) override;
  optional<BatchSize> next(size_t batch_size) override;
  // The position in the epoch and its size.
  void save(serialize::OutputArchive& archive) const override;
  void load(serialize::InputArchive& archive) override;

 private:
  size_t epoch_size_;
  size_t asked_for_ = 0;
};

}  // namespace taper::data::samplers
