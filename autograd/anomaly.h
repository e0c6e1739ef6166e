// Anomaly mode: the first NaN is an error that names the operation and the module.
#pragma once

#include <taper/core/macros.h>

namespace taper::autograd {

struct TAPER_API AnomalyMode {
  static bool is_enabled();
  static void set_enabled(bool enabled);
};

// In this scope the first NaN - in the result of a recorded operation or in a gradient - is an error that names the
// operation and, where known, the module it belongs to. Slow: every value is looked at.
class DetectAnomalyGuard {
 public:
  DetectAnomalyGuard() : before_(AnomalyMode::is_enabled()) { AnomalyMode::set_enabled(true); }
  ~DetectAnomalyGuard() { AnomalyMode::set_enabled(before_); }
  DetectAnomalyGuard(const DetectAnomalyGuard&) = delete;
  DetectAnomalyGuard& operator=(const DetectAnomalyGuard&) = delete;

 private:
  bool before_;
};

}  // namespace taper::autograd
