// Observers of module calls, and the names of modules in errors.
#include <taper/layers/module.h>

#include <cxxabi.h>

#include <cctype>
#include <cstdlib>

namespace taper::nn {

std::string detail::type_name(const std::type_info& type) {
  int status = 0;
  char* text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string name = text ? text : type.name();
  std::free(text);
  return name;
}

namespace {
std::string without_impl(std::string type) {
  if (type.size() > 4 && type.ends_with("Impl")) type.resize(type.size() - 4);
  return type;
}
}  // namespace

std::string detail::layer_name(const std::type_info& impl) { return without_impl(type_name(impl)); }

std::string detail::short_name(const Module& module) {
  std::string type = module.name();
  if (type.find('<') == std::string::npos) type.erase(0, type.rfind(':') + 1);
  return without_impl(std::move(type));
}

constinit thread_local CallObserver* detail::call_observer = nullptr;

CallObserver::~CallObserver() { remove(); }

void CallObserver::install() {
  remove();
  outer_ = detail::call_observer;
  detail::call_observer = this;
}

void CallObserver::remove() noexcept {
  for (CallObserver** link = &detail::call_observer; *link; link = &(*link)->outer_) {
    if (*link == this) {
      *link = outer_;
      break;
    }
  }
}

std::string detail::path_for_errors(const void* module) {
  const Module& m = *static_cast<const Module*>(module);
  std::string path = m.path();
  if (!path.empty() && !std::isdigit(static_cast<unsigned char>(path[0]))) return path;
  // Registered nowhere, or with a number as its name: start from the type, as in "Sequential.0".
  const Module* root = &m;
  while (root->parent_) root = root->parent_;
  return join_path(short_name(*root), path);
}

std::string detail::join_path(const std::string& prefix, const std::string& name) {
  if (prefix.empty()) return name;
  return name.empty() ? prefix : prefix + "." + name;
}

}  // namespace taper::nn
