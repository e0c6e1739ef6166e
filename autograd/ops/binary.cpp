// Functions of two numbers. Each: forward, what is saved, derivative, in place.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/reduce.h>

#include <cmath>
#include <type_traits>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::UnaryOp;

namespace {

// alpha * b, as an integer where both are; wraps around.
Scalar product(const Scalar& alpha, const Scalar& b) {
  if (is_one(alpha)) return b;
  if (alpha.isFloatingPoint() || b.isFloatingPoint()) return alpha.toDouble() * b.toDouble();
  return static_cast<int64_t>(static_cast<uint64_t>(alpha.toLong()) * static_cast<uint64_t>(b.toLong()));
}

// A fraction may scale only what takes part in a floating-point result.
void check_alpha(const char* op, ScalarType result, const Scalar& alpha) {
  TAPER_CHECK_TYPE(is_floating_point(result) || !alpha.isFloatingPoint(), op,
                   ": alpha must be an integer when the result is one; got alpha ", alpha, " and a result of type ",
                   result);
}

void check_no_bool(const char* op, ScalarType a, ScalarType b) {
  TAPER_CHECK_TYPE(a != kBool && b != kBool, op, ": bool tensors cannot be subtracted; got ", a, " and ", b,
                   "; use != for `exclusive or`, or convert to integers");
}

// Integers cannot be divided by 0.
void check_divisor(const char* op, const Tensor& a, const Tensor& b) {
  const ScalarType dtype = kernels::result_type(a, b);
  if (is_floating_point(dtype) || a.numel() == 0) return;
  // A zero-dim divisor takes the dtype of a, in which 256 may be 0.
  TAPER_CHECK_VALUE(kernels::all(b.dtype() == dtype ? b : kernels::to_dtype(b, dtype), {}, false).item<bool>(), op,
                    ": an integer must not be divided by 0; got a 0 in a divisor of sizes ", b.sizes(), " and type ",
                    b.dtype(), "; convert the tensors to a floating-point type first");
}
void check_divisor(const char* op, const Tensor& a, const Scalar& b) {
  const ScalarType dtype = kernels::result_type(a, b);
  if (is_floating_point(dtype)) return;
  const bool is_zero = dispatch(dtype, [&]<class T>(T) { return static_cast<T>(b.toLong()) == T(0); });
  TAPER_CHECK_VALUE(!is_zero, op, ": an integer must not be divided by 0; got a tensor of type ", a.dtype(),
                    " and the divisor ", b, "; convert the tensor to a floating-point type first");
}

}  // namespace

// name_ for a tensor and for a number, by the kernel Op or by a copy; saves_old: whether the derivative needs the old
// value.
#define TAPER_ONE_IN_PLACE(name, Op, Other, operands, saves_old)                                     \
  Tensor& Tensor::name##_(const Other& other) const {                                                \
    return in_place_checked(                                                                         \
        #name "_", *this, operands, [&] { kernels::binary_out(*this, BinaryOp::Op, *this, other); }, \
        [&](const Tensor& old) { return taper::name(clone_if(saves_old, old), other); });            \
  }
#define TAPER_IN_PLACE(name, Op, saves_old_of_tensor, saves_old_of_number) \
  TAPER_ONE_IN_PLACE(name, Op, Tensor, Inputs{other}, saves_old_of_tensor) \
  TAPER_ONE_IN_PLACE(name, Op, Scalar, Inputs{}, saves_old_of_number)
#define TAPER_ONE_BY_COPY(name, Other, operands, saves_old)                              \
  Tensor& Tensor::name##_(const Other& other) const {                                    \
    return in_place_by_copy(#name "_", *this, operands, saves_old,                       \
                            [&](const Tensor& old) { return taper::name(old, other); }); \
  }
#define TAPER_IN_PLACE_BY_COPY(name, saves_old_of_number) \
  TAPER_ONE_BY_COPY(name, Tensor, Inputs{other}, true)    \
  TAPER_ONE_BY_COPY(name, Scalar, Inputs{}, saves_old_of_number)

// ---- add: y = a + alpha b                                da = dy, db = alpha dy -------------------------------------

Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  Tensor y = is_one(alpha) ? kernels::binary(BinaryOp::Add, a, b) : kernels::binary(BinaryOp::AddScaled, a, b, alpha);
  return record("AddBackward0", {a, b}, std::move(y), [alpha](const Tensor& dy, const Needs& needs) {
    return Grads{dy, needs[1] ? scaled(dy, alpha) : Tensor()};
  });
}

