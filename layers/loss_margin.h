// Losses that ask for a margin between pairs or triplets, as layers and as functions. The formulas, shapes and errors
// are in autograd/ops/loss.h.
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
  TAPER_PRINTED(margin_);
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
  TAPER_PRINTED(margin_);
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
  TAPER_PRINTED(margin_, p_, eps_, swap_);
};

namespace functional {

using SoftMarginLossFuncOptions = SoftMarginLossOptions;
using HingeEmbeddingLossFuncOptions = HingeEmbeddingLossOptions;
using MarginRankingLossFuncOptions = MarginRankingLossOptions;
using CosineEmbeddingLossFuncOptions = CosineEmbeddingLossOptions;
using TripletMarginLossFuncOptions = TripletMarginLossOptions;

TAPER_API Tensor soft_margin_loss(const Tensor& input, const Tensor& target,
                                  const SoftMarginLossFuncOptions& options = {});
TAPER_API Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target,
                                      const HingeEmbeddingLossFuncOptions& options = {});
// All three with as many dimensions.
TAPER_API Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                                     const MarginRankingLossFuncOptions& options = {});
TAPER_API Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                                       const CosineEmbeddingLossFuncOptions& options = {});
TAPER_API Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                     const TripletMarginLossFuncOptions& options = {});

}  // namespace functional

// Mean of ln(1 + exp(-target input)); the target is 1 or -1.
TAPER_STATELESS(SoftMarginLoss, SoftMarginLossOptions, const Tensor&, const Tensor&);

// Mean of input where the target is 1, max(0, margin - input) where it is -1; the input is a distance.
TAPER_STATELESS(HingeEmbeddingLoss, HingeEmbeddingLossOptions, const Tensor&, const Tensor&);

// Mean of max(0, -target (input1 - input2) + margin): target 1 wants input1 to be the larger, -1 input2.
TAPER_STATELESS(MarginRankingLoss, MarginRankingLossOptions, const Tensor&, const Tensor&, const Tensor&);

// Mean of 1 - cos where the target is 1, max(0, cos - margin) where it is -1, for the angle between rows of the
// inputs: [N, D] with a target of [N], or [D] with one without dimensions.
TAPER_STATELESS(CosineEmbeddingLoss, CosineEmbeddingLossOptions, const Tensor&, const Tensor&, const Tensor&);

// Mean of max(0, d(anchor, positive) - d(anchor, negative) + margin), d the p-norm of the difference: [N, D] or [D]
// each. Balntas et al. 2016.
TAPER_STATELESS(TripletMarginLoss, TripletMarginLossOptions, const Tensor&, const Tensor&, const Tensor&);

}  // namespace taper::nn
