// Functions of one number, clamp and where. Each operation: forward, what is saved, derivative, in place.
#include <taper/autograd/ops/elementwise_internal.h>
#include <taper/core/factories.h>

namespace taper {

using namespace autograd;
using kernels::UnaryOp;

namespace {

// The in-place form of `function`, whose kernel is `op`. Unless the derivative is in terms of the result (or constant),
// the old value is kept.
template <class Function>
Tensor& unary_in_place(const char* name, Tensor& x, UnaryOp op, bool saves_old, Function function) {
  change(
      name, x, {}, saves_old, [&] { kernels::unary_out(x, op, x); }, function);
  return x;
}

}  // namespace

// A function in place.
#define TAPER_IN_PLACE(name, Op, saves_old)                                                                           \
  Tensor& Tensor::name##_() const {                                                                                   \
    return unary_in_place(#name "_", self(), UnaryOp::Op, saves_old, [](const Tensor& x) { return taper::name(x); }); \
  }

// ---- derivative by the input ----------------------------------------------------------------------------------------

// y = -x                                                   dx = -dy
Tensor neg(const Tensor& x) {
  return record("NegBackward0", {x}, kernels::unary(UnaryOp::Neg, x), [](const Tensor& dy) { return -dy; });
}
TAPER_IN_PLACE(neg, Neg, false)

// y = |x|                                                  dx = dy sign(x)
Tensor abs(const Tensor& x) {
  return record("AbsBackward0", {x}, kernels::unary(UnaryOp::Abs, x),
                [sx = save(x)](const Tensor& dy) { return dy * sx.get().sign(); });
}
TAPER_IN_PLACE(abs, Abs, true)

// y = ln x                                                 dx = dy / x
Tensor log(const Tensor& x) {
  return record("LogBackward0", {x}, kernels::unary(UnaryOp::Log, x),
                [sx = save(x)](const Tensor& dy) { return dy / sx.get(); });
}
TAPER_IN_PLACE(log, Log, true)

// y = ln(1 + x)                                            dx = dy / (1 + x)
Tensor log1p(const Tensor& x) {
  return record("Log1PBackward0", {x}, kernels::unary(UnaryOp::Log1p, x),
                [sx = save(x)](const Tensor& dy) { return dy / (sx.get() + 1); });
}
TAPER_IN_PLACE(log1p, Log1p, true)

// y = x^2                                                  dx = 2 dy x
Tensor square(const Tensor& x) {
  const Tensor operand = x.dtype() == kBool ? kernels::to_dtype(x, kInt64) : x;
  return record("PowBackward0", {x}, kernels::unary(UnaryOp::Square, operand), [sx = save(x)](const Tensor& dy) {
    const Tensor v = sx.get();
    return dy * ((GradMode::is_enabled() ? v.pow(1) : v) * 2);  // a graph of x^1 goes on to x^0
  });
}
TAPER_IN_PLACE(square, Square, true)

// y = sin x                                                dx = dy cos x
Tensor sin(const Tensor& x) {
  return record("SinBackward0", {x}, kernels::unary(UnaryOp::Sin, x),
                [sx = save(x)](const Tensor& dy) { return dy * sx.get().cos(); });
}
TAPER_IN_PLACE(sin, Sin, true)

// y = cos x                                                dx = -dy sin x
Tensor cos(const Tensor& x) {
  return record("CosBackward0", {x}, kernels::unary(UnaryOp::Cos, x),
                [sx = save(x)](const Tensor& dy) { return -dy * sx.get().sin(); });
}
TAPER_IN_PLACE(cos, Cos, true)

// y = 2/sqrt(pi) int_0^x exp(-t^2) dt                      dx = dy 2/sqrt(pi) exp(-x^2)
Tensor erf(const Tensor& x) {
  return record("ErfBackward0", {x}, kernels::unary(UnaryOp::Erf, x), [sx = save(x)](const Tensor& dy) {
    constexpr double kTwoBySqrtPi = 1.12837916709551257390;
    return dy * ((-sx.get().square()).exp() * kTwoBySqrtPi);
  });
}
TAPER_IN_PLACE(erf, Erf, true)

// ---- derivative by the result ---------------------------------------------------------------------------------------

// y = e^x                                                  dx = dy y
Tensor exp(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Exp, x);
  return record("ExpBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) { return dy * sy.get(); });
}
TAPER_IN_PLACE(exp, Exp, false)

// y = e^x - 1                                              dx = dy (y + 1)
Tensor expm1(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Expm1, x);
  return record("Expm1Backward0", {x}, y,
                [sy = save_result_of(x, y)](const Tensor& dy) { return dy * (sy.get() + 1); });
}
TAPER_IN_PLACE(expm1, Expm1, false)

// y = sqrt x                                               dx = dy / (2 y)
Tensor sqrt(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Sqrt, x);
  return record("SqrtBackward0", {x}, y, [sy = save_result_of(x, y)](const Tensor& dy) { return dy / (sy.get() * 2); });
}
TAPER_IN_PLACE(sqrt, Sqrt, false)

