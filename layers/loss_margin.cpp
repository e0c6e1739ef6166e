#include <taper/layers/loss_margin.h>

#include <taper/layers/functional_loss.h>

#include <ostream>

namespace taper::nn {

using enumtype::reduction_get_enum;

namespace functional {

Tensor soft_margin_loss(const Tensor& input, const Tensor& target, const SoftMarginLossFuncOptions& options) {
  return taper::soft_margin_loss(input, target, reduction_get_enum(options.reduction()));
}

Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, const HingeEmbeddingLossFuncOptions& options) {
  return taper::hinge_embedding_loss(input, target, options.margin(), reduction_get_enum(options.reduction()));
}

Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                           const MarginRankingLossFuncOptions& options) {
  TAPER_CHECK(input1.dim() == input2.dim() && input1.dim() == target.dim(),
              "margin_ranking_loss: inputs and target must have as many dimensions each; got sizes ", input1.sizes(),
              ", ", input2.sizes(), " and ", target.sizes());
  return taper::margin_ranking_loss(input1, input2, target, options.margin(), reduction_get_enum(options.reduction()));
}

Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                             const CosineEmbeddingLossFuncOptions& options) {
  return taper::cosine_embedding_loss(input1, input2, target, options.margin(),
                                      reduction_get_enum(options.reduction()));
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossFuncOptions& options) {
  return taper::triplet_margin_loss(anchor, positive, negative, options.margin(), options.p(), options.eps(),
                                    options.swap(), reduction_get_enum(options.reduction()));
}

}  // namespace functional

SoftMarginLossImpl::SoftMarginLossImpl(const SoftMarginLossOptions& options_) : options(options_) {}
Tensor SoftMarginLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::soft_margin_loss(input, target, options); });
}
void SoftMarginLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::SoftMarginLoss()"; }

HingeEmbeddingLossImpl::HingeEmbeddingLossImpl(const HingeEmbeddingLossOptions& options_) : options(options_) {}
Tensor HingeEmbeddingLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::hinge_embedding_loss(input, target, options); });
}
void HingeEmbeddingLossImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::HingeEmbeddingLoss(margin=" << options.margin() << ")";
}

MarginRankingLossImpl::MarginRankingLossImpl(const MarginRankingLossOptions& options_) : options(options_) {}
Tensor MarginRankingLossImpl::forward(const Tensor& input1, const Tensor& input2, const Tensor& target) {
  return detail::call_module(*this, &input1,
                             [&] { return functional::margin_ranking_loss(input1, input2, target, options); });
}
void MarginRankingLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::MarginRankingLoss()"; }

CosineEmbeddingLossImpl::CosineEmbeddingLossImpl(const CosineEmbeddingLossOptions& options_) : options(options_) {}
Tensor CosineEmbeddingLossImpl::forward(const Tensor& input1, const Tensor& input2, const Tensor& target) {
  return detail::call_module(*this, &input1,
                             [&] { return functional::cosine_embedding_loss(input1, input2, target, options); });
}
void CosineEmbeddingLossImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::CosineEmbeddingLoss(margin=" << options.margin() << ")";
}

TripletMarginLossImpl::TripletMarginLossImpl(const TripletMarginLossOptions& options_) : options(options_) {}
Tensor TripletMarginLossImpl::forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) {
  return detail::call_module(*this, &anchor,
                             [&] { return functional::triplet_margin_loss(anchor, positive, negative, options); });
}
void TripletMarginLossImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::TripletMarginLoss(margin=" << options.margin() << ", p=" << options.p()
         << ", eps=" << options.eps() << ", swap=" << (options.swap() ? "true" : "false") << ")";
}

}  // namespace taper::nn
