#include <taper/layers/loss_margin.h>

#include <taper/autograd/functions.h>

namespace taper::nn {

using enumtype::reduction_get_enum;

namespace functional {

Tensor soft_margin_loss(const Tensor& input, const Tensor& target, const SoftMarginLossFuncOptions& o) {
  return taper::soft_margin_loss(input, target, reduction_get_enum(o.reduction()));
}

Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, const HingeEmbeddingLossFuncOptions& o) {
  return taper::hinge_embedding_loss(input, target, o.margin(), reduction_get_enum(o.reduction()));
}

Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                           const MarginRankingLossFuncOptions& o) {
  TAPER_CHECK(input1.dim() == input2.dim() && input1.dim() == target.dim(),
              "margin_ranking_loss: inputs and target must have as many dimensions each; got sizes ", input1.sizes(),
              ", ", input2.sizes(), " and ", target.sizes());
  return taper::margin_ranking_loss(input1, input2, target, o.margin(), reduction_get_enum(o.reduction()));
}

Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                             const CosineEmbeddingLossFuncOptions& o) {
  return taper::cosine_embedding_loss(input1, input2, target, o.margin(), reduction_get_enum(o.reduction()));
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossFuncOptions& o) {
  return taper::triplet_margin_loss(anchor, positive, negative, o.margin(), o.p(), o.eps(), o.swap(),
                                    reduction_get_enum(o.reduction()));
}

}  // namespace functional

namespace F = functional;

Tensor SoftMarginLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  return F::soft_margin_loss(x, t, options);
}
Tensor HingeEmbeddingLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  return F::hinge_embedding_loss(x, t, options);
}
Tensor MarginRankingLossImpl::layer_forward(const Tensor& x1, const Tensor& x2, const Tensor& t) {
  return F::margin_ranking_loss(x1, x2, t, options);
}
Tensor CosineEmbeddingLossImpl::layer_forward(const Tensor& x1, const Tensor& x2, const Tensor& t) {
  return F::cosine_embedding_loss(x1, x2, t, options);
}
Tensor TripletMarginLossImpl::layer_forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) {
  return F::triplet_margin_loss(anchor, positive, negative, options);
}

}  // namespace taper::nn
