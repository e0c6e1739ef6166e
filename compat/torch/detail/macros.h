// The macros of libtorch that programs use.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/error.h>
#include <taper/layers/any.h>

#include <sstream>
#include <string>

#define TORCH_API TAPER_API
#define TORCH_ARG(T, name) TAPER_ARG(T, name)
#define TORCH_MODULE(Name) TAPER_MODULE(Name)
#define TORCH_MODULE_IMPL(Name, ImplType) TAPER_MODULE_IMPL(Name, ImplType)
#define FORWARD_HAS_DEFAULT_ARGS(...) TAPER_FORWARD_HAS_DEFAULT_ARGS(__VA_ARGS__)

#define C10_API TAPER_API
#define C10_EXPORT TAPER_API
#define C10_UNUSED [[maybe_unused]]
#define C10_NODISCARD [[nodiscard]]
#define C10_NOINLINE [[gnu::noinline]]
#define C10_ALWAYS_INLINE inline __attribute__((always_inline))
#define C10_RESTRICT __restrict
#define C10_LIKELY(condition) __builtin_expect(static_cast<bool>(condition), 1)
#define C10_UNLIKELY(condition) __builtin_expect(static_cast<bool>(condition), 0)
#define C10_STRINGIZE_IMPL(text) #text
#define C10_STRINGIZE(text) C10_STRINGIZE_IMPL(text)
#define C10_CONCATENATE_IMPL(a, b) a##b
#define C10_CONCATENATE(a, b) C10_CONCATENATE_IMPL(a, b)
#define C10_ANONYMOUS_VARIABLE(name) C10_CONCATENATE(name, __COUNTER__)

namespace taper {

// The arguments as a stream writes them, one behind the other.
template <class... Args>
std::string str(const Args&... args) {
  std::ostringstream out;
  std::ostream& stream = out;  // of whose operators none is better for one argument and worse for the other
  (stream << ... << args);
  return out.str();
}

// The items as a stream writes them, with the delimiter between them.
template <class Container>
std::string Join(const std::string& delimiter, const Container& items) {
  std::ostringstream out;
  bool first = true;
  for (const auto& item : items) {
    out << (first ? "" : delimiter) << item;
    first = false;
  }
  return out.str();
}

namespace compat {

// The arguments as a stream writes them, which takes more types than TAPER_CHECK does.
template <class... Args>
std::string message(const char* otherwise, const Args&... args) {
  if constexpr (sizeof...(Args) == 0) {
    return otherwise;
  } else {
    return str(args...);
  }
}

template <class... Ts>
struct Types {};
using FloatingTypes = Types<double, float>;
using IntegralTypes = Types<uint8_t, int8_t, int, int64_t, int16_t>;
using AllTypes = Types<uint8_t, int8_t, int, int64_t, int16_t, double, float>;

// The types and the one behind `type`, if a tensor can have it.
template <ScalarType type, class... Ts>
auto with([[maybe_unused]] Types<Ts...> types) {
#define TAPER_WITH(T, Name) \
  if constexpr (type == ScalarType::Name) return Types<Ts..., T>();
  TAPER_FOR_EACH_DTYPE(TAPER_WITH)
#undef TAPER_WITH
}

// f(T{}) for the one of the types that is behind `type`.
template <class... Ts, class F>
auto dispatch(Types<Ts...>, ScalarType type, const char* op, const F& f) {
  using Result = std::common_type_t<decltype(f(Ts{}))...>;
  Result (*call)(const F&) = nullptr;
  ((type == dtype_of<Ts> ? void(call = [](const F& g) -> Result { return g(Ts{}); }) : void()), ...);
  TAPER_CHECK_AS(NotImplementedError, call, op, ": there is no such function for ", type);
  return call(f);
}

}  // namespace compat
}  // namespace taper

