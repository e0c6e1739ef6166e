// Activations, as layers and as functions: applied to each element, or (Softmax, Softmin, LogSoftmax, Softmax2d, GLU)
// along one dimension. The output has the dtype and, but for GLU, the sizes of the input; inputs are float32 or
// float64, another dtype is a TypeError (ReLU, Hardtanh and ReLU6 take integers; Sigmoid, Tanh, Softsign and Tanhshrink
// convert them). With inplace(true) the input itself is overwritten.
//
//   taper::nn::ReLU relu;
//   taper::nn::ReLU in_place(taper::nn::ReLUOptions().inplace(true));
//   taper::nn::Softmax softmax(1);
//   x = taper::nn::functional::elu(x, taper::nn::functional::ELUFuncOptions().alpha(0.5));
#pragma once

#include <taper/autograd/functions.h>
#include <taper/layers/layer.h>

namespace taper::nn {

// ---- options --------------------------------------------------------------------------------------------------------

struct InplaceOptions {
  InplaceOptions(bool inplace = false) : inplace_(inplace) {}  // NOLINT: implicit as in libtorch
  // Whether the input itself is overwritten.
  TAPER_ARG(bool, inplace);
  TAPER_PRINTED(inplace_);
};
using ReLUOptions = InplaceOptions;
using SELUOptions = InplaceOptions;
using ReLU6Options = InplaceOptions;

struct LeakyReLUOptions {
  // The slope where x is negative.
  TAPER_ARG(double, negative_slope) = 0.01;
  TAPER_ARG(bool, inplace) = false;
  TAPER_PRINTED(negative_slope_, inplace_);
};

struct PReLUOptions {
  // 1: one slope for all elements; C: one for each channel (dimension 1). 0 or more.
  TAPER_ARG(int64_t, num_parameters) = 1;
  // The initial slope.
  TAPER_ARG(double, init) = 0.25;
  TAPER_PRINTED(num_parameters_);
};

struct RReLUOptions {
  // The range of the slope; upper is at least lower.
  TAPER_ARG(double, lower) = 1.0 / 8;
  TAPER_ARG(double, upper) = 1.0 / 3;
  TAPER_ARG(bool, inplace) = false;
  TAPER_PRINTED(lower_, upper_, inplace_);
};

struct ELUOptions {
  // The negative saturation value is -alpha; not 0 for CELU.
  TAPER_ARG(double, alpha) = 1.0;
  TAPER_ARG(bool, inplace) = false;
  TAPER_PRINTED(alpha_, inplace_);
};
using CELUOptions = ELUOptions;

struct GELUOptions {
  // "none": x Phi(x), exact; "tanh": x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  TAPER_ARG(std::string, approximate) = "none";
};

struct SoftplusOptions {
  // Not 0; the larger, the closer to ReLU.
  TAPER_ARG(double, beta) = 1.0;
  // Where beta x is above the threshold, y = x.
  TAPER_ARG(double, threshold) = 20.0;
  TAPER_PRINTED(beta_, threshold_);
};

struct TAPER_API HardtanhOptions {
  TAPER_ARG(double, min_val) = -1.0;
  TAPER_ARG(double, max_val) = 1.0;
  TAPER_ARG(bool, inplace) = false;
  TAPER_PRINTED(min_val_, max_val_, inplace_);
  void check() const;
};

struct ThresholdOptions {
  ThresholdOptions(double threshold, double value) : threshold_(threshold), value_(value) {}
  TAPER_ARG(double, threshold);
  // The output where the input is not above the threshold.
  TAPER_ARG(double, value);
  TAPER_ARG(bool, inplace) = false;
  TAPER_PRINTED(threshold_, value_, inplace_);
};

struct HardshrinkOptions {
  HardshrinkOptions(double lambda = 0.5) : lambda_(lambda) {}  // NOLINT: implicit as in libtorch
  // 0 or more for Softshrink.
  TAPER_ARG(double, lambda);

