// Activations that are one function of each value, with parameters. A kernel has value and derivative of each; where a
// graph of the derivative is asked for, it is composed of differentiable operations. Only the input is kept, or the
// result.
#include <taper/autograd/ops/elementwise_internal.h>
#include <taper/core/factories.h>

#include <cmath>

namespace taper {

using namespace autograd;
using kernels::Parameters;
using kernels::UnaryOp;

namespace {

// y = f(x); composed(dy, x) is the derivative in differentiable operations.
template <class Composed>
Tensor record_activation(const char* node, UnaryOp f, const Tensor& x, const Parameters& p, Composed composed) {
  return record(node, {x}, kernels::unary(f, x, p), [f, p, composed, sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get();
    if (!GradMode::is_enabled()) return kernels::derivative(f, dy, v, p);
    return composed(dy, v);
  });
}

template <class Function>
Tensor& activation_in_place(const char* op, Tensor& x, UnaryOp f, const Parameters& p, bool saves_old,
                            Function function) {
  check_floating(op, x);
  change(
      op, x, {}, saves_old, [&] { kernels::unary_out(x, f, x, p); }, function);
  return x;
}

Tensor floating(const Tensor& x) { return x.is_floating_point() ? x : x.to(get_default_dtype()); }

}  // namespace

// ---- exponential on the left: y = x > 0 ? scale x : alpha scale (exp(input_scale x) - 1) ----------------------------
//                                                          dx = dy (x > 0 ? scale : alpha scale input_scale exp(...))
namespace {

Parameters elu_parameters(const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
  return {alpha.toDouble() * scale.toDouble(), scale.toDouble(), input_scale.toDouble()};
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
  check_floating("elu", x);
  const Parameters p = elu_parameters(alpha, scale, input_scale);
  return record_activation("EluBackward0", UnaryOp::Elu, x, p, [p](const Tensor& dy, const Tensor& v) {
    const Tensor right = v > 0, z = masked_fill(v, right, 0) * p.c;  // exp(c x) of a large x would be infinite
    return taper::where(right, dy * p.b, dy * (z.exp() * (p.a * p.c)));
  });
}
Tensor& elu_(Tensor& x, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
  return activation_in_place("elu_", x, UnaryOp::Elu, elu_parameters(alpha, scale, input_scale), true,
                             [&](const Tensor& old) { return elu(old, alpha, scale, input_scale); });
}

Tensor selu(const Tensor& x) {
  check_floating("selu", x);
  return elu(x, kSeluAlpha, kSeluScale);
}
Tensor& selu_(Tensor& x) {
  check_floating("selu_", x);
  return elu_(x, kSeluAlpha, kSeluScale);
}

Tensor celu(const Tensor& x, const Scalar& alpha) {
  check_floating("celu", x);
  return elu(x, alpha, 1, celu_input_scale("celu", alpha));
}
Tensor& celu_(Tensor& x, const Scalar& alpha) {
  check_floating("celu_", x);
  return elu_(x, alpha, 1, celu_input_scale("celu_", alpha));
}

// ---- smooth ---------------------------------------------------------------------------------------------------------

// y = ln(1 + exp(beta x)) / beta, x where beta x > threshold          dx = dy sigmoid(beta x), or dy there
Tensor softplus(const Tensor& x, const Scalar& beta, const Scalar& threshold) {
  check_floating("softplus", x);
  const double b = beta.toDouble(), limit = threshold.toDouble();
  TAPER_CHECK_VALUE(b != 0, "softplus: beta must not be 0");
  return record_activation("SoftplusBackward0", UnaryOp::Softplus, x, {b, limit},
                           [b, limit](const Tensor& dy, const Tensor& v) {
                             const Tensor z = v * b;
                             return taper::where(z > limit, dy, dy * z.sigmoid());
                           });
}

// y = -ln(1 + exp(-x))                                     dx = dy sigmoid(-x)
Tensor log_sigmoid(const Tensor& x) {
  check_floating("log_sigmoid", x);
  return record_activation("LogSigmoidBackward0", UnaryOp::LogSigmoid, x, {},
                           [](const Tensor& dy, const Tensor& v) { return dy * (-v).sigmoid(); });
}

// y = x t, t = tanh(ln(1 + exp(x)))                        dx = dy (t + x sigmoid(x) (1 - t^2))
Tensor mish(const Tensor& x) {
  check_floating("mish", x);
  return record_activation("MishBackward0", UnaryOp::Mish, x, {}, [](const Tensor& dy, const Tensor& v) {
    const Tensor t = softplus(v, 1, 40).tanh();
    return dy * (t + v * v.sigmoid() * (1 - t.square()));
  });
}
Tensor& mish_(Tensor& x) {
  return activation_in_place("mish_", x, UnaryOp::Mish, {}, true, [](const Tensor& old) { return mish(old); });
}

// y = x - tanh x                                           dx = dy tanh^2 x
Tensor tanhshrink(const Tensor& x) {
  return record_activation("TanhshrinkBackward0", UnaryOp::Tanhshrink, floating(x), {},
                           [](const Tensor& dy, const Tensor& v) { return dy * v.tanh().square(); });
}

// y = x / (1 + |x|)                                        dx = dy / (1 + |x|)^2
Tensor softsign(const Tensor& x) {
  return record_activation("SoftsignBackward0", UnaryOp::Softsign, floating(x), {},
                           [](const Tensor& dy, const Tensor& v) { return dy / (v.abs() + 1).square(); });
}

// ---- piecewise linear -----------------------------------------------------------------------------------------------

// min_val <= y <= max_val                                  dx = dy where min_val < y < max_val
Tensor hardtanh(const Tensor& x, const Scalar& min_val, const Scalar& max_val) {
  if (!x.is_floating_point()) {
    TAPER_CHECK_TYPE(x.dtype() != kBool, "hardtanh: the input must be numbers; got ", x.dtype());
    return x.clamp(min_val.toLong(), max_val.toLong());
  }
  const Parameters p{min_val.toDouble(), max_val.toDouble()};
  Tensor y = kernels::unary(UnaryOp::Hardtanh, x, p);
  return record("HardtanhBackward0", {x}, y, [p, sy = save_result_of(x, y)](const Tensor& dy) {
    const Tensor v = sy.get();
    if (!GradMode::is_enabled()) return kernels::derivative(UnaryOp::Hardtanh, dy, v, p);
    return taper::where((v <= p.a).logical_or(v >= p.b), 0, dy);
  });
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
  check_floating("threshold", x);
  const double t = threshold.toDouble();
  return record_activation("ThresholdBackward0", UnaryOp::Threshold, x, {t, value.toDouble()},
                           [t](const Tensor& dy, const Tensor& v) { return taper::where(v <= t, 0, dy); });
}
Tensor& threshold_(Tensor& x, const Scalar& threshold, const Scalar& value) {
  return activation_in_place("threshold_", x, UnaryOp::Threshold, {threshold.toDouble(), value.toDouble()}, true,
                             [&](const Tensor& old) { return taper::threshold(old, threshold, value); });
}

// y = |x| <= lambd ? 0 : x                                 dx = dy where |x| > lambd
Tensor hardshrink(const Tensor& x, const Scalar& lambd) {
  check_floating("hardshrink", x);
  const double l = lambd.toDouble();
  return record_activation("HardshrinkBackward0", UnaryOp::Hardshrink, x, {l},
                           [l](const Tensor& dy, const Tensor& v) { return taper::where(v.abs() <= l, 0, dy); });
}

// y = x - lambd where x > lambd, x + lambd where x < -lambd, 0 between         dx = dy where |x| > lambd
Tensor softshrink(const Tensor& x, const Scalar& lambd) {
  check_floating("softshrink", x);
  const double l = lambd.toDouble();
  TAPER_CHECK_VALUE(l >= 0, "softshrink: lambd must be 0 or more; got ", l);
  return record_activation("SoftshrinkBackward0", UnaryOp::Softshrink, x, {l},
                           [l](const Tensor& dy, const Tensor& v) { return taper::where(v.abs() <= l, 0, dy); });
}

}  // namespace taper
