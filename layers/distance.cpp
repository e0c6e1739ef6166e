#include <taper/layers/distance.h>

namespace taper::nn {

Tensor functional::cosine_similarity(const Tensor& x1, const Tensor& x2, const CosineSimilarityFuncOptions& o) {
  return taper::cosine_similarity(x1, x2, o.dim(), o.eps());
}
Tensor functional::pairwise_distance(const Tensor& x1, const Tensor& x2, const PairwiseDistanceFuncOptions& o) {
  return taper::pairwise_distance(x1, x2, o.p(), o.eps(), o.keepdim());
}

Tensor CosineSimilarityImpl::layer_forward(const Tensor& x1, const Tensor& x2) {
  return functional::cosine_similarity(x1, x2, options);
}
Tensor PairwiseDistanceImpl::layer_forward(const Tensor& x1, const Tensor& x2) {
  return functional::pairwise_distance(x1, x2, options);
}

}  // namespace taper::nn
