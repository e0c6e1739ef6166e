#include <taper/autograd/grad_mode.h>

#include <taper/autograd/autograd.h>

namespace taper {
namespace {
thread_local bool grad_enabled = true;
thread_local bool anomaly = false;
}  // namespace

bool GradMode::is_enabled() { return grad_enabled; }
void GradMode::set_enabled(bool enabled) { grad_enabled = enabled; }

bool autograd::AnomalyMode::is_enabled() { return anomaly; }
void autograd::AnomalyMode::set_enabled(bool enabled) { anomaly = enabled; }
bool autograd::detail::anomaly_enabled() { return anomaly; }

}  // namespace taper