Tensor add(const Tensor& a, const Scalar& b, const Scalar& alpha) {
  check_alpha("add", kernels::result_type(a, b), alpha);
  return record("AddBackward1", {a}, kernels::binary(BinaryOp::Add, a, product(alpha, b)),
                [](const Tensor& dy) { return dy; });
}

// x.add_(other, alpha) or, unless `plus`, x.sub_(other, alpha).
template <class Other>
static Tensor& add_in_place(const char* name, const Tensor& x, Inputs operands, bool plus, const Other& other,
                            const Scalar& alpha) {
  const BinaryOp op = plus ? BinaryOp::Add : BinaryOp::Sub;
  const auto kernel = [&] {
    if constexpr (std::is_same_v<Other, Scalar>) {
      kernels::binary_out(x, op, x, product(alpha, other));
    } else if (is_one(alpha)) {
      kernels::binary_out(x, op, x, other);
    } else {
      kernels::binary_out(x, BinaryOp::AddScaled, x, other, plus ? alpha : -alpha);
    }
  };
  return in_place_checked(name, x, operands, kernel,
                          [&](const Tensor& old) { return plus ? add(old, other, alpha) : sub(old, other, alpha); });
}

Tensor& Tensor::add_(const Tensor& other, const Scalar& alpha) const {
  return add_in_place("add_", *this, {other}, true, other, alpha);
}
Tensor& Tensor::add_(const Scalar& other, const Scalar& alpha) const {
  check_alpha("add_", kernels::result_type(*this, other), alpha);
  return add_in_place("add_", *this, {}, true, other, alpha);
}

// ---- sub: y = a - alpha b                                da = dy, db = -alpha dy ------------------------------------

Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  check_no_bool("sub", a.dtype(), b.dtype());
  Tensor y = is_one(alpha) ? kernels::binary(BinaryOp::Sub, a, b) : kernels::binary(BinaryOp::AddScaled, a, b, -alpha);
  return record("SubBackward0", {a, b}, std::move(y), [alpha](const Tensor& dy, const Needs& needs) {
    return Grads{dy, needs[1] ? scaled(dy, -alpha) : Tensor()};
  });
}

Tensor sub(const Tensor& a, const Scalar& b, const Scalar& alpha) {
  check_no_bool("sub", a.dtype(), b.type());
  check_alpha("sub", kernels::result_type(a, b), alpha);
  return record("SubBackward1", {a}, kernels::binary(BinaryOp::Sub, a, product(alpha, b)),
                [](const Tensor& dy) { return dy; });
}

Tensor operator-(const Scalar& a, const Tensor& b) {
  check_no_bool("sub", a.type(), b.dtype());
  return record("SubBackward0", {b}, kernels::binary(BinaryOp::Sub, a, b), [](const Tensor& dy) { return -dy; });
}

Tensor& Tensor::sub_(const Tensor& other, const Scalar& alpha) const {
  check_no_bool("sub_", dtype(), other.dtype());
  return add_in_place("sub_", *this, {other}, false, other, alpha);
}
Tensor& Tensor::sub_(const Scalar& other, const Scalar& alpha) const {
  check_no_bool("sub_", dtype(), other.type());
  check_alpha("sub_", kernels::result_type(*this, other), alpha);
  return add_in_place("sub_", *this, {}, false, other, alpha);
}

// ---- mul: y = a b                                        da = dy b, db = dy a ---------------------------------------

Tensor mul(const Tensor& a, const Tensor& b) {
  return record(
      "MulBackward0", {a, b}, kernels::binary(BinaryOp::Mul, a, b),
      [sa = save(a, b.requires_grad()), sb = save(b, a.requires_grad())](const Tensor& dy, const Needs& needs) {
        return Grads{needs[0] ? dy * sb.get() : Tensor(), needs[1] ? dy * sa.get() : Tensor()};
      });
}

Tensor mul(const Tensor& a, const Scalar& b) {
  return record("MulBackward1", {a}, kernels::binary(BinaryOp::Mul, a, b), [b](const Tensor& dy) { return dy * b; });
}

TAPER_IN_PLACE(mul, Mul, other.requires_grad(), false)

// ---- div: y = a / b                                      da = dy / b, db = -dy (a / b) / b --------------------------

