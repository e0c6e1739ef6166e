#include <taper/layers/distance.h>

#include <taper/layers/functional_loss.h>

#include <ostream>

namespace taper::nn {

namespace functional {

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, const CosineSimilarityFuncOptions& options) {
  return taper::cosine_similarity(x1, x2, options.dim(), options.eps());
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, const PairwiseDistanceFuncOptions& options) {
  return taper::pairwise_distance(x1, x2, options.p(), options.eps(), options.keepdim());
}

}  // namespace functional

CosineSimilarityImpl::CosineSimilarityImpl(const CosineSimilarityOptions& options_) : options(options_) {}
Tensor CosineSimilarityImpl::forward(const Tensor& x1, const Tensor& x2) {
  return detail::call_module(*this, &x1, [&] { return functional::cosine_similarity(x1, x2, options); });
}
void CosineSimilarityImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::CosineSimilarity(dim=" << options.dim() << ", eps=" << options.eps() << ")";
}

PairwiseDistanceImpl::PairwiseDistanceImpl(const PairwiseDistanceOptions& options_) : options(options_) {}
Tensor PairwiseDistanceImpl::forward(const Tensor& x1, const Tensor& x2) {
  return detail::call_module(*this, &x1, [&] { return functional::pairwise_distance(x1, x2, options); });
}
void PairwiseDistanceImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::PairwiseDistance(p=" << options.p() << ", eps=" << options.eps()
         << ", keepdim=" << (options.keepdim() ? "true" : "false") << ")";
}

}  // namespace taper::nn
