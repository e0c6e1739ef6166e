#include <taper/layers/any.h>

namespace taper::nn {

void detail::wrong_value(const std::type_info& wanted, const std::type_info& got) {
  throw TypeError(
      taper::detail::str("AnyValue: the value is a ", type_name(got), "; asked for as a ", type_name(wanted)));
}

void detail::wrong_argument_count(const Module& module, size_t wanted, size_t got) {
  throw TypeError(taper::detail::str("forward of ", module.name(), ": it takes ", wanted, " argument(s); got ", got));
}

void detail::wrong_argument(const Module& module, size_t i, const std::type_info& wanted, const std::type_info& got) {
  throw TypeError(taper::detail::str("forward of ", module.name(), ": argument ", i, " must be a ", type_name(wanted),
                                     "; got a ", type_name(got)));
}

void detail::wrong_result(const std::type_info& wanted, const std::type_info& got) {
  throw TypeError(taper::detail::str("forward: the result is a ", type_name(got), ", asked for as a ",
                                     type_name(wanted),
                                     "; ask for the type that the last module returns, as in forward<T>(x)"));
}

std::vector<AnyValue> detail::complete_arguments(const Module& module, AnyValue* args, size_t n, size_t wanted,
                                                 DefaultArguments defaults) {
  std::vector<AnyValue> all(wanted);
  for (size_t i = 0; i < n; ++i) all[i] = std::move(args[i]);
  for (auto& [i, value] : defaults) {
    if (i >= n && i < wanted) all[i] = std::move(value);
  }
  for (size_t i = n; i < wanted; ++i) {
    if (!all[i].has_value()) {
      throw TypeError(taper::detail::str("forward of ", module.name(), ": argument ", i, " has no default; got ", n,
                                         " of ", wanted, " argument(s)"));
    }
  }
  return all;
}

AnyValue AnyModule::forward_values(AnyValue* args, size_t n) { return call_(*ptr(), object_, args, n); }

const std::shared_ptr<Module>& AnyModule::ptr() const {
  TAPER_CHECK(module_, "AnyModule: it must hold a module before it is used; it is empty");
  return module_;
}

const std::type_info& AnyModule::type_info() const {
  const Module& module = *ptr();
  return typeid(module);
}

AnyModule AnyModule::clone(const optional<Device>& device) const {
  return is_empty() ? AnyModule() : with(module_->clone(device));
}

AnyModule AnyModule::with(std::shared_ptr<Module> module) const {
  AnyModule other = *this;
  other.object_ = cast_(*module);
  TAPER_CHECK_TYPE(other.object_, "AnyModule: the types must agree; got a ", module->name(), " in place of a ",
                   ptr()->name());
  other.module_ = std::move(module);
  return other;
}

}  // namespace taper::nn
