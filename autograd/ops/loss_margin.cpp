// Distances of pairs, and losses that ask for a margin between them. All are composed of differentiable operations.
#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/loss_reduction_internal.h>

namespace taper {

using namespace autograd;

// ---- distances ------------------------------------------------------------------------------------------------------

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim, double eps) {
  check_floating("cosine_similarity", x1);
  check_floating("cosine_similarity", x2);
  const DimVector sizes = kernels::broadcast_sizes("cosine_similarity", x1.sizes(), x2.sizes());
  const auto unit = [&](const Tensor& x) {
    const Tensor a = x.expand(sizes);
    return a / a.square().sum({dim}, true).clamp_min(eps * eps).sqrt();
  };
  return (unit(x1) * unit(x2)).sum({dim});
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim) {
  kernels::broadcast_sizes("pairwise_distance", x1.sizes(), x2.sizes());
  return norm(x1 - x2 + eps, p, {-1}, keepdim);
}

// ---- losses ---------------------------------------------------------------------------------------------------------

Tensor soft_margin_loss(const Tensor& x, const Tensor& t, int64_t reduction) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::soft_margin_loss, x, t, reduction);
  check_loss("soft_margin_loss", x, t, reduction);
  return reduce_losses(softplus(t * -x, 1, 40), reduction);  // from 40 on the sum is x itself in double too
}

Tensor hinge_embedding_loss(const Tensor& x, const Tensor& t, double margin, int64_t reduction) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::hinge_embedding_loss, x, t, margin, reduction);
  check_loss("hinge_embedding_loss", x, t, reduction);
  return reduce_losses(taper::where(t != 1, (margin - x).clamp_min(0), 0) + taper::where(t != -1, x, 0), reduction);
}

Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& t, double margin, int64_t reduction) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::margin_ranking_loss, x1, x2, t, margin, reduction);
  check_reduction("margin_ranking_loss", reduction);
  const DimVector sizes = kernels::broadcast_sizes("margin_ranking_loss", x1.sizes(), x2.sizes());
  kernels::broadcast_sizes("margin_ranking_loss", sizes, t.sizes());
  const Tensor losses = (-t * (x1 - x2) + margin).clamp_min(0);
  check_floating("margin_ranking_loss", losses);
  return reduce_losses(losses, reduction);
}

Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& t, double margin, int64_t reduction) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32(taper::cosine_embedding_loss, x1, x2, t, margin, reduction);
  constexpr const char* op = "cosine_embedding_loss";
  check_reduction(op, reduction);
  TAPER_CHECK(t.dim() <= 1 && x1.dim() == t.dim() + 1 && x2.dim() == x1.dim(), op,
              ": the inputs must be [N, D] for a target of [N], or [D] for one without dimensions; got inputs ",
              x1.sizes(), " and ", x2.sizes(), " and target ", t.sizes());
  kernels::broadcast_sizes(op, x1.sizes(), x2.sizes());
  constexpr double kEps = 1e-12;  // added to the squares: a row of zeros is at right angles to all
  const auto square = [](const Tensor& x) { return x.square().sum({-1}) + kEps; };
  const Tensor cosine = (x1 * x2).sum({-1}) / (square(x1) * square(x2)).sqrt();
  kernels::broadcast_sizes(op, cosine.sizes(), t.sizes());
  const Tensor losses = taper::where(t == 1, 1 - cosine, 0) + taper::where(t == -1, (cosine - margin).clamp_min(0), 0);
  return reduce_losses(losses, reduction);
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative, double margin,
                           double p, double eps, bool swap, int64_t reduction) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32(taper::triplet_margin_loss, anchor, positive, negative, margin, p, eps, swap,
                                reduction);
  constexpr const char* op = "triplet_margin_loss";
  check_reduction(op, reduction);
  TAPER_CHECK(anchor.dim() == positive.dim() && anchor.dim() == negative.dim(), op,
              ": anchor, positive and negative must have as many dimensions each; got sizes ", anchor.sizes(), ", ",
              positive.sizes(), " and ", negative.sizes());
  const auto distance = [&](const Tensor& a, const Tensor& b) { return pairwise_distance(a, b, p, eps); };
  Tensor to_negative = distance(anchor, negative);
  if (swap) to_negative = minimum(to_negative, distance(positive, negative));
  return reduce_losses((distance(anchor, positive) - to_negative + margin).clamp_min(0), reduction);
}

}  // namespace taper
