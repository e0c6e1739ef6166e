// Backward passes within backward passes: a derivative or a hook may call backward() itself, to any depth. Internal.
#pragma once

#include <functional>

namespace taper::autograd {

// Counts the passes that this thread is in, one inside the other.
class NestedPass {
 public:
  NestedPass();
  ~NestedPass();
  NestedPass(const NestedPass&) = delete;
  NestedPass& operator=(const NestedPass&) = delete;

  // Runs `pass`: here or, every so many levels, on a thread of its own, whose stack is fresh.
  template <class F>
  void run(F&& pass) const {
    if (stack_is_deep())
      run_elsewhere(std::ref(pass));
    else
      pass();
  }

 private:
  static bool stack_is_deep();
  static void run_elsewhere(const std::function<void()>& pass);
};

}  // namespace taper::autograd
