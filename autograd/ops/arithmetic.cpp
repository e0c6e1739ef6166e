// + - * / and their kin. Each operation: forward, what is saved, derivative.
#include <taper/autograd/ops/elementwise_internal.h>
#include <taper/core/factories.h>

#include <cmath>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::TernaryOp;

namespace {

bool is_one(const Scalar& s) { return s.toDouble() == 1; }
Tensor scaled(const Tensor& x, const Scalar& factor) { return is_one(factor) ? x : x * factor; }

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

}  // namespace

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

Tensor& Tensor::add_(const Tensor& other, const Scalar& alpha) const {
  change(
      "add_", *this, {other}, false,
      [&] {
        is_one(alpha) ? kernels::binary_out(*this, BinaryOp::Add, *this, other)
                      : kernels::binary_out(*this, BinaryOp::AddScaled, *this, other, alpha);
      },
      [&](const Tensor& x) { return taper::add(x, other, alpha); });
  return self();
}

Tensor& Tensor::add_(const Scalar& other, const Scalar& alpha) const {
  check_alpha("add_", kernels::result_type(*this, other), alpha);
  change(
      "add_", *this, {}, false, [&] { kernels::binary_out(*this, BinaryOp::Add, *this, product(alpha, other)); },
      [&](const Tensor& x) { return taper::add(x, other, alpha); });
  return self();
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
  change(
      "sub_", *this, {other}, false,
      [&] {
        is_one(alpha) ? kernels::binary_out(*this, BinaryOp::Sub, *this, other)
                      : kernels::binary_out(*this, BinaryOp::AddScaled, *this, other, -alpha);
      },
      [&](const Tensor& x) { return taper::sub(x, other, alpha); });
  return self();
}

