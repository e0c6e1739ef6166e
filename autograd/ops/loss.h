// Loss functions. x is the prediction, t the target, dl the cotangent of the elementwise losses l, which `reduction`
// turns into the result: None gives them all, Mean their (weighted) mean, Sum their sum; another one is a ValueError.
// Sizes that do not fit are an Error, integers where floats are needed a TypeError. Names, order and defaults of
// arguments are libtorch's. taper::nn::functional has the same functions with options by name.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

namespace Reduction {
enum Reduction : int64_t { None, Mean, Sum };
}

// l = (x - t)^2                            dx = 2 (x - t) dl, dt = -dx. x and t broadcast.
TAPER_API Tensor mse_loss(const Tensor& x, const Tensor& t, int64_t reduction = Reduction::Mean);

// l = |x - t|                              dx = sign(x - t) dl, dt = -dx. x and t broadcast.
TAPER_API Tensor l1_loss(const Tensor& x, const Tensor& t, int64_t reduction = Reduction::Mean);

// l = z^2 / (2 beta) where |z| < beta, |z| - beta / 2 beyond, z = x - t     dx = clamp(z / beta, -1, 1) dl, dt = -dx
// l1_loss for beta = 0, ValueError for beta < 0. x and t broadcast.
TAPER_API Tensor smooth_l1_loss(const Tensor& x, const Tensor& t, int64_t reduction = Reduction::Mean, double beta = 1);

// l = z^2 / 2 where |z| < delta, delta (|z| - delta / 2) beyond, z = x - t  dx = clamp(z, -delta, delta) dl, dt = -dx
// ValueError for delta <= 0. x and t broadcast.
TAPER_API Tensor huber_loss(const Tensor& x, const Tensor& t, int64_t reduction = Reduction::Mean, double delta = 1);

// l = t (ln t - x) for log-probabilities x and probabilities t, 0 where t = 0; with log_target t holds logarithms too:
// l = exp(t) (t - x). Mean divides by the number of all elements; nn::functional::kl_div has kBatchMean, too.
TAPER_API Tensor kl_div(const Tensor& x, const Tensor& t, int64_t reduction = Reduction::Mean, bool log_target = false);

// l = exp(x) - t x, or x - t ln(x + eps) when x is no logarithm: -ln of the probability a Poisson distribution of mean
// exp(x) gives to t, up to a constant that `full` adds by Stirling's formula where t > 1: t ln t - t + ln(2 pi t) / 2.
TAPER_API Tensor poisson_nll_loss(const Tensor& x, const Tensor& t, bool log_input, bool full, double eps,
                                  int64_t reduction);

// l = -weight (t ln x + (1 - t) ln(1 - x)) for probabilities x in [0, 1]; the logarithms are cut off at -100.
//                                          dx = weight (x - t) / max(x (1 - x), 1e-12) dl
// l has x's sizes, to which weight broadcasts; so does t, dimensions of size 1 left out: [N] goes with [N, 1].
// ValueError for an x outside [0, 1], NaN too.
TAPER_API Tensor binary_cross_entropy(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                                      int64_t reduction = Reduction::Mean);

// l = weight (pos_weight t softplus(-x) + (1 - t) softplus(x)): -ln of the probability sigmoid(x) gives to t in [0, 1],
// without overflow for any x. l has t's sizes, to which x, weight and pos_weight broadcast.
TAPER_API Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                                                  const Tensor& pos_weight = {}, int64_t reduction = Reduction::Mean);

// l_i = -weight[t_i] x[i, t_i] for log-probabilities x: [N, C] and t: [N], [C] and [], or [N, C, d1, ...] and
// [N, d1, ...]. t holds int64 class indices (uint8 and int32 are fine too); where it is ignore_index, l_i = 0. Mean
// divides by the sum of weight[t_i] over those not ignored, so it is NaN when all are. IndexError for any other t_i
// outside [0, C), TypeError for other dtypes.
TAPER_API Tensor nll_loss(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                          int64_t reduction = Reduction::Mean, int64_t ignore_index = -100);
// The same under libtorch's names for inputs of more dimensions.
inline Tensor nll_loss2d(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                         int64_t reduction = Reduction::Mean, int64_t ignore_index = -100) {
  return nll_loss(x, t, weight, reduction, ignore_index);
}
inline Tensor nll_loss_nd(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                          int64_t reduction = Reduction::Mean, int64_t ignore_index = -100) {
  return nll_loss(x, t, weight, reduction, ignore_index);
}

// -sum over classes of q ln p, p = softmax(x) over the classes (dim 1; dim 0 of a 1-d x). q is given by t:
//   class indices, sizes and rules as in nll_loss: q = 1 at t_i, 0 elsewhere (one pass, fused with its derivative);
//   class probabilities, floating point of x's sizes: q = t; Mean divides by the number of samples.
// label_smoothing s in [0, 1] replaces q by (1 - s) q + s / C; weight [C] multiplies the term of each class.
TAPER_API Tensor cross_entropy_loss(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                                    int64_t reduction = Reduction::Mean, int64_t ignore_index = -100,
                                    double label_smoothing = 0);

// ---- pairs and triplets (loss_margin.cpp) ---------------------------------------------------------------------------

// l = ln(1 + exp(-t x)) for t = 1 or -1, without overflow.
TAPER_API Tensor soft_margin_loss(const Tensor& x, const Tensor& t, int64_t reduction = Reduction::Mean);

// l = x where t = 1, max(0, margin - x) where t = -1: x is a distance.
TAPER_API Tensor hinge_embedding_loss(const Tensor& x, const Tensor& t, double margin = 1,
                                      int64_t reduction = Reduction::Mean);

// l = max(0, -t (x1 - x2) + margin): x1 should be the larger where t = 1, x2 where t = -1.
TAPER_API Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& t, double margin = 0,
                                     int64_t reduction = Reduction::Mean);

// l = 1 - cos where t = 1, max(0, cos - margin) where t = -1, for the angle between rows of x1 and x2.
//   x1, x2 [N, D], t [N], or x1, x2 [D], t []
TAPER_API Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& t, double margin = 0,
                                       int64_t reduction = Reduction::Mean);

// l = max(0, d(anchor, positive) - d(anchor, negative) + margin), d = pairwise_distance of p and eps. With swap the
// negative's distance to the positive counts where it is smaller. [N, D] or [D] each.
TAPER_API Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                     double margin = 1, double p = 2, double eps = 1e-6, bool swap = false,
                                     int64_t reduction = Reduction::Mean);

// sum x1 x2 / (max(|x1|, eps) max(|x2|, eps)) along dim, which disappears. x1 and x2 broadcast.
TAPER_API Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim = 1, double eps = 1e-8);

// The p-norm of x1 - x2 + eps along the last dim. x1 and x2 broadcast.
TAPER_API Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p = 2, double eps = 1e-6,
                                   bool keepdim = false);

}  // namespace taper
