// Layer normalisation of rows of n values, forward and backward (isa/layer_norm.h has the formulas). Internal.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

struct LayerNormResult {
  Tensor y, stats;  // stats [2, rows] float64: mean, 1 / sqrt(var + eps)
};
// x of any sizes, as rows of n elements; weight and bias have n elements, or are undefined.
LayerNormResult layer_norm(const Tensor& x, int64_t n, const Tensor& weight, const Tensor& bias, double eps);

struct LayerNormGrads {
  Tensor dx, dweight, dbias;  // dweight and dbias [n]
};
LayerNormGrads layer_norm_backward(const Tensor& dy, const Tensor& x, int64_t n, const Tensor& weight,
                                   const Tensor& stats, bool needs_dx, bool needs_dparams);

}  // namespace taper::kernels
