// CIFAR-10: 60,000 colour images of 32 x 32 in ten classes, in its binary version (cifar-10-binary.tar.gz, unpacked).
//
//   taper::data::datasets::CIFAR10 train("data");                          // 50,000 samples
//   taper::data::datasets::CIFAR10 test("data", taper::data::datasets::CIFAR10::Mode::kTest);
#pragma once

#include <taper/data/datasets/byte_images.h>

#include <string>

namespace taper::data::datasets {

// Samples are {data [3, 32, 32] float32 in [0, 1], red, green, blue, target [] int64}. Classes 0 to 9: airplane,
// automobile, bird, cat, deer, dog, frog, horse, ship, truck.
class TAPER_API CIFAR10 : public ByteImageDataset<CIFAR10> {
 public:
  // Reads data_batch_1.bin to data_batch_5.bin or test_batch.bin from `root` or its sub-folder cifar-10-batches-bin.
  // A file is any number of records of 3073 bytes: the label, then the red, the green and the blue plane, row-major.
  // Throws Error when a file is missing, empty, truncated or has a label above 9.
  explicit CIFAR10(const std::string& root, Mode mode = Mode::kTrain);
};

}  // namespace taper::data::datasets
