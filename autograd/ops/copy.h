// Copies and handles of a whole tensor (conversions are methods: x.to(kFloat64)).
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y = x in memory of its own                               dx = dy
TAPER_API Tensor clone(const Tensor& x);
// The same memory without history: no gradient goes back.
TAPER_API Tensor detach(const Tensor& x);

}  // namespace taper
