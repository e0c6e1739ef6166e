#include <taper/core/kernels/promotion.h>

namespace taper::kernels {
namespace {

// The dtype when `high` (a tensor with dimensions) meets `low` (zero-dim, or a number): low counts only if it is of a
// higher kind, bool < integers < floats.
ScalarType combine(ScalarType high, ScalarType low) {
  const auto kind = [](ScalarType t) { return is_floating_point(t) ? 2 : t == kBool ? 0 : 1; };
  return kind(low) > kind(high) ? promote_types(high, low) : high;
}

}  // namespace

ScalarType result_type(const Tensor& a, const Tensor& b) {
  const ScalarType x = a.dtype(), y = b.dtype();
  if (x == y) return x;
  if ((a.dim() == 0) == (b.dim() == 0)) return promote_types(x, y);
  return a.dim() == 0 ? combine(y, x) : combine(x, y);
}

ScalarType result_type(const Tensor& a, const Scalar& b) {
  return combine(a.dtype(), b.isFloatingPoint() ? get_default_dtype() : b.type());
}

// Dimensions outrank zero-dim tensors over all three.
ScalarType result_type(const Tensor& a, const Tensor& b, const Tensor& c) {
  ScalarType with_dims = ScalarType::Undefined, zero_dim = ScalarType::Undefined;
  for (const Tensor* t : {&a, &b, &c}) {
    ScalarType& type = t->dim() == 0 ? zero_dim : with_dims;
    type = type == ScalarType::Undefined ? t->dtype() : promote_types(type, t->dtype());
  }
  if (with_dims == ScalarType::Undefined) return zero_dim;
  return zero_dim == ScalarType::Undefined ? with_dims : combine(with_dims, zero_dim);
}

DimVector broadcast_sizes(const char* op, IntArrayRef a, IntArrayRef b) {
  const IntArrayRef& longer = a.size() >= b.size() ? a : b;
  const IntArrayRef& shorter = a.size() >= b.size() ? b : a;
  DimVector sizes(longer.begin(), longer.end());
  const size_t missing = longer.size() - shorter.size();
  for (size_t d = 0; d < shorter.size(); ++d) {
    int64_t& size = sizes[missing + d];
    if (size == shorter[d] || shorter[d] == 1) continue;
    TAPER_CHECK(size == 1, op, ": the sizes must be equal or 1 in every dimension, counted from the last; got ", a,
                " and ", b, ", which differ in dimension ", missing + d, "; reshape or unsqueeze one of them");
    size = shorter[d];
  }
  return sizes;
}

}  // namespace taper::kernels