Tensor& Tensor::sub_(const Scalar& other, const Scalar& alpha) const {
  check_no_bool("sub_", dtype(), other.type());
  check_alpha("sub_", kernels::result_type(*this, other), alpha);
  change(
      "sub_", *this, {}, false, [&] { kernels::binary_out(*this, BinaryOp::Sub, *this, product(alpha, other)); },
      [&](const Tensor& x) { return taper::sub(x, other, alpha); });
  return self();
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

Tensor& Tensor::mul_(const Tensor& other) const {
  change(
      "mul_", *this, {other}, other.requires_grad(), [&] { kernels::binary_out(*this, BinaryOp::Mul, *this, other); },
      [&](const Tensor& x) { return taper::mul(x, other); });
  return self();
}

Tensor& Tensor::mul_(const Scalar& other) const {
  change(
      "mul_", *this, {}, false, [&] { kernels::binary_out(*this, BinaryOp::Mul, *this, other); },
      [&](const Tensor& x) { return taper::mul(x, other); });
  return self();
}

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

Tensor& Tensor::div_(const Tensor& other) const {
  change(
      "div_", *this, {other}, other.requires_grad(), [&] { kernels::binary_out(*this, BinaryOp::Div, *this, other); },
      [&](const Tensor& x) { return taper::div(x, other); });
  return self();
}

Tensor& Tensor::div_(const Scalar& other) const {
  change(
      "div_", *this, {}, false, [&] { kernels::binary_out(*this, BinaryOp::Div, *this, other); },
      [&](const Tensor& x) { return taper::div(x, other); });
  return self();
}

// ---- pow: y = a^b                                        da = dy b a^(b-1), db = dy y ln a --------------------------

namespace {

// Exponents with a cheaper (and more exact) kernel of their own.
Tensor power(const Tensor& a, const Scalar& b) {
  const ScalarType dtype = kernels::result_type(a, b);
  if (!is_floating_point(dtype)) {
    TAPER_CHECK_VALUE(b.toLong() >= 0, "pow: an integer tensor takes no negative exponent; got ", b,
                      "; convert the tensor to a floating-point type first");
    return kernels::binary(BinaryOp::Pow, a, b);
  }
  const double e = b.toDouble();
  const Tensor x = a.dtype() == dtype ? a : kernels::to_dtype(a, dtype);
  if (e == 2) return kernels::unary(kernels::UnaryOp::Square, x);
  if (e == 0.5) return kernels::unary(kernels::UnaryOp::Sqrt, x);
  if (e == -0.5) return kernels::unary(kernels::UnaryOp::Rsqrt, x);
  if (e == -1) return kernels::unary(kernels::UnaryOp::Reciprocal, x);
  if (e == 3) return kernels::binary(BinaryOp::Mul, kernels::unary(kernels::UnaryOp::Square, x), x);
  return kernels::binary(BinaryOp::Pow, x, b);
}

}  // namespace

Tensor pow(const Tensor& a, const Scalar& b) {
  return record("PowBackward0", {a}, power(a, b), [b, sa = save(a)](const Tensor& dy) {
    const double e = b.toDouble();
    if (e == 0) return zeros_like(dy);
    if (e == 1 && !GradMode::is_enabled()) return dy;
    return dy * (sa.get().pow(e - 1) * e);
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

Tensor& Tensor::pow_(const Tensor& exponent) const {
  change(
      "pow_", *this, {exponent}, true, [&] { kernels::binary_out(*this, BinaryOp::Pow, *this, exponent); },
      [&](const Tensor& x) { return taper::pow(x, exponent); });
  return self();
}

Tensor& Tensor::pow_(const Scalar& exponent) const {
  change(
      "pow_", *this, {}, true,
      [&] {
        const Tensor y = power(*this, exponent);
        kernels::check_result_fits("pow_", *this, y.sizes(), y.dtype());
        kernels::copy(*this, y);
      },
      [&](const Tensor& x) { return taper::pow(x, exponent); });
  return self();
}

// ---- maximum, minimum: the larger (smaller) one gets dy, equal ones half of it each ---------------------------------

Tensor maximum(const Tensor& a, const Tensor& b) {
  return record("MaximumBackward0", {a, b}, kernels::binary(BinaryOp::Maximum, a, b),
                [sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), y = sb.get(), shared = taper::where(x == y, dy / 2, dy);
                  return Grads{needs[0] ? taper::where(x < y, 0, shared) : Tensor(),
                               needs[1] ? taper::where(y < x, 0, shared) : Tensor()};
                });
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  return record("MinimumBackward0", {a, b}, kernels::binary(BinaryOp::Minimum, a, b),
                [sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), y = sb.get(), shared = taper::where(x == y, dy / 2, dy);
                  return Grads{needs[0] ? taper::where(x > y, 0, shared) : Tensor(),
                               needs[1] ? taper::where(y > x, 0, shared) : Tensor()};
                });
}

// ---- addcmul: y = x + value a b                          dx = dy, da = value dy b, db = value dy a ------------------

Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value) {
  return record(
      "AddcmulBackward0", {x, a, b}, kernels::ternary(TernaryOp::Addcmul, x, a, b, value),
      [value, sa = save(a, b.requires_grad()), sb = save(b, a.requires_grad())](const Tensor& dy, const Needs& needs) {
        return Grads{dy, needs[1] ? dy * scaled(sb.get(), value) : Tensor(),
                     needs[2] ? dy * scaled(sa.get(), value) : Tensor()};
      });
}

Tensor& Tensor::addcmul_(const Tensor& a, const Tensor& b, const Scalar& value) const {
  change(
      "addcmul_", *this, {a, b}, false, [&] { kernels::ternary_out(*this, TernaryOp::Addcmul, *this, a, b, value); },
      [&](const Tensor& x) { return taper::addcmul(x, a, b, value); });
  return self();
}

// ---- addcdiv: y = x + value a / b                        dx = dy, da = value dy / b, db = -value dy (a / b) / b -----

Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value) {
  return record("AddcdivBackward0", {x, a, b}, kernels::ternary(TernaryOp::Addcdiv, x, a, b, value),
                [value, sa = save(a, b.requires_grad()), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  if (!needs[1] && !needs[2]) return Grads{dy, {}, {}};
                  const Tensor divisor = sb.get(), slope = scaled(dy, value) / divisor;
                  return Grads{dy, slope, needs[2] ? -slope * (sa.get() / divisor) : Tensor()};
                });
}

Tensor& Tensor::addcdiv_(const Tensor& a, const Tensor& b, const Scalar& value) const {
  change(
      "addcdiv_", *this, {a, b}, false, [&] { kernels::ternary_out(*this, TernaryOp::Addcdiv, *this, a, b, value); },
      [&](const Tensor& x) { return taper::addcdiv(x, a, b, value); });
  return self();
}

}  // namespace taper