Tensor div(const Tensor& a, const Tensor& b) {
  return record(
      "DivBackward0", {a, b}, kernels::binary(BinaryOp::Div, a, b),
      [sa = save(a, b.requires_grad()), sb = save(b)](const Tensor& dy, const Needs& needs) {
        const Tensor divisor = sb.get();
        return Grads{needs[0] ? dy / divisor : Tensor(), needs[1] ? -dy * ((sa.get() / divisor) / divisor) : Tensor()};
      });
}

Tensor div(const Tensor& a, const Scalar& b) {
  return record("DivBackward1", {a}, kernels::binary(BinaryOp::Div, a, b), [b](const Tensor& dy) { return dy / b; });
}

Tensor operator/(const Scalar& a, const Tensor& b) {
  return record("DivBackward0", {b}, kernels::binary(BinaryOp::Div, a, b), [a, sb = save(b)](const Tensor& dy) {
    const Tensor divisor = sb.get();
    return -dy * ((a / divisor) / divisor);
  });
}

TAPER_IN_PLACE(div, Div, other.requires_grad(), false)

// ---- pow: y = a^b                                        da = dy b a^(b-1), db = dy y ln a --------------------------

// Exponents with a cheaper (and more exact) kernel of their own.
static Tensor power(const Tensor& a, const Scalar& b) {
  const ScalarType dtype = kernels::result_type(a, b);
  if (!is_floating_point(dtype)) {
    TAPER_CHECK_VALUE(b.toLong() >= 0, "pow: an integer tensor takes no negative exponent; got ", b,
                      "; convert the tensor to a floating-point type first");
    return kernels::binary(BinaryOp::Pow, a, b);
  }
  const double e = b.toDouble();
  const Tensor x = a.dtype() == dtype ? a : kernels::to_dtype(a, dtype);
  if (e == 2) return kernels::unary(UnaryOp::Square, x);
  if (e == 0.5) return kernels::unary(UnaryOp::Sqrt, x);
  if (e == -0.5) return kernels::unary(UnaryOp::Rsqrt, x);
  if (e == -1) return kernels::unary(UnaryOp::Reciprocal, x);
  if (e == 3) return kernels::unary(UnaryOp::Cube, x);
  return kernels::binary(BinaryOp::Pow, x, b);
}

Tensor pow(const Tensor& a, const Scalar& b) {
  return record("PowBackward0", {a}, power(a, b), [b, sa = save(a)](const Tensor& dy) {
    const double e = b.toDouble();
    if (e == 0) return zeros_like(dy);
    if (e == 1 && !GradMode::is_enabled()) return dy;
    const Tensor x = sa.get();
    return dy * ((e == 2 && !GradMode::is_enabled() ? x : x.pow(e - 1)) * e);
  });
}

// Where b is 0 so is da, whatever a^(b-1) is; where a is 0 and b >= 0 so is db.
Tensor pow(const Tensor& a, const Tensor& b) {
  Tensor y = kernels::binary(BinaryOp::Pow, a, b);
  return record("PowBackward1", {a, b}, y,
                [sa = save(a), sb = save(b), sy = save_result_of(b, y)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), e = sb.get();
                  Tensor dx, de;
                  if (needs[0]) dx = taper::where(e == 0, 0, dy * (e * x.pow(e - 1)));
                  if (needs[1]) de = taper::where((x == 0).logical_and(e >= 0), 0, dy * (sy.get() * x.log()));
                  return Grads{dx, de};
                });
}

Tensor pow(const Scalar& a, const Tensor& b) {
  Tensor y = kernels::binary(BinaryOp::Pow, a, b);
  return record("PowBackward2", {b}, y,
                [a, sb = save(b, a.toDouble() == 0), sy = save_result_of(b, y)](const Tensor& dy) {
                  const Tensor slope = dy * (sy.get() * std::log(a.toDouble()));
                  return a.toDouble() == 0 ? taper::where(sb.get() >= 0, 0, slope) : slope;
                });
}

TAPER_ONE_IN_PLACE(pow, Pow, Tensor, Inputs{other}, true)
TAPER_ONE_BY_COPY(pow, Scalar, Inputs{}, true)

// ---- div rounded: y = trunc(a / b) or floor(a / b)       da = db = 0 ------------------------------------------------

