// Losses, as layers and as functions. Each is called with (input, target) and gives a scalar tensor, or all single
// losses with reduction(taper::kNone). The formulas, shapes and errors are in autograd/ops/loss.h. Losses of pairs and
// triplets are in loss_margin.h.
//
//   taper::nn::CrossEntropyLoss loss(taper::nn::CrossEntropyLossOptions().label_smoothing(0.1));
//   loss(net(x), labels).backward();
//   F::cross_entropy(net(x), labels, F::CrossEntropyFuncOptions().reduction(taper::kSum));
#pragma once

#include <taper/layers/enum.h>
#include <taper/layers/layer.h>

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

namespace functional {

using MSELossFuncOptions = MSELossOptions;
using L1LossFuncOptions = L1LossOptions;
using SmoothL1LossFuncOptions = SmoothL1LossOptions;
using HuberLossFuncOptions = HuberLossOptions;
using KLDivFuncOptions = KLDivLossOptions;
using PoissonNLLLossFuncOptions = PoissonNLLLossOptions;
using BinaryCrossEntropyFuncOptions = BCELossOptions;
using NLLLossFuncOptions = NLLLossOptions;
using CrossEntropyFuncOptions = CrossEntropyLossOptions;
using BinaryCrossEntropyWithLogitsFuncOptions = BCEWithLogitsLossOptions;

// Inputs of different sizes broadcast, with a warning: that is rarely meant.
TAPER_API Tensor mse_loss(const Tensor& input, const Tensor& target, const MSELossFuncOptions& options = {});
TAPER_API Tensor l1_loss(const Tensor& input, const Tensor& target, const L1LossFuncOptions& options = {});
TAPER_API Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& options = {});
// beta stands before that of the options.
TAPER_API Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& options,
                                double beta);
TAPER_API Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossFuncOptions& options = {});
TAPER_API Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivFuncOptions& options = {});
TAPER_API Tensor poisson_nll_loss(const Tensor& input, const Tensor& target,
                                  const PoissonNLLLossFuncOptions& options = {});
TAPER_API Tensor binary_cross_entropy(const Tensor& input, const Tensor& target,
                                      const BinaryCrossEntropyFuncOptions& options = {});
TAPER_API Tensor nll_loss(const Tensor& input, const Tensor& target, const NLLLossFuncOptions& options = {});
TAPER_API Tensor cross_entropy(const Tensor& input, const Tensor& target, const CrossEntropyFuncOptions& options = {});
TAPER_API Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                                  const BinaryCrossEntropyWithLogitsFuncOptions& options = {});

}  // namespace functional

// Mean of (input - target)^2.
TAPER_STATELESS(MSELoss, MSELossOptions, const Tensor&, const Tensor&);

// Mean of |input - target|.
TAPER_STATELESS(L1Loss, L1LossOptions, const Tensor&, const Tensor&);

// Mean of (input - target)^2 / (2 beta) where the difference is below beta, |input - target| - beta / 2 elsewhere.
class TAPER_API SmoothL1LossImpl : public Layer<SmoothL1LossImpl, SmoothL1LossOptions, const Tensor&, const Tensor&> {
 public:
  using Layer::Layer;
  void pretty_print(std::ostream& stream) const override;

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(SmoothL1Loss);

// Mean of (input - target)^2 / 2 where the difference is below delta, delta (|input - target| - delta / 2) elsewhere.
class TAPER_API HuberLossImpl : public Layer<HuberLossImpl, HuberLossOptions, const Tensor&, const Tensor&> {
 public:
  using Layer::Layer;
  void pretty_print(std::ostream& stream) const override;

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(HuberLoss);

// Mean of target (ln(target) - input): input holds log-probabilities, target probabilities.
TAPER_STATELESS(KLDivLoss, KLDivLossOptions, const Tensor&, const Tensor&);

// Minus the log-probability of counts, the target, under Poisson distributions whose log-means the input holds.
TAPER_STATELESS(PoissonNLLLoss, PoissonNLLLossOptions, const Tensor&, const Tensor&);

// Cross-entropy of two classes for probabilities: input and target in [0, 1], of the same sizes.
class TAPER_API BCELossImpl : public Layer<BCELossImpl, BCELossOptions, const Tensor&, const Tensor&> {
 public:
  explicit BCELossImpl(const BCELossOptions& options_ = {});
  void reset() override;

  Tensor weight;  // a buffer: a copy of options.weight()

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(BCELoss);

// Minus the log-probability of the target class; input: log-probabilities [N, C] or [N, C, d1, ...], target: [N, ...].
class TAPER_API NLLLossImpl : public Layer<NLLLossImpl, NLLLossOptions, const Tensor&, const Tensor&> {
 public:
  explicit NLLLossImpl(const NLLLossOptions& options_ = {});
  void reset() override;

  Tensor weight;  // a buffer: a copy of options.weight()

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(NLLLoss);

// The same for scores (logits) instead of log-probabilities; the target may also be class probabilities of input's
// sizes.
class TAPER_API CrossEntropyLossImpl
    : public Layer<CrossEntropyLossImpl, CrossEntropyLossOptions, const Tensor&, const Tensor&> {
 public:
  explicit CrossEntropyLossImpl(const CrossEntropyLossOptions& options_ = {});
  void reset() override;

  Tensor weight;  // a buffer: a copy of options.weight()

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(CrossEntropyLoss);

// Cross-entropy of two classes for scores: target is the probability of the positive one, of input's sizes.
class TAPER_API BCEWithLogitsLossImpl
    : public Layer<BCEWithLogitsLossImpl, BCEWithLogitsLossOptions, const Tensor&, const Tensor&> {
 public:
  explicit BCEWithLogitsLossImpl(const BCEWithLogitsLossOptions& options_ = {});
  void reset() override;

  Tensor weight, pos_weight;  // buffers: copies of those of the options

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(BCEWithLogitsLoss);

}  // namespace taper::nn
