// Comparisons and tests, elementwise and of whole tensors. Results are bool, without derivative; operands broadcast and
// promote as in binary.h.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// eq, ne, lt, le, gt, ge; also the operators ==, !=, <, ... False where an operand is NaN, but for ne.
#define TAPER_COMPARE(name)                                \
  TAPER_API Tensor name(const Tensor& a, const Tensor& b); \
  TAPER_API Tensor name(const Tensor& a, const Scalar& b);
#include <taper/core/elementwise.def>

// Elements that are not 0 count as true. (logical_not: unary.h)
TAPER_API Tensor logical_and(const Tensor& a, const Tensor& b);
TAPER_API Tensor logical_or(const Tensor& a, const Tensor& b);
TAPER_API Tensor logical_xor(const Tensor& a, const Tensor& b);

TAPER_API Tensor isnan(const Tensor& x);
TAPER_API Tensor isinf(const Tensor& x);     // inf or -inf
TAPER_API Tensor isfinite(const Tensor& x);  // neither NaN nor infinite
TAPER_API Tensor signbit(const Tensor& x);   // below 0, or -0

// |a - b| <= atol + rtol |b|; equal infinities are close, NaN only with equal_nan.
// TypeError for different dtypes, ValueError for a tolerance below 0.
TAPER_API Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
                         bool equal_nan = false);
// isclose everywhere.
TAPER_API bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
                        bool equal_nan = false);
// Same sizes and elements; dtypes may differ.
TAPER_API bool equal(const Tensor& a, const Tensor& b);

// Of the tensor, as the methods.
inline bool is_floating_point(const Tensor& x) { return x.is_floating_point(); }
inline bool is_signed(const Tensor& x) { return x.is_signed(); }
inline bool is_nonzero(const Tensor& x) { return x.is_nonzero(); }
inline bool is_inference(const Tensor& x) { return x.is_inference(); }
inline int64_t get_device(const Tensor& x) { return x.get_device(); }

}  // namespace taper
