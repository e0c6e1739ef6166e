// Functions of three numbers. Each: forward, what is saved, derivative, in place.
#include <taper/autograd/ops/ops_internal.h>

namespace taper {

using namespace autograd;
using kernels::BinaryOp;
using kernels::TernaryOp;

// x.name_(a, b, value) by the kernel Op.
#define TAPER_IN_PLACE(name, Op)                                                                 \
  Tensor& Tensor::name##_(const Tensor& a, const Tensor& b, const Scalar& value) const {         \
    const auto kernel = [&] { kernels::ternary_out(*this, TernaryOp::Op, *this, a, b, value); }; \
    const auto recorded = [&](const Tensor& old) { return taper::name(old, a, b, value); };      \
    return in_place_checked(#name "_", *this, {a, b}, kernel, recorded);                         \
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

TAPER_IN_PLACE(addcmul, Addcmul)

// ---- addcdiv: y = x + value a / b                        dx = dy, da = value dy / b, db = -value dy (a / b) / b -----

Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value) {
  return record("AddcdivBackward0", {x, a, b}, kernels::ternary(TernaryOp::Addcdiv, x, a, b, value),
                [value, sa = save(a, b.requires_grad()), sb = save(b)](const Tensor& dy, const Needs& needs) {
                  if (!needs[1] && !needs[2]) return Grads{dy, {}, {}};
                  const Tensor divisor = sb.get(), slope = scaled(dy, value) / divisor;
                  return Grads{dy, slope, needs[2] ? -slope * (sa.get() / divisor) : Tensor()};
                });
}

TAPER_IN_PLACE(addcdiv, Addcdiv)
#undef TAPER_IN_PLACE

// ---- lerp: y = x + w (end - x)                           dx = dy (1 - w), dend = dy w, dw = dy (end - x) ------------

static void check_lerp(const Tensor& x, const Tensor& end, ScalarType weight) {
  TAPER_CHECK_TYPE(x.is_floating_point() && x.dtype() == end.dtype() && x.dtype() == weight,
                   "lerp: start, end and weight must have the same floating-point dtype; got ", x.dtype(), ", ",
                   end.dtype(), " and ", weight);
}

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
  return record("LerpBackward1", {x, end, weight}, kernels::ternary(TernaryOp::LerpEach, x, end, weight),
                [sx = save(x, wants_weight), se = save(end, wants_weight), sw = save(weight)](const Tensor& dy,
                                                                                              const Needs& needs) {
                  const Tensor w = sw.get();
                  return Grads{needs[0] ? dy * (1 - w) : Tensor(), needs[1] ? dy * w : Tensor(),
                               needs[2] ? dy * (se.get() - sx.get()) : Tensor()};
                });
}
Tensor& Tensor::lerp_(const Tensor& end, const Scalar& weight) const {
  check_lerp(*this, end, dtype());
  return in_place_checked(
      "lerp_", *this, {end}, [&] { kernels::binary_out(*this, BinaryOp::Lerp, *this, end, weight); },
      [&](const Tensor& x) { return taper::lerp(x, end, weight); });
}
Tensor& Tensor::lerp_(const Tensor& end, const Tensor& weight) const {
  check_lerp(*this, end, weight.dtype());
  return in_place_checked(
      "lerp_", *this, {end, weight}, [&] { kernels::ternary_out(*this, TernaryOp::LerpEach, *this, end, weight); },
      [&](const Tensor& old) { return taper::lerp(clone_if(weight.requires_grad(), old), end, weight); });
}

}  // namespace taper
