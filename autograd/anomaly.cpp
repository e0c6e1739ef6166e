#include <taper/autograd/anomaly.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/module_scope.h>
#include <taper/autograd/record.h>
#include <taper/autograd/running_node.h>

namespace taper::autograd {
namespace {
thread_local bool anomaly = false;
}  // namespace

bool AnomalyMode::is_enabled() { return anomaly; }
void AnomalyMode::set_enabled(bool enabled) { anomaly = enabled; }
bool detail::anomaly_enabled() { return anomaly; }

void detail::check_forward(const char* name, const Tensor& y) {
  // Inside a derivative, the engine looks at the result and names the operation that it belongs to.
  if (!y.defined() || !y.is_floating_point() || y.numel() == 0 || RunningNode::current()) return;
  if (!isnan(y).any().item<bool>()) return;
  const std::string path = current_module_path();
  throw Error(taper::detail::str("anomaly: the result of the operation behind ", name,
                                 " must not be NaN; got NaN in a result of sizes ", y.sizes(),
                                 path.empty() ? "" : " (in module ", path, path.empty() ? "" : ")",
                                 "; look at this operation's inputs"));
}

}  // namespace taper::autograd
