// Activations. Where a value is a function of one number alone, perhaps with parameters, its kernel has value and
// derivative (core/elementwise.def); where a graph of the derivative is asked for, it is composed of differentiable
// operations. relu, sigmoid and tanh are in unary.cpp.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/softmax.h>
#include <taper/core/random.h>

#include <mutex>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::Parameters;
using kernels::UnaryOp;

namespace {

// dx = derivative(dy, v), where v is x or y, as the kernel takes it.
template <class Derivative>
auto derivative_of(UnaryOp op, const Parameters& p, SavedTensor saved, Derivative derivative) {
  return [op, p, derivative, saved = std::move(saved)](const Tensor& dy) {
    const Tensor v = saved.get();
    return GradMode::is_enabled() ? derivative(dy, v) : kernels::derivative(op, dy, v, p);
  };
}

// y = name(x), with the derivative in terms of x.
template <class Derivative>
Tensor activation(const char* name, const char* node, UnaryOp op, const Tensor& x, const Parameters& p,
                  Derivative derivative) {
  check_floating(name, x);
  return record(node, {x}, kernels::unary(op, x, p), derivative_of(op, p, save(x), derivative));
}

template <class Function>
Tensor& activation_in_place(const char* name, Tensor& x, UnaryOp op, const Parameters& p, bool saves_old,
                            Function function) {
  check_floating(name, x);
  return in_place_checked(
      name, x, {}, [&] { kernels::unary_out(x, op, x, p); },
      [&](const Tensor& old) { return function(clone_if(saves_old, old)); });
}

Tensor floating(const Tensor& x) { return x.is_floating_point() ? x : x.to(get_default_dtype()); }

}  // namespace

// ---- exponential for negative x: y = x > 0 ? scale x : alpha scale (exp(input_scale x) - 1) -------------------------
//                                                          dx = dy (x > 0 ? scale : alpha scale input_scale exp(...))
namespace {

Tensor elu_as(const char* name, const Tensor& x, double alpha, double scale, double input_scale) {
  const Parameters p{alpha * scale, scale, input_scale};
  return activation(name, "EluBackward0", UnaryOp::Elu, x, p, [p](const Tensor& dy, const Tensor& v) {
    const Tensor right = v > 0, z = masked_fill(v, right, 0) * p.c;  // exp(c x) of a large x would be infinite
    return taper::where(right, dy * p.b, dy * (z.exp() * (p.a * p.c)));
  });
}
Tensor& elu_in_place(const char* name, Tensor& x, double alpha, double scale, double input_scale) {
  return activation_in_place(name, x, UnaryOp::Elu, {alpha * scale, scale, input_scale}, true,
                             [&](const Tensor& old) { return elu_as(name, old, alpha, scale, input_scale); });
}

double celu_input_scale(const char* op, const Scalar& alpha) {
  TAPER_CHECK_VALUE(alpha.toDouble() != 0, op, ": alpha must not be 0, the input is divided by it");
  return 1 / alpha.toDouble();
}

// Klambauer et al. 2017: what gives activations of mean 0 and variance 1 a fixed point.
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSeluScale = 1.0507009873554804934193349852946;

}  // namespace

Tensor elu(const Tensor& x, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
  return elu_as("elu", x, alpha.toDouble(), scale.toDouble(), input_scale.toDouble());
}
Tensor& elu_(Tensor& x, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
  return elu_in_place("elu_", x, alpha.toDouble(), scale.toDouble(), input_scale.toDouble());
}
Tensor selu(const Tensor& x) { return elu_as("selu", x, kSeluAlpha, kSeluScale, 1); }
Tensor& selu_(Tensor& x) { return elu_in_place("selu_", x, kSeluAlpha, kSeluScale, 1); }
Tensor celu(const Tensor& x, const Scalar& alpha) {
  return elu_as("celu", x, alpha.toDouble(), 1, celu_input_scale("celu", alpha));
}
Tensor& celu_(Tensor& x, const Scalar& alpha) {
  return elu_in_place("celu_", x, alpha.toDouble(), 1, celu_input_scale("celu_", alpha));
}

// ---- smooth ---------------------------------------------------------------------------------------------------------

