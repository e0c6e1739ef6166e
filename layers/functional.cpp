#include <taper/layers/functional.h>

#include <cmath>

namespace taper::nn::functional {

Tensor relu(Tensor input, const ReLUFuncOptions& options) {
  return options.inplace() ? input.relu_() : taper::relu(input);
}

Tensor leaky_relu(Tensor input, const LeakyReLUFuncOptions& options) {
  // The derivative needs the values from before, hence a clone.
  if (options.inplace()) return input.copy_(taper::leaky_relu(input.clone(), options.negative_slope()));
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

Tensor dropout(Tensor input, const DropoutFuncOptions& options) {
  TAPER_CHECK_VALUE(options.p() >= 0 && options.p() <= 1, "dropout: p must be a probability, from 0 to 1; got ",
                    options.p());
  if (!options.training()) return input;
  const Tensor dropped = taper::dropout(input, options.p(), true);
  return options.inplace() ? input.copy_(dropped) : dropped;
}

}  // namespace taper::nn::functional
