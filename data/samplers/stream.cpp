#include <taper/data/samplers/stream.h>

#include <algorithm>

namespace taper::data::samplers {

void StreamSampler::reset(optional<size_t> new_size) {
  if (new_size) epoch_size_ = *new_size;
  asked_for_ = 0;
}

optional<BatchSize> StreamSampler::next(size_t batch_size) {
  if (asked_for_ == epoch_size_) return nullopt;
  const size_t n = std::min(batch_size, epoch_size_ - asked_for_);
  asked_for_ += n;
  return BatchSize(n);
}

}  // namespace taper::data::samplers
