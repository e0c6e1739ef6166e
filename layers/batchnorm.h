// Batch normalisation: the layers BatchNorm1d, BatchNorm2d and BatchNorm3d, and the function batch_norm.
#pragma once

#include <taper/layers/channel_norm.h>

namespace taper::nn {
namespace detail {
class BatchNormOverride;
}

struct BatchNormOptions {
  BatchNormOptions(int64_t num_features) : num_features_(num_features) {}  // NOLINT: as in libtorch
  // C, the number of channels of the input.
  TAPER_ARG(int64_t, num_features);
  // Added to the variance; at least 0.
  TAPER_ARG(double, eps) = 1e-5;
  // Weight of the batch in the running statistics, from 0 (never update) to 1; nullopt: the average of all batches.
  TAPER_ARG(optional<double>, momentum) = 0.1;
  // Whether weight and bias exist.
  TAPER_ARG(bool, affine) = true;
  // Whether running_mean, running_var and num_batches_tracked exist.
  TAPER_ARG(bool, track_running_stats) = true;
};
using BatchNorm1dOptions = BatchNormOptions;
using BatchNorm2dOptions = BatchNormOptions;
using BatchNorm3dOptions = BatchNormOptions;

namespace functional {

// weight, bias: [C] or undefined (1 and 0). training: normalise by the statistics of the input and update the running
// ones by `momentum`. See taper::batch_norm (autograd/ops/batchnorm.h) for the formulas.
struct BatchNormFuncOptions {
  TAPER_ARG(Tensor, weight) = Tensor();
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_ARG(bool, training) = false;
  TAPER_ARG(optional<double>, momentum) = 0.1;
  TAPER_ARG(double, eps) = 1e-5;
};

// input: [N, C] or [N, C, ...]. running_mean and running_var: [C]; undefined ones are fine when training.
//   F::batch_norm(x, mean, var, F::BatchNormFuncOptions().weight(w).bias(b).training(true));
TAPER_API Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                            const BatchNormFuncOptions& options = {});

}  // namespace functional

// Batch normalisation (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167), for each channel c over its M
// elements in the batch:
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias
//
// In training mode mean and var (biased, divisor M) are those of the batch, and the running statistics follow:
//   running = (1 - momentum) running + momentum batch          (with the unbiased variance, divisor M - 1)
// In evaluation mode mean and var are the running ones; without them (track_running_stats = false) those of the batch.
//
//   input, output        BatchNorm1d: [N, C] or [N, C, L]; BatchNorm2d: [N, C, H, W]; BatchNorm3d:
//                        [N, C, D, H, W]; of a floating-point type
//   weight, bias         [C], initially 1 and 0; undefined when affine = false
//   running_mean, _var   [C] buffers, initially 0 and 1
//   num_batches_tracked  [] int64 buffer: batches that count in the running statistics
//
//   taper::nn::BatchNorm1d bn(taper::nn::BatchNormOptions(100).eps(1e-3).momentum(0.05));
//   taper::Tensor y = bn(x);              // x: [60, 100]
//
// A batch with NaN or infinity never changes the running statistics, so that training can recover: it is counted by
// num_skipped_batches(), the first one gives a warning, and in anomaly mode it is an Error. In training mode one
// element per channel is a ValueError; an empty batch gives an empty result. An error leaves the statistics unchanged.
// A bias in the layer before has no effect, since the mean is subtracted. Use LinearOptions(...).bias(false).
//
// This class is what BatchNorm1d, 2d and 3d share; module->as<BatchNormBase>() finds one of any kind.
class TAPER_API BatchNormBase : public detail::ChannelNorm, public detail::RemovesChannelMean {
 public:
  explicit BatchNormBase(const BatchNormOptions& options_) : options(options_) {}

  void reset_running_stats() override;
  // Training batches left out of the running statistics since the last reset.
  int64_t num_skipped_batches() const { return num_skipped_batches_; }

  // From now on the layer normalises by its running statistics and does not update them, in training mode too and
  // whatever train() of a parent sets; weight and bias are still trained. A clone is frozen as well; taper::save and
  // taper::load keep the freeze (a file without it leaves the layer as it is); the layer prints as `...,
  // statistics=frozen)`. An Error for a layer without running statistics.
  void freeze_statistics();
  void unfreeze_statistics() { statistics_frozen_ = false; }
  bool statistics_frozen() const { return statistics_frozen_; }
  // "statistics=frozen" or ""
  std::string get_extra_state() const override;
  void set_extra_state(const std::string& text) override;

  void pretty_print(std::ostream& stream) const override;

  BatchNormOptions options;

 protected:
  void register_tensors();
  Tensor layer_forward(const Tensor& x) override;
  // ValueError for an input of another number of dimensions than the layer is for.
  virtual void _check_input_dim(const Tensor& input);

 private:
  friend class detail::BatchNormOverride;

  int64_t num_skipped_batches_ = 0;
  bool statistics_frozen_ = false;
};

template <size_t D, class Derived>
using BatchNormImplBase = detail::ChannelNormImpl<D, Derived, BatchNormBase>;

TAPER_LAYER(BatchNorm1d, BatchNormImplBase<1, BatchNorm1dImpl>);
TAPER_LAYER(BatchNorm2d, BatchNormImplBase<2, BatchNorm2dImpl>);
TAPER_LAYER(BatchNorm3d, BatchNormImplBase<3, BatchNorm3dImpl>);

}  // namespace taper::nn