static BinaryOp rounded_quotient(std::string_view mode) {
  TAPER_CHECK_VALUE(mode == "trunc" || mode == "floor",
                    "div: the rounding mode must be \"trunc\", \"floor\" or nullopt; got \"", mode, "\"");
  return mode == "trunc" ? BinaryOp::TruncDivide : BinaryOp::FloorDivide;
}

Tensor div(const Tensor& a, const Tensor& b, optional<std::string_view> rounding_mode) {
  if (!rounding_mode) return div(a, b);
  const BinaryOp op = rounded_quotient(*rounding_mode);
  check_divisor("div", a, b);
  return record("DivBackward2", {a, b}, kernels::binary(op, a, b), zero_slopes);
}
Tensor div(const Tensor& a, const Scalar& b, optional<std::string_view> rounding_mode) {
  if (!rounding_mode) return div(a, b);
  const BinaryOp op = rounded_quotient(*rounding_mode);
  check_divisor("div", a, b);
  return record("DivBackward3", {a}, kernels::binary(op, a, b), [](const Tensor& dy) { return zeros_like(dy); });
}

Tensor floor_divide(const Tensor& a, const Tensor& b) { return div(a, b, "floor"); }
Tensor floor_divide(const Tensor& a, const Scalar& b) { return div(a, b, "floor"); }
TAPER_IN_PLACE_BY_COPY(floor_divide, false)

// ---- fmod, remainder: y = a - b q, q = trunc(a / b) or floor(a / b)      da = dy, db = -dy q ------------------------

static Tensor division_rest(const char* node, const char* op_name, BinaryOp op, const char* mode, const Tensor& a,
                            const Tensor& b) {
  check_divisor(op_name, a, b);
  return record(
      node, {a, b}, kernels::binary(op, a, b),
      [mode, sa = save(a, b.requires_grad()), sb = save(b, b.requires_grad())](const Tensor& dy, const Needs& needs) {
        return Grads{dy, needs[1] ? -dy * div(sa.get(), sb.get(), mode) : Tensor()};
      });
}
static Tensor division_rest(const char* node, const char* op_name, BinaryOp op, const Tensor& a, const Scalar& b) {
  check_divisor(op_name, a, b);
  return record(node, {a}, kernels::binary(op, a, b), [](const Tensor& dy) { return dy; });
}

Tensor fmod(const Tensor& a, const Tensor& b) {
  return division_rest("FmodBackward1", "fmod", BinaryOp::Fmod, "trunc", a, b);
}
Tensor fmod(const Tensor& a, const Scalar& b) { return division_rest("FmodBackward0", "fmod", BinaryOp::Fmod, a, b); }
TAPER_IN_PLACE_BY_COPY(fmod, false)

Tensor remainder(const Tensor& a, const Tensor& b) {
  return division_rest("RemainderBackward1", "remainder", BinaryOp::Remainder, "floor", a, b);
}
Tensor remainder(const Tensor& a, const Scalar& b) {
  return division_rest("RemainderBackward0", "remainder", BinaryOp::Remainder, a, b);
}
Tensor remainder(const Scalar& a, const Tensor& b) { return remainder(scalar_like(b, a), b); }
Tensor operator%(const Scalar& a, const Tensor& b) { return remainder(a, b); }
TAPER_IN_PLACE_BY_COPY(remainder, false)

// ---- atan2: y = the angle of (b, a)                      da = dy (b / r) / r, db = -dy (a / r) / r, r = hypot(a, b) -

Tensor atan2(const Tensor& a, const Tensor& b) {
  return record("Atan2Backward0", {a, b}, kernels::binary(BinaryOp::Atan2, a, b),
                [sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor y = sa.get(), x = sb.get(), r = hypot(y, x);  // r^2 might overflow
                  return Grads{needs[0] ? dy * (x / r / r) : Tensor(), needs[1] ? -dy * (y / r / r) : Tensor()};
                });
}

// ---- hypot: y = sqrt(a^2 + b^2)                          da = dy a / y, db = dy b / y -------------------------------

Tensor hypot(const Tensor& a, const Tensor& b) {
  Tensor y = kernels::binary(BinaryOp::Hypot, a, b);
  return record("HypotBackward0", {a, b}, y,
                [sa = save(a), sb = save(b), sy = save_result_of(a.requires_grad() ? a : b, y)](const Tensor& dy,
                                                                                                const Needs& needs) {
                  const Tensor r = sy.get();
                  return Grads{needs[0] ? dy * (sa.get() / r) : Tensor(), needs[1] ? dy * (sb.get() / r) : Tensor()};
                });
}

