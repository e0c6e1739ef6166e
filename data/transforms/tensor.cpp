#include <taper/data/transforms/tensor.h>

#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace taper::data::transforms::detail {

Tensor per_channel(const char* what, ArrayRef<double> values) {
  TAPER_CHECK_VALUE(!values.empty(), "Normalize: there must be at least one ", what, "; got an empty list");
  for (double value : values) {
    TAPER_CHECK_VALUE(std::isfinite(value), "Normalize: every ", what, " must be finite; got ", value);
  }
  const int64_t channels = static_cast<int64_t>(values.size());
  Tensor result = empty({channels, 1, 1}, kFloat32);
  std::copy(values.begin(), values.end(), result.data_ptr<float>());
  return result;
}

void check_normalize(const Tensor& mean, const Tensor& stddev) {
  const int64_t means = mean.numel(), stddevs = stddev.numel();
  TAPER_CHECK_VALUE(means == stddevs || means == 1 || stddevs == 1,
                    "Normalize: there must be one stddev for each mean; got ", means, " means and ", stddevs,
                    " stddevs");
  for (int64_t i = 0; i < stddevs; ++i) {
    TAPER_CHECK_VALUE(stddev.data_ptr<float>()[i] != 0,
                      "Normalize: no stddev may be 0 (in float32); got 0 for channel ", i);
  }
}

Tensor as_image_batch(const Tensor& stacked) {
  Tensor result = stacked;
  while (result.dim() < 4) result = result.unsqueeze(1);
  return result;
}

uint64_t draw_seed() {
  Generator& generator = default_generator();
  const std::lock_guard lock(generator);
  return generator.random64();
}

}  // namespace taper::data::transforms::detail
