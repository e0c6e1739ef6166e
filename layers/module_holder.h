// ModuleHolder: a shared_ptr to a module that its constructor creates and that is called like a function: Linear holds
// a LinearImpl. Copies share the module.
//
//   taper::nn::Linear fc(3, 4);            // makes a LinearImpl(3, 4)
//   taper::nn::Linear later = nullptr;     // empty; using it is an Error
//   taper::Tensor y = fc(x);               // fc->forward(x), with the module named in errors
//
// TAPER_MODULE(Net) after `struct NetImpl : taper::nn::Module {...}` makes the holder Net.
#pragma once

#include <taper/layers/module.h>

namespace taper::nn {

namespace detail {
[[noreturn]] TAPER_API void empty_holder();
}

template <class Contained>
class ModuleHolder {
 public:
  using ContainedType = Contained;

  ModuleHolder() : impl_(default_construct()) {
    static_assert(std::is_default_constructible_v<Contained>,
                  "this module has no default constructor: pass its arguments, or nullptr for an empty holder");
  }
  ModuleHolder(std::nullptr_t) {}                                                // NOLINT
  ModuleHolder(std::shared_ptr<Contained> module) : impl_(std::move(module)) {}  // NOLINT
  template <class Head, class... Tail>
  requires(!(sizeof...(Tail) == 0 &&
             (std::is_base_of_v<ModuleHolder, std::remove_cvref_t<Head>> ||
              std::is_convertible_v<Head, std::shared_ptr<Contained>>))) explicit ModuleHolder(Head&& head,
                                                                                               Tail&&... tail)
      : impl_(std::make_shared<Contained>(std::forward<Head>(head), std::forward<Tail>(tail)...)) {}

  bool is_empty() const noexcept { return impl_ == nullptr; }
  explicit operator bool() const noexcept { return !is_empty(); }

  Contained* operator->() { return get(); }
  const Contained* operator->() const { return get(); }
  Contained& operator*() { return *get(); }
  const Contained& operator*() const { return *get(); }
  Contained* get() { return static_cast<Contained*>(checked().get()); }
  const Contained* get() const { return static_cast<const Contained*>(checked().get()); }
  std::shared_ptr<Contained> ptr() const { return std::static_pointer_cast<Contained>(checked()); }

  template <class... Args>
  decltype(auto) operator()(Args&&... args) {
    return detail::call_forward(*get(), std::forward<Args>(args)...);
  }
  template <class Arg>
  decltype(auto) operator[](Arg&& arg) {
    return (*get())[std::forward<Arg>(arg)];
  }

 private:
  static std::shared_ptr<void> default_construct() {
    if constexpr (std::is_default_constructible_v<Contained>) {
      return std::make_shared<Contained>();
    } else {
      return nullptr;
    }
  }
  const std::shared_ptr<void>& checked() const {
    if (!impl_) [[unlikely]]
      detail::empty_holder();
    return impl_;
  }

 protected:
  std::shared_ptr<void> impl_;  // of the Contained: a shared_ptr class for each module would make the headers slow
};

template <class Contained>
std::ostream& operator<<(std::ostream& stream, const ModuleHolder<Contained>& holder) {
  return stream << static_cast<const Module&>(*holder);
}

namespace detail {

// The module behind a holder, a pointer or itself.
template <class Model>
auto& module_of(Model& model) {
  if constexpr (std::is_base_of_v<Module, Model>) {
    return model;
  } else {
    TAPER_CHECK_VALUE(static_cast<bool>(model), "the model must be a module; got a null pointer or an empty holder");
    return *model;
  }
}

}  // namespace detail
}  // namespace taper::nn

#define TAPER_MODULE_IMPL(Name, ImplType)                    \
  class Name : public ::taper::nn::ModuleHolder<ImplType> {  \
   public:                                                   \
    using ::taper::nn::ModuleHolder<ImplType>::ModuleHolder; \
    using Impl = ImplType;                                   \
  }
#define TAPER_MODULE(Name) TAPER_MODULE_IMPL(Name, Name##Impl)
