// What BatchNorm and InstanceNorm share: a weight, a bias and running statistics for each channel.
#pragma once

#include <taper/layers/layer.h>

namespace taper::nn::detail {

// weight = 1 and bias = 0, where they exist.
TAPER_API void reset_affine(const Tensor& weight, const Tensor& bias);

class TAPER_API ChannelNorm : public virtual Module {
 public:
  // Mean 0, variance 1, count 0; for a frozen layer too.
  virtual void reset_running_stats();
  void reset_parameters();
  // Files from before PyTorch 0.4.1 have no count.
  bool may_be_missing(const std::string& name) const override { return name == "num_batches_tracked"; }

  Tensor forward(const Tensor& x);

  Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 protected:
  // ValueError for a negative number or eps; `name` is the layer's.
  static void check(const char* name, int64_t num_features, double eps);
  void register_tensors(int64_t num_features, bool affine, bool track_running_stats);
  virtual Tensor layer_forward(const Tensor& x) = 0;
  virtual size_t num_spatial_dims() const = 0;  // 1 for BatchNorm1d
};

// The layer for D spatial dimensions, of BatchNormBase or InstanceNormBase.
template <size_t D, class Derived, class Base>
class TAPER_API ChannelNormImpl : public Base, public Cloneable<Derived> {
 public:
  explicit ChannelNormImpl(const decltype(Base::options)& options_) : Base(options_) { reset(); }
  void reset() final { this->register_tensors(); }

 protected:
  size_t num_spatial_dims() const final { return D; }
};

}  // namespace taper::nn::detail
