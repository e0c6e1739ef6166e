// Activations. Where no graph of the derivative is asked for, a fused kernel computes it; the formula beside it
// otherwise.
#include <taper/autograd/ops/elementwise.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/reduce.h>
#include <taper/core/random.h>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::UnaryOp;

// y = max(x, 0)                                            dx = dy [y > 0], and dy where y is NaN
Tensor relu(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Relu, x);
  return record("ReluBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) {
    if (!GradMode::is_enabled()) return kernels::binary(BinaryOp::ReluGrad, dy, sy.get());
    return taper::where(sy.get() <= 0, 0, dy);
  });
}

// y = 1 / (1 + exp(-x))                                    dx = dy y (1 - y)
Tensor sigmoid(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Sigmoid, x);
  return record("SigmoidBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) {
    const Tensor s = sy.get();
    if (!GradMode::is_enabled()) return kernels::binary(BinaryOp::SigmoidGrad, dy, s);
    return dy * s * (1 - s);
  });
}

// y = tanh x                                               dx = dy (1 - y^2)
Tensor tanh(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Tanh, x);
  return record("TanhBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) {
    const Tensor t = sy.get();
    if (!GradMode::is_enabled()) return kernels::binary(BinaryOp::TanhGrad, dy, t);
    return dy * (1 - t.square());
  });
}

// y = x > 0 ? x : slope x                                  dx = x > 0 ? dy : slope dy
Tensor leaky_relu(const Tensor& x, const Scalar& negative_slope) {
  return record(
      "LeakyReluBackward0", {x}, kernels::leaky_relu(x, negative_slope.toDouble()),
      [negative_slope, sx = save(x)](const Tensor& dy) { return taper::where(sx.get() > 0, dy, dy * negative_slope); });
}

// y = x Phi(x)                                             dx = dy (Phi(x) + x phi(x))
Tensor gelu(const Tensor& x) {
  check_floating("gelu", x);
  return record("GeluBackward0", {x}, kernels::unary(UnaryOp::Gelu, x), [sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get();
    if (!GradMode::is_enabled()) return kernels::binary(BinaryOp::GeluGrad, dy, v);
    constexpr double kSqrtHalf = 0.70710678118654752440, kPhi0 = 0.39894228040143267794;
    const Tensor cdf = ((v * kSqrtHalf).erf() + 1) * 0.5, density = (v.square() * -0.5).exp() * kPhi0;
    return dy * (cdf + v * density);
  });
}

// y = x s, s = sigmoid(x)                                  dx = dy s (1 + x (1 - s))
Tensor silu(const Tensor& x) {
  check_floating("silu", x);
  return record("SiluBackward0", {x}, kernels::unary(UnaryOp::Silu, x), [sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get();
    if (!GradMode::is_enabled()) return kernels::binary(BinaryOp::SiluGrad, dy, v);
    const Tensor s = v.sigmoid();
    return dy * s * (v * (1 - s) + 1);
  });
}

// y = ln(1 + exp(beta x)) / beta, x where beta x > threshold          dx = dy sigmoid(beta x), or dy there
// The logarithm as max(beta x, 0) + ln(1 + exp(-|beta x|)), which never overflows.
Tensor softplus(const Tensor& x, const Scalar& beta, const Scalar& threshold) {
  check_floating("softplus", x);
  TAPER_CHECK_VALUE(beta.toDouble() != 0, "softplus: beta must not be 0");
  Tensor y;
  {
    const NoGradGuard no_grad;
    const Tensor z = x * beta;
    y = taper::where(z > threshold, x, (z.relu() + (-z.abs()).exp().log1p()) / beta);
  }
  return record("SoftplusBackward0", {x}, std::move(y), [beta, threshold, sx = save(x)](const Tensor& dy) {
    const Tensor z = sx.get() * beta;
    return taper::where(z > threshold, dy, dy * z.sigmoid());
  });
}

// ---- softmax: y = exp(x) / sum exp(x)                    dx = y (dy - sum dy y) -------------------------------------

namespace {
// Converts first when asked to; integers have no softmax of their own.
Tensor as_floating(const char* op, const Tensor& x, optional<ScalarType> dtype) {
  Tensor input = dtype ? x.to(*dtype) : x;
  check_floating(op, input);
  return input;
}
}  // namespace

Tensor softmax(const Tensor& x, int64_t dim, optional<ScalarType> dtype) {
  const Tensor input = as_floating("softmax", x, dtype);
  Tensor y = kernels::softmax(input, dim);
  return record("SoftmaxBackward0", {input}, y, [dim, sy = save_result_of(input, y)](const Tensor& dy) {
    const Tensor p = sy.get();
    if (!GradMode::is_enabled()) return kernels::softmax_backward(dy, p, dim);
    return p * (dy - (dy * p).sum(dim, true));
  });
}

// y = x - ln sum exp(x)                                    dx = dy - exp(y) sum dy
Tensor log_softmax(const Tensor& x, int64_t dim, optional<ScalarType> dtype) {
  const Tensor input = as_floating("log_softmax", x, dtype);
  Tensor y = kernels::log_softmax(input, dim);
  return record("LogSoftmaxBackward0", {input}, y, [dim, sy = save_result_of(input, y)](const Tensor& dy) {
    const Tensor log_p = sy.get();
    if (!GradMode::is_enabled()) return kernels::log_softmax_backward(dy, log_p, dim);
    return dy - log_p.exp() * dy.sum(dim, true);
  });
}

// y = x mask / (1 - p), mask = 1 with probability 1 - p    dx = dy mask / (1 - p)
Tensor dropout(const Tensor& x, double p, bool train) {
  TAPER_CHECK_VALUE(p >= 0 && p <= 1, "dropout: the probability must be between 0 and 1; got ", p);
  if (!train || p == 0 || x.numel() == 0) return x;
  check_floating("dropout", x);
  if (p == 1) return x * taper::zeros({}, x.options());  // NaN stays NaN, as in PyTorch
  Tensor mask = empty_like(x);
  taper::detail::fill_bernoulli(mask, 1 - p, default_generator());
  kernels::binary_out(mask, BinaryOp::Div, mask, 1 - p);
  return x * mask;
}

// ---- methods --------------------------------------------------------------------------------------------------------

#define TAPER_METHODS(name, Op)                                                              \
  Tensor Tensor::name() const { return taper::name(*this); }                                 \
  Tensor& Tensor::name##_() const {                                                          \
    change(                                                                                  \
        #name "_", *this, {}, false, [&] { kernels::unary_out(*this, UnaryOp::Op, *this); }, \
        [](const Tensor& x) { return taper::name(x); });                                     \
    return self();                                                                           \
  }
TAPER_METHODS(relu, Relu)
TAPER_METHODS(sigmoid, Sigmoid)
TAPER_METHODS(tanh, Tanh)
#undef TAPER_METHODS

Tensor Tensor::softmax(int64_t dim, optional<ScalarType> dtype) const { return taper::softmax(*this, dim, dtype); }
Tensor Tensor::log_softmax(int64_t dim, optional<ScalarType> dtype) const {
  return taper::log_softmax(*this, dim, dtype);
}

}  // namespace taper
