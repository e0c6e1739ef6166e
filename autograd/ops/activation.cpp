// Activations. Where no graph of the derivative is asked for, a fused kernel computes it; the formula beside it
// otherwise.
#include <taper/autograd/ops/elementwise_internal.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/softmax.h>
#include <taper/core/random.h>

#include <mutex>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::UnaryOp;

// y = max(x, 0)                                            dx = dy [y > 0], and dy where y is NaN
Tensor relu(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Relu, x);
  return record("ReluBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) {
    if (!GradMode::is_enabled()) return kernels::derivative(UnaryOp::Relu, dy, sy.get());
    return taper::where(sy.get() <= 0, 0, dy);
  });
}

// y = 1 / (1 + exp(-x))                                    dx = dy y (1 - y)
Tensor sigmoid(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Sigmoid, x);
  return record("SigmoidBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) {
    const Tensor s = sy.get();
    if (!GradMode::is_enabled()) return kernels::derivative(UnaryOp::Sigmoid, dy, s);
    return dy * s * (1 - s);
  });
}

// y = tanh x                                               dx = dy (1 - y^2)
Tensor tanh(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Tanh, x);
  return record("TanhBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) {
    const Tensor t = sy.get();
    if (!GradMode::is_enabled()) return kernels::derivative(UnaryOp::Tanh, dy, t);
    return dy * (1 - t.square());
  });
}

// y = x > 0 ? x : slope x                                  dx = x > 0 ? dy : slope dy
Tensor leaky_relu(const Tensor& x, const Scalar& negative_slope) {
  return record(
      "LeakyReluBackward0", {x}, kernels::unary(UnaryOp::LeakyRelu, x, {negative_slope.toDouble()}),
      [negative_slope, sx = save(x)](const Tensor& dy) { return taper::where(sx.get() > 0, dy, dy * negative_slope); });
}
Tensor& leaky_relu_(Tensor& x, const Scalar& negative_slope) {
  change(
      "leaky_relu_", x, {}, true,
      [&] { kernels::copy(x, kernels::unary(UnaryOp::LeakyRelu, x, {negative_slope.toDouble()})); },
      [&](const Tensor& old) { return leaky_relu(old, negative_slope); });
  return x;
}

// y = x Phi(x)                                             dx = dy (Phi(x) + x phi(x))
Tensor gelu(const Tensor& x) {
  check_floating("gelu", x);
  return record("GeluBackward0", {x}, kernels::unary(UnaryOp::Gelu, x), [sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get();
    if (!GradMode::is_enabled()) return kernels::derivative(UnaryOp::Gelu, dy, v);
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
    if (!GradMode::is_enabled()) return kernels::derivative(UnaryOp::Silu, dy, v);
    const Tensor s = v.sigmoid();
    return dy * s * (v * (1 - s) + 1);
  });
}

// ---- with more operands ---------------------------------------------------------------------------------------------

// y = a sigmoid(b) for the halves a, b of x                da = dy s, db = dy a s (1 - s), s = sigmoid(b)
Tensor glu(const Tensor& x, int64_t dim) {
  check_floating("glu", x);
  TAPER_CHECK(x.dim() > 0, "glu: the input must have a dimension to halve; got a tensor without dimensions");
  const int64_t size = x.size(dim), half = size / 2;
  TAPER_CHECK(size % 2 == 0, "glu: the size of dim ", dim, " must be even; got input sizes ", x.sizes());
  const auto value = [&] {
    const NoGradGuard no_grad;
    return x.narrow(dim, 0, half) * x.narrow(dim, half, half).sigmoid();
  };
  return record("GluBackward0", {x}, value(), [dim, half, sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get(), s = v.narrow(dim, half, half).sigmoid();
    return cat({dy * s, dy * v.narrow(dim, 0, half) * (s * (1 - s))}, dim);
  });
}

