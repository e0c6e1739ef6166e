// Quotients, remainders and other functions of two numbers beyond arithmetic.cpp. Each operation: forward, what is
// saved, derivative, in place.
#include <taper/autograd/ops/elementwise_internal.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/reduce.h>

#include <cmath>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;

namespace {

// In place, by the function that makes a new tensor; `saves_old` as of change().
template <class Function>
Tensor& more_in_place(const char* op, const Tensor& x, Inputs operands, bool saves_old, Function function) {
  change(
      op, x, operands, saves_old,
      [&] {
        const NoGradGuard no_grad;
        const Tensor y = function(x);
        kernels::check_result_fits(op, x, y.sizes(), y.dtype());
        kernels::copy(x, y);
      },
      function);
  return const_cast<Tensor&>(x);
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

// A number beside a tensor, as a tensor of the dtype they promote to.
Tensor number_beside(const Tensor& tensor, const Scalar& value) {
  return full({}, value, kernels::result_type(tensor, value));
}

}  // namespace

// `name` in place, for a tensor and a number.
#define TAPER_BINARY_IN_PLACE(name, saves_old)                                                                     \
  Tensor& Tensor::name##_(const Tensor& other) const {                                                             \
    return more_in_place(#name "_", *this, {other}, true, [&](const Tensor& x) { return taper::name(x, other); }); \
  }                                                                                                                \
  Tensor& Tensor::name##_(const Scalar& other) const {                                                             \
    return more_in_place(#name "_", *this, {}, saves_old, [&](const Tensor& x) { return taper::name(x, other); }); \
  }

// ---- div rounded: y = trunc(a / b) or floor(a / b)       da = db = 0 ------------------------------------------------

namespace {

BinaryOp rounded_quotient(std::string_view mode) {
  TAPER_CHECK_VALUE(mode == "trunc" || mode == "floor",
                    "div: the rounding mode must be \"trunc\", \"floor\" or nullopt; got \"", mode, "\"");
  return mode == "trunc" ? BinaryOp::TruncDivide : BinaryOp::FloorDivide;
}

}  // namespace

Tensor div(const Tensor& a, const Tensor& b, optional<std::string_view> rounding_mode) {
  if (!rounding_mode) return div(a, b);
  const BinaryOp op = rounded_quotient(*rounding_mode);
  check_divisor("div", a, b);
  return record("DivBackward2", {a, b}, kernels::binary(op, a, b), [](const Tensor& dy, const Needs& needs) {
    return Grads{needs[0] ? zeros_like(dy) : Tensor(), needs[1] ? zeros_like(dy) : Tensor()};
  });
}
Tensor div(const Tensor& a, const Scalar& b, optional<std::string_view> rounding_mode) {
  if (!rounding_mode) return div(a, b);
  const BinaryOp op = rounded_quotient(*rounding_mode);
  check_divisor("div", a, b);
  return record("DivBackward3", {a}, kernels::binary(op, a, b), [](const Tensor& dy) { return zeros_like(dy); });
}

Tensor floor_divide(const Tensor& a, const Tensor& b) { return div(a, b, "floor"); }
Tensor floor_divide(const Tensor& a, const Scalar& b) { return div(a, b, "floor"); }
TAPER_BINARY_IN_PLACE(floor_divide, false)

// ---- fmod, remainder: y = a - b q, q = trunc(a / b) or floor(a / b)      da = dy, db = -dy q ------------------------

namespace {

Tensor division_rest(const char* node, const char* op_name, BinaryOp op, const char* mode, const Tensor& a,
                     const Tensor& b) {
  check_divisor(op_name, a, b);
  return record(
      node, {a, b}, kernels::binary(op, a, b),
      [mode, sa = save(a, b.requires_grad()), sb = save(b, b.requires_grad())](const Tensor& dy, const Needs& needs) {
        return Grads{dy, needs[1] ? -dy * div(sa.get(), sb.get(), mode) : Tensor()};
      });
}
Tensor division_rest(const char* node, const char* op_name, BinaryOp op, const Tensor& a, const Scalar& b) {
  check_divisor(op_name, a, b);
  return record(node, {a}, kernels::binary(op, a, b), [](const Tensor& dy) { return dy; });
}

}  // namespace

Tensor fmod(const Tensor& a, const Tensor& b) {
  return division_rest("FmodBackward1", "fmod", BinaryOp::Fmod, "trunc", a, b);
}
Tensor fmod(const Tensor& a, const Scalar& b) { return division_rest("FmodBackward0", "fmod", BinaryOp::Fmod, a, b); }
TAPER_BINARY_IN_PLACE(fmod, false)

Tensor remainder(const Tensor& a, const Tensor& b) {
  return division_rest("RemainderBackward1", "remainder", BinaryOp::Remainder, "floor", a, b);
}
Tensor remainder(const Tensor& a, const Scalar& b) {
  return division_rest("RemainderBackward0", "remainder", BinaryOp::Remainder, a, b);
}
Tensor remainder(const Scalar& a, const Tensor& b) { return remainder(number_beside(b, a), b); }
Tensor operator%(const Scalar& a, const Tensor& b) { return remainder(a, b); }
TAPER_BINARY_IN_PLACE(remainder, false)

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
  const bool saves = a.requires_grad() || b.requires_grad();
  return record(
      "HypotBackward0", {a, b}, y,
      [sa = save(a), sb = save(b), sy = saves ? save_result(y) : SavedTensor()](const Tensor& dy, const Needs& needs) {
        const Tensor length = sy.get();
        return Grads{needs[0] ? dy * (sa.get() / length) : Tensor(), needs[1] ? dy * (sb.get() / length) : Tensor()};
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
Tensor xlogy(const Tensor& a, const Scalar& b) { return xlogy(a, number_beside(a, b)); }
Tensor xlogy(const Scalar& a, const Tensor& b) { return xlogy(number_beside(b, a), b); }
TAPER_BINARY_IN_PLACE(xlogy, true)
#undef TAPER_BINARY_IN_PLACE

// ---- lerp: y = x + w (end - x)                           dx = dy (1 - w), dend = dy w, dw = dy (end - x) ------------

namespace {
void check_lerp(const Tensor& x, const Tensor& end, ScalarType weight) {
  TAPER_CHECK_TYPE(x.is_floating_point() && x.dtype() == end.dtype() && x.dtype() == weight,
                   "lerp: start, end and weight must have the same floating-point dtype; got ", x.dtype(), ", ",
                   end.dtype(), " and ", weight);
}
}  // namespace

Tensor lerp(const Tensor& x, const Tensor& end, const Scalar& weight) {
  check_lerp(x, end, x.dtype());
  return record("LerpBackward0", {x, end}, kernels::binary(BinaryOp::Lerp, x, end, weight),
                [w = weight.toDouble()](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? dy * (1 - w) : Tensor(), needs[1] ? dy * w : Tensor()};
                });
}
Tensor lerp(const Tensor& x, const Tensor& end, const Tensor& weight) {
  check_lerp(x, end, weight.dtype());
  const bool wants_weight = weight.requires_grad();
  return record("LerpBackward1", {x, end, weight}, kernels::ternary(kernels::TernaryOp::LerpEach, x, end, weight),
                [sx = save(x, wants_weight), se = save(end, wants_weight), sw = save(weight)](const Tensor& dy,
                                                                                              const Needs& needs) {
                  const Tensor w = sw.get();
                  return Grads{needs[0] ? dy * (1 - w) : Tensor(), needs[1] ? dy * w : Tensor(),
                               needs[2] ? dy * (se.get() - sx.get()) : Tensor()};
                });
}
Tensor& Tensor::lerp_(const Tensor& end, const Scalar& weight) const {
  check_lerp(*this, end, dtype());
  change(
      "lerp_", *this, {end}, false, [&] { kernels::binary_out(*this, BinaryOp::Lerp, *this, end, weight); },
      [&](const Tensor& x) { return taper::lerp(x, end, weight); });
  return self();
}
Tensor& Tensor::lerp_(const Tensor& end, const Tensor& weight) const {
  check_lerp(*this, end, weight.dtype());
  change(
      "lerp_", *this, {end, weight}, weight.requires_grad(),
      [&] { kernels::ternary_out(*this, kernels::TernaryOp::LerpEach, *this, end, weight); },
      [&](const Tensor& x) { return taper::lerp(x, end, weight); });
  return self();
}

// ---- fmax, fmin: the larger (smaller) one, or the one that is not NaN: dy goes there, of equal ones to a ------------

namespace {

Tensor extreme_number(const char* node, BinaryOp op, const Tensor& a, const Tensor& b) {
  return record(node, {a, b}, kernels::binary(op, a, b),
                [op, sa = save(a), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  const Tensor x = sa.get(), z = sb.get();
                  const Tensor first = (op == BinaryOp::Fmax ? x >= z : x <= z).logical_or(z.isnan());
                  return Grads{needs[0] ? taper::where(first, dy, 0) : Tensor(),
                               needs[1] ? taper::where(first, 0, dy) : Tensor()};
                });
}

}  // namespace

Tensor fmax(const Tensor& a, const Tensor& b) { return extreme_number("FmaxBackward0", BinaryOp::Fmax, a, b); }
Tensor fmin(const Tensor& a, const Tensor& b) { return extreme_number("FminBackward0", BinaryOp::Fmin, a, b); }

}  // namespace taper