// y = 1 / sqrt x                                           dx = -dy y^3 / 2
Tensor rsqrt(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Rsqrt, x);
  return record("RsqrtBackward0", {x}, y,
                [sy = save_result_of(x, y)](const Tensor& dy) { return dy * (sy.get().pow(3) * -0.5); });
}
TAPER_IN_PLACE(rsqrt, Rsqrt, false)

// y = 1 / x                                                dx = -dy y^2
Tensor reciprocal(const Tensor& x) {
  Tensor y = kernels::unary(UnaryOp::Reciprocal, x);
  return record("ReciprocalBackward0", {x}, y,
                [sy = save_result_of(x, y)](const Tensor& dy) { return -dy * sy.get().square(); });
}
TAPER_IN_PLACE(reciprocal, Reciprocal, false)

// ---- constant by steps: dx = 0 --------------------------------------------------------------------------------------

#define TAPER_STEP(name, Op, node)                                                                             \
  Tensor name(const Tensor& x) {                                                                               \
    return record(node, {x}, kernels::unary(UnaryOp::Op, x), [](const Tensor& dy) { return zeros_like(dy); }); \
  }                                                                                                            \
  TAPER_IN_PLACE(name, Op, false)
TAPER_STEP(sign, Sign, "SignBackward0")
TAPER_STEP(floor, Floor, "FloorBackward0")
TAPER_STEP(ceil, Ceil, "CeilBackward0")
TAPER_STEP(round, Round, "RoundBackward0")  // half to even
#undef TAPER_STEP

// ---- clamp: min <= y <= max                              dx = dy where min <= x <= max ------------------------------

Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) {
  return record("ClampBackward1", {x}, kernels::clamp(x, min, max), [min, max, sx = save(x)](const Tensor& dy) {
    const Tensor value = sx.get();
    const Tensor inside = !max ? value >= *min : !min ? value <= *max : (value >= *min).logical_and(value <= *max);
    return taper::where(inside, dy, 0);
  });
}

Tensor& Tensor::clamp_(const optional<Scalar>& min, const optional<Scalar>& max) const {
  change(
      "clamp_", *this, {}, true, [&] { kernels::clamp_out(*this, *this, min, max); },
      [&](const Tensor& x) { return taper::clamp(x, min, max); });
  return self();
}

// By tensors: the one bound and then the other, so that max wins. maximum and minimum share dy between equal values;
// here x keeps it.

namespace {

Tensor clamp_bound(const Tensor& x, const Tensor& limit, bool is_lower) {
  const auto op = is_lower ? kernels::BinaryOp::Maximum : kernels::BinaryOp::Minimum;
  return record(is_lower ? "ClampMinBackward1" : "ClampMaxBackward1", {x, limit}, kernels::binary(op, x, limit),
                [is_lower, sx = save(x), sl = save(limit)](const Tensor& dy, const Needs& needs) {
                  const Tensor inside = is_lower ? sx.get() >= sl.get() : sx.get() <= sl.get();
                  const Tensor outside = is_lower ? sx.get() < sl.get() : sx.get() > sl.get();
                  return Grads{needs[0] ? taper::where(inside, dy, 0) : Tensor(),
                               needs[1] ? taper::where(outside, dy, 0) : Tensor()};
                });
}

}  // namespace

Tensor clamp(const Tensor& x, const optional<Tensor>& min, const optional<Tensor>& max) {
  const bool has_min = min && min->defined(), has_max = max && max->defined();
  TAPER_CHECK_VALUE(has_min || has_max, "clamp: at least one of min and max must be given");
  const Tensor y = has_min ? clamp_bound(x, *min, true) : x;
  return has_max ? clamp_bound(y, *max, false) : y;
}

Tensor& Tensor::clamp_(const optional<Tensor>& min, const optional<Tensor>& max) const {
  const auto clamped = [&](const Tensor& x) { return taper::clamp(x, min, max); };
  const Tensor none;
  change(
      "clamp_", *this, {min ? *min : none, max ? *max : none}, true,
      [&] {
        const Tensor y = clamped(detach());
        kernels::check_result_fits("clamp_", *this, y.sizes(), y.dtype());
        kernels::copy(*this, y);
      },
      clamped);
  return self();
}

// ---- where: y = condition ? a : b                        da = condition ? dy : 0, db = condition ? 0 : dy -----------

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  return record("WhereBackward0", {a, b}, kernels::where(condition, a, b),
                [c = save(condition)](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? taper::where(c.get(), dy, 0) : Tensor(),
                               needs[1] ? taper::where(c.get(), 0, dy) : Tensor()};
                });
}

namespace {
// A number beside a tensor, as a zero-dim tensor of the dtype they promote to.
Tensor beside(const Tensor& tensor, const Scalar& value) {
  Tensor t = empty({}, kernels::result_type(tensor, value));
  kernels::fill(t, value);
  return t;
}
}  // namespace

Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b) { return where(condition, a, beside(a, b)); }
Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b) { return where(condition, beside(b, a), b); }

}  // namespace taper
