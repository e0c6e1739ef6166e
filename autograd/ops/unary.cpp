// Functions of one number. Each: forward, what is saved, derivative, in place.
#include <taper/autograd/ops/ops_internal.h>

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
// In terms of y, computed by a kernel unless a graph of it is asked for.
template <class F>
Tensor by_kernel(const char* node, UnaryOp op, const Tensor& x, F derivative) {
  return by_result(node, op, x, [op, derivative](const Tensor& dy, const Tensor& y) {
    return GradMode::is_enabled() ? derivative(dy, y) : kernels::derivative(op, dy, y);
  });
}

Tensor& unary_in_place(const char* name, const Tensor& x, UnaryOp op, bool saves_old, Tensor (*f)(const Tensor&)) {
  return in_place_checked(
      name, x, {}, [&] { kernels::unary_out(x, op, x); },
      [&](const Tensor& old) { return f(clone_if(saves_old, old)); });
}

constexpr double kLn2 = 0.69314718055994530942, kLn10 = 2.30258509299404568402;
constexpr double kTwoOverSqrtPi = 1.12837916709551257390;

}  // namespace

// y = name(x) by the kernel Op, and x.name_(): dx is an expression of dy and x, of dy and y, or of dy alone. In place
// the old value is kept where the derivative needs it.
#define TAPER_BY_INPUT(name, Op, node, dx)                                                                     \
  Tensor name(const Tensor& input) {                                                                           \
    return by_input(node, UnaryOp::Op, input, [](const Tensor& dy, const Tensor& x) -> Tensor { return dx; }); \
  }                                                                                                            \
  TAPER_IN_PLACE(name, Op, true)
#define TAPER_BY_RESULT(name, Op, node, dx) TAPER_OF_RESULT(by_result, name, Op, node, dx)
#define TAPER_BY_KERNEL(name, Op, node, dx) TAPER_OF_RESULT(by_kernel, name, Op, node, dx)
#define TAPER_OF_RESULT(by, name, Op, node, dx)                                                      \
  Tensor name(const Tensor& x) {                                                                     \
    return by(node, UnaryOp::Op, x, [](const Tensor& dy, const Tensor& y) -> Tensor { return dx; }); \
  }                                                                                                  \
  TAPER_IN_PLACE(name, Op, false)
#define TAPER_BY_COTANGENT(name, Op, node, dx)                                                               \
  Tensor name(const Tensor& x) {                                                                             \
    return record(node, {x}, kernels::unary(UnaryOp::Op, x), [](const Tensor& dy) -> Tensor { return dx; }); \
  }                                                                                                          \
  TAPER_IN_PLACE(name, Op, false)
#define TAPER_IN_PLACE(name, Op, saves_old) \
  Tensor& Tensor::name##_() const { return unary_in_place(#name "_", *this, UnaryOp::Op, saves_old, taper::name); }

// A table; the comment keeps it one.
// clang-format off
//              name, kernel, node, dx
TAPER_BY_COTANGENT(neg, Neg, "NegBackward0", -dy)
TAPER_BY_INPUT(abs, Abs, "AbsBackward0", dy * x.sign())
TAPER_BY_COTANGENT(sign, Sign, "SignBackward0", zeros_like(dy))
TAPER_BY_COTANGENT(floor, Floor, "FloorBackward0", zeros_like(dy))
TAPER_BY_COTANGENT(ceil, Ceil, "CeilBackward0", zeros_like(dy))
TAPER_BY_COTANGENT(round, Round, "RoundBackward0", zeros_like(dy))
TAPER_BY_COTANGENT(trunc, Trunc, "TruncBackward0", zeros_like(dy))
TAPER_BY_COTANGENT(frac, Frac, "FracBackward0", dy)

TAPER_BY_RESULT(exp, Exp, "ExpBackward0", dy * y)
TAPER_BY_RESULT(exp2, Exp2, "Exp2Backward0", dy * y * kLn2)
TAPER_BY_RESULT(expm1, Expm1, "Expm1Backward0", dy * (y + 1))
TAPER_BY_INPUT(log, Log, "LogBackward0", dy / x)
TAPER_BY_INPUT(log2, Log2, "Log2Backward0", dy / (x * kLn2))
TAPER_BY_INPUT(log10, Log10, "Log10Backward0", dy / (x * kLn10))
TAPER_BY_INPUT(log1p, Log1p, "Log1PBackward0", dy / (x + 1))
TAPER_BY_RESULT(sqrt, Sqrt, "SqrtBackward0", dy / (y * 2))
TAPER_BY_RESULT(rsqrt, Rsqrt, "RsqrtBackward0", dy * (y.pow(3) * -0.5))
TAPER_BY_RESULT(reciprocal, Reciprocal, "ReciprocalBackward0", -dy * y.square())

