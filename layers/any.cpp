#include <taper/layers/any.h>

namespace taper::nn {

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

std::any AnyModule::any_forward(std::any* args, size_t n) { return call_(*ptr(), object_, args, n); }

const std::shared_ptr<Module>& AnyModule::ptr() const {
  TAPER_CHECK(module_, "AnyModule: it must hold a module before it is used; it is empty");
  return module_;
}

AnyModule AnyModule::with(std::shared_ptr<Module> module) const {
  AnyModule other = *this;
  other.object_ = cast_(*module);
  TAPER_CHECK_TYPE(other.object_, "AnyModule: the types must agree; got a ", module->name(), " in place of a ",
                   ptr()->name());
  other.module_ = std::move(module);
  return other;
}

void AnyModule::wrong_type(const std::type_info& wanted) const {
  throw TypeError(
      taper::detail::str("AnyModule: the module is a ", ptr()->name(), "; asked for as a ", detail::type_name(wanted)));
}

}  // namespace taper::nn
