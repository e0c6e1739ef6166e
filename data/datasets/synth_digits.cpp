#include <taper/data/datasets/synth_digits.h>

#include <taper/core/factories.h>
#include <taper/data/synth_digits_raster.h>

namespace taper::data::datasets {
namespace {

ByteImages draw(bool train, uint64_t seed, size_t count) {
  // Also keeps the number of bytes far from overflow.
  constexpr size_t kMost = 1'000'000'000;
  TAPER_CHECK_VALUE(count >= 1 && count <= kMost, "SynthDigits: count must be from 1 to ", kMost, "; got ", count);
  const int64_t n = static_cast<int64_t>(count);
  Tensor pixels = empty({n, 1, 28, 28}, kUInt8);
  Tensor labels = empty({n}, kUInt8);
  render_synth_digits(seed, train, 0, n, pixels.data_ptr<uint8_t>(), labels.data_ptr<uint8_t>());
  return ByteImages("SynthDigits", std::move(pixels), labels);
}

}  // namespace

SynthDigits::SynthDigits(Mode mode, uint64_t seed, optional<size_t> count)
    : ByteImageDataset(draw(mode == Mode::kTrain, seed, count.value_or(mode == Mode::kTrain ? 60000 : 10000)), mode) {}

}  // namespace taper::data::datasets
