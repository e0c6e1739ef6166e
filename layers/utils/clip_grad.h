// taper::nn::utils: clip gradients after backward and before the optimiser's step.
#pragma once

#include <taper/core/tensor.h>

namespace taper::nn::utils {

// Scales all gradients by max_norm / (norm + 1e-6) where that is below 1, norm being (sum |g|^p)^(1/p) over all values
// of all gradients (p = norm_type; infinity: the largest magnitude). Returns the norm from before, 0 without
// gradients. A norm that is not finite makes every gradient NaN or 0, as in PyTorch; with error_if_nonfinite it is an
// error instead and no gradient is changed.
TAPER_API double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, double norm_type = 2,
                                 bool error_if_nonfinite = false);
TAPER_API double clip_grad_norm_(const Tensor& parameter, double max_norm, double norm_type = 2,
                                 bool error_if_nonfinite = false);

// Brings every value of every gradient into [-clip_value, clip_value].
TAPER_API void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value);
TAPER_API void clip_grad_value_(const Tensor& parameter, double clip_value);

}  // namespace taper::nn::utils
