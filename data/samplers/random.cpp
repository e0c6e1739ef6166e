#include <taper/data/samplers/random.h>

#include <taper/core/factories.h>
#include <taper/data/samplers/sampler_state_internal.h>

#include <algorithm>

namespace taper::data::samplers {

namespace {

Tensor random_order(int64_t size, Dtype dtype) {
  TAPER_CHECK_VALUE(size >= 0, "RandomSampler: the size must not be negative; got ", size);
  TAPER_CHECK_VALUE(is_integral(dtype, /*include_bool=*/false), "RandomSampler: index_dtype must be an integer; got ",
                    dtype);
  const size_t bits = 8 * element_size(dtype) - (dtype == kUInt8 ? 0 : 1);
  TAPER_CHECK_VALUE(bits >= 63 || size <= int64_t{1} << bits, "RandomSampler: index_dtype must hold every index; got ",
                    dtype, " for ", size, " samples; use kInt64");
  return randperm(size, dtype);
}

}  // namespace

RandomSampler::RandomSampler(int64_t size, Dtype index_dtype) : indices_(random_order(size, index_dtype)) {}

void RandomSampler::reset(optional<size_t> new_size) {
  const int64_t size = new_size ? static_cast<int64_t>(*new_size) : indices_.numel();
  indices_ = random_order(size, indices_.dtype());
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

void RandomSampler::save(serialize::OutputArchive& archive) const {
  detail::write_count(archive, "index", index());
  archive.write("indices", indices_, /*is_buffer=*/true);
}

void RandomSampler::load(serialize::InputArchive& archive) {
  Tensor indices;
  archive.read("indices", indices, /*is_buffer=*/true);
  TAPER_CHECK(indices.dim() == 1 && is_integral(indices.dtype(), /*include_bool=*/false),
              "RandomSampler: ", archive.source(), ": 'indices' must be a list of integers; got ", indices.dtype(),
              " of sizes ", indices.sizes());
  const Tensor wide = indices.to(kInt64);
  const int64_t size = wide.numel();
  const int64_t *begin = wide.data_ptr<int64_t>(), *end = begin + size;
  const int64_t* outside = std::find_if(begin, end, [&](int64_t index) { return index < 0 || index >= size; });
  TAPER_CHECK(outside == end, "RandomSampler: ", archive.source(), ": 'indices' must be from 0 to ", size - 1,
              ", their number less one; got ", *outside, "; the archive is damaged or of something else");
  index_ = static_cast<int64_t>(detail::read_count(archive, "RandomSampler", "index", static_cast<size_t>(size)));
  indices_ = std::move(indices);
}

}  // namespace taper::data::samplers
