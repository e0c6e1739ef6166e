// Loss functions. x is what the model says, t what is true; `reduction` turns the single losses l into the result:
// None gives them all, Mean their (weighted) mean, Sum their sum. Names, order and defaults of arguments are
// libtorch's. taper::nn::functional has the same functions with options by name.
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

// l = weight (pos_weight t softplus(-x) + (1 - t) softplus(x)): -ln of the probability sigmoid(x) gives to t in [0, 1],
// without overflow for any x. x and t have the same sizes; weight and pos_weight broadcast to them.
TAPER_API Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                                                  const Tensor& pos_weight = {}, int64_t reduction = Reduction::Mean);

// l_i = -weight[t_i] x[i, t_i] for log-probabilities x: [N, C] and t: [N], [C] and [], or [N, C, d1, ...] and
// [N, d1, ...]. t holds int64 class indices (uint8 and int32 are fine too); where it is ignore_index, l_i = 0. Mean
// divides by the sum of weight[t_i] over those not ignored, so it is NaN when all are. IndexError for any other t_i
// outside [0, C), TypeError for other dtypes.
TAPER_API Tensor nll_loss(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                          int64_t reduction = Reduction::Mean, int64_t ignore_index = -100);
// The same under the names libtorch has for inputs of more dimensions.
TAPER_API Tensor nll_loss2d(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                            int64_t reduction = Reduction::Mean, int64_t ignore_index = -100);
TAPER_API Tensor nll_loss_nd(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                             int64_t reduction = Reduction::Mean, int64_t ignore_index = -100);

// -sum over classes of q ln p, p = softmax(x) over the classes (dim 1; dim 0 of a 1-d x). q is given by t:
//   class indices, sizes and rules as in nll_loss: q = 1 at t_i, 0 elsewhere (one pass, fused with its derivative);
//   class probabilities, floating point of x's sizes: q = t; Mean divides by the number of samples.
// label_smoothing s in [0, 1] replaces q by (1 - s) q + s / C; weight [C] multiplies the term of each class.
TAPER_API Tensor cross_entropy_loss(const Tensor& x, const Tensor& t, const Tensor& weight = {},
                                    int64_t reduction = Reduction::Mean, int64_t ignore_index = -100,
                                    double label_smoothing = 0);

}  // namespace taper
