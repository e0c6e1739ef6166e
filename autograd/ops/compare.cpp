// Comparisons and tests: results are bool, without derivative.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/reduce.h>

#include <cmath>

namespace taper {

using kernels::CompareOp;
using kernels::PredicateOp;

#define TAPER_COMPARE(name, Op)                                                                   \
  Tensor name(const Tensor& a, const Tensor& b) { return kernels::compare(CompareOp::Op, a, b); } \
  Tensor name(const Tensor& a, const Scalar& b) { return kernels::compare(CompareOp::Op, a, b); }
TAPER_COMPARE(eq, Eq)
TAPER_COMPARE(ne, Ne)
TAPER_COMPARE(lt, Lt)
TAPER_COMPARE(le, Le)
TAPER_COMPARE(gt, Gt)
TAPER_COMPARE(ge, Ge)
#undef TAPER_COMPARE

Tensor logical_and(const Tensor& a, const Tensor& b) { return kernels::compare(CompareOp::And, a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return kernels::compare(CompareOp::Or, a, b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return kernels::compare(CompareOp::Xor, a, b); }
Tensor logical_not(const Tensor& x) { return kernels::predicate(PredicateOp::Not, x); }
Tensor isnan(const Tensor& x) { return kernels::predicate(PredicateOp::IsNan, x); }
Tensor isinf(const Tensor& x) { return kernels::predicate(PredicateOp::IsInf, x); }
Tensor isfinite(const Tensor& x) { return kernels::predicate(PredicateOp::IsFinite, x); }
Tensor signbit(const Tensor& x) { return kernels::predicate(PredicateOp::SignBit, x); }

// ---- truth values in place: written as 0 and 1 ----------------------------------------------------------------------

#define TAPER_LOGICAL(name)                                             \
  Tensor& Tensor::name##_(const Tensor& other) const {                  \
    const Tensor y = taper::name(*this, other);                         \
    kernels::check_result_fits(#name "_", *this, y.sizes(), y.dtype()); \
    return copy_(y);                                                    \
  }
TAPER_LOGICAL(logical_and)
TAPER_LOGICAL(logical_or)
TAPER_LOGICAL(logical_xor)
#undef TAPER_LOGICAL
Tensor& Tensor::logical_not_() const { return copy_(taper::logical_not(*this)); }

// ---- of whole tensors -----------------------------------------------------------------------------------------------

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  TAPER_CHECK_TYPE(a.dtype() == b.dtype(), "isclose: the dtypes must be equal; got ", a.dtype(), " and ", b.dtype(),
                   "; convert one of them");
  TAPER_CHECK_VALUE(rtol >= 0 && atol >= 0, "isclose: the tolerances must not be negative; got rtol ", rtol,
                    " and atol ", atol);
  const NoGradGuard no_grad;
  Tensor close = a == b;  // equal infinities are close
  if (a.is_floating_point() && equal_nan) close = close.logical_or(a.isnan().logical_and(b.isnan()));
  if (rtol == 0 && atol == 0) return close;
  // Integers are compared as float64, where |a - b| cannot overflow.
  const Tensor x = a.is_floating_point() ? a : kernels::to_dtype(a, kFloat64);
  const Tensor y = b.is_floating_point() ? b : kernels::to_dtype(b, kFloat64);
  const Tensor distance = (x - y).abs();
  const Tensor near = (distance <= y.abs() * rtol + atol).logical_and(distance.isfinite());
  return close.logical_or(near);
}

bool equal(const Tensor& a, const Tensor& b) {
  return a.sizes().equals(b.sizes()) && kernels::all(kernels::compare(CompareOp::Eq, a, b), {}, false).item<bool>();
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return kernels::all(isclose(a, b, rtol, atol, equal_nan), {}, false).item<bool>();
}

}  // namespace taper
