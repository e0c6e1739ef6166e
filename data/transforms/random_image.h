// Random image transforms, for data augmentation. Not in libtorch.
//
//   MNIST("data").map(RandomAffine<>(/*degrees=*/10, /*translate=*/0.1)).map(Stack<>())
//   CIFAR10("data").map(RandomCrop<>({32, 32}, /*padding=*/4)).map(RandomHorizontalFlip<>()).map(Stack<>())
//
// Images are float32 or float64 [..., H, W]; all channels of a sample are transformed alike. Pixels outside the image
// are 0. In a loader the results are determined by manual_seed, for any number of workers (transforms/base.h); without
// a loader, each sample draws from the default generator.
#pragma once

#include <taper/data/transforms/tensor.h>

#include <array>

namespace taper::data::transforms {

namespace detail {

// The seeds of the samples of one batch.
class SampleSeeds {
 public:
  void reseed(uint64_t seed) {
    seed_ = seed;
    next_ = 0;
  }
  uint64_t next() { return seed_ ? mix(*seed_, next_++) : draw_seed(); }

 private:
  optional<uint64_t> seed_;
  uint64_t next_ = 0;
};

// `name` is that of the transform, for error messages.
struct ShiftRange {
  const char* name() const { return "RandomShift"; }
  int64_t max_pixels;
};
struct AffineRange {
  const char* name() const { return "RandomAffine"; }
  double degrees, translate;
  std::array<double, 2> scale;
  double shear;
};
struct FlipRange {
  const char* name() const { return vertical ? "RandomVerticalFlip" : "RandomHorizontalFlip"; }
  double probability;
  bool vertical;  // rows are reversed, not columns
};
struct CropRange {
  const char* name() const { return "RandomCrop"; }
  std::array<int64_t, 2> size;  // height, width
  int64_t padding;
};
TAPER_API void check_range(const ShiftRange& range);
TAPER_API void check_range(const AffineRange& range);
TAPER_API void check_range(const FlipRange& range);
TAPER_API void check_range(const CropRange& range);

// images [n, ..., H, W], each transformed by its own draw, from seeds[i].
template <class Range>
TAPER_API Tensor change_images(const Range& range, const Tensor& images, const std::vector<uint64_t>& seeds);

// Draws from the range once per sample, single or stacked.
template <class Range, class Target>
class RandomImageTransform : public TensorTransform<Target> {
 public:
  void reseed(uint64_t seed) { seeds_.reseed(seed); }
  Tensor operator()(Tensor image) override {
    return change_images(range_, image.unsqueeze(0), {seeds_.next()}).squeeze(0);
  }
  Example<Tensor, Target> apply_stacked(Example<Tensor, Target> stacked) {
    std::vector<uint64_t> seeds(static_cast<size_t>(stacked.data.size(0)));
    for (uint64_t& seed : seeds) seed = seeds_.next();
    stacked.data = change_images(range_, stacked.data, seeds);
    return stacked;
  }

 protected:
  explicit RandomImageTransform(const Range& range) : range_(range) { check_range(range_); }

 private:
  Range range_;
  SampleSeeds seeds_;
};

}  // namespace detail

// Shifts the image by dx and dy whole pixels, each uniform in -max_pixels..max_pixels.
// Throws ValueError unless max_pixels is from 0 to 2^31.
template <class Target = Tensor>
class RandomShift : public detail::RandomImageTransform<detail::ShiftRange, Target> {
 public:
  using SelfType = RandomShift;
  explicit RandomShift(int64_t max_pixels) : detail::RandomImageTransform<detail::ShiftRange, Target>({max_pixels}) {}
};

// Flips the image horizontally with probability p. Throws ValueError unless p is from 0 to 1.
template <class Target = Tensor>
class RandomHorizontalFlip : public detail::RandomImageTransform<detail::FlipRange, Target> {
 public:
  using SelfType = RandomHorizontalFlip;
  explicit RandomHorizontalFlip(double p = 0.5)
      : detail::RandomImageTransform<detail::FlipRange, Target>({p, /*vertical=*/false}) {}
};

// Flips the image vertically with probability p. Throws ValueError unless p is from 0 to 1.
template <class Target = Tensor>
class RandomVerticalFlip : public detail::RandomImageTransform<detail::FlipRange, Target> {
 public:
  using SelfType = RandomVerticalFlip;
  explicit RandomVerticalFlip(double p = 0.5)
      : detail::RandomImageTransform<detail::FlipRange, Target>({p, /*vertical=*/true}) {}
};

// Pads the image with `padding` zeros on each side, then crops it to `size` = {height, width} at a uniformly random
// position. The result is [..., height, width].
// Throws ValueError for sizes below 1, a negative padding, and padded images smaller than the crop.
template <class Target = Tensor>
class RandomCrop : public detail::RandomImageTransform<detail::CropRange, Target> {
 public:
  using SelfType = RandomCrop;
  explicit RandomCrop(std::array<int64_t, 2> size, int64_t padding = 0)
      : detail::RandomImageTransform<detail::CropRange, Target>({size, padding}) {}
};

// Rotates, scales and shears about the centre of the image, then translates it, with bilinear interpolation.
//   degrees    rotation, uniform in -degrees..degrees
//   translate  translation along x and y, each uniform in +-translate times the width or height; from 0 to 1
//   scale      factor, uniform in scale[0]..scale[1]; at least 1e-6
//   shear      angle in degrees, uniform in -shear..shear; below 90
// Throws ValueError for values outside these bounds.
template <class Target = Tensor>
class RandomAffine : public detail::RandomImageTransform<detail::AffineRange, Target> {
 public:
  using SelfType = RandomAffine;
  explicit RandomAffine(double degrees, double translate = 0, std::array<double, 2> scale = {1, 1}, double shear = 0)
      : detail::RandomImageTransform<detail::AffineRange, Target>({degrees, translate, scale, shear}) {}
};

}  // namespace taper::data::transforms
