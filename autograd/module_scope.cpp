#include <taper/autograd/module_scope.h>

namespace taper::autograd {

constinit thread_local const ModuleScope* detail::innermost_module_scope = nullptr;

std::string current_module_path() {
  const ModuleScope* scope = ModuleScope::innermost();
  return scope ? scope->path() : std::string();
}

}  // namespace taper::autograd
