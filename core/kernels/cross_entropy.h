// Softmax cross-entropy on tensors, without autograd, as one fused pass each way.
//
// x [R, C] holds the logits, a row per sample, target [R] int64 classes in [0, C) or ignore_index, weight [C] (float32
// or float64) or undefined. With p = softmax of a row, w = weight (1 when undefined), s = smoothing and t = target[r]:
//   l_r = -(1 - s) w_t ln p_t - s/C sum_c w_c ln p_c,  0 for an ignored row
//       = -sum_c q_c ln p_c with q_c = (1 - s) w_t [c = t] + s/C w_c
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

struct CrossEntropyTargets {
  Tensor target, weight;
  int64_t ignore_index = -100;
  double smoothing = 0;
};

struct CrossEntropyResult {
  Tensor losses;            // [R] in x's dtype: l
  Tensor max, inverse;      // [R]: max of a row, 1 / sum exp(x - max); for backward
  double sum = 0;           // sum l
  double total_weight = 0;  // sum of w_t over the rows not ignored: what the mean divides by
};

TAPER_API CrossEntropyResult cross_entropy(const Tensor& x, const CrossEntropyTargets& targets);

// dx = dl_r (p sum_c q_c - q), for dl [R], or [] for the same cotangent times `factor` in every row
TAPER_API Tensor cross_entropy_backward(const Tensor& dl, double factor, const Tensor& x,
                                        const CrossEntropyTargets& targets, const Tensor& max, const Tensor& inverse);

// q as a tensor [R, C], zero in ignored rows.
TAPER_API Tensor cross_entropy_probabilities(const CrossEntropyTargets& targets, int64_t classes, ScalarType dtype);

}  // namespace taper::kernels
