// Activations: functions applied to each value (ReLU, Sigmoid, Tanh, LeakyReLU, PReLU, RReLU, GELU, SiLU; more in
// activation_pointwise.h) or along one dimension (Softmax, Softmin, LogSoftmax, Softmax2d, GLU). The output has the
// dtype and, but for GLU, the sizes of the input; inputs are float32 or float64.
//
//   taper::nn::ReLU relu;
//   taper::nn::ReLU in_place(taper::nn::ReLUOptions().inplace(true));
//   taper::nn::Softmax softmax(1);
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

struct ReLUOptions {
  ReLUOptions(bool inplace = false) : inplace_(inplace) {}  // NOLINT: implicit as in libtorch
  // Whether the input itself is overwritten.
  TAPER_ARG(bool, inplace);
};

struct LeakyReLUOptions {
  TAPER_ARG(double, negative_slope) = 0.01;
  TAPER_ARG(bool, inplace) = false;
};

struct GELUOptions {
  // "none": x Phi(x), exact; "tanh": x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  TAPER_ARG(std::string, approximate) = "none";
};

struct SoftmaxOptions {
  SoftmaxOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  // The dimension along which the values sum to 1.
  TAPER_ARG(int64_t, dim);
};
struct LogSoftmaxOptions {
  LogSoftmaxOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(int64_t, dim);
};

struct SoftminOptions {
  SoftminOptions(int64_t dim) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(int64_t, dim);
};

struct GLUOptions {
  GLUOptions(int64_t dim = -1) : dim_(dim) {}  // NOLINT: implicit as in libtorch
  // The dimension that is halved; its size must be even.
  TAPER_ARG(int64_t, dim);
};

struct PReLUOptions {
  // 1: one slope for all values; C: one for each channel (dim 1).
  TAPER_ARG(int64_t, num_parameters) = 1;
  TAPER_ARG(double, init) = 0.25;
};

struct RReLUOptions {
  TAPER_ARG(double, lower) = 1.0 / 8;
  // lower or more
  TAPER_ARG(double, upper) = 1.0 / 3;
  TAPER_ARG(bool, inplace) = false;
};

// max(x, 0)
class TAPER_API ReLUImpl : public Cloneable<ReLUImpl> {
 public:
  explicit ReLUImpl(const ReLUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  ReLUOptions options;
};
TAPER_MODULE(ReLU);

// 1 / (1 + exp(-x))
class TAPER_API SigmoidImpl : public Cloneable<SigmoidImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Sigmoid);

class TAPER_API TanhImpl : public Cloneable<TanhImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Tanh);

// x where x > 0, negative_slope * x elsewhere
class TAPER_API LeakyReLUImpl : public Cloneable<LeakyReLUImpl> {
 public:
  explicit LeakyReLUImpl(const LeakyReLUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  LeakyReLUOptions options;
};
TAPER_MODULE(LeakyReLU);

// x where x > 0, weight * x elsewhere, with learnt weights. He et al. 2015.
//
//   x, y    [N, C, ...], or any sizes with one parameter
//   weight  [num_parameters], initially `init`
class TAPER_API PReLUImpl : public Cloneable<PReLUImpl> {
 public:
  explicit PReLUImpl(const PReLUOptions& options_ = {});
  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  PReLUOptions options;
  Tensor weight;
};
TAPER_MODULE(PReLU);

// x where x > 0, r * x elsewhere. In training r is drawn for each value, uniformly from [lower, upper]; in evaluation
// it is their mean. Xu et al. 2015.
class TAPER_API RReLUImpl : public Cloneable<RReLUImpl> {
 public:
  explicit RReLUImpl(const RReLUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  RReLUOptions options;
};
TAPER_MODULE(RReLU);

// x Phi(x), where Phi is the distribution function of the standard normal
class TAPER_API GELUImpl : public Cloneable<GELUImpl> {
 public:
  explicit GELUImpl(GELUOptions options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  GELUOptions options;
};
TAPER_MODULE(GELU);

// x sigmoid(x)
class TAPER_API SiLUImpl : public Cloneable<SiLUImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(SiLU);

// exp(x_i) / sum_j exp(x_j) along dim
class TAPER_API SoftmaxImpl : public Cloneable<SoftmaxImpl> {
 public:
  explicit SoftmaxImpl(int64_t dim);
  explicit SoftmaxImpl(const SoftmaxOptions& options_);
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  SoftmaxOptions options;
};
TAPER_MODULE(Softmax);

// x_i - ln sum_j exp(x_j) along dim
class TAPER_API LogSoftmaxImpl : public Cloneable<LogSoftmaxImpl> {
 public:
  explicit LogSoftmaxImpl(int64_t dim);
  explicit LogSoftmaxImpl(const LogSoftmaxOptions& options_);
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  LogSoftmaxOptions options;
};
TAPER_MODULE(LogSoftmax);

// Softmax of -x along dim
class TAPER_API SoftminImpl : public Cloneable<SoftminImpl> {
 public:
  explicit SoftminImpl(int64_t dim);
  explicit SoftminImpl(const SoftminOptions& options_);
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  SoftminOptions options;
};
TAPER_MODULE(Softmin);

// Softmax over the channels of each pixel: [N, C, H, W] or [C, H, W].
class TAPER_API Softmax2dImpl : public Cloneable<Softmax2dImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Softmax2d);

// a sigmoid(b), where a and b are the halves of x along dim: [..., 2 m, ...] -> [..., m, ...]. Dauphin et al. 2016.
class TAPER_API GLUImpl : public Cloneable<GLUImpl> {
 public:
  explicit GLUImpl(const GLUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  GLUOptions options;
};
TAPER_MODULE(GLU);

}  // namespace taper::nn
