#include <taper/data/samplers/stream.h>

#include <taper/data/samplers/sampler_state_internal.h>

#include <algorithm>
#include <limits>

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

void StreamSampler::save(serialize::OutputArchive& archive) const {
  detail::write_count(archive, "examples_retrieved_so_far", asked_for_);
  detail::write_count(archive, "epoch_size", epoch_size_);
}

void StreamSampler::load(serialize::InputArchive& archive) {
  constexpr size_t kMost = std::numeric_limits<int64_t>::max();
  const size_t size = detail::read_count(archive, "StreamSampler", "epoch_size", kMost);
  asked_for_ = detail::read_count(archive, "StreamSampler", "examples_retrieved_so_far", size);
  epoch_size_ = size;
}

}  // namespace taper::data::samplers
