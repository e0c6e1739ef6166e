#include <taper/autograd/nested_pass.h>

#include <taper/autograd/autograd.h>
#include <taper/autograd/grad_mode.h>

#include <exception>
#include <system_error>
#include <thread>

namespace taper::autograd {
namespace {
constexpr int kPassesPerStack = 32;  // of 8 MB as a rule: 256 KB for the frames of one level
constexpr int kMostPasses = 10'000;  // so that endless recursion is an error before memory runs out
thread_local int depth = 0;
}  // namespace

NestedPass::NestedPass() {
  TAPER_CHECK(depth < kMostPasses, "backward: passes may be nested ", kMostPasses,
              " deep (a derivative or hook that calls backward); got one more");
  ++depth;
}
NestedPass::~NestedPass() { --depth; }

bool NestedPass::stack_is_deep() { return depth % kPassesPerStack == 0; }

// The thread has this one's modes, and this one waits for it.
void NestedPass::run_elsewhere(const std::function<void()>& pass) {
  std::exception_ptr error;
  const auto body = [&, level = depth, grad = GradMode::is_enabled(), inference = InferenceMode::is_enabled(),
                     anomaly = AnomalyMode::is_enabled()] {
    depth = level;
    const InferenceMode inference_mode(inference);
    const AutoGradMode grad_mode(grad);
    AnomalyMode::set_enabled(anomaly);
    try {
      pass();
    } catch (...) {
      error = std::current_exception();
    }
  };
  try {
    std::thread(body).join();
  } catch (const std::system_error& e) {
    throw Error(taper::detail::str("backward: a pass nested ", depth,
                                   " deep needs a thread for its stack, which could not be started (", e.what(), ")"));
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace taper::autograd
