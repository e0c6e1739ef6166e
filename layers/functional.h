// taper::nn::functional: the layers as functions, for models that keep no state for them.
//
//   namespace F = taper::nn::functional;
//   x = F::dropout(F::relu(fc1(x)), F::DropoutFuncOptions().p(0.5).training(is_training()));
#pragma once

#include <taper/autograd/functions.h>
#include <taper/layers/activation.h>
#include <taper/layers/activation_pointwise.h>
#include <taper/layers/dropout.h>

namespace taper::nn::functional {

using ReLUFuncOptions = ReLUOptions;
using LeakyReLUFuncOptions = LeakyReLUOptions;
using GELUFuncOptions = GELUOptions;
using GLUFuncOptions = GLUOptions;
using ELUFuncOptions = ELUOptions;
using SELUFuncOptions = SELUOptions;
using CELUFuncOptions = CELUOptions;
using SoftplusFuncOptions = SoftplusOptions;
using HardtanhFuncOptions = HardtanhOptions;
using ReLU6FuncOptions = ReLU6Options;
using ThresholdFuncOptions = ThresholdOptions;
using HardshrinkFuncOptions = HardshrinkOptions;
using SoftshrinkFuncOptions = SoftshrinkOptions;

struct SoftmaxFuncOptions {
  SoftmaxFuncOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(int64_t, dim);
  // Converts the input first; nullopt keeps its dtype.
  TAPER_ARG(optional<ScalarType>, dtype) = nullopt;
};
using LogSoftmaxFuncOptions = SoftmaxFuncOptions;
using SoftminFuncOptions = SoftmaxFuncOptions;

struct RReLUFuncOptions {
  TAPER_ARG(double, lower) = 1.0 / 8;
  TAPER_ARG(double, upper) = 1.0 / 3;
  // false takes the mean of the two; a function does not know the model's mode.
  TAPER_ARG(bool, training) = false;
  TAPER_ARG(bool, inplace) = false;
};

struct DropoutFuncOptions {
  TAPER_ARG(double, p) = 0.5;
  // false returns the input; a function does not know the model's mode.
  TAPER_ARG(bool, training) = false;
  TAPER_ARG(bool, inplace) = false;
};
using Dropout2dFuncOptions = DropoutFuncOptions;

using taper::linear;
using taper::mish;
using taper::one_hot;
using taper::prelu;
using taper::sigmoid;
using taper::silu;
using taper::softsign;
using taper::tanh;
using taper::tanhshrink;

TAPER_API Tensor relu(Tensor input, const ReLUFuncOptions& options = {});
TAPER_API Tensor leaky_relu(Tensor input, const LeakyReLUFuncOptions& options = {});
TAPER_API Tensor gelu(const Tensor& input, const GELUFuncOptions& options = {});
TAPER_API Tensor softmax(const Tensor& input, const SoftmaxFuncOptions& options);
TAPER_API Tensor log_softmax(const Tensor& input, const LogSoftmaxFuncOptions& options);
TAPER_API Tensor softmin(const Tensor& input, const SoftminFuncOptions& options);
TAPER_API Tensor glu(const Tensor& input, const GLUFuncOptions& options = {});
TAPER_API Tensor rrelu(Tensor input, const RReLUFuncOptions& options = {});
TAPER_API Tensor elu(Tensor input, const ELUFuncOptions& options = {});
TAPER_API Tensor selu(Tensor input, const SELUFuncOptions& options = {});
TAPER_API Tensor celu(Tensor input, const CELUFuncOptions& options = {});
TAPER_API Tensor softplus(const Tensor& input, const SoftplusFuncOptions& options = {});
TAPER_API Tensor logsigmoid(const Tensor& input);
TAPER_API Tensor hardtanh(Tensor input, const HardtanhFuncOptions& options = {});
TAPER_API Tensor relu6(Tensor input, const ReLU6FuncOptions& options = {});
TAPER_API Tensor threshold(Tensor input, const ThresholdFuncOptions& options);
TAPER_API Tensor hardshrink(const Tensor& input, const HardshrinkFuncOptions& options = {});
TAPER_API Tensor softshrink(const Tensor& input, const SoftshrinkFuncOptions& options = {});
TAPER_API Tensor dropout(Tensor input, const DropoutFuncOptions& options = {});
// input: [N, C, H, W]; one of any other rank counts as a single sample [C, ...].
TAPER_API Tensor dropout2d(Tensor input, const Dropout2dFuncOptions& options = {});

}  // namespace taper::nn::functional
