#include <taper/autograd/grad_mode.h>

#include <taper/core/storage.h>

namespace taper {
namespace {
thread_local bool grad_enabled = true;
}  // namespace

bool GradMode::is_enabled() { return grad_enabled; }
void GradMode::set_enabled(bool enabled) { grad_enabled = enabled && !InferenceMode::is_enabled(); }

InferenceMode::InferenceMode(bool enabled)
    : grad_before_(grad_enabled), inference_before_(taper::detail::inference_mode()) {
  taper::detail::set_inference_mode(enabled);
  grad_enabled = !enabled;
}
InferenceMode::~InferenceMode() {
  taper::detail::set_inference_mode(inference_before_);
  grad_enabled = grad_before_;
}
bool InferenceMode::is_enabled() { return taper::detail::inference_mode(); }

}  // namespace taper
