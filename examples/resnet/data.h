// The images: digits, CIFAR-10 or a folder of PNG files.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "../common/digits.h"
#include "options.h"

namespace examples::resnet {

// Any of these sources behind one type.
class Images : public taper::data::Dataset<Images> {
 public:
  using Source = std::variant<Digits, taper::data::datasets::CIFAR10, taper::data::datasets::ImageFolder>;
  explicit Images(Source source) : source_(std::move(source)) {}

  // {data [C, H, W] in [0, 1], target []}
  taper::data::Example<> get(size_t index) override;
  // {data [n, C, H, W], target [n]}
  taper::data::Example<> get_stacked(taper::ArrayRef<size_t> indices);
  taper::optional<size_t> size() const override;

 private:
  Source source_;
};

struct ImageData {
  Images train, test;
  std::string source;  // for messages
  int64_t classes;
  bool digits;                 // 28 x 28, not to be flipped
  std::vector<int64_t> sizes;  // C, H, W of an image
};

// What is in options.data: MNIST files, CIFAR-10's binary files, or the folders `train` and `test` with a folder of PNG
// files, all of one size, per class; SynthDigits without it. Sets the sizes in `options` that are 0. Throws when files
// are missing or damaged, or fewer than requested.
ImageData load(Options& options);

// `images` (of `data`, possibly with transforms) in batches, with mean 0 and standard deviation 1 over all pixels of
// MNIST, or about that for other images.
template <class Dataset>
auto normalized(const ImageData& data, Dataset images) {
  using taper::data::transforms::Normalize;
  return std::move(images)
      .map(data.digits ? Normalize<>(0.1307, 0.3081) : Normalize<>(0.47, 0.25))
      .map(taper::data::transforms::Stack<>());
}

}  // namespace examples::resnet
