// Functions of one number beyond pointwise.cpp. Each: forward, what is saved, derivative, in place.
#include <taper/autograd/ops/elementwise_internal.h>
#include <taper/core/factories.h>

#include <limits>

namespace taper {

using namespace autograd;
using kernels::UnaryOp;

namespace {

// y = f(x), whose derivative is in terms of x: dx = derivative(dy, x)
template <class F>
Tensor by_input(const char* node, UnaryOp op, const Tensor& x, F derivative) {
  return record(node, {x}, kernels::unary(op, x),
                [derivative, sx = save(x)](const Tensor& dy) { return derivative(dy, sx.get()); });
}
// The same in terms of y.
template <class F>
Tensor by_result(const char* node, UnaryOp op, const Tensor& x, F derivative) {
  Tensor y = kernels::unary(op, x);
  return record(node, {x}, y,
                [derivative, sy = save_result_of(x, y)](const Tensor& dy) { return derivative(dy, sy.get()); });
}

constexpr double kLn2 = 0.69314718055994530942, kLn10 = 2.30258509299404568402;
constexpr double kTwoOverSqrtPi = 1.12837916709551257390;

}  // namespace

// name(x) = y, dx = expression of dy and x (or, by result, y); and name_ in place.
#define TAPER_BY_INPUT(name, Op, node, derivative)                                                  \
  Tensor name(const Tensor& x) {                                                                    \
    return by_input(node, UnaryOp::Op, x,                                                           \
                    [](const Tensor& dy, [[maybe_unused]] const Tensor& v) { return derivative; }); \
  }                                                                                                 \
  TAPER_MATH_IN_PLACE(name, Op, true)
#define TAPER_BY_RESULT(name, Op, node, derivative)                                                       \
  Tensor name(const Tensor& x) {                                                                          \
    return by_result(node, UnaryOp::Op, x, [](const Tensor& dy, const Tensor& y) { return derivative; }); \
  }                                                                                                       \
  TAPER_MATH_IN_PLACE(name, Op, false)
#define TAPER_MATH_IN_PLACE(name, Op, saves_old)                                                 \
  Tensor& Tensor::name##_() const {                                                              \
    change(                                                                                      \
        #name "_", *this, {}, saves_old, [&] { kernels::unary_out(*this, UnaryOp::Op, *this); }, \
        [](const Tensor& x) { return taper::name(x); });                                         \
    return self();                                                                               \
  }

// A table; the comment keeps it one.
// clang-format off
//              name, kernel, node, dx
TAPER_BY_RESULT(tan, Tan, "TanBackward0", dy * (1 + y.square()))
TAPER_BY_INPUT(asin, Asin, "AsinBackward0", dy * (1 - v.square()).rsqrt())
TAPER_BY_INPUT(acos, Acos, "AcosBackward0", -dy * (1 - v.square()).rsqrt())
TAPER_BY_INPUT(atan, Atan, "AtanBackward0", dy / (v.square() + 1))
TAPER_BY_INPUT(sinh, Sinh, "SinhBackward0", dy * v.cosh())
TAPER_BY_INPUT(cosh, Cosh, "CoshBackward0", dy * v.sinh())
TAPER_BY_INPUT(asinh, Asinh, "AsinhBackward0", dy * (v.square() + 1).rsqrt())
TAPER_BY_INPUT(acosh, Acosh, "AcoshBackward0", dy * (v.square() - 1).rsqrt())
TAPER_BY_INPUT(atanh, Atanh, "AtanhBackward0", dy / (1 - v.square()))
TAPER_BY_RESULT(exp2, Exp2, "Exp2Backward0", dy * y * kLn2)
TAPER_BY_INPUT(log2, Log2, "Log2Backward0", dy / (v * kLn2))
TAPER_BY_INPUT(log10, Log10, "Log10Backward0", dy / (v * kLn10))
TAPER_BY_INPUT(erfc, Erfc, "ErfcBackward0", dy * ((-v.square()).exp() * -kTwoOverSqrtPi))
TAPER_BY_RESULT(erfinv, Erfinv, "ErfinvBackward0", dy * (y.square().exp() * (1 / kTwoOverSqrtPi)))
TAPER_BY_INPUT(trunc, Trunc, "TruncBackward0", zeros_like(dy))
TAPER_BY_INPUT(frac, Frac, "FracBackward0", dy)
TAPER_BY_INPUT(lgamma, Lgamma, "LgammaBackward0", dy * v.digamma())
TAPER_BY_INPUT(digamma, Digamma, "DigammaBackward0", dy * v.polygamma(1))
// clang-format on
#undef TAPER_BY_INPUT
#undef TAPER_BY_RESULT
#undef TAPER_MATH_IN_PLACE

// y = digamma^(n)(x)                                       dx = dy digamma^(n + 1)(x)
Tensor polygamma(int64_t n, const Tensor& x) {
  TAPER_CHECK_VALUE(n >= 0, "polygamma: the order must be 0 or more; got ", n);
  if (n == 0) return digamma(x);
  return record("PolygammaBackward0", {x}, kernels::polygamma(n, x),
                [n, sx = save(x)](const Tensor& dy) { return dy * sx.get().polygamma(n + 1); });
}

// ---- nan_to_num: what is no number replaced              dx = dy, there 0 -------------------------------------------

Tensor nan_to_num(const Tensor& x, optional<double> nan, optional<double> posinf, optional<double> neginf) {
  if (!x.is_floating_point()) return clone(x);
  const double largest = dispatch_floating(
      x.dtype(), "nan_to_num", []<class T>(T) { return static_cast<double>(std::numeric_limits<T>::max()); });
  const double infinity = std::numeric_limits<double>::infinity();
  Tensor y = where(isnan(x), nan.value_or(0), x);
  y = where(x == infinity, posinf.value_or(largest), y);
  return where(x == -infinity, neginf.value_or(-largest), y);
}

}  // namespace taper
