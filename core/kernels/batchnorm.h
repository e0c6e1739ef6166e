// Batch normalisation on tensors, without autograd: fused loops, forward and backward.
//
// x is [N, C] or [N, C, d1, ...] with at least one element; channel c has the M = N d1 ... values x[:, c, ...]. weight
// and bias are [C] in x's dtype, or undefined (1 and 0). Statistics are one float64 tensor `stats` of sizes [3, C]:
// mean, 1 / sqrt(var + eps), and var, the biased variance. Everything is cut by sizes alone: the bits of a result do
// not depend on the number of threads.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

struct BatchNormResult {
  Tensor y, stats;
};
// Takes mean and variance from x and normalises by them: y = (x - mean) / sqrt(var + eps) weight + bias. Exact where it
// is hard: a constant channel has variance 0, values of 1e30 or a mean a million times the standard deviation lose
// nothing.
TAPER_API BatchNormResult batch_norm_train(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps);

// Whether mean and unbiased variance of M values per channel are finite in the dtypes of the running statistics, each
// of which may be undefined: the sum of 1e30^2 is a double that a float32 running_var cannot hold.
TAPER_API bool batch_norm_is_finite(const Tensor& stats, int64_t M, const Tensor& running_mean,
                                    const Tensor& running_var);
// running = (1 - momentum) running + momentum batch, with the unbiased variance; in place, counted as a change.
TAPER_API void batch_norm_update(const Tensor& running_mean, const Tensor& running_var, const Tensor& stats, int64_t M,
                                 double momentum);
// `stats` of running statistics. A copy: changes of them later do not matter.
TAPER_API Tensor batch_norm_constants(const Tensor& running_mean, const Tensor& running_var, double eps);

// Normalises by given statistics.
TAPER_API Tensor batch_norm_apply(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& stats);

struct BatchNormGrads {
  Tensor dx, dweight, dbias;  // undefined where not asked for
};
// With xhat = (x - mean) / sqrt(var + eps):
//   dbias = sum dy, dweight = sum dy xhat,
//   dx = weight / sqrt(var + eps) (dy - dbias / M - xhat dweight / M)    where the statistics come from x (`training`)
//   dx = weight / sqrt(var + eps) dy                                     where they are constants
TAPER_API BatchNormGrads batch_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight,
                                             const Tensor& stats, bool training, bool needs_dx, bool needs_dparams);

}  // namespace taper::kernels
