// MNIST, and every dataset in its format: Fashion-MNIST, KMNIST.
//
//   taper::data::datasets::MNIST train("data");                        // 60,000 samples
//   taper::data::datasets::MNIST test("data", taper::data::datasets::MNIST::Mode::kTest);
#pragma once

#include <taper/data/datasets/byte_images.h>

#include <string>

namespace taper::data::datasets {

// Samples are {data [1, 28, 28] float32 in [0, 1], target [] int64}.
class TAPER_API MNIST : public ByteImageDataset<MNIST> {
 public:
  // Reads the files of one split from `root`: raw or gzip, names with a dash or a dot, also in the sub-folders that
  // common tools create (find_idx in data/idx.h). Throws Error when they are missing, damaged, not 28 x 28 images with
  // labels, empty, or of different lengths. `max_bytes`: of an unpacked file, as for read_idx.
  explicit MNIST(const std::string& root, Mode mode = Mode::kTrain, optional<uint64_t> max_bytes = nullopt);
};

}  // namespace taper::data::datasets
