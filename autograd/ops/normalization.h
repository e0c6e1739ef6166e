// Normalisation by statistics of the sample itself (batch_norm: batchnorm.h).
//
//   y = xhat weight + bias, xhat = (x - mean) / sqrt(var + eps), var biased
//   dx = weight / sqrt(var + eps) (dy - mean(dy) - xhat mean(dy xhat)), means over the elements of one normalisation,
//   dweight = sum dy xhat, dbias = sum dy
//
// Undefined weight and bias are 1 and 0. Sizes that do not fit are a ValueError or Error that shows them, eps < 0 is a
// ValueError; x must be floating point and weight and bias of its dtype, else a TypeError.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// Over the last dimensions, which are normalized_shape, as weight and bias are (Ba et al. 2016).
TAPER_API Tensor layer_norm(const Tensor& x, IntArrayRef normalized_shape, const Tensor& weight = {},
                            const Tensor& bias = {}, double eps = 1e-5, bool cudnn_enable = true);

// Over each sample and group of consecutive channels of x [N, C, ...]; weight, bias [C] (Wu and He 2018). num_groups
// must divide C.
TAPER_API Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight = {}, const Tensor& bias = {},
                            double eps = 1e-5, bool cudnn_enabled = true);

// Over each sample and channel of x [N, C, ...]; weight, bias [C] (Ulyanov et al. 2016). Running statistics [C], where
// defined, become (1 - momentum) running + momentum the average over the samples (of the unbiased variance), unless one
// is NaN or infinite. Without use_input_stats x is normalised by them instead, as constants.
TAPER_API Tensor instance_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                               const Tensor& running_var, bool use_input_stats, double momentum, double eps,
                               bool cudnn_enabled = false);

}  // namespace taper