TAPER_BY_INPUT(sin, Sin, "SinBackward0", dy * x.cos())
TAPER_BY_INPUT(cos, Cos, "CosBackward0", -dy * x.sin())
TAPER_BY_RESULT(tan, Tan, "TanBackward0", dy * (1 + y.square()))
TAPER_BY_INPUT(asin, Asin, "AsinBackward0", dy * (1 - x.square()).rsqrt())
TAPER_BY_INPUT(acos, Acos, "AcosBackward0", -dy * (1 - x.square()).rsqrt())
TAPER_BY_INPUT(atan, Atan, "AtanBackward0", dy / (x.square() + 1))
TAPER_BY_INPUT(sinh, Sinh, "SinhBackward0", dy * x.cosh())
TAPER_BY_INPUT(cosh, Cosh, "CoshBackward0", dy * x.sinh())
TAPER_BY_KERNEL(tanh, Tanh, "TanhBackward0", dy * (1 - y.square()))
TAPER_BY_INPUT(asinh, Asinh, "AsinhBackward0", dy * (x.square() + 1).rsqrt())
TAPER_BY_INPUT(acosh, Acosh, "AcoshBackward0", dy * (x.square() - 1).rsqrt())
TAPER_BY_INPUT(atanh, Atanh, "AtanhBackward0", dy / (1 - x.square()))

TAPER_BY_INPUT(erf, Erf, "ErfBackward0", dy * ((-x.square()).exp() * kTwoOverSqrtPi))
TAPER_BY_INPUT(erfc, Erfc, "ErfcBackward0", dy * ((-x.square()).exp() * -kTwoOverSqrtPi))
TAPER_BY_RESULT(erfinv, Erfinv, "ErfinvBackward0", dy * (y.square().exp() * (1 / kTwoOverSqrtPi)))
TAPER_BY_INPUT(lgamma, Lgamma, "LgammaBackward0", dy * x.digamma())
TAPER_BY_INPUT(digamma, Digamma, "DigammaBackward0", dy * x.polygamma(1))

TAPER_BY_KERNEL(relu, Relu, "ReluBackward0", taper::where(y <= 0, 0, dy))  // dy where y is NaN
TAPER_BY_KERNEL(sigmoid, Sigmoid, "SigmoidBackward0", dy * y * (1 - y))
// clang-format on

// y = x^2                                                  dx = 2 dy x
Tensor square(const Tensor& x) {
  const Tensor operand = x.dtype() == kBool ? kernels::to_dtype(x, kInt64) : x;
  return record("PowBackward0", {x}, kernels::unary(UnaryOp::Square, operand), [sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get();
    return dy * ((GradMode::is_enabled() ? v.pow(1) : v) * 2);  // a graph of x^1 goes on to x^0
  });
}
TAPER_IN_PLACE(square, Square, true)

// The bits of integers, or a bool, inverted; without derivative.
Tensor bitwise_not(const Tensor& x) { return kernels::unary(UnaryOp::BitNot, x); }
TAPER_IN_PLACE(bitwise_not, BitNot, true)

#undef TAPER_BY_INPUT
#undef TAPER_BY_RESULT
#undef TAPER_BY_KERNEL
#undef TAPER_OF_RESULT
#undef TAPER_BY_COTANGENT
#undef TAPER_IN_PLACE

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
  const double largest =
      dispatch_stored(x.dtype(), []<class T>(T) { return static_cast<double>(std::numeric_limits<T>::max()); });
  const double infinity = std::numeric_limits<double>::infinity();
  Tensor y = where(isnan(x), nan.value_or(0), x);
  y = where(x == infinity, posinf.value_or(largest), y);
  return where(x == -infinity, neginf.value_or(-largest), y);
}

}  // namespace taper
