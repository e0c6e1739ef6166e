// Bounds, and a choice between two tensors. Each: forward, what is saved, derivative, in place.
#include <taper/autograd/ops/ops_internal.h>

namespace taper {

using namespace autograd;

// ---- clamp: min <= y <= max                              dx = dy where min <= x <= max ------------------------------

Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max) {
  return record("ClampBackward1", {x}, kernels::clamp(x, min, max), [min, max, sx = save(x)](const Tensor& dy) {
    const Tensor value = sx.get();
    const Tensor inside = !max ? value >= *min : !min ? value <= *max : (value >= *min).logical_and(value <= *max);
    return taper::where(inside, dy, 0);
  });
}

Tensor& Tensor::clamp_(const optional<Scalar>& min, const optional<Scalar>& max) const {
  return in_place_checked(
      "clamp_", *this, {}, [&] { kernels::clamp_out(*this, *this, min, max); },
      [&](const Tensor& old) { return taper::clamp(old.clone(), min, max); });
}

// By tensors: the one bound and then the other, so that max wins. maximum and minimum share dy between equal values;
// here x keeps it.

static Tensor clamp_bound(const Tensor& x, const Tensor& limit, bool is_lower) {
  const auto op = is_lower ? kernels::BinaryOp::Maximum : kernels::BinaryOp::Minimum;
  return record(is_lower ? "ClampMinBackward1" : "ClampMaxBackward1", {x, limit}, kernels::binary(op, x, limit),
                [is_lower, sx = save(x), sl = save(limit)](const Tensor& dy, const Needs& needs) {
                  const Tensor inside = is_lower ? sx.get() >= sl.get() : sx.get() <= sl.get();
                  const Tensor outside = is_lower ? sx.get() < sl.get() : sx.get() > sl.get();
                  return Grads{needs[0] ? taper::where(inside, dy, 0) : Tensor(),
                               needs[1] ? taper::where(outside, dy, 0) : Tensor()};
                });
}

Tensor clamp(const Tensor& x, const optional<Tensor>& min, const optional<Tensor>& max) {
  const bool has_min = min && min->defined(), has_max = max && max->defined();
  TAPER_CHECK_VALUE(has_min || has_max, "clamp: at least one of min and max must be given");
  const Tensor y = has_min ? clamp_bound(x, *min, true) : x;
  return has_max ? clamp_bound(y, *max, false) : y;
}

Tensor& Tensor::clamp_(const optional<Tensor>& min, const optional<Tensor>& max) const {
  const Tensor none;
  return in_place_by_copy("clamp_", *this, {min ? *min : none, max ? *max : none}, true,
                          [&](const Tensor& x) { return taper::clamp(x, min, max); });
}

// ---- where: y = condition ? a : b                        da = condition ? dy : 0, db = condition ? 0 : dy -----------

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  return record("WhereBackward0", {a, b}, kernels::where(condition, a, b),
                [c = save(condition)](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? taper::where(c.get(), dy, 0) : Tensor(),
                               needs[1] ? taper::where(c.get(), 0, dy) : Tensor()};
                });
}

Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b) {
  return where(condition, a, scalar_like(a, b));
}
Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b) {
  return where(condition, scalar_like(b, a), b);
}

}  // namespace taper