#define TAPER_TORCH_CHECK(ErrorType, condition, ...) \
  TAPER_CHECK_AS(ErrorType, condition,               \
                 ::taper::compat::message("check: must hold and does not: " #condition __VA_OPT__(, ) __VA_ARGS__))
#define TORCH_CHECK(condition, ...) TAPER_TORCH_CHECK(::taper::Error, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_WITH(ErrorType, condition, ...) \
  TAPER_TORCH_CHECK(::taper::ErrorType, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_INDEX(condition, ...) TAPER_TORCH_CHECK(::taper::IndexError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_VALUE(condition, ...) TAPER_TORCH_CHECK(::taper::ValueError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_TYPE(condition, ...) TAPER_TORCH_CHECK(::taper::TypeError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_NOT_IMPLEMENTED(condition, ...) \
  TAPER_TORCH_CHECK(::taper::NotImplementedError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_INTERNAL_ASSERT(condition, ...) TORCH_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#ifdef NDEBUG
#define TORCH_INTERNAL_ASSERT_DEBUG_ONLY(...) \
  while (false) TORCH_INTERNAL_ASSERT(__VA_ARGS__)
#else
#define TORCH_INTERNAL_ASSERT_DEBUG_ONLY(...) TORCH_INTERNAL_ASSERT(__VA_ARGS__)
#endif
#define AT_ASSERT(condition) TORCH_CHECK(condition)
#define AT_ASSERTM(condition, ...) TORCH_CHECK(condition, __VA_ARGS__)
#define AT_ERROR(...) TORCH_CHECK(false __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_WARN(...)                                                            \
  ::taper::Warning::warn({static_cast<const char*>(__func__), __FILE__, __LINE__}, \
                         ::taper::compat::message("" __VA_OPT__(, ) __VA_ARGS__), false)
#define TORCH_WARN_ONCE(...)                                                             \
  do {                                                                                   \
    if (::taper::Warning::get_warnAlways()) {                                            \
      TORCH_WARN(__VA_ARGS__);                                                           \
    } else {                                                                             \
      [[maybe_unused]] static const bool taper_warned = (TORCH_WARN(__VA_ARGS__), true); \
    }                                                                                    \
  } while (false)

// AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "name", [&] { work<scalar_t>(); }); no tensor is complex, so what
// the names below say of these means nothing.
#define TAPER_AT_DISPATCH(types, type, name, ...)                  \
  ::taper::compat::dispatch(types, type, name, [&](auto taper_t) { \
    using scalar_t [[maybe_unused]] = decltype(taper_t);           \
    return __VA_ARGS__();                                          \
  })
#define AT_DISPATCH_FLOATING_TYPES(type, name, ...) \
  TAPER_AT_DISPATCH(::taper::compat::FloatingTypes(), type, name, __VA_ARGS__)
#define AT_DISPATCH_FLOATING_TYPES_AND_HALF(...) AT_DISPATCH_FLOATING_TYPES_AND(::taper::ScalarType::Half, __VA_ARGS__)
#define AT_DISPATCH_FLOATING_AND_COMPLEX_TYPES(...) AT_DISPATCH_FLOATING_TYPES(__VA_ARGS__)
#define AT_DISPATCH_FLOATING_TYPES_AND(more, type, name, ...) \
  TAPER_AT_DISPATCH(::taper::compat::with<more>(::taper::compat::FloatingTypes()), type, name, __VA_ARGS__)
#define AT_DISPATCH_INTEGRAL_TYPES(type, name, ...) \
  TAPER_AT_DISPATCH(::taper::compat::IntegralTypes(), type, name, __VA_ARGS__)
#define AT_DISPATCH_INTEGRAL_TYPES_AND(more, type, name, ...) \
  TAPER_AT_DISPATCH(::taper::compat::with<more>(::taper::compat::IntegralTypes()), type, name, __VA_ARGS__)
#define AT_DISPATCH_ALL_TYPES(type, name, ...) TAPER_AT_DISPATCH(::taper::compat::AllTypes(), type, name, __VA_ARGS__)
#define AT_DISPATCH_ALL_TYPES_AND_COMPLEX(...) AT_DISPATCH_ALL_TYPES(__VA_ARGS__)
#define AT_DISPATCH_ALL_TYPES_AND(more, type, name, ...) \
  TAPER_AT_DISPATCH(::taper::compat::with<more>(::taper::compat::AllTypes()), type, name, __VA_ARGS__)
#define AT_DISPATCH_ALL_TYPES_AND2(more, most, type, name, ...)                                                        \
  TAPER_AT_DISPATCH(::taper::compat::with<most>(::taper::compat::with<more>(::taper::compat::AllTypes())), type, name, \
                    __VA_ARGS__)
