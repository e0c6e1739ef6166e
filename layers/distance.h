// Distances of pairs, as layers and as functions. x1 and x2 broadcast. CosineSimilarity takes
// of a floating-point type; PairwiseDistance converts integers.
//
//   taper::nn::CosineSimilarity similarity(taper::nn::CosineSimilarityOptions().dim(-1));
//   taper::Tensor cosines = similarity(x1, x2);
#pragma once

#include <taper/autograd/functions.h>
#include <taper/layers/layer.h>

namespace taper::nn {

struct CosineSimilarityOptions {
  TAPER_ARG(int64_t, dim) = 1;
  // Lower bound of each norm, which avoids a division by zero.
  TAPER_ARG(double, eps) = 1e-8;
  TAPER_PRINTED(dim_, eps_);
};

struct PairwiseDistanceOptions {
  // The p of the norm.
  TAPER_ARG(double, p) = 2.0;
  // Added to differences, so that the norm has a derivative where they are 0.
  TAPER_ARG(double, eps) = 1e-6;
  // Whether the last dimension stays, with size 1.
  TAPER_ARG(bool, keepdim) = false;
  TAPER_PRINTED(p_, eps_, keepdim_);
};

namespace functional {

using CosineSimilarityFuncOptions = CosineSimilarityOptions;
using PairwiseDistanceFuncOptions = PairwiseDistanceOptions;

using taper::pdist;
TAPER_API Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, const CosineSimilarityFuncOptions& options = {});
TAPER_API Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, const PairwiseDistanceFuncOptions& options = {});

}  // namespace functional

// sum x1 x2 / (max(|x1|, eps) max(|x2|, eps)) along dim: [N, D] -> [N] for dim 1. The cosine of the angle between the
// vectors.
TAPER_STATELESS(CosineSimilarity, CosineSimilarityOptions, const Tensor&, const Tensor&);

// (sum |x1 - x2 + eps|^p)^(1/p) along the last dimension: [N, D] -> [N].
TAPER_STATELESS(PairwiseDistance, PairwiseDistanceOptions, const Tensor&, const Tensor&);

}  // namespace taper::nn