// y = x Phi(x)                                             dx = dy (Phi(x) + x phi(x))
Tensor gelu(const Tensor& x) {
  return activation("gelu", "GeluBackward0", UnaryOp::Gelu, x, {}, [](const Tensor& dy, const Tensor& v) {
    constexpr double kSqrtHalf = 0.70710678118654752440, kPhi0 = 0.39894228040143267794;
    const Tensor cdf = ((v * kSqrtHalf).erf() + 1) * 0.5, density = (v.square() * -0.5).exp() * kPhi0;
    return dy * (cdf + v * density);
  });
}

// y = x s, s = sigmoid(x)                                  dx = dy s (1 + x (1 - s))
Tensor silu(const Tensor& x) {
  return activation("silu", "SiluBackward0", UnaryOp::Silu, x, {}, [](const Tensor& dy, const Tensor& v) {
    const Tensor s = v.sigmoid();
    return dy * s * (v * (1 - s) + 1);
  });
}

// y = ln(1 + exp(beta x)) / beta, x where beta x > threshold          dx = dy sigmoid(beta x), or dy there
Tensor softplus(const Tensor& x, const Scalar& beta, const Scalar& threshold) {
  const double b = beta.toDouble(), limit = threshold.toDouble();
  TAPER_CHECK_VALUE(b != 0, "softplus: beta must not be 0");
  return activation("softplus", "SoftplusBackward0", UnaryOp::Softplus, x, {b, limit},
                    [b, limit](const Tensor& dy, const Tensor& v) {
                      const Tensor z = v * b;
                      return taper::where(z > limit, dy, dy * z.sigmoid());
                    });
}

// y = -ln(1 + exp(-x))                                     dx = dy sigmoid(-x)
Tensor log_sigmoid(const Tensor& x) {
  return activation("log_sigmoid", "LogSigmoidBackward0", UnaryOp::LogSigmoid, x, {},
                    [](const Tensor& dy, const Tensor& v) { return dy * (-v).sigmoid(); });
}

// y = x t, t = tanh(ln(1 + exp(x)))                        dx = dy (t + x sigmoid(x) (1 - t^2))
Tensor mish(const Tensor& x) {
  return activation("mish", "MishBackward0", UnaryOp::Mish, x, {}, [](const Tensor& dy, const Tensor& v) {
    const Tensor t = softplus(v, 1, 40).tanh();
    return dy * (t + v * v.sigmoid() * (1 - t.square()));
  });
}
Tensor& mish_(Tensor& x) {
  return activation_in_place("mish_", x, UnaryOp::Mish, {}, true, [](const Tensor& old) { return mish(old); });
}

// y = x - tanh x                                           dx = dy tanh^2 x
Tensor tanhshrink(const Tensor& x) {
  return activation("tanhshrink", "TanhshrinkBackward0", UnaryOp::Tanhshrink, floating(x), {},
                    [](const Tensor& dy, const Tensor& v) { return dy * v.tanh().square(); });
}

// y = x / (1 + |x|)                                        dx = dy / (1 + |x|)^2
Tensor softsign(const Tensor& x) {
  return activation("softsign", "SoftsignBackward0", UnaryOp::Softsign, floating(x), {},
                    [](const Tensor& dy, const Tensor& v) { return dy / (v.abs() + 1).square(); });
}

// ---- piecewise linear -----------------------------------------------------------------------------------------------

// y = x > 0 ? x : slope x                                  dx = x > 0 ? dy : slope dy
Tensor leaky_relu(const Tensor& x, const Scalar& negative_slope) {
  return activation(
      "leaky_relu", "LeakyReluBackward0", UnaryOp::LeakyRelu, x, {negative_slope.toDouble()},
      [negative_slope](const Tensor& dy, const Tensor& v) { return taper::where(v > 0, dy, dy * negative_slope); });
}
Tensor& leaky_relu_(Tensor& x, const Scalar& negative_slope) {
  return in_place_checked(
      "leaky_relu_", x, {}, [&] { kernels::unary_out(x, UnaryOp::LeakyRelu, x, {negative_slope.toDouble()}); },
      [&](const Tensor& old) { return leaky_relu(old.clone(), negative_slope); });
}

