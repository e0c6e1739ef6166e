// SynthDigits: MNIST-style digits drawn by a model (data/synth_digits_raster.h), for programs that cannot download.
#pragma once

#include <taper/data/datasets/byte_images.h>

namespace taper::data::datasets {

// Samples are {data [1, 28, 28] float32 in [0, 1], target [] int64}, as MNIST's.
class TAPER_API SynthDigits : public ByteImageDataset<SynthDigits> {
 public:
  // Draws the split: the same seed gives the same images everywhere. `count` defaults to MNIST's 60,000 and 10,000; a
  // smaller one gives the first `count` of the same images. Throws ValueError for a count of 0.
  explicit SynthDigits(Mode mode = Mode::kTrain, uint64_t seed = 0, optional<size_t> count = nullopt);
};

}  // namespace taper::data::datasets
