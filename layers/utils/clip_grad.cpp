#include <taper/layers/utils/clip_grad.h>

#include <taper/autograd/grad_mode.h>

#include <cmath>

namespace taper::nn::utils {

double clip_grad_norm_(TensorList parameters, double max_norm, double norm_type, bool error_if_nonfinite) {
  TAPER_CHECK_VALUE(max_norm >= 0, "clip_grad_norm_: max_norm must be 0 or more; got ", max_norm);
  TAPER_CHECK_VALUE(norm_type > 0, "clip_grad_norm_: norm_type must be above 0; got ", norm_type);
  const NoGradGuard no_grad;
  // The norm of all elements is the norm of the tensors' norms; combined in double.
  double total = 0;
  for (const Tensor& parameter : parameters) {
    if (!parameter.grad().defined()) continue;
    const double norm = parameter.grad().norm(norm_type).item<double>();
    if (std::isinf(norm_type)) {
      total = std::isnan(norm) || norm > total ? norm : total;
    } else {
      total += norm_type == 2 ? norm * norm : std::pow(norm, norm_type);
    }
  }
  if (!std::isinf(norm_type)) total = norm_type == 2 ? std::sqrt(total) : std::pow(total, 1 / norm_type);
  TAPER_CHECK(std::isfinite(total) || !error_if_nonfinite,
              "clip_grad_norm_: the norm of the gradients must be finite; got ", total,
              "; look for NaN or infinity in the loss, or pass error_if_nonfinite = false to scale all the same");
  const double scale = max_norm / (total + 1e-6);
  if (scale >= 1) return total;  // NaN is not: the gradients become NaN, so that it shows
  for (const Tensor& parameter : parameters) {
    if (parameter.grad().defined()) parameter.mutable_grad().mul_(scale);
  }
  return total;
}

void clip_grad_value_(TensorList parameters, double clip_value) {
  TAPER_CHECK_VALUE(clip_value >= 0, "clip_grad_value_: clip_value must be 0 or more; got ", clip_value);
  const NoGradGuard no_grad;
  for (const Tensor& parameter : parameters) {
    if (parameter.grad().defined()) parameter.mutable_grad().clamp_(-clip_value, clip_value);
  }
}

}  // namespace taper::nn::utils
