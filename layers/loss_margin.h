// Losses that ask for a margin between pairs or triplets, as modules. The formulas, shapes and errors are in
// autograd/ops/loss.h.
//
//   taper::nn::TripletMarginLoss loss(taper::nn::TripletMarginLossOptions().margin(0.5).swap(true));
//   loss(net(anchor), net(positive), net(negative)).backward();
#pragma once

#include <taper/layers/loss.h>

namespace taper::nn {

using SoftMarginLossOptions = ReductionOptions;

struct HingeEmbeddingLossOptions {
  using reduction_t = ReductionTag;
  TAPER_ARG(double, margin) = 1.0;
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

struct MarginRankingLossOptions {
  using reduction_t = ReductionTag;
  TAPER_ARG(double, margin) = 0.0;
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

struct CosineEmbeddingLossOptions {
  using reduction_t = ReductionTag;
  // A cosine, from -1 to 1.
  TAPER_ARG(double, margin) = 0.0;
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

struct TripletMarginLossOptions {
  using reduction_t = ReductionTag;
  TAPER_ARG(double, margin) = 1.0;
  // Of the norm that measures distances.
  TAPER_ARG(double, p) = 2.0;
  // Added to differences, so that the norm has a derivative where they are 0.
  TAPER_ARG(double, eps) = 1e-6;
  // Whether the negative's distance to the positive counts where it is smaller than that to the anchor.
  TAPER_ARG(bool, swap) = false;
  TAPER_ARG(ReductionTag, reduction) = kMean;
};

// Mean of ln(1 + exp(-target input)); the target is 1 or -1.
class TAPER_API SoftMarginLossImpl : public Cloneable<SoftMarginLossImpl> {
 public:
  explicit SoftMarginLossImpl(const SoftMarginLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  SoftMarginLossOptions options;
};
TAPER_MODULE(SoftMarginLoss);

// Mean of input where the target is 1, max(0, margin - input) where it is -1; the input is a distance.
class TAPER_API HingeEmbeddingLossImpl : public Cloneable<HingeEmbeddingLossImpl> {
 public:
  explicit HingeEmbeddingLossImpl(const HingeEmbeddingLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  HingeEmbeddingLossOptions options;
};
TAPER_MODULE(HingeEmbeddingLoss);

// Mean of max(0, -target (input1 - input2) + margin): target 1 wants input1 to be the larger, -1 input2.
class TAPER_API MarginRankingLossImpl : public Cloneable<MarginRankingLossImpl> {
 public:
  explicit MarginRankingLossImpl(const MarginRankingLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  MarginRankingLossOptions options;
};
TAPER_MODULE(MarginRankingLoss);

// Mean of 1 - cos where the target is 1, max(0, cos - margin) where it is -1, for the angle between rows of the
// inputs: [N, D] with a target of [N], or [D] with one without dimensions.
class TAPER_API CosineEmbeddingLossImpl : public Cloneable<CosineEmbeddingLossImpl> {
 public:
  explicit CosineEmbeddingLossImpl(const CosineEmbeddingLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target);
  void pretty_print(std::ostream& stream) const override;
  CosineEmbeddingLossOptions options;
};
TAPER_MODULE(CosineEmbeddingLoss);

// Mean of max(0, d(anchor, positive) - d(anchor, negative) + margin), d the p-norm of the difference: [N, D] or [D]
// each. Balntas et al. 2016.
class TAPER_API TripletMarginLossImpl : public Cloneable<TripletMarginLossImpl> {
 public:
  explicit TripletMarginLossImpl(const TripletMarginLossOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative);
  void pretty_print(std::ostream& stream) const override;
  TripletMarginLossOptions options;
};
TAPER_MODULE(TripletMarginLoss);

}  // namespace taper::nn
