#include <taper/data/datasets/mnist.h>

#include <taper/core/factories.h>
#include <taper/data/idx.h>

namespace taper::data::datasets {
namespace {

// The bytes of the file as a tensor, without a copy.
Tensor adopt(IdxArray array, IntArrayRef sizes) {
  auto* bytes = new std::vector<uint8_t>(std::move(array.data));
  return from_blob(
      bytes->data(), sizes, [bytes](void*) { delete bytes; }, kUInt8);
}

ByteImages read(const std::string& root, bool train, optional<uint64_t> max_bytes) {
  const IdxPaths paths = find_idx(root, train);
  IdxArray images = read_idx(paths.images, max_bytes);
  IdxArray labels = read_idx(paths.labels, max_bytes);
  TAPER_CHECK(images.dims.size() == 3 && images.dims[1] == 28 && images.dims[2] == 28,
              "MNIST: the images must have sizes [N, 28, 28]; got ", images.dims, " in ", paths.images);
  TAPER_CHECK(labels.dims.size() == 1, "MNIST: the labels must have sizes [N]; got ", labels.dims, " in ",
              paths.labels);
  TAPER_CHECK(images.dims[0] == labels.dims[0], "MNIST: there must be one label for each image; got ", images.dims[0],
              " images in ", paths.images, " and ", labels.dims[0], " labels in ", paths.labels,
              "; take both files from the same download");
  const int64_t n = images.dims[0];
  TAPER_CHECK(n > 0, "MNIST: there must be at least one image; got none in ", paths.images);
  return ByteImages("MNIST", adopt(std::move(images), {n, 1, 28, 28}), adopt(std::move(labels), {n}));
}

}  // namespace

MNIST::MNIST(const std::string& root, Mode mode, optional<uint64_t> max_bytes)
    : ByteImageDataset(read(root, mode == Mode::kTrain, max_bytes), mode) {}

}  // namespace taper::data::datasets
