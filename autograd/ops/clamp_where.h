// Bounds, and a choice between two tensors. Operands broadcast and promote as in binary.h.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y = x, but at least min and at most max; max where it is below min. NaN stays.
//                                                          dx = dy where min <= x <= max, 0 elsewhere
// ValueError when neither is given.
TAPER_API Tensor clamp(const Tensor& x, const optional<Scalar>& min, const optional<Scalar>& max = nullopt);
// The same for each element                                dmin = dy where x < min, dmax = dy where x > max
TAPER_API Tensor clamp(const Tensor& x, const optional<Tensor>& min = nullopt, const optional<Tensor>& max = nullopt);

// y = condition ? a : b                                    da = condition ? dy : 0, db = condition ? 0 : dy
// TypeError unless the condition is bool (or uint8, with a warning). where(condition) alone: index.h.
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
TAPER_API Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b);
TAPER_API Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b);
TAPER_API Tensor where(const Tensor& condition, const Scalar& a, const Scalar& b);

}  // namespace taper
