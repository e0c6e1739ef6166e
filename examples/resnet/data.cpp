#include "data.h"

#include <taper/taper.h>

#include <algorithm>
#include <filesystem>

namespace examples::resnet {
namespace {

namespace fs = std::filesystem;
namespace datasets = taper::data::datasets;
using taper::data::Example;

bool is_cifar(const fs::path& folder) {
  return fs::exists(folder / "data_batch_1.bin") || fs::exists(folder / "cifar-10-batches-bin");
}

ImageData pictures(const fs::path& folder) {
  datasets::ImageFolder train(folder / "train"), test(folder / "test");
  TAPER_CHECK_VALUE(train.classes() == test.classes(), "--data: the folders train and test in ", folder.string(),
                    " must have the same classes");
  const auto classes = static_cast<int64_t>(train.classes().size());
  return {Images(train), Images(test), "", classes, false, {}};
}

}  // namespace

Example<> Images::get(size_t index) {
  return std::visit([&](auto& source) { return source.get(index); }, source_);
}

Example<> Images::get_stacked(taper::ArrayRef<size_t> indices) {
  if (auto* const folder = std::get_if<datasets::ImageFolder>(&source_)) {
    std::vector<Example<>> samples;
    for (const size_t index : indices) samples.push_back(folder->get(index));
    return taper::data::transforms::Stack<>().apply_batch(std::move(samples));
  }
  if (auto* const cifar = std::get_if<datasets::CIFAR10>(&source_)) return cifar->get_stacked(indices);
  return std::get<Digits>(source_).get_stacked(indices);
}

taper::optional<size_t> Images::size() const {
  return std::visit([](const auto& source) { return source.size(); }, source_);
}

ImageData load(Options& options) {
  const fs::path folder = options.data;
  const auto open = [&]() -> ImageData {
    if (!options.data.empty() && is_cifar(folder)) {
      using datasets::CIFAR10;
      return {Images(CIFAR10(options.data)), Images(CIFAR10(options.data, CIFAR10::Mode::kTest)), "", 10, false, {}};
    }
    if (!options.data.empty() && fs::is_directory(folder / "train")) return pictures(folder);
    Data digits = load_digits(options.data, options.train_size, options.test_size);
    return {Images(digits.train), Images(digits.test), digits.source, 10, true, {}};
  };
  ImageData data = open();
  if (data.source.empty()) data.source = fs::absolute(folder).lexically_normal().string();
  data.sizes = data.train.get(0).data.sizes().vec();
  fit("--train-size", options.train_size, *data.train.size());
  fit("--test-size", options.test_size, *data.test.size());
  return data;
}

}  // namespace examples::resnet
