// Which module's forward is running on this thread, so that errors and anomaly mode can name it.
//
// A scope is pushed by every module call (layers/module.h) at the price of a thread-local pointer; the path as text is
// made only when somebody asks.
#pragma once

#include <taper/core/macros.h>

#include <string>

namespace taper::autograd {

class ModuleScope;
namespace detail {
TAPER_API extern constinit thread_local const ModuleScope* innermost_module_scope;
}

class ModuleScope {
 public:
  using PathOf = std::string (*)(const void* module);

  ModuleScope(const void* module, PathOf path_of)
      : module_(module), path_of_(path_of), outer_(detail::innermost_module_scope) {
    detail::innermost_module_scope = this;
  }
  ~ModuleScope() { detail::innermost_module_scope = outer_; }
  ModuleScope(const ModuleScope&) = delete;
  ModuleScope& operator=(const ModuleScope&) = delete;

  // Null outside all modules.
  static const ModuleScope* innermost() { return detail::innermost_module_scope; }
  const void* module() const { return module_; }
  std::string path() const { return path_of_(module_); }

 private:
  const void* module_;
  PathOf path_of_;
  const ModuleScope* outer_;
};

// "net.fc1" inside the forward of that module, "" outside all modules.
TAPER_API std::string current_module_path();

}  // namespace taper::autograd
