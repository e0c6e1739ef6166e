#include <taper/layers/functional.h>

#include <cmath>

namespace taper::nn::functional {

Tensor relu(Tensor input, const ReLUFuncOptions& options) {
  return options.inplace() ? input.relu_() : taper::relu(input);
}

Tensor leaky_relu(Tensor input, const LeakyReLUFuncOptions& options) {
  if (options.inplace()) return taper::leaky_relu_(input, options.negative_slope());
  return taper::leaky_relu(input, options.negative_slope());
}

Tensor gelu(const Tensor& input, const GELUFuncOptions& options) {
  const std::string& approximate = options.approximate();
  TAPER_CHECK_VALUE(approximate == "none" || approximate == "tanh",
                    "gelu: approximate must be \"none\" or \"tanh\"; got \"", approximate, "\"");
  if (approximate == "none") return taper::gelu(input);
  const Tensor inner = (input + 0.044715 * input * input * input) * std::sqrt(2 / 3.14159265358979323846);
  return 0.5 * input * (1 + taper::tanh(inner));
}

Tensor softmax(const Tensor& input, const SoftmaxFuncOptions& options) {
  return taper::softmax(input, options.dim(), options.dtype());
}

Tensor log_softmax(const Tensor& input, const LogSoftmaxFuncOptions& options) {
  return taper::log_softmax(input, options.dim(), options.dtype());
}

Tensor softmin(const Tensor& input, const SoftminFuncOptions& options) {
  return taper::softmax(-input, options.dim(), options.dtype());
}

Tensor glu(const Tensor& input, const GLUFuncOptions& options) { return taper::glu(input, options.dim()); }

Tensor rrelu(Tensor input, const RReLUFuncOptions& options) {
  if (options.inplace()) return taper::rrelu_(input, options.lower(), options.upper(), options.training());
  return taper::rrelu(input, options.lower(), options.upper(), options.training());
}

Tensor elu(Tensor input, const ELUFuncOptions& options) {
  return options.inplace() ? taper::elu_(input, options.alpha()) : taper::elu(input, options.alpha());
}

Tensor selu(Tensor input, const SELUFuncOptions& options) {
  return options.inplace() ? taper::selu_(input) : taper::selu(input);
}

Tensor celu(Tensor input, const CELUFuncOptions& options) {
  return options.inplace() ? taper::celu_(input, options.alpha()) : taper::celu(input, options.alpha());
}

Tensor softplus(const Tensor& input, const SoftplusFuncOptions& options) {
  return taper::softplus(input, options.beta(), options.threshold());
}

Tensor logsigmoid(const Tensor& input) { return taper::log_sigmoid(input); }

Tensor hardtanh(Tensor input, const HardtanhFuncOptions& options) {
  if (options.inplace()) return taper::hardtanh_(input, options.min_val(), options.max_val());
  return taper::hardtanh(input, options.min_val(), options.max_val());
}

Tensor relu6(Tensor input, const ReLU6FuncOptions& options) {
  return options.inplace() ? taper::relu6_(input) : taper::relu6(input);
}

Tensor threshold(Tensor input, const ThresholdFuncOptions& options) {
  if (options.inplace()) return taper::threshold_(input, options.threshold(), options.value());
  return taper::threshold(input, options.threshold(), options.value());
}

Tensor hardshrink(const Tensor& input, const HardshrinkFuncOptions& options) {
  return taper::hardshrink(input, options.lambda());
}

Tensor softshrink(const Tensor& input, const SoftshrinkFuncOptions& options) {
  return taper::softshrink(input, options.lambda());
}

Tensor dropout(Tensor input, const DropoutFuncOptions& options) {
  TAPER_CHECK_VALUE(options.p() >= 0 && options.p() <= 1, "dropout: p must be a probability, from 0 to 1; got ",
                    options.p());
  if (!options.training()) return input;
  const Tensor dropped = taper::dropout(input, options.p(), true);
  return options.inplace() ? input.copy_(dropped) : dropped;
}

}  // namespace taper::nn::functional
