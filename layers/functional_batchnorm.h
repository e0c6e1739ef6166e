// taper::nn::functional::batch_norm: batch normalisation without a module, options by name.
#pragma once

#include <taper/core/arg.h>
#include <taper/core/tensor.h>

namespace taper::nn::functional {

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

}  // namespace taper::nn::functional
