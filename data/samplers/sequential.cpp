#include <taper/data/samplers/sequential.h>

#include <taper/data/samplers/sampler_state_internal.h>

#include <algorithm>
#include <numeric>

namespace taper::data::samplers {

void SequentialSampler::reset(optional<size_t> new_size) {
  if (new_size) size_ = *new_size;
  index_ = 0;
}

optional<std::vector<size_t>> SequentialSampler::next(size_t batch_size) {
  if (index_ == size_) return nullopt;
  std::vector<size_t> batch(std::min(batch_size, size_ - index_));
  std::iota(batch.begin(), batch.end(), index_);
  index_ += batch.size();
  return batch;
}

void SequentialSampler::save(serialize::OutputArchive& archive) const { detail::write_count(archive, "index", index_); }

void SequentialSampler::load(serialize::InputArchive& archive) {
  index_ = detail::read_count(archive, "SequentialSampler", "index", size_);
}

}  // namespace taper::data::samplers
