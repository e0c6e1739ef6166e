// Distances of pairs, as modules.
//
//   taper::nn::CosineSimilarity similarity(taper::nn::CosineSimilarityOptions().dim(-1));
//   taper::Tensor cosines = similarity(x1, x2);
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

struct CosineSimilarityOptions {
  TAPER_ARG(int64_t, dim) = 1;
  // What lengths count as at least.
  TAPER_ARG(double, eps) = 1e-8;
};

struct PairwiseDistanceOptions {
  // Of the norm.
  TAPER_ARG(double, p) = 2.0;
  // Added to differences, so that the norm has a derivative where they are 0.
  TAPER_ARG(double, eps) = 1e-6;
  // Whether the last dim stays, with size 1.
  TAPER_ARG(bool, keepdim) = false;
};

// The cosine of the angle between x1 and x2 along dim, which disappears.
class TAPER_API CosineSimilarityImpl : public Cloneable<CosineSimilarityImpl> {
 public:
  explicit CosineSimilarityImpl(const CosineSimilarityOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& x1, const Tensor& x2);
  void pretty_print(std::ostream& stream) const override;
  CosineSimilarityOptions options;
};
TAPER_MODULE(CosineSimilarity);

// The p-norm of x1 - x2 + eps along the last dim: [N, D] -> [N].
class TAPER_API PairwiseDistanceImpl : public Cloneable<PairwiseDistanceImpl> {
 public:
  explicit PairwiseDistanceImpl(const PairwiseDistanceOptions& options_ = {});
  void reset() override {}
  Tensor forward(const Tensor& x1, const Tensor& x2);
  void pretty_print(std::ostream& stream) const override;
  PairwiseDistanceOptions options;
};
TAPER_MODULE(PairwiseDistance);

}  // namespace taper::nn
