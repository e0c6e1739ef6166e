#include <taper/data/samplers/random.h>

#include <taper/core/factories.h>

#include <algorithm>

namespace taper::data::samplers {

namespace detail {

void throw_no_archive(const char* what) {
  throw NotImplementedError(taper::detail::str(what, ": this sampler has nothing to ", what,
                                               "; derive from it and override ", what, " to keep state of your own"));
}

}  // namespace detail

RandomSampler::RandomSampler(int64_t size, Dtype index_dtype) {
  TAPER_CHECK_VALUE(size >= 0, "RandomSampler: the size must not be negative; got ", size);
  indices_ = randperm(size, index_dtype);
}

void RandomSampler::reset(optional<size_t> new_size) {
  const int64_t size = new_size ? static_cast<int64_t>(*new_size) : indices_.numel();
  indices_ = randperm(size, indices_.dtype());
  index_ = 0;
}

optional<std::vector<size_t>> RandomSampler::next(size_t batch_size) {
  const size_t left = static_cast<size_t>(indices_.numel() - index_);
  if (left == 0) return nullopt;
  std::vector<size_t> batch(std::min(batch_size, left));
  dispatch(indices_.dtype(), [&](auto kind) {
    const auto* from = indices_.data_ptr<decltype(kind)>() + index_;
    for (size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<size_t>(from[i]);
  });
  index_ += static_cast<int64_t>(batch.size());
  return batch;
}

}  // namespace taper::data::samplers
