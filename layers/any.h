// AnyModule: any module with a forward, called without knowing its type. Sequential is a list of them.
#pragma once

#include <taper/layers/module_holder.h>

#include <any>

namespace taper::nn {
namespace detail {

[[noreturn]] TAPER_API void wrong_argument_count(const Module& module, size_t wanted, size_t got);
[[noreturn]] TAPER_API void wrong_argument(const Module& module, size_t i, const std::type_info& wanted,
                                           const std::type_info& got);
[[noreturn]] TAPER_API void wrong_result(const std::type_info& wanted, const std::type_info& got);

// args[i] as parameter type P of a forward.
template <class P>
P any_argument(const Module& module, std::any* args, size_t i) {
  using T = std::remove_cvref_t<P>;
  T* value = std::any_cast<T>(&args[i]);
  if (!value) wrong_argument(module, i, typeid(T), args[i].type());
  if constexpr (std::is_lvalue_reference_v<P>) {
    return *value;
  } else {
    return std::move(*value);
  }
}

template <class R>
R any_result(std::any&& result) {
  R* value = std::any_cast<R>(&result);
  if (!value) wrong_result(typeid(R), result.type());
  return std::move(*value);
}

using AnyCall = std::any (*)(Module& base, void* module, std::any* args, size_t n);

// The first argument for observers, looked up only while there is one.
inline const Tensor* first_tensor(std::any* args, size_t n) {
  return call_observer && n > 0 ? std::any_cast<Tensor>(args) : nullptr;
}

template <class M, class R, class... P, size_t... I>
std::any any_call(Module& base, M& module, std::any* args, size_t n, std::index_sequence<I...>) {
  if (n != sizeof...(P)) wrong_argument_count(base, sizeof...(P), n);
  const auto run = [&]() -> R { return module.forward(any_argument<P>(base, args, I)...); };
  if constexpr (std::is_void_v<R>) {
    call_module(base, first_tensor(args, n), run);
    return {};
  } else {
    return std::any(std::in_place_type<std::remove_cvref_t<R>>, call_module(base, first_tensor(args, n), run));
  }
}

template <class M, class R, class... P>
constexpr AnyCall make_any_call() {
  return [](Module& base, void* module, std::any* args, size_t n) {
    return any_call<M, R, P...>(base, *static_cast<M*>(module), args, n, std::index_sequence_for<P...>());
  };
}
template <class M, class C, class R, class... P>
constexpr AnyCall any_call_of(R (C::*)(P...)) {
  return make_any_call<M, R, P...>();
}
template <class M, class C, class R, class... P>
constexpr AnyCall any_call_of(R (C::*)(P...) const) {
  return make_any_call<M, R, P...>();
}
template <class M, class C, class R, class... P>
constexpr AnyCall any_call_of(R (C::*)(P...) noexcept) {
  return make_any_call<M, R, P...>();
}
template <class M, class C, class R, class... P>
constexpr AnyCall any_call_of(R (C::*)(P...) const noexcept) {
  return make_any_call<M, R, P...>();
}

template <class M>
constexpr AnyCall any_call_of() {
  if constexpr (requires(M & m, std::any * args) { m.any_forward(args, size_t{1}); }) {  // a Sequential
    return
        [](Module&, void* module, std::any* args, size_t n) { return static_cast<M*>(module)->any_forward(args, n); };
  } else if constexpr (requires { &M::forward; }) {
    return any_call_of<M>(&M::forward);
  } else {  // overloaded or a template: taken as a function of one Tensor
    static_assert(
        requires(M & m, const Tensor& x) { m.forward(x); },
        "a module in a Sequential must have one forward(), or one that takes a Tensor");
    return make_any_call<M, decltype(std::declval<M&>().forward(std::declval<const Tensor&>())), const Tensor&>();
  }
}

}  // namespace detail

class TAPER_API AnyModule {
 public:
  AnyModule() = default;
  template <class M>
  AnyModule(std::shared_ptr<M> module)  // NOLINT: implicit, so that Sequential takes modules in every form
      : call_(detail::any_call_of<M>()),
        cast_([](Module& base) -> void* { return dynamic_cast<M*>(&base); }),
        object_(module.get()),
        module_(std::move(module)) {
    TAPER_CHECK_VALUE(module_, "AnyModule: the module must not be null");
  }
  template <class M>
  AnyModule(const ModuleHolder<M>& holder) : AnyModule(holder.ptr()) {}  // NOLINT
  template <class M>
  requires std::is_base_of_v<Module, std::remove_cvref_t<M>> AnyModule(M&& module)  // NOLINT
      : AnyModule(std::make_shared<std::remove_cvref_t<M>>(std::forward<M>(module))) {}

  // The arguments must have exactly the types that the module's forward takes, but for const and references.
  template <class R = Tensor, class... Args>
  R forward(Args&&... args) {
    std::any values[] = {std::any(std::in_place_type<std::remove_cvref_t<Args>>, std::forward<Args>(args))...};
    return detail::any_result<R>(any_forward(values, sizeof...(Args)));
  }
  std::any any_forward(std::any* args, size_t n);

  bool is_empty() const noexcept { return !module_; }
  const std::shared_ptr<Module>& ptr() const;
  template <class M>
  std::shared_ptr<M> ptr() const {
    std::shared_ptr<M> module = std::dynamic_pointer_cast<M>(ptr());
    if (!module) wrong_type(typeid(M));
    return module;
  }
  template <class M>
  M& get() const {
    return *ptr<M>();
  }
  // The same kind of module, another object.
  AnyModule with(std::shared_ptr<Module> module) const;

 private:
  [[noreturn]] void wrong_type(const std::type_info& wanted) const;

  detail::AnyCall call_ = nullptr;
  void* (*cast_)(Module&) = nullptr;
  void* object_ = nullptr;  // module_ as its own type
  std::shared_ptr<Module> module_;
};

// A module and its name in a Sequential.
class NamedAnyModule {
 public:
  NamedAnyModule(std::string name, AnyModule module) : name_(std::move(name)), module_(std::move(module)) {}
  const std::string& name() const noexcept { return name_; }
  const AnyModule& module() const noexcept { return module_; }

 private:
  std::string name_;
  AnyModule module_;
};

}  // namespace taper::nn
