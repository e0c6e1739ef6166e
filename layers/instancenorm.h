// Instance normalisation: the layers InstanceNorm1d and InstanceNorm2d, and the function instance_norm.
#pragma once

#include <taper/layers/channel_norm.h>

namespace taper::nn {

struct InstanceNormOptions {
  InstanceNormOptions(int64_t num_features) : num_features_(num_features) {}  // NOLINT
  // C, the number of channels of the input.
  TAPER_ARG(int64_t, num_features);
  // Added to the variance; at least 0.
  TAPER_ARG(double, eps) = 1e-5;
  // Weight of the batch in the running statistics, from 0 to 1.
  TAPER_ARG(double, momentum) = 0.1;
  // Whether weight and bias exist.
  TAPER_ARG(bool, affine) = false;
  // Whether running_mean and running_var exist, by which evaluation then normalises.
  TAPER_ARG(bool, track_running_stats) = false;
};
using InstanceNorm1dOptions = InstanceNormOptions;
using InstanceNorm2dOptions = InstanceNormOptions;

namespace functional {

// use_input_stats: normalise by the statistics of the input, and update the running ones where they are given.
struct InstanceNormFuncOptions {
  TAPER_ARG(Tensor, running_mean) = Tensor();
  TAPER_ARG(Tensor, running_var) = Tensor();
  TAPER_ARG(Tensor, weight) = Tensor();
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_ARG(bool, use_input_stats) = true;
  TAPER_ARG(double, momentum) = 0.1;
  TAPER_ARG(double, eps) = 1e-5;
};
TAPER_API Tensor instance_norm(const Tensor& input, const InstanceNormFuncOptions& options = {});

}  // namespace functional

// Instance normalisation (Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022): batch normalisation of each sample by
// itself. For each channel of each sample, over its elements,
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias         var biased
//
// in training, and in evaluation unless track_running_stats: then by the running statistics, which in training follow
// the average over the batch as BatchNorm's do (unbiased variance, and not for a batch with NaN or infinity).
//
//   input, output        InstanceNorm1d: [N, C, L] or [C, L]; InstanceNorm2d: [N, C, H, W] or [C, H, W]
//   weight, bias         [C], initially 1 and 0; undefined unless affine
//   running_mean, _var   [C] buffers, initially 0 and 1; undefined unless track_running_stats
//   num_batches_tracked  [] int64 buffer beside them, always 0, as PyTorch's
//
// ValueError for a channel of a single element; an empty batch gives an empty result.
class TAPER_API InstanceNormBase : public detail::ChannelNorm {
 public:
  explicit InstanceNormBase(const InstanceNormOptions& options_) : options(options_) {}
  void pretty_print(std::ostream& stream) const override;

  InstanceNormOptions options;

 protected:
  void register_tensors();
  Tensor layer_forward(const Tensor& x) override;
};

template <size_t D, class Derived>
using InstanceNormImpl = detail::ChannelNormImpl<D, Derived, InstanceNormBase>;

TAPER_LAYER(InstanceNorm1d, InstanceNormImpl<1, InstanceNorm1dImpl>);
TAPER_LAYER(InstanceNorm2d, InstanceNormImpl<2, InstanceNorm2dImpl>);

}  // namespace taper::nn