 public:
  void print(detail::FieldPrinter& out) const { out("", {lambda_}); }
};
using SoftshrinkOptions = HardshrinkOptions;

struct SoftmaxOptions {
  SoftmaxOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  // The dimension along which the probabilities sum to 1.
  TAPER_ARG(int64_t, dim);
  TAPER_PRINTED(dim_);
};
using LogSoftmaxOptions = SoftmaxOptions;
using SoftminOptions = SoftmaxOptions;

struct GLUOptions {
  GLUOptions(int64_t dim = -1) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  // The dimension that is halved; its size must be even.
  TAPER_ARG(int64_t, dim);
  TAPER_PRINTED(dim_);
};

// ---- functions ------------------------------------------------------------------------------------------------------

namespace functional {

using ReLUFuncOptions = ReLUOptions;
using LeakyReLUFuncOptions = LeakyReLUOptions;
using ELUFuncOptions = ELUOptions;
using SELUFuncOptions = SELUOptions;
using CELUFuncOptions = CELUOptions;
using GELUFuncOptions = GELUOptions;
using SoftplusFuncOptions = SoftplusOptions;
using HardtanhFuncOptions = HardtanhOptions;
using ReLU6FuncOptions = ReLU6Options;
using ThresholdFuncOptions = ThresholdOptions;
using HardshrinkFuncOptions = HardshrinkOptions;
using SoftshrinkFuncOptions = SoftshrinkOptions;
using GLUFuncOptions = GLUOptions;

struct RReLUFuncOptions {
  TAPER_ARG(double, lower) = 1.0 / 8;
  TAPER_ARG(double, upper) = 1.0 / 3;
  // false takes the mean of the two; a function does not know the mode of the model.
  TAPER_ARG(bool, training) = false;
  TAPER_ARG(bool, inplace) = false;
};

struct SoftmaxFuncOptions {
  SoftmaxFuncOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(int64_t, dim);
  // Converts the input first; nullopt keeps its dtype.
  TAPER_ARG(optional<ScalarType>, dtype) = nullopt;
};
using LogSoftmaxFuncOptions = SoftmaxFuncOptions;
using SoftminFuncOptions = SoftmaxFuncOptions;

using taper::mish;
using taper::prelu;
using taper::sigmoid;
using taper::silu;
using taper::softsign;
using taper::tanh;
using taper::tanhshrink;

TAPER_API Tensor relu(Tensor x, const ReLUFuncOptions& options = {});
TAPER_API Tensor leaky_relu(Tensor x, const LeakyReLUFuncOptions& options = {});
TAPER_API Tensor rrelu(Tensor x, const RReLUFuncOptions& options = {});
TAPER_API Tensor elu(Tensor x, const ELUFuncOptions& options = {});
TAPER_API Tensor selu(Tensor x, const SELUFuncOptions& options = {});
TAPER_API Tensor celu(Tensor x, const CELUFuncOptions& options = {});
TAPER_API Tensor gelu(const Tensor& x, const GELUFuncOptions& options = {});
TAPER_API Tensor softplus(const Tensor& x, const SoftplusFuncOptions& options = {});
TAPER_API Tensor logsigmoid(const Tensor& x);
TAPER_API Tensor hardtanh(Tensor x, const HardtanhFuncOptions& options = {});
TAPER_API Tensor relu6(Tensor x, const ReLU6FuncOptions& options = {});
TAPER_API Tensor threshold(Tensor x, const ThresholdFuncOptions& options);
TAPER_API Tensor hardshrink(const Tensor& x, const HardshrinkFuncOptions& options = {});
TAPER_API Tensor softshrink(const Tensor& x, const SoftshrinkFuncOptions& options = {});
TAPER_API Tensor softmax(const Tensor& x, const SoftmaxFuncOptions& options);
TAPER_API Tensor log_softmax(const Tensor& x, const LogSoftmaxFuncOptions& options);
TAPER_API Tensor softmin(const Tensor& x, const SoftminFuncOptions& options);
TAPER_API Tensor glu(const Tensor& x, const GLUFuncOptions& options = {});

}  // namespace functional

// ---- layers ---------------------------------------------------------------------------------------------------------

// max(x, 0). Nair and Hinton 2010.
TAPER_STATELESS(ReLU, ReLUOptions, const Tensor&);

// 1 / (1 + exp(-x))
TAPER_STATELESS(Sigmoid, NoOptions, const Tensor&);

// (exp(x) - exp(-x)) / (exp(x) + exp(-x))
TAPER_STATELESS(Tanh, NoOptions, const Tensor&);

// x where x > 0, negative_slope x elsewhere. Maas et al. 2013.
TAPER_STATELESS(LeakyReLU, LeakyReLUOptions, const Tensor&);

// x where x > 0, weight x elsewhere, with learnt weights. He et al. 2015.
//
//   x, y    [N, C, ...], or any sizes with one parameter
//   weight  [num_parameters], initially `init`
//
// ValueError for a negative num_parameters, an Error for an input with another number of channels.
class TAPER_API PReLUImpl : public Layer<PReLUImpl, PReLUOptions, const Tensor&> {
 public:
  explicit PReLUImpl(const PReLUOptions& options_ = {});
  void reset() override;

