// Transforms of the data tensor of a sample. Target is the type of the sample's target: Tensor, or void for none.
#pragma once

#include <taper/data/transforms/base.h>

#include <functional>

namespace taper::data::transforms {

// The base of custom transforms: override operator().
template <class Target = Tensor>
class TensorTransform : public Transform<Example<Tensor, Target>, Example<Tensor, Target>> {
 public:
  virtual Tensor operator()(Tensor input) = 0;
  Example<Tensor, Target> apply(Example<Tensor, Target> input) override {
    input.data = (*this)(std::move(input.data));
    return input;
  }
};

template <class Target = Tensor>
class TensorLambda : public TensorTransform<Target> {
 public:
  using FunctionType = std::function<Tensor(Tensor)>;

  explicit TensorLambda(FunctionType function) : function_(std::move(function)) {}
  Tensor operator()(Tensor input) override { return function_(std::move(input)); }

 private:
  FunctionType function_;
};

namespace detail {
// {c values} as float32 [c, 1, 1].
TAPER_API Tensor per_channel(const char* what, ArrayRef<double> values);
TAPER_API void check_normalize(const Tensor& mean, const Tensor& stddev);
// [n, ...] to at least four dimensions by ones after the first, so that [c, 1, 1] meets the dimensions of each sample.
TAPER_API Tensor as_image_batch(const Tensor& stacked);
}  // namespace detail

// y = (x - mean) / stddev, for one mean and stddev or one per channel: x [C, H, W], or any sizes that [c, 1, 1]
// broadcasts with. Throws ValueError unless there are as many means as stddevs (or one of either), all finite, no
// stddev 0.
//
//   Normalize<>(0.1307, 0.3081)   Normalize<>({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225})   Normalize<void>(0.5, 0.5)
template <class Target = Tensor>
struct Normalize : TensorTransform<Target> {
  using SelfType = Normalize;

  Normalize(ArrayRef<double> means, ArrayRef<double> stddevs)
      : mean(detail::per_channel("mean", means)), stddev(detail::per_channel("stddev", stddevs)) {
    detail::check_normalize(mean, stddev);
  }
  Tensor operator()(Tensor input) override { return input.sub(mean).div(stddev); }
  Example<Tensor, Target> apply_stacked(Example<Tensor, Target> stacked) {
    stacked.data = (*this)(detail::as_image_batch(stacked.data));
    return stacked;
  }

  Tensor mean, stddev;
};

}  // namespace taper::data::transforms
