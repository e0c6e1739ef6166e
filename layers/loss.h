// Losses as modules. Each is called with (input, target) and gives a scalar tensor, or all single losses with
// reduction(taper::kNone). The formulas, shapes and errors are in autograd/ops/loss.h.
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
