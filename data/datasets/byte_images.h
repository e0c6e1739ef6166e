// ByteImages: labelled images of one size stored as bytes, the common part of MNIST, SynthDigits and CIFAR10.
//
// A batch is converted to floats in [0, 1] when it is requested: 60,000 images take 47 MB instead of 188, and gathering
// random rows reads a quarter of the memory, which outweighs the conversion.
#pragma once

#include <taper/data/datasets/base.h>

#include <memory>

namespace taper::data::datasets {

enum class Split { kTrain, kTest };

class TAPER_API ByteImages {
 public:
  // bytes [N, C, H, W] uint8; labels [N] uint8. `name` is the prefix of error messages.
  ByteImages(const char* name, Tensor bytes, const Tensor& labels);

  size_t size() const { return static_cast<size_t>(bytes_.size(0)); }
  Example<> get(size_t index) const;
  Example<> get_stacked(ArrayRef<size_t> indices) const;
  const Tensor& images() const;
  const Tensor& targets() const { return targets_; }

 private:
  const char* name_;
  Tensor bytes_;    // [N, C, H, W] uint8
  Tensor targets_;  // [N] int64
  struct AllFloats;
  std::shared_ptr<AllFloats> floats_;  // of images(); shared by all copies, filled on the first call
};

// The base of datasets of such images.
template <class Self>
class ByteImageDataset : public Dataset<Self> {
 public:
  using Mode = Split;

  // {data [C, H, W] float32 in [0, 1], target [] int64}
  Example<> get(size_t index) override { return store_.get(index); }
  // {data [n, C, H, W], target [n]}
  Example<> get_stacked(ArrayRef<size_t> indices) { return store_.get_stacked(indices); }
  optional<size_t> size() const override { return store_.size(); }
  bool is_train() const noexcept { return mode_ == Mode::kTrain; }
  // All images, [N, C, H, W] float32 in [0, 1]: converted on the first call, then kept (188 MB for 60,000 of 28 x 28).
  // A copy: changing it does not change the dataset.
  const Tensor& images() const { return store_.images(); }
  // All labels, [N] int64.
  const Tensor& targets() const { return store_.targets(); }

 protected:
  ByteImageDataset(ByteImages store, Mode mode) : store_(std::move(store)), mode_(mode) {}

 private:
  ByteImages store_;
  Mode mode_;
};

}  // namespace taper::data::datasets
