// AnyModule: any module with a forward, called without knowing its type. Sequential is a list of them.
#pragma once

#include <taper/layers/module_holder.h>

#include <any>

namespace taper::nn {
namespace detail {
[[noreturn]] TAPER_API void wrong_value(const std::type_info& wanted, const std::type_info& got);
}

// A value of any copyable type: an argument or result of an AnyModule.
class AnyValue {
 public:
  AnyValue() = default;  // no value: the result of a forward that returns void
  template <class T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, AnyValue>) explicit AnyValue(T&& value)  // NOLINT: not for AnyValues
      : value_(std::in_place_type<std::decay_t<T>>, std::forward<T>(value)) {}

  // Null unless the value is a T.
  template <class T>
  T* try_get() {
    return std::any_cast<T>(&value_);
  }
  template <class T>
  T get() {
    if (T* value = try_get<T>()) return *value;
    detail::wrong_value(typeid(T), type_info());
  }
  bool has_value() const noexcept { return value_.has_value(); }
  const std::type_info& type_info() const noexcept { return value_.type(); }

 private:
  std::any value_;
};

namespace detail {

// The default arguments of a forward, each with its position from 0.
using DefaultArguments = std::vector<std::pair<unsigned int, AnyValue>>;

[[noreturn]] TAPER_API void wrong_argument_count(const Module& module, size_t wanted, size_t got);
[[noreturn]] TAPER_API void wrong_argument(const Module& module, size_t i, const std::type_info& wanted,
                                           const std::type_info& got);
[[noreturn]] TAPER_API void wrong_result(const std::type_info& wanted, const std::type_info& got);
// The `wanted` arguments of a call with the n first of them.
TAPER_API std::vector<AnyValue> complete_arguments(const Module& module, AnyValue* args, size_t n, size_t wanted,
                                                   DefaultArguments defaults);

// Calls what TAPER_FORWARD_HAS_DEFAULT_ARGS defines, also where it is protected.
struct DefaultArgumentsAccess {
  template <class M>
  static auto of(M& module) -> decltype(module.taper_default_arguments()) {
    return module.taper_default_arguments();
  }
};

// args[i] as parameter type P of a forward.
template <class P>
P any_argument(const Module& module, AnyValue* args, size_t i) {
  using T = std::remove_cvref_t<P>;
  T* value = args[i].try_get<T>();
  if (!value) wrong_argument(module, i, typeid(T), args[i].type_info());
  if constexpr (std::is_lvalue_reference_v<P>) {
    return *value;
  } else {
    return std::move(*value);
  }
}

template <class R>
R any_result(AnyValue&& result) {
  R* value = result.try_get<R>();
  if (!value) wrong_result(typeid(R), result.type_info());
  return std::move(*value);
}

using AnyCall = AnyValue (*)(Module& base, void* module, AnyValue* args, size_t n);

// The first argument for observers, looked up only while there is one.
inline const Tensor* first_tensor(AnyValue* args, size_t n) {
  return call_observer && n > 0 ? args->try_get<Tensor>() : nullptr;
}

template <class M, class R, class... P, size_t... I>
AnyValue any_call(Module& base, M& module, AnyValue* args, size_t n, std::index_sequence<I...> indices) {
  if (n != sizeof...(P)) {
    if constexpr (requires { DefaultArgumentsAccess::of(module); }) {
      if (n < sizeof...(P)) {
        std::vector<AnyValue> all = complete_arguments(base, args, n, sizeof...(P), DefaultArgumentsAccess::of(module));
        return any_call<M, R, P...>(base, module, all.data(), all.size(), indices);
      }
    }
    wrong_argument_count(base, sizeof...(P), n);
  }
  const auto run = [&]() -> R { return module.forward(any_argument<P>(base, args, I)...); };
  if constexpr (OpensScope<M>) {
    return AnyValue(run());
  } else if constexpr (std::is_void_v<R>) {
    call_module(base, first_tensor(args, n), run);
    return {};
  } else {
    return AnyValue(call_module(base, first_tensor(args, n), run));
  }
}

template <class M, class R, class... P>
constexpr AnyCall make_any_call() {
  return [](Module& base, void* module, AnyValue* args, size_t n) {
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

template <class M>
constexpr AnyCall any_call_of() {
  if constexpr (requires(M & m, AnyValue * args) { m.forward_values(args, size_t{1}); }) {  // a Sequential
    return [](Module&, void* module, AnyValue* args, size_t n) {
      return static_cast<M*>(module)->forward_values(args, n);
    };
  } else if constexpr (requires { &M::forward; }) {
    return any_call_of<M>(&M::forward);
  } else {  // overloaded or a template: called with one Tensor
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

  // The arguments must have exactly the types that the module's forward takes, except for const and references;
  // trailing ones may be omitted where TAPER_FORWARD_HAS_DEFAULT_ARGS gives them. TypeError for other types and numbers
  // of arguments, and for a result that is no R.
  template <class R = Tensor, class... Args>
  R forward(Args&&... args) {
    return detail::any_result<R>(any_forward(std::forward<Args>(args)...));
  }
  // The result of any type; arguments may be AnyValues.
  template <class... Args>
  AnyValue any_forward(Args&&... args) {
    AnyValue values[sizeof...(Args) + 1] = {AnyValue(std::forward<Args>(args))...};
    return forward_values(values, sizeof...(Args));
  }
  AnyValue forward_values(AnyValue* args, size_t n);

  bool is_empty() const noexcept { return !module_; }
  const std::shared_ptr<Module>& ptr() const;
  template <class M>
  std::shared_ptr<M> ptr() const {
    return detail::module_as<M>(ptr());
  }
  // get<LinearImpl>() is the module, get<Linear>() a holder of it.
  template <class M>
  decltype(auto) get() const {
    if constexpr (IsModuleHolder<M>) {
      return M(ptr<typename M::ContainedType>());
    } else {
      return static_cast<M&>(*ptr<M>());
    }
  }
  const std::type_info& type_info() const;
  // Copies share the module; a clone has a deep copy of it.
  AnyModule clone(const optional<Device>& device = nullopt) const;
  // The same with another module of that type.
  AnyModule with(std::shared_ptr<Module> module) const;

 private:
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
  AnyModule& module() noexcept { return module_; }
  const AnyModule& module() const noexcept { return module_; }

 private:
  std::string name_;
  AnyModule module_;
};

}  // namespace taper::nn

// In a module whose forward has default arguments, so that calls by an AnyModule or a Sequential may omit them: each
// with its position from 0.
//
//   struct ScaleImpl : taper::nn::Module {
//     taper::Tensor forward(const taper::Tensor& x, double factor = 2, int64_t shift = 1);
//
//    protected:
//     TAPER_FORWARD_HAS_DEFAULT_ARGS({1, taper::nn::AnyValue(2.0)}, {2, taper::nn::AnyValue(int64_t{1})})
//   };
#define TAPER_FORWARD_HAS_DEFAULT_ARGS(...)                  \
  friend struct ::taper::nn::detail::DefaultArgumentsAccess; \
  ::taper::nn::detail::DefaultArguments taper_default_arguments() { return {__VA_ARGS__}; }
