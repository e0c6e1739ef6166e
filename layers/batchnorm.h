// Batch normalisation: BatchNorm1d, BatchNorm2d and BatchNorm3d.
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>
#include <taper/layers/functional_batchnorm.h>

namespace taper::nn {
namespace detail {
class BatchNormStandIn;
}

struct BatchNormOptions {
  BatchNormOptions(int64_t num_features) : num_features_(num_features) {}  // NOLINT: as in libtorch
  // C, the number of channels of the input.
  TAPER_ARG(int64_t, num_features);
  // Added to the variance; at least 0.
  TAPER_ARG(double, eps) = 1e-5;
  // Weight of the new value in the running statistics, from 0 (never update) to 1; nullopt averages all batches evenly.
  TAPER_ARG(optional<double>, momentum) = 0.1;
  // Whether weight and bias exist.
  TAPER_ARG(bool, affine) = true;
  // Whether running_mean, running_var and num_batches_tracked exist.
  TAPER_ARG(bool, track_running_stats) = true;
};
using BatchNorm1dOptions = BatchNormOptions;
using BatchNorm2dOptions = BatchNormOptions;
using BatchNorm3dOptions = BatchNormOptions;

// Batch normalisation (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167), for each channel c over the M values
// that a batch has of it:
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias
//
// In training mode mean and var (biased, divisor M) are those of the batch, and the running statistics follow:
//   running = (1 - momentum) running + momentum batch          (with the unbiased variance, divisor M - 1)
// In evaluation mode mean and var are the running ones; without them (track_running_stats = false) those of the batch.
//
//   input, output        BatchNorm1d: [N, C] or [N, C, L]; BatchNorm2d: [N, C, H, W]; BatchNorm3d:
//                        [N, C, D, H, W]; float32 or float64
//   weight, bias         [C], initially 1 and 0; undefined when affine = false
//   running_mean, _var   [C] buffers, initially 0 and 1
//   num_batches_tracked  [] int64 buffer: batches that entered the running statistics
//
//   taper::nn::BatchNorm1d bn(taper::nn::BatchNormOptions(100).eps(1e-3).momentum(0.05));
//   taper::Tensor y = bn(x);              // x: [60, 100]
//
// A batch with NaN or infinity never enters the running statistics, so that training can recover: it is counted by
// num_skipped_batches(), the first one gives a warning, and in anomaly mode it is an error. One value for each channel
// in training mode is an error; an empty batch gives an empty result. After any error the statistics are what they
// were. A bias in the layer before has no effect: the mean takes it out. Use LinearOptions(...).bias(false).
//
// This class is what BatchNorm1d, 2d and 3d share; module->as<BatchNormBase>() finds one of any kind.
class TAPER_API BatchNormBase : public virtual Module {
 public:
  explicit BatchNormBase(const BatchNormOptions& options_) : options(options_) {}

  // 0 and 1 and a count of 0, for a frozen layer too.
  void reset_running_stats();
  void reset_parameters();

  Tensor forward(const Tensor& input);
  // Training batches kept out of the running statistics since they were reset.
  int64_t num_skipped_batches() const { return num_skipped_batches_; }

  // From now on the layer normalises by its running statistics and leaves them alone, in training mode too and whatever
  // train() of a parent says; weight and bias are trained on. A clone is frozen as well; taper::save and taper::load
  // keep the freeze (a file that says nothing of it leaves the layer as it is); the layer prints as `...,
  // statistics=frozen)`. An error for a layer without running statistics.
  void freeze_statistics();
  void unfreeze_statistics() { statistics_frozen_ = false; }
  bool statistics_frozen() const { return statistics_frozen_; }
  // "statistics=frozen", or "".
  std::string get_extra_state() const override;
  void set_extra_state(const std::string& text) override;

  void pretty_print(std::ostream& stream) const override;
  bool may_be_missing(const std::string& name) const override;
  bool removes_channel_mean() const override { return true; }

  BatchNormOptions options;
  Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 protected:
  void register_tensors();
  virtual size_t num_spatial_dims() const = 0;  // 1 for BatchNorm1d
  virtual void _check_input_dim(const Tensor& input) = 0;

 private:
  friend class detail::BatchNormStandIn;

  int64_t num_skipped_batches_ = 0;
  bool statistics_frozen_ = false;
};

namespace detail {

// While one exists, it is asked on the thread that made it in place of every training-mode forward that would update
// running statistics (layers/analysis/update_bn.cpp); an undefined result means that the layer is to do as usual.
class TAPER_API BatchNormStandIn {
 public:
  BatchNormStandIn();
  virtual ~BatchNormStandIn();
  BatchNormStandIn(const BatchNormStandIn&) = delete;
  BatchNormStandIn& operator=(const BatchNormStandIn&) = delete;
  virtual Tensor forward(BatchNormBase& layer, const Tensor& input) = 0;

 protected:
  static void set_num_skipped_batches(BatchNormBase& layer, int64_t n) { layer.num_skipped_batches_ = n; }

 private:
  BatchNormStandIn* outer_;
};

}  // namespace detail

template <size_t D, class Derived>
class TAPER_API BatchNormImplBase : public BatchNormBase, public Cloneable<Derived> {
 public:
  explicit BatchNormImplBase(const BatchNormOptions& options_) : BatchNormBase(options_) { reset(); }
  void reset() final { register_tensors(); }

 protected:
  size_t num_spatial_dims() const final { return D; }
};

class TAPER_API BatchNorm1dImpl : public BatchNormImplBase<1, BatchNorm1dImpl> {
 public:
  using BatchNormImplBase<1, BatchNorm1dImpl>::BatchNormImplBase;

 protected:
  void _check_input_dim(const Tensor& input) override;
};
TAPER_MODULE(BatchNorm1d);

class TAPER_API BatchNorm2dImpl : public BatchNormImplBase<2, BatchNorm2dImpl> {
 public:
  using BatchNormImplBase<2, BatchNorm2dImpl>::BatchNormImplBase;

 protected:
  void _check_input_dim(const Tensor& input) override;
};
TAPER_MODULE(BatchNorm2d);

class TAPER_API BatchNorm3dImpl : public BatchNormImplBase<3, BatchNorm3dImpl> {
 public:
  using BatchNormImplBase<3, BatchNorm3dImpl>::BatchNormImplBase;

 protected:
  void _check_input_dim(const Tensor& input) override;
};
TAPER_MODULE(BatchNorm3d);

}  // namespace taper::nn
