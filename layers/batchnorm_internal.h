// Replaces the forward of BatchNorm, for tools that analyse a model
// (layers/analysis/update_bn.cpp, covariate_shift.cpp).
#pragma once

#include <taper/layers/batchnorm.h>

namespace taper::nn::detail {

// While one exists, its forward overrides every training-mode forward on this thread that would update running
// statistics; where it returns an undefined tensor, the layer's own forward runs.
class TAPER_API BatchNormOverride {
 public:
  BatchNormOverride();
  virtual ~BatchNormOverride();
  BatchNormOverride(const BatchNormOverride&) = delete;
  BatchNormOverride& operator=(const BatchNormOverride&) = delete;
  virtual Tensor forward(BatchNormBase& layer, const Tensor& x) = 0;

 protected:
  static void set_num_skipped_batches(BatchNormBase& layer, int64_t n) { layer.num_skipped_batches_ = n; }

 private:
  BatchNormOverride* outer_;
};

}  // namespace taper::nn::detail