// y = x > 0 ? x : w x                                      dx = x > 0 ? dy : w dy, dw = x > 0 ? 0 : dy x
// w: one slope, or one for each channel (dim 1).
Tensor prelu(const Tensor& x, const Tensor& weight) {
  check_floating("prelu", x);
  TAPER_CHECK_TYPE(weight.dtype() == x.dtype(), "prelu: input and weight must have the same dtype; got ", x.dtype(),
                   " and ", weight.dtype());
  const int64_t slopes = weight.numel(), channels = x.dim() > 1 ? x.size(1) : 1;
  TAPER_CHECK(weight.dim() <= 1 && (slopes == 1 || slopes == channels),
              "prelu: weight must hold one slope, or one for each channel (dim 1 of the input); got weight sizes ",
              weight.sizes(), " and input sizes ", x.sizes());
  DimVector per_channel(x.sizes().size(), 1);
  if (slopes != 1) per_channel[1] = slopes;
  const Tensor w = weight.view(per_channel);
  const auto value = [&] {
    const NoGradGuard no_grad;
    return taper::where(x > 0, x, x * w);
  };
  return record("PreluBackward0", {x, w}, value(), [sx = save(x), sw = save(w)](const Tensor& dy, const Needs& needs) {
    const Tensor v = sx.get(), right = v > 0;
    return Grads{needs[0] ? taper::where(right, dy, dy * sw.get()) : Tensor(),
                 needs[1] ? taper::where(right, 0, dy * v) : Tensor()};
  });
}

namespace {

// The slopes of rrelu: drawn where x <= 0, in the order of the elements, and 1 elsewhere.
Tensor random_slopes(const Tensor& x, double lower, double upper) {
  const Tensor values = kernels::contiguous(x.detach());
  Tensor slopes = ones(x.sizes(), x.dtype());
  const auto draw = [&]<class T>(const T* v, T* slope) {
    Generator& generator = default_generator();
    const std::lock_guard lock(generator);
    for (int64_t i = 0; i < values.numel(); ++i) {
      if (v[i] <= 0) slope[i] = static_cast<T>(generator.uniform53() * (upper - lower) + lower);
    }
  };
  if (x.dtype() == kFloat64) {
    draw(values.data_ptr<double>(), slopes.data_ptr<double>());
  } else {
    draw(values.data_ptr<float>(), slopes.data_ptr<float>());
  }
  return slopes;
}

void check_rrelu(const char* op, const Tensor& x, const Scalar& lower, const Scalar& upper) {
  check_floating(op, x);
  TAPER_CHECK_VALUE(lower.toDouble() <= upper.toDouble(), op, ": lower must not be above upper; got ", lower.toDouble(),
                    " and ", upper.toDouble());
}

}  // namespace

// y = x > 0 ? x : r x                                      dx = x > 0 ? dy : r dy
// r: uniform in [lower, upper], drawn for each value in training; their mean otherwise.
Tensor rrelu(const Tensor& x, const Scalar& lower, const Scalar& upper, bool training) {
  check_rrelu("rrelu", x, lower, upper);
  const double from = lower.toDouble(), to = upper.toDouble();
  return training ? x * random_slopes(x, from, to) : leaky_relu(x, (from + to) / 2);
}
Tensor& rrelu_(Tensor& x, const Scalar& lower, const Scalar& upper, bool training) {
  check_rrelu("rrelu_", x, lower, upper);
  if (training) return x.mul_(random_slopes(x, lower.toDouble(), upper.toDouble()));
  return leaky_relu_(x, (lower.toDouble() + upper.toDouble()) / 2);
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

// ---- in place -------------------------------------------------------------------------------------------------------

#define TAPER_IN_PLACE(name, Op)                                                             \
  Tensor& Tensor::name##_() const {                                                          \
    change(                                                                                  \
        #name "_", *this, {}, false, [&] { kernels::unary_out(*this, UnaryOp::Op, *this); }, \
        [](const Tensor& x) { return taper::name(x); });                                     \
    return self();                                                                           \
  }
TAPER_IN_PLACE(relu, Relu)
TAPER_IN_PLACE(sigmoid, Sigmoid)
TAPER_IN_PLACE(tanh, Tanh)
#undef TAPER_IN_PLACE

}  // namespace taper
