// taper::nn::utils: clip gradients after backward and before the optimiser's step. `parameters` is a list or one
// Tensor.
#pragma once

#include <taper/core/tensor.h>

namespace taper::nn::utils {

// Scales all gradients by max_norm / (norm + 1e-6) where that is below 1, norm being (sum |g|^p)^(1/p) over all
// elements of all gradients (p = norm_type; infinity: the largest magnitude). Returns the norm from before, 0 without
// gradients. A norm that is not finite makes every gradient NaN or 0, as in PyTorch; with error_if_nonfinite it is an
// Error instead and no gradient is changed. ValueError for a negative max_norm and a norm_type that is not above 0.
// Pascanu et al. 2013.
TAPER_API double clip_grad_norm_(TensorList parameters, double max_norm, double norm_type = 2,
                                 bool error_if_nonfinite = false);

// Clamps every element of every gradient to [-clip_value, clip_value]. ValueError for a negative clip_value.
TAPER_API void clip_grad_value_(TensorList parameters, double clip_value);

}  // namespace taper::nn::utils
