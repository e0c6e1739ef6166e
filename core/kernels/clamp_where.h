// Elementwise kernels with conditions; as in elementwise.h.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// y = min(max(x, min), max); an absent bound leaves its side open. NaN stays NaN; a bound that is NaN makes all NaN.
TAPER_API Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max);
TAPER_API void clamp_out(const Tensor& out, const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max);
// y = condition ? a : b
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

}  // namespace taper::kernels
