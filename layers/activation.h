// Activations: functions applied to each value (ReLU, Sigmoid, Tanh, LeakyReLU, GELU, SiLU) or along one dimension
// (Softmax, LogSoftmax). The output has the sizes and dtype of the input; inputs are float32 or float64.
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

}  // namespace taper::nn
