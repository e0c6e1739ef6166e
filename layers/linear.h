// Linear: y = x W^T + b, the fully connected layer.
//
//   x       [*, in_features]                any leading dimensions
//   y       [*, out_features]
//   weight  [out_features, in_features]     uniform on +-1/sqrt(in_features)
//   bias    [out_features]                  the same; absent with bias(false)
//
// The initial weight is kaiming_uniform_ with a = sqrt(5), as in PyTorch, which gives that bound (He et al. 2015);
// weight and then bias are drawn from the default generator, so that manual_seed and the same order of construction
// give PyTorch's values. ValueError for negative numbers of features and for an input whose last dimension is not
// in_features.
//
//   taper::nn::Linear fc(784, 10);
//   taper::nn::Linear plain(taper::nn::LinearOptions(784, 10).bias(false));
//   taper::Tensor y = fc(taper::randn({64, 784}));  // [64, 10]
#pragma once

#include <taper/autograd/functions.h>
#include <taper/layers/layer.h>

namespace taper::nn {

struct LinearOptions {
  LinearOptions(int64_t in_features, int64_t out_features) : in_features_(in_features), out_features_(out_features) {}
  TAPER_ARG(int64_t, in_features);
  TAPER_ARG(int64_t, out_features);
  // Whether a bias is added.
  TAPER_ARG(bool, bias) = true;
  TAPER_PRINTED(in_features_, out_features_, bias_);
};

namespace functional {
using taper::linear;
}

class TAPER_API LinearImpl : public Layer<LinearImpl, LinearOptions, const Tensor&>, public detail::AddsChannelBias {
 public:
  LinearImpl(int64_t in_features, int64_t out_features) : LinearImpl(LinearOptions(in_features, out_features)) {}
  explicit LinearImpl(const LinearOptions& options_);

  void reset() override;
  void reset_parameters();
  bool adds_channel_bias() const override { return bias.defined(); }

  Tensor weight;
  Tensor bias;  // undefined without bias

 protected:
  Tensor layer_forward(const Tensor& x) override;
};
TAPER_MODULE(Linear);

}  // namespace taper::nn
