// Losses that ask for a margin between pairs or triplets, as layers and as functions. They give the mean of the single
// losses l, their sum or all of them, by `reduction`; the derivatives are in autograd/ops/loss.h.
//
//   taper::nn::TripletMarginLoss loss(taper::nn::TripletMarginLossOptions().margin(0.5).swap(true));
//   loss(net(anchor), net(positive), net(negative)).backward();
#pragma once

#include <taper/layers/loss.h>

namespace taper::nn {

using SoftMarginLossOptions = ReductionOptions;

struct HingeEmbeddingLossOptions : detail::ReductionArg<HingeEmbeddingLossOptions> {
  TAPER_ARG(double, margin) = 1.0;
  TAPER_PRINTED(margin_);
};

struct MarginRankingLossOptions : detail::ReductionArg<MarginRankingLossOptions> {
  TAPER_ARG(double, margin) = 0.0;
};

struct CosineEmbeddingLossOptions : detail::ReductionArg<CosineEmbeddingLossOptions> {
  // A cosine, from -1 to 1.
  TAPER_ARG(double, margin) = 0.0;
  TAPER_PRINTED(margin_);
};

struct TripletMarginLossOptions : detail::ReductionArg<TripletMarginLossOptions> {
  TAPER_ARG(double, margin) = 1.0;
  // The p of the norm that measures distances.
  TAPER_ARG(double, p) = 2.0;
  // Added to differences, so that the norm has a derivative where they are 0.
  TAPER_ARG(double, eps) = 1e-6;
  // Whether the negative's distance to the positive counts where it is smaller than that to the anchor.
  TAPER_ARG(bool, swap) = false;
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
// All three must have the same number of dimensions, else an Error.
TAPER_API Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                                     const MarginRankingLossFuncOptions& options = {});
TAPER_API Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                                       const CosineEmbeddingLossFuncOptions& options = {});
TAPER_API Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                     const TripletMarginLossFuncOptions& options = {});

}  // namespace functional

// In the formulas x, x1 and x2 are the inputs and t the target, whose elements are 1 or -1.

// Logistic loss: l = ln(1 + exp(-t x)), which does not overflow. x and t broadcast.
TAPER_STATELESS(SoftMarginLoss, SoftMarginLossOptions, const Tensor&, const Tensor&);

// l = x where t = 1, max(0, margin - x) where t = -1; x is a distance. x and t broadcast. As Hadsell
// et al. 2006, without the squares.
TAPER_STATELESS(HingeEmbeddingLoss, HingeEmbeddingLossOptions, const Tensor&, const Tensor&);

// l = max(0, -t (x1 - x2) + margin): x1 is to be ranked above x2 where t = 1, below it where t = -1. All broadcast.
TAPER_STATELESS(MarginRankingLoss, MarginRankingLossOptions, const Tensor&, const Tensor&, const Tensor&);

// l = 1 - cos where t = 1, max(0, cos - margin) where t = -1, cos being the cosine of the angle between rows of x1 and
// x2.
//
//   x1, x2  [N, D] with t [N], or [D] with t []
TAPER_STATELESS(CosineEmbeddingLoss, CosineEmbeddingLossOptions, const Tensor&, const Tensor&, const Tensor&);

// l = max(0, d(anchor, positive) - d(anchor, negative) + margin), d being the p-norm of the difference.
//
//   anchor, positive, negative  [N, D] or [D] each
//
// Schroff et al. 2015 (FaceNet); swap: Balntas et al. 2016.
TAPER_STATELESS(TripletMarginLoss, TripletMarginLossOptions, const Tensor&, const Tensor&, const Tensor&);

}  // namespace taper::nn
