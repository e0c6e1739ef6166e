// Activation functions, softmax and dropout (relu, sigmoid and tanh are in unary.h). Elementwise unless said otherwise,
// for floating-point tensors: another dtype is a TypeError. Those whose name ends in _ overwrite x and return it.
// taper::nn has each as a module.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y = x > 0 ? x : negative_slope x                         dx = dy (x > 0 ? 1 : negative_slope)
TAPER_API Tensor leaky_relu(const Tensor& x, const Scalar& negative_slope = 0.01);
TAPER_API Tensor& leaky_relu_(Tensor& x, const Scalar& negative_slope = 0.01);

// y = x > 0 ? x : weight x                                 dx = dy (x > 0 ? 1 : weight), dweight = sum dy min(x, 0)
//   weight  [] or [1], or [C] for x [N, C, ...]; an Error for other sizes
TAPER_API Tensor prelu(const Tensor& x, const Tensor& weight);

// y = x > 0 ? x : r x                                      dx = dy (x > 0 ? 1 : r)
// In training r is drawn for each element, uniformly from [lower, upper]; otherwise it is their mean. ValueError for
// lower > upper.
TAPER_API Tensor rrelu(const Tensor& x, const Scalar& lower = 1.0 / 8, const Scalar& upper = 1.0 / 3,
                       bool training = false);
TAPER_API Tensor& rrelu_(Tensor& x, const Scalar& lower = 1.0 / 8, const Scalar& upper = 1.0 / 3,
                         bool training = false);

// y = x > 0 ? scale x : alpha scale (exp(input_scale x) - 1)
//                                                          dx = dy (x > 0 ? scale : alpha scale input_scale e^(...))
TAPER_API Tensor elu(const Tensor& x, const Scalar& alpha = 1, const Scalar& scale = 1, const Scalar& input_scale = 1);
TAPER_API Tensor& elu_(Tensor& x, const Scalar& alpha = 1, const Scalar& scale = 1, const Scalar& input_scale = 1);
// elu of alpha 1.6733 and scale 1.0507 (Klambauer et al. 2017).
TAPER_API Tensor selu(const Tensor& x);
TAPER_API Tensor& selu_(Tensor& x);
// elu of input_scale 1 / alpha; ValueError for alpha = 0.
TAPER_API Tensor celu(const Tensor& x, const Scalar& alpha = 1);
TAPER_API Tensor& celu_(Tensor& x, const Scalar& alpha = 1);

// y = x Phi(x), Phi the normal distribution function       dx = dy (Phi(x) + x Phi'(x))
TAPER_API Tensor gelu(const Tensor& x);
// y = x s, s = sigmoid(x)                                  dx = dy s (1 + x (1 - s))
TAPER_API Tensor silu(const Tensor& x);
// y = x t, t = tanh(softplus(x))                           dx = dy (t + x sigmoid(x) (1 - t^2))
TAPER_API Tensor mish(const Tensor& x);
TAPER_API Tensor& mish_(Tensor& x);
// y = a sigmoid(b) for the halves a, b of x along dim      da = dy s, db = dy a s (1 - s), s = sigmoid(b)
// An Error when the size of dim is odd.
TAPER_API Tensor glu(const Tensor& x, int64_t dim = -1);

// y = ln(1 + exp(beta x)) / beta, x where beta x > threshold      dx = dy sigmoid(beta x), dy beyond the threshold
// ValueError for beta = 0.
TAPER_API Tensor softplus(const Tensor& x, const Scalar& beta = 1, const Scalar& threshold = 20);
// y = -ln(1 + exp(-x))                                     dx = dy sigmoid(-x)
TAPER_API Tensor log_sigmoid(const Tensor& x);
// y = x / (1 + |x|), of integers too                       dx = dy / (1 + |x|)^2
TAPER_API Tensor softsign(const Tensor& x);
// y = x - tanh(x), of integers too                         dx = dy tanh(x)^2
TAPER_API Tensor tanhshrink(const Tensor& x);

// y = min(max(x, min_val), max_val), of integers too       dx = dy where min_val < x < max_val
// relu6: from 0 to 6.
TAPER_API Tensor hardtanh(const Tensor& x, const Scalar& min_val = -1, const Scalar& max_val = 1);
TAPER_API Tensor& hardtanh_(Tensor& x, const Scalar& min_val = -1, const Scalar& max_val = 1);
TAPER_API Tensor relu6(const Tensor& x);
TAPER_API Tensor& relu6_(Tensor& x);
// y = x > threshold ? x : value                            dx = dy where x > threshold
TAPER_API Tensor threshold(const Tensor& x, const Scalar& threshold, const Scalar& value);
TAPER_API Tensor& threshold_(Tensor& x, const Scalar& threshold, const Scalar& value);
// y = |x| <= lambd ? 0 : x                                 dx = dy where |x| > lambd
TAPER_API Tensor hardshrink(const Tensor& x, const Scalar& lambd = 0.5);
// y = sign(x) max(|x| - lambd, 0)                          dx = dy where |x| > lambd
// ValueError for lambd < 0.
TAPER_API Tensor softshrink(const Tensor& x, const Scalar& lambd = 0.5);

// y_i = exp(x_i) / sum_j exp(x_j) along dim, of x as `dtype` where given       dx = y (dy - sum(dy y))
TAPER_API Tensor softmax(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);
// y_i = x_i - ln sum_j exp(x_j)                            dx = dy - exp(y) sum(dy)
TAPER_API Tensor log_softmax(const Tensor& x, int64_t dim, optional<ScalarType> dtype = nullopt);

// y = x m / (1 - p), m = 0 with probability p, else 1      dx = dy m / (1 - p)
// (Srivastava et al. 2014). x itself unless `train`. ValueError for p outside [0, 1].
TAPER_API Tensor dropout(const Tensor& x, double p, bool train);

}  // namespace taper
