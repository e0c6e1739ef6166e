// Losses as modules. Each is called with (input, target) and gives a scalar tensor, or all single losses with
// reduction(taper::kNone). The formulas, shapes and errors are in autograd/ops/loss.h. Losses of pairs and triplets are
// in loss_margin.h.
//
//   taper::nn::CrossEntropyLoss loss(taper::nn::CrossEntropyLossOptions().label_smoothing(0.1));
//   loss(net(x), labels).backward();
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>
#include <taper/layers/enum.h>

namespace taper::nn {

// What a loss of two tensors alone has to choose; taper::kSum itself converts.
struct ReductionOptions {
  using reduction_t = ReductionTag;
  ReductionOptions() = default;
  template <class Tag>
  requires std::is_convertible_v<Tag, ReductionTag> ReductionOptions(Tag reduction)
      : reduction_(reduction) {}  // NOLINT
  // kNone, kMean or kSum
  TAPER_ARG(ReductionTag, reduction) = kMean;
};
using MSELossOptions = ReductionOptions;
using L1LossOptions = ReductionOptions;

struct SmoothL1LossOptions {
  using reduction_t = ReductionTag;
  SmoothL1LossOptions() = default;
  template <class Tag>
  requires std::is_convertible_v<Tag, reduction_t> SmoothL1LossOptions(Tag reduction)
      : reduction_(reduction) {}  // NOLINT
  TAPER_ARG(ReductionTag, reduction) = kMean;
  // Where the parabola ends; 0 or more.
  TAPER_ARG(double, beta) = 1.0;
};

struct HuberLossOptions {
  using reduction_t = ReductionTag;
  HuberLossOptions() = default;
  template <class Tag>
  requires std::is_convertible_v<Tag, reduction_t> HuberLossOptions(Tag reduction) : reduction_(reduction) {}  // NOLINT
  TAPER_ARG(ReductionTag, reduction) = kMean;
  // Where the parabola ends; above 0.
  TAPER_ARG(double, delta) = 1.0;
};

struct KLDivLossOptions {
  using reduction_t = std::variant<enumtype::kNone, enumtype::kBatchMean, enumtype::kSum, enumtype::kMean>;
  KLDivLossOptions() = default;
  template <class Tag>
  requires std::is_convertible_v<Tag, reduction_t> KLDivLossOptions(Tag reduction) : reduction_(reduction) {}  // NOLINT
  // kMean divides by the number of all values, kBatchMean by that of samples, which the definition asks for.
  TAPER_ARG(reduction_t, reduction) = kMean;
  // Whether the target holds logarithms.
  TAPER_ARG(bool, log_target) = false;
};

struct PoissonNLLLossOptions {
  using reduction_t = ReductionTag;
  // Whether the input is the logarithm of the mean.
  TAPER_ARG(bool, log_input) = true;
  // Adds Stirling's approximation of ln(target!).
  TAPER_ARG(bool, full) = false;
  // Added to an input that is no logarithm before taking it.
  TAPER_ARG(double, eps) = 1e-8;
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

struct BCELossOptions {
  using reduction_t = ReductionTag;
  // Factor of each loss; broadcasts to the input.
  TAPER_ARG(Tensor, weight) = {};
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

struct NLLLossOptions {
  using reduction_t = ReductionTag;
  // [C], one factor for each class.
  TAPER_ARG(Tensor, weight) = {};
  // Samples of this class do not count.
  TAPER_ARG(int64_t, ignore_index) = -100;
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

struct CrossEntropyLossOptions {
  using reduction_t = ReductionTag;
  // [C], one factor for each class.
  TAPER_ARG(Tensor, weight) = {};
  // Samples of this class do not count.
  TAPER_ARG(int64_t, ignore_index) = -100;
  TAPER_ARG(ReductionTag, reduction) = kMean;
  // The share of the target that is spread evenly over all classes, from 0 to 1.
  TAPER_ARG(double, label_smoothing) = 0.0;
};

struct BCEWithLogitsLossOptions {
  using reduction_t = ReductionTag;
  // Factor of each loss; broadcasts to the input.
  TAPER_ARG(Tensor, weight) = {};
  TAPER_ARG(ReductionTag, reduction) = kMean;
  // Factor of the positive term; broadcasts to the input.
  TAPER_ARG(Tensor, pos_weight) = {};
};

// Mean of (input - target)^2.
class TAPER_API MSELossImpl : public Cloneable<MSELossImpl> {
 public:
  explicit MSELossImpl(const MSELossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  MSELossOptions options;
};
TAPER_MODULE(MSELoss);

// Mean of |input - target|.
class TAPER_API L1LossImpl : public Cloneable<L1LossImpl> {
 public:
  explicit L1LossImpl(const L1LossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  L1LossOptions options;
};
TAPER_MODULE(L1Loss);

// Mean of (input - target)^2 / (2 beta) where the difference is below beta, |input - target| - beta / 2 elsewhere.
class TAPER_API SmoothL1LossImpl : public Cloneable<SmoothL1LossImpl> {
 public:
  explicit SmoothL1LossImpl(const SmoothL1LossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  SmoothL1LossOptions options;
};
TAPER_MODULE(SmoothL1Loss);

// Mean of (input - target)^2 / 2 where the difference is below delta, delta (|input - target| - delta / 2) elsewhere.
class TAPER_API HuberLossImpl : public Cloneable<HuberLossImpl> {
 public:
  explicit HuberLossImpl(const HuberLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  HuberLossOptions options;
};
TAPER_MODULE(HuberLoss);

// Mean of target (ln(target) - input): input holds log-probabilities, target probabilities.
class TAPER_API KLDivLossImpl : public Cloneable<KLDivLossImpl> {
 public:
  explicit KLDivLossImpl(const KLDivLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  KLDivLossOptions options;
};
TAPER_MODULE(KLDivLoss);

// Minus the log-probability of counts, the target, under Poisson distributions whose log-means the input holds.
class TAPER_API PoissonNLLLossImpl : public Cloneable<PoissonNLLLossImpl> {
 public:
  explicit PoissonNLLLossImpl(const PoissonNLLLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  PoissonNLLLossOptions options;
};
TAPER_MODULE(PoissonNLLLoss);

// Cross-entropy of two classes for probabilities: input and target in [0, 1], of the same sizes.
class TAPER_API BCELossImpl : public Cloneable<BCELossImpl> {
 public:
  explicit BCELossImpl(const BCELossOptions& options_ = {});
  void reset() override;
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  BCELossOptions options;
  Tensor weight;  // a buffer: a copy of options.weight()
};
TAPER_MODULE(BCELoss);

// Minus the log-probability of the target class; input: log-probabilities [N, C] or [N, C, d1, ...], target: [N, ...].
class TAPER_API NLLLossImpl : public Cloneable<NLLLossImpl> {
 public:
  explicit NLLLossImpl(const NLLLossOptions& options_ = {});
  void reset() override;
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  NLLLossOptions options;
  Tensor weight;  // a buffer: a copy of options.weight()
};
TAPER_MODULE(NLLLoss);

// The same for scores (logits) instead of log-probabilities; the target may also be class probabilities of input's
// sizes.
class TAPER_API CrossEntropyLossImpl : public Cloneable<CrossEntropyLossImpl> {
 public:
  explicit CrossEntropyLossImpl(const CrossEntropyLossOptions& options_ = {});
  void reset() override;
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  CrossEntropyLossOptions options;
  Tensor weight;  // a buffer: a copy of options.weight()
};
TAPER_MODULE(CrossEntropyLoss);

// Cross-entropy of two classes for scores: target is the probability of the positive one, of input's sizes.
class TAPER_API BCEWithLogitsLossImpl : public Cloneable<BCEWithLogitsLossImpl> {
 public:
  explicit BCEWithLogitsLossImpl(const BCEWithLogitsLossOptions& options_ = {});
  void reset() override;
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  BCEWithLogitsLossOptions options;
  Tensor weight, pos_weight;  // buffers: copies of those of the options
};
TAPER_MODULE(BCEWithLogitsLoss);

}  // namespace taper::nn
