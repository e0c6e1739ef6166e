#include <taper/layers/activation.h>

#include <taper/core/factories.h>

#include <cmath>

namespace taper::nn {

// ---- functions ------------------------------------------------------------------------------------------------------

namespace functional {

Tensor relu(Tensor x, const ReLUFuncOptions& o) { return o.inplace() ? x.relu_() : taper::relu(x); }
Tensor leaky_relu(Tensor x, const LeakyReLUFuncOptions& o) {
  return o.inplace() ? leaky_relu_(x, o.negative_slope()) : taper::leaky_relu(x, o.negative_slope());
}
Tensor rrelu(Tensor x, const RReLUFuncOptions& o) {
  return (o.inplace() ? rrelu_(x, o.lower(), o.upper(), o.training())
                      : taper::rrelu(x, o.lower(), o.upper(), o.training()));
}
Tensor elu(Tensor x, const ELUFuncOptions& o) { return o.inplace() ? elu_(x, o.alpha()) : taper::elu(x, o.alpha()); }
Tensor selu(Tensor x, const SELUFuncOptions& o) { return o.inplace() ? selu_(x) : taper::selu(x); }
Tensor celu(Tensor x, const CELUFuncOptions& o) {
  return o.inplace() ? celu_(x, o.alpha()) : taper::celu(x, o.alpha());
}

Tensor gelu(const Tensor& x, const GELUFuncOptions& o) {
  const std::string& approximate = o.approximate();
  TAPER_CHECK_VALUE(approximate == "none" || approximate == "tanh",
                    "gelu: approximate must be \"none\" or \"tanh\"; got \"", approximate, "\"");
  if (approximate == "none") return taper::gelu(x);
  const Tensor inner = (x + 0.044715 * x * x * x) * std::sqrt(2 / 3.14159265358979323846);
  return 0.5 * x * (1 + taper::tanh(inner));
}

Tensor softplus(const Tensor& x, const SoftplusFuncOptions& o) { return taper::softplus(x, o.beta(), o.threshold()); }
Tensor logsigmoid(const Tensor& x) { return log_sigmoid(x); }
Tensor hardtanh(Tensor x, const HardtanhFuncOptions& o) {
  return o.inplace() ? hardtanh_(x, o.min_val(), o.max_val()) : taper::hardtanh(x, o.min_val(), o.max_val());
}
Tensor relu6(Tensor x, const ReLU6FuncOptions& o) { return o.inplace() ? relu6_(x) : taper::relu6(x); }
Tensor threshold(Tensor x, const ThresholdFuncOptions& o) {
  return o.inplace() ? threshold_(x, o.threshold(), o.value()) : taper::threshold(x, o.threshold(), o.value());
}
Tensor hardshrink(const Tensor& x, const HardshrinkFuncOptions& o) { return taper::hardshrink(x, o.lambda()); }
Tensor softshrink(const Tensor& x, const SoftshrinkFuncOptions& o) { return taper::softshrink(x, o.lambda()); }
Tensor softmax(const Tensor& x, const SoftmaxFuncOptions& o) { return taper::softmax(x, o.dim(), o.dtype()); }
Tensor log_softmax(const Tensor& x, const LogSoftmaxFuncOptions& o) {
  return taper::log_softmax(x, o.dim(), o.dtype());
}
Tensor softmin(const Tensor& x, const SoftminFuncOptions& o) { return taper::softmax(-x, o.dim(), o.dtype()); }
Tensor glu(const Tensor& x, const GLUFuncOptions& o) { return taper::glu(x, o.dim()); }

}  // namespace functional

// ---- layers ---------------------------------------------------------------------------------------------------------

namespace F = functional;

Tensor ReLUImpl::layer_forward(const Tensor& x) { return F::relu(x, options); }
Tensor SigmoidImpl::layer_forward(const Tensor& x) { return sigmoid(x); }
Tensor TanhImpl::layer_forward(const Tensor& x) { return tanh(x); }
Tensor LeakyReLUImpl::layer_forward(const Tensor& x) { return F::leaky_relu(x, options); }
Tensor ELUImpl::layer_forward(const Tensor& x) { return F::elu(x, options); }
Tensor SELUImpl::layer_forward(const Tensor& x) { return F::selu(x, options); }
Tensor CELUImpl::layer_forward(const Tensor& x) { return F::celu(x, options); }
Tensor GELUImpl::layer_forward(const Tensor& x) { return F::gelu(x, options); }
Tensor SiLUImpl::layer_forward(const Tensor& x) { return silu(x); }
Tensor MishImpl::layer_forward(const Tensor& x) { return mish(x); }
Tensor SoftplusImpl::layer_forward(const Tensor& x) { return F::softplus(x, options); }
Tensor LogSigmoidImpl::layer_forward(const Tensor& x) { return log_sigmoid(x); }
Tensor SoftsignImpl::layer_forward(const Tensor& x) { return softsign(x); }
Tensor TanhshrinkImpl::layer_forward(const Tensor& x) { return tanhshrink(x); }
Tensor HardtanhImpl::layer_forward(const Tensor& x) { return F::hardtanh(x, options); }
Tensor ReLU6Impl::layer_forward(const Tensor& x) { return F::relu6(x, options); }
Tensor ThresholdImpl::layer_forward(const Tensor& x) { return F::threshold(x, options); }
Tensor HardshrinkImpl::layer_forward(const Tensor& x) { return F::hardshrink(x, options); }
Tensor SoftshrinkImpl::layer_forward(const Tensor& x) { return F::softshrink(x, options); }
Tensor SoftmaxImpl::layer_forward(const Tensor& x) { return softmax(x, options.dim()); }
Tensor LogSoftmaxImpl::layer_forward(const Tensor& x) { return log_softmax(x, options.dim()); }
Tensor SoftminImpl::layer_forward(const Tensor& x) { return softmax(-x, options.dim()); }
Tensor GLUImpl::layer_forward(const Tensor& x) { return F::glu(x, options); }

Tensor Softmax2dImpl::layer_forward(const Tensor& x) {
  TAPER_CHECK(x.dim() == 3 || x.dim() == 4, "Softmax2d: the input must be [N, C, H, W] or [C, H, W]; got sizes ",
              x.sizes());
  return softmax(x, -3);
}

Tensor RReLUImpl::layer_forward(const Tensor& x) {
  return F::rrelu(x, F::RReLUFuncOptions()
                         .lower(options.lower())
                         .upper(options.upper())
                         .training(is_training())
                         .inplace(options.inplace()));
}

void HardtanhOptions::check() const {
  TAPER_CHECK_VALUE(min_val() < max_val(), "Hardtanh: min_val must be below max_val; got ", min_val(), " and ",
                    max_val());
}

PReLUImpl::PReLUImpl(const PReLUOptions& options_) : Layer(options_) { PReLUImpl::reset(); }

void PReLUImpl::reset() {
  TAPER_CHECK_VALUE(options.num_parameters() >= 0, "PReLU: num_parameters must not be negative; got ",
                    options.num_parameters());
  weight = register_parameter("weight", full({options.num_parameters()}, options.init()));
}
Tensor PReLUImpl::layer_forward(const Tensor& x) { return prelu(x, weight); }

}  // namespace taper::nn
