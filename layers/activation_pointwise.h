// Activations that are one function of each value, with parameters: ELU and its relatives, Softplus, and the piecewise
// linear ones. The output has the sizes and dtype of the input; inputs are float32 or float64 (Hardtanh and ReLU6 take
// integers, Softsign and Tanhshrink convert them). With inplace(true) the input itself is overwritten.
//
//   taper::nn::ELU elu(taper::nn::ELUOptions().alpha(0.5));
//   taper::nn::Hardtanh hardtanh(taper::nn::HardtanhOptions().min_val(-2).max_val(2).inplace(true));
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

struct ELUOptions {
  // Minus the limit on the left.
  TAPER_ARG(double, alpha) = 1.0;
  TAPER_ARG(bool, inplace) = false;
};

struct SELUOptions {
  SELUOptions(bool inplace = false) : inplace_(inplace) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(bool, inplace);
};

struct CELUOptions {
  // Minus the limit on the left; not 0.
  TAPER_ARG(double, alpha) = 1.0;
  TAPER_ARG(bool, inplace) = false;
};

struct SoftplusOptions {
  TAPER_ARG(double, beta) = 1.0;
  // The input itself is the result where beta times it is above.
  TAPER_ARG(double, threshold) = 20.0;
};

struct HardtanhOptions {
  TAPER_ARG(double, min_val) = -1.0;
  // Above min_val.
  TAPER_ARG(double, max_val) = 1.0;
  TAPER_ARG(bool, inplace) = false;
};

struct ReLU6Options {
  ReLU6Options(bool inplace = false) : inplace_(inplace) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(bool, inplace);
};

struct ThresholdOptions {
  ThresholdOptions(double threshold, double value) : threshold_(threshold), value_(value) {}
  TAPER_ARG(double, threshold);
  // What stands where the input is not above the threshold.
  TAPER_ARG(double, value);
  TAPER_ARG(bool, inplace) = false;
};

struct HardshrinkOptions {
  HardshrinkOptions(double lambda = 0.5) : lambda_(lambda) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(double, lambda);
};

struct SoftshrinkOptions {
  SoftshrinkOptions(double lambda = 0.5) : lambda_(lambda) {}  // NOLINT: implicit as in libtorch
  // 0 or more.
  TAPER_ARG(double, lambda);
};

// x where x > 0, alpha (exp(x) - 1) elsewhere. Clevert et al. 2015.
class TAPER_API ELUImpl : public Cloneable<ELUImpl> {
 public:
  explicit ELUImpl(const ELUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  ELUOptions options;
};
TAPER_MODULE(ELU);

// 1.0507 ELU(x) of alpha 1.6733: keeps mean 0 and variance 1. Klambauer et al. 2017.
class TAPER_API SELUImpl : public Cloneable<SELUImpl> {
 public:
  explicit SELUImpl(const SELUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  SELUOptions options;
};
TAPER_MODULE(SELU);

// x where x > 0, alpha (exp(x / alpha) - 1) elsewhere: ELU without a kink. Barron 2017.
class TAPER_API CELUImpl : public Cloneable<CELUImpl> {
 public:
  explicit CELUImpl(const CELUOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  CELUOptions options;
};
TAPER_MODULE(CELU);

// ln(1 + exp(beta x)) / beta: a smooth ReLU.
class TAPER_API SoftplusImpl : public Cloneable<SoftplusImpl> {
 public:
  explicit SoftplusImpl(const SoftplusOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  SoftplusOptions options;
};
TAPER_MODULE(Softplus);

// -ln(1 + exp(-x))
class TAPER_API LogSigmoidImpl : public Cloneable<LogSigmoidImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(LogSigmoid);

// x tanh(softplus(x)). Misra 2019.
class TAPER_API MishImpl : public Cloneable<MishImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Mish);

// x / (1 + |x|)
class TAPER_API SoftsignImpl : public Cloneable<SoftsignImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Softsign);

// x - tanh(x)
class TAPER_API TanhshrinkImpl : public Cloneable<TanhshrinkImpl> {
 public:
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Tanhshrink);

// x, but not below min_val nor above max_val
class TAPER_API HardtanhImpl : public Cloneable<HardtanhImpl> {
 public:
  explicit HardtanhImpl(const HardtanhOptions& options_ = {});
  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  HardtanhOptions options;
};
TAPER_MODULE(Hardtanh);

// min(max(x, 0), 6)
class TAPER_API ReLU6Impl : public Cloneable<ReLU6Impl> {
 public:
  explicit ReLU6Impl(const ReLU6Options& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  ReLU6Options options;
};
TAPER_MODULE(ReLU6);

// x where x > threshold, value elsewhere
class TAPER_API ThresholdImpl : public Cloneable<ThresholdImpl> {
 public:
  ThresholdImpl(double threshold, double value);
  explicit ThresholdImpl(const ThresholdOptions& options_);
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  ThresholdOptions options;
};
TAPER_MODULE(Threshold);

// 0 where |x| <= lambda, x elsewhere
class TAPER_API HardshrinkImpl : public Cloneable<HardshrinkImpl> {
 public:
  explicit HardshrinkImpl(const HardshrinkOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  HardshrinkOptions options;
};
TAPER_MODULE(Hardshrink);

// x moved towards 0 by lambda, but not beyond
class TAPER_API SoftshrinkImpl : public Cloneable<SoftshrinkImpl> {
 public:
  explicit SoftshrinkImpl(const SoftshrinkOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  SoftshrinkOptions options;
};
TAPER_MODULE(Softshrink);

}  // namespace taper::nn
