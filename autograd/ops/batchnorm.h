// Batch normalisation (Ioffe and Szegedy 2015) as a function; taper::nn::BatchNorm1d, 2d and 3d have its parameters.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y = (x - mean) / sqrt(var + eps) weight + bias for each channel c of x: [N, C] or [N, C, d1, ...], over its
// M = N d1 ... values. weight and bias are [C] in x's dtype, or undefined for 1 and 0.
//
// training: mean and var (biased) are those of x. running_mean and running_var ([C], of a floating-point type; may be
// undefined) become (1 - momentum) running + momentum batch, with the unbiased variance (divisor M - 1); momentum 0
// leaves them. A batch whose mean or variance is NaN or infinite never enters them. M = 1 is an error, M = 0 gives an
// empty result. Otherwise mean and var are running_mean and running_var, as constants.
//
//   dbias = sum dy, dweight = sum dy xhat, dx = weight / sqrt(var + eps) (dy - dbias / M - xhat dweight / M), where
//   xhat = (x - mean) / sqrt(var + eps); without training dx = weight / sqrt(var + eps) dy
//
// Sizes that do not fit are an Error, eps < 0 or a momentum outside [0, 1] a ValueError, other dtypes a TypeError. An
// error leaves the running statistics as they were. cudnn_enabled means nothing here.
TAPER_API Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                            const Tensor& running_var, bool training, double momentum, double eps,
                            bool cudnn_enabled = false);

namespace detail {

// What training found in a batch.
struct BatchStatistics {
  enum State : uint8_t { Absent, Finite, NotFinite };  // Absent: evaluation, or no values
  State state = Absent;
  int64_t count = 0;  // M
  Tensor values;      // [3, C] float64: mean, 1 / sqrt(var + eps), var (biased); undefined when absent
};

// The same, telling what the statistics of the batch were: those that are not finite did not enter the running ones.
TAPER_API Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                            const Tensor& running_var, bool training, double momentum, double eps,
                            BatchStatistics& statistics);

}  // namespace detail
}  // namespace taper
