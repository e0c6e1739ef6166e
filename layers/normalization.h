// LayerNorm and GroupNorm, as layers and as functions, and normalize: normalisation by the statistics of each sample
// alone, so that training and evaluation are the same and a batch of one will do. Statistics are taken as BatchNorm's
// are: two passes, sums in double.
#pragma once

#include <taper/layers/layer.h>

namespace taper::nn {

struct LayerNormOptions {
  LayerNormOptions(std::vector<int64_t> normalized_shape) : normalized_shape_(std::move(normalized_shape)) {}  // NOLINT
  // The last dimensions of the input, which share their statistics.
  TAPER_ARG(std::vector<int64_t>, normalized_shape);
  // Added to the variance; at least 0.
  TAPER_ARG(double, eps) = 1e-5;
  // Whether weight and bias exist.
  TAPER_ARG(bool, elementwise_affine) = true;

 public:
  void print(detail::FieldPrinter& out) const {
    out("", {IntArrayRef(normalized_shape_)})("eps, elementwise_affine", {eps_, elementwise_affine_});
  }
};

struct GroupNormOptions {
  GroupNormOptions(int64_t num_groups, int64_t num_channels) : num_groups_(num_groups), num_channels_(num_channels) {}
  // The number of groups of consecutive channels; divides num_channels. 1 normalises over all dimensions but the batch,
  // as LayerNorm does; num_channels each channel by itself, as InstanceNorm does.
  TAPER_ARG(int64_t, num_groups);
  TAPER_ARG(int64_t, num_channels);
  TAPER_ARG(double, eps) = 1e-5;
  TAPER_ARG(bool, affine) = true;

 public:
  void print(detail::FieldPrinter& out) const { out("", {num_groups_, num_channels_})("eps, affine", {eps_, affine_}); }
};

namespace functional {

struct LayerNormFuncOptions {
  LayerNormFuncOptions(std::vector<int64_t> normalized_shape)  // NOLINT
      : normalized_shape_(std::move(normalized_shape)) {}
  TAPER_ARG(std::vector<int64_t>, normalized_shape);
  TAPER_ARG(Tensor, weight) = Tensor();
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_ARG(double, eps) = 1e-5;
};
struct GroupNormFuncOptions {
  GroupNormFuncOptions(int64_t num_groups) : num_groups_(num_groups) {}  // NOLINT
  TAPER_ARG(int64_t, num_groups);
  TAPER_ARG(Tensor, weight) = Tensor();
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_ARG(double, eps) = 1e-5;
};

struct NormalizeFuncOptions {
  // The p of the norm.
  TAPER_ARG(double, p) = 2.0;
  // The dimension along which the norm is taken.
  TAPER_ARG(int64_t, dim) = 1;
  // Lower bound of the norm, which avoids a division by zero.
  TAPER_ARG(double, eps) = 1e-12;
  // Where the result is written, without a derivative; resized to fit.
  TAPER_ARG(optional<Tensor>, out) = nullopt;
};

// y = x / max(|x|_p, eps), of the input's sizes.
TAPER_API Tensor normalize(const Tensor& input, const NormalizeFuncOptions& options = {});
TAPER_API Tensor layer_norm(const Tensor& input, const LayerNormFuncOptions& options);
TAPER_API Tensor group_norm(const Tensor& input, const GroupNormFuncOptions& options);

}  // namespace functional

// LayerNorm (Ba et al. 2016, https://arxiv.org/abs/1607.06450): over the last dimensions of each sample,
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias         var biased
//
//   input, output   [*, normalized_shape]
//   weight, bias    normalized_shape, initially 1 and 0; undefined without elementwise_affine
//
//   taper::nn::LayerNorm norm(taper::nn::LayerNormOptions({64}));
//
// ValueError for an empty normalized_shape, for a negative eps and for an input whose sizes do not end in
// normalized_shape.
class TAPER_API LayerNormImpl : public Layer<LayerNormImpl, LayerNormOptions, const Tensor&> {
 public:
  LayerNormImpl(std::vector<int64_t> normalized_shape)  // NOLINT: implicit as in libtorch
      : LayerNormImpl(LayerNormOptions(std::move(normalized_shape))) {}
  explicit LayerNormImpl(const LayerNormOptions& options_);

  void reset() override;
  void reset_parameters();

  Tensor weight, bias;

 protected:
  Tensor layer_forward(const Tensor& x) override;
};
TAPER_MODULE(LayerNorm);

// GroupNorm (Wu and He 2018, https://arxiv.org/abs/1803.08494): the same over each group of channels of each sample,
// with a weight and a bias for each channel.
//
//   input, output   [N, num_channels] or [N, num_channels, ...]
//   weight, bias    [num_channels], initially 1 and 0; undefined without affine
//
//   taper::nn::GroupNorm norm(8, 64);
//
// ValueError for a num_groups that does not divide num_channels or the input's channels, and for a negative eps.
class TAPER_API GroupNormImpl : public Layer<GroupNormImpl, GroupNormOptions, const Tensor&> {
 public:
  GroupNormImpl(int64_t num_groups, int64_t num_channels) : GroupNormImpl(GroupNormOptions(num_groups, num_channels)) {}
  explicit GroupNormImpl(const GroupNormOptions& options_);

  void reset() override;
  void reset_parameters();

  Tensor weight, bias;

 protected:
  Tensor layer_forward(const Tensor& x) override;
};
TAPER_MODULE(GroupNorm);

}  // namespace taper::nn
