// Tensors drawn at random from the default generator (core/random.h), in PyTorch's stream. dx = 0. In place there are
// the methods uniform_, normal_, bernoulli_, ... (core/tensor.h), and rand, randn, randint in core/factories.h.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// 1 with probability p (or x, elementwise), else 0; of x's sizes and dtype. ValueError for probabilities outside
// [0, 1], TypeError for those that are no floats.
TAPER_API Tensor bernoulli(const Tensor& x);
TAPER_API Tensor bernoulli(const Tensor& x, double p);
TAPER_API Tensor bernoulli(const Tensor& x, const Tensor& p);

// Classes drawn in proportion to the weights x, without replacement each at most once: x [c] or [n, c], not negative
// -> int64 [num_samples] or [n, num_samples]. ValueError for other weights, or too many samples.
TAPER_API Tensor multinomial(const Tensor& x, int64_t num_samples, bool replacement = false);

// Normally distributed with mean and standard deviation elementwise; ValueError for a negative standard deviation.
TAPER_API Tensor normal(const Tensor& mean, double std = 1);
TAPER_API Tensor normal(double mean, const Tensor& std);
TAPER_API Tensor normal(const Tensor& mean, const Tensor& std);
TAPER_API Tensor normal(double mean, double std, IntArrayRef sizes, const TensorOptions& options = {});

}  // namespace taper