  Tensor weight;

 protected:
  Tensor layer_forward(const Tensor& x) override;
};
TAPER_MODULE(PReLU);

// x where x > 0, r x elsewhere. In training r is drawn for each element, uniformly from [lower, upper]; in evaluation
// it is their mean. ValueError for lower > upper. Xu et al. 2015.
TAPER_STATELESS(RReLU, RReLUOptions, const Tensor&);

// x where x > 0, alpha (exp(x) - 1) elsewhere. Clevert et al. 2015.
TAPER_STATELESS(ELU, ELUOptions, const Tensor&);

// 1.0507 ELU(x) of alpha 1.6733: keeps mean 0 and variance 1. Klambauer et al. 2017.
TAPER_STATELESS(SELU, SELUOptions, const Tensor&);

// x where x > 0, alpha (exp(x / alpha) - 1) elsewhere: ELU without a kink. ValueError for alpha = 0. Barron 2017.
TAPER_STATELESS(CELU, CELUOptions, const Tensor&);

// x Phi(x), where Phi is the distribution function of the standard normal distribution. ValueError for an `approximate`
// that is neither "none" nor "tanh". Hendrycks and Gimpel 2016.
TAPER_STATELESS(GELU, GELUOptions, const Tensor&);

// x sigmoid(x), also called Swish. Elfwing et al. 2017, Ramachandran et al. 2017.
TAPER_STATELESS(SiLU, NoOptions, const Tensor&);

// x tanh(softplus(x)). Misra 2019.
TAPER_STATELESS(Mish, NoOptions, const Tensor&);

// ln(1 + exp(beta x)) / beta, and x where beta x > threshold: a smooth ReLU. ValueError for beta = 0. Dugas et al.
// 2001.
TAPER_STATELESS(Softplus, SoftplusOptions, const Tensor&);

// -ln(1 + exp(-x))
TAPER_STATELESS(LogSigmoid, NoOptions, const Tensor&);

// x / (1 + |x|). Bergstra et al. 2009.
TAPER_STATELESS(Softsign, NoOptions, const Tensor&);

// x - tanh(x)
TAPER_STATELESS(Tanhshrink, NoOptions, const Tensor&);

// min(max(x, min_val), max_val). ValueError unless min_val is below max_val.
TAPER_STATELESS(Hardtanh, HardtanhOptions, const Tensor&);

// min(max(x, 0), 6). Krizhevsky 2010.
TAPER_STATELESS(ReLU6, ReLU6Options, const Tensor&);

// x where x > threshold, value elsewhere
TAPER_STATELESS(Threshold, ThresholdOptions, const Tensor&);

// 0 where |x| <= lambda, x elsewhere
TAPER_STATELESS(Hardshrink, HardshrinkOptions, const Tensor&);

// sign(x) max(|x| - lambda, 0). ValueError for a negative lambda.
TAPER_STATELESS(Softshrink, SoftshrinkOptions, const Tensor&);

// exp(x_i) / sum_j exp(x_j) along dim. Bridle 1990.
TAPER_STATELESS(Softmax, SoftmaxOptions, const Tensor&);

// x_i - ln sum_j exp(x_j) along dim
TAPER_STATELESS(LogSoftmax, LogSoftmaxOptions, const Tensor&);

// Softmax of -x along dim
TAPER_STATELESS(Softmin, SoftminOptions, const Tensor&);

// Softmax over the channels of each pixel: [N, C, H, W] or [C, H, W].
TAPER_STATELESS(Softmax2d, NoOptions, const Tensor&);

// a sigmoid(b), where a and b are the halves of x along dim: [..., 2 m, ...] -> [..., m, ...]; an Error for an odd
// size. Dauphin et al. 2016.
TAPER_STATELESS(GLU, GLUOptions, const Tensor&);

}  // namespace taper::nn
