// Whether operations record themselves on the tape. Thread-local; on by default.
#pragma once

#include <taper/core/macros.h>

namespace taper {

struct TAPER_API GradMode {
  static bool is_enabled();
  static void set_enabled(bool enabled);
};

// Sets the mode for a scope and restores it at the end.
class AutoGradMode {
 public:
  explicit AutoGradMode(bool enabled) : before_(GradMode::is_enabled()) { GradMode::set_enabled(enabled); }
  ~AutoGradMode() { GradMode::set_enabled(before_); }
  AutoGradMode(const AutoGradMode&) = delete;
  AutoGradMode& operator=(const AutoGradMode&) = delete;

 private:
  bool before_;
};

// No recording in this scope: evaluation, parameter updates.
class NoGradGuard : public AutoGradMode {
 public:
  NoGradGuard() : AutoGradMode(false) {}
};

}  // namespace taper