// ---- logaddexp: y = ln(e^a + e^b)                        da = dy sigmoid(a - b), db = dy sigmoid(b - a) -------------

Tensor logaddexp(const Tensor& a, const Tensor& b) {
  return record("LogaddexpBackward0", {a, b}, kernels::binary(BinaryOp::LogAddExp, a, b),
                [sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), z = sb.get();
                  return Grads{needs[0] ? dy * sigmoid(x - z) : Tensor(), needs[1] ? dy * sigmoid(z - x) : Tensor()};
                });
}

// ---- xlogy: y = a ln b, 0 where a = 0                    da = dy ln b (0 where a = 0 and b <= 0), db = dy a / b -----

Tensor xlogy(const Tensor& a, const Tensor& b) {
  return record("XlogyBackward0", {a, b}, kernels::binary(BinaryOp::Xlogy, a, b),
                [sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), z = sb.get();
                  Tensor dx;
                  if (needs[0]) dx = taper::where((x == 0).logical_and(z <= 0), 0, dy * z.log());
                  return Grads{dx, needs[1] ? dy * x / z : Tensor()};
                });
}
Tensor xlogy(const Tensor& a, const Scalar& b) { return xlogy(a, scalar_like(a, b)); }
Tensor xlogy(const Scalar& a, const Tensor& b) { return xlogy(scalar_like(b, a), b); }
TAPER_IN_PLACE_BY_COPY(xlogy, true)

// ---- maximum, minimum: the larger (smaller) one gets dy, equal ones half of it each ---------------------------------

static Tensor extreme_of_two(const char* node, BinaryOp op, const Tensor& a, const Tensor& b) {
  return record(
      node, {a, b}, kernels::binary(op, a, b), [op, sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
        const Tensor x = sa.get(), y = sb.get(), shared = taper::where(x == y, dy / 2, dy);
        const auto loses = [op](const Tensor& u, const Tensor& v) { return op == BinaryOp::Maximum ? u < v : u > v; };
        return Grads{needs[0] ? taper::where(loses(x, y), 0, shared) : Tensor(),
                     needs[1] ? taper::where(loses(y, x), 0, shared) : Tensor()};
      });
}

Tensor maximum(const Tensor& a, const Tensor& b) { return extreme_of_two("MaximumBackward0", BinaryOp::Maximum, a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return extreme_of_two("MinimumBackward0", BinaryOp::Minimum, a, b); }

// ---- fmax, fmin: the larger (smaller) one, or the one that is not NaN: dy goes there, of equal ones to a ------------

static Tensor extreme_but_nan(const char* node, BinaryOp op, const Tensor& a, const Tensor& b) {
  return record(node, {a, b}, kernels::binary(op, a, b),
                [op, sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), z = sb.get();
                  const Tensor first = (op == BinaryOp::Fmax ? x >= z : x <= z).logical_or(z.isnan());
                  return Grads{needs[0] ? taper::where(first, dy, 0) : Tensor(),
                               needs[1] ? taper::where(first, 0, dy) : Tensor()};
                });
}

Tensor fmax(const Tensor& a, const Tensor& b) { return extreme_but_nan("FmaxBackward0", BinaryOp::Fmax, a, b); }
Tensor fmin(const Tensor& a, const Tensor& b) { return extreme_but_nan("FminBackward0", BinaryOp::Fmin, a, b); }

// ---- of the bits of integers, or of bool; without derivative --------------------------------------------------------

#define TAPER_BITWISE(name, Op)                                                                 \
  Tensor name(const Tensor& a, const Tensor& b) { return kernels::binary(BinaryOp::Op, a, b); } \
  Tensor name(const Tensor& a, const Scalar& b) { return kernels::binary(BinaryOp::Op, a, b); } \
  TAPER_IN_PLACE(name, Op, true, true)
TAPER_BITWISE(bitwise_and, BitAnd)
TAPER_BITWISE(bitwise_or, BitOr)
TAPER_BITWISE(bitwise_xor, BitXor)
#undef TAPER_BITWISE
#undef TAPER_IN_PLACE
#undef TAPER_ONE_IN_PLACE
#undef TAPER_IN_PLACE_BY_COPY
#undef TAPER_ONE_BY_COPY

}  // namespace taper