// min_val <= y <= max_val                                  dx = dy where min_val < y < max_val
Tensor hardtanh(const Tensor& x, const Scalar& min_val, const Scalar& max_val) {
  if (!x.is_floating_point()) {
    TAPER_CHECK_TYPE(x.dtype() != kBool, "hardtanh: the input must be numbers; got ", x.dtype());
    return x.clamp(min_val.toLong(), max_val.toLong());
  }
  const Parameters p{min_val.toDouble(), max_val.toDouble()};
  Tensor y = kernels::unary(UnaryOp::Hardtanh, x, p);
  return record("HardtanhBackward0", {x}, y,
                derivative_of(UnaryOp::Hardtanh, p, save_result_of(x, y), [p](const Tensor& dy, const Tensor& v) {
                  return taper::where((v <= p.a).logical_or(v >= p.b), 0, dy);
                }));
}
Tensor& hardtanh_(Tensor& x, const Scalar& min_val, const Scalar& max_val) {
  if (!x.is_floating_point()) return x.copy_(hardtanh(x, min_val, max_val));
  return activation_in_place("hardtanh_", x, UnaryOp::Hardtanh, {min_val.toDouble(), max_val.toDouble()}, false,
                             [&](const Tensor& old) { return hardtanh(old, min_val, max_val); });
}

Tensor relu6(const Tensor& x) { return hardtanh(x, 0, 6); }
Tensor& relu6_(Tensor& x) { return hardtanh_(x, 0, 6); }

// y = x > threshold ? x : value                            dx = dy where x > threshold
Tensor threshold(const Tensor& x, const Scalar& threshold, const Scalar& value) {
  const double t = threshold.toDouble();
  return activation("threshold", "ThresholdBackward0", UnaryOp::Threshold, x, {t, value.toDouble()},
                    [t](const Tensor& dy, const Tensor& v) { return taper::where(v <= t, 0, dy); });
}
Tensor& threshold_(Tensor& x, const Scalar& threshold, const Scalar& value) {
  return activation_in_place("threshold_", x, UnaryOp::Threshold, {threshold.toDouble(), value.toDouble()}, true,
                             [&](const Tensor& old) { return taper::threshold(old, threshold, value); });
}

// y = |x| <= lambd ? 0 : x                                 dx = dy where |x| > lambd
Tensor hardshrink(const Tensor& x, const Scalar& lambd) {
  const double l = lambd.toDouble();
  return activation("hardshrink", "HardshrinkBackward0", UnaryOp::Hardshrink, x, {l},
                    [l](const Tensor& dy, const Tensor& v) { return taper::where(v.abs() <= l, 0, dy); });
}

// y = x - lambd where x > lambd, x + lambd where x < -lambd, 0 between         dx = dy where |x| > lambd
Tensor softshrink(const Tensor& x, const Scalar& lambd) {
  const double l = lambd.toDouble();
  TAPER_CHECK_VALUE(l >= 0, "softshrink: lambd must be 0 or more; got ", l);
  return activation("softshrink", "SoftshrinkBackward0", UnaryOp::Softshrink, x, {l},
                    [l](const Tensor& dy, const Tensor& v) { return taper::where(v.abs() <= l, 0, dy); });
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
  const Tensor y = kernels::binary(BinaryOp::Prelu, x, w);
  return record("PreluBackward0", {x, w}, y, [sx = save(x), sw = save(w)](const Tensor& dy, const Needs& needs) {
    const Tensor v = sx.get(), right = v > 0;
    return Grads{needs[0] ? taper::where(right, dy, dy * sw.get()) : Tensor(),
                 needs[1] ? taper::where(right, 0, dy * v) : Tensor()};
  });
}

namespace {

// The slopes of rrelu: drawn where x <= 0, in the order of the elements, and 1 elsewhere.
Tensor random_slopes(const Tensor& x, double lower, double upper) {
  const Tensor values = kernels::contiguous(x.detach().to(compute_dtype(x.scalar_type())));
  Tensor slopes = ones(x.sizes(), values.dtype());
  dispatch_floating(values.dtype(), "rrelu", [&]<class T>(T) {
    const T* const v = values.data_ptr<T>();
    T* const slope = slopes.data_ptr<T>();
    Generator& generator = default_generator();
    const std::lock_guard lock(generator);
    for (int64_t i = 0; i < values.numel(); ++i) {
      if (v[i] <= 0) slope[i] = static_cast<T>(generator.uniform53() * (upper - lower) + lower);
    }
  });
  return slopes.to(x.scalar_type());
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

// Converts first when asked to; integers have no softmax of their own.
static Tensor as_floating(const char* op, const Tensor& x, optional<ScalarType> dtype) {
  Tensor input = dtype ? x.to(*dtype) : x;
  check_floating(op, input);
  return input;
}

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
  kernels::binary_out(mask, kernels::BinaryOp::Div, mask, 1 - p);
  return x * mask;
}

}  // namespace taper
