// taper::nn::functional: the layers as functions, for models that keep no state for them.
//
//   namespace F = taper::nn::functional;
//   x = F::dropout(F::relu(fc1(x)), F::DropoutFuncOptions().p(0.5).training(is_training()));
#pragma once

#include <taper/autograd/functions.h>
#include <taper/layers/activation.h>
#include <taper/layers/dropout.h>

namespace taper::nn::functional {

using ReLUFuncOptions = ReLUOptions;
using LeakyReLUFuncOptions = LeakyReLUOptions;
using GELUFuncOptions = GELUOptions;

struct SoftmaxFuncOptions {
  SoftmaxFuncOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(int64_t, dim);
  // Converts the input first; nullopt keeps its dtype.
  TAPER_ARG(optional<ScalarType>, dtype) = nullopt;
};
using LogSoftmaxFuncOptions = SoftmaxFuncOptions;

struct DropoutFuncOptions {
  TAPER_ARG(double, p) = 0.5;
  // false returns the input; a function does not know the model's mode.
  TAPER_ARG(bool, training) = false;
  TAPER_ARG(bool, inplace) = false;
};

using taper::linear;
using taper::one_hot;
using taper::sigmoid;
using taper::silu;
using taper::tanh;

TAPER_API Tensor relu(Tensor input, const ReLUFuncOptions& options = {});
TAPER_API Tensor leaky_relu(Tensor input, const LeakyReLUFuncOptions& options = {});
TAPER_API Tensor gelu(const Tensor& input, const GELUFuncOptions& options = {});
TAPER_API Tensor softmax(const Tensor& input, const SoftmaxFuncOptions& options);
TAPER_API Tensor log_softmax(const Tensor& input, const LogSoftmaxFuncOptions& options);
TAPER_API Tensor dropout(Tensor input, const DropoutFuncOptions& options = {});

}  // namespace taper::nn::functional
