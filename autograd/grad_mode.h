// Whether operations record themselves on the tape. Thread-local; on by default, but for InferenceMode.
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

// Nothing is recorded in this scope, not even where the grad mode is switched on inside (is_enabled() stays false);
// with `enabled` false, recording is possible again within such a scope. Tensors made here say so by is_inference().
// Unlike libtorch's they may be used for everything else afterwards, too: saved for a derivative, changed in place,
// trained.
class TAPER_API InferenceMode {
 public:
  explicit InferenceMode(bool enabled = true);
  ~InferenceMode();
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;
  static bool is_enabled();

 private:
  bool grad_before_, inference_before_;
};

}  // namespace taper
