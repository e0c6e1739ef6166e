// Programs written for libtorch compile unchanged with this folder on the include path (CMake: taper::torch_compat).
//
//   #include <torch/torch.h>
//   torch::Tensor x = torch::randn({2, 3});
//
// torch, at and c10 are other names for taper; the macros with libtorch's names are here; and the headers of the
// standard library that libtorch's header brings along come along. What differs and what is missing: docs/porting.md. A
// program of its own needs none of this: <taper/taper.h> compiles faster, and `namespace torch = taper;` is one line.
#pragma once

#include <taper/taper.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cmath>
#include <complex>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iomanip>
#include <iostream>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <queue>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace torch = taper;
namespace at = taper;
namespace c10 = taper;

// The libtorch whose interface this is, for programs that ask.
#define TORCH_VERSION_MAJOR 1
#define TORCH_VERSION_MINOR 13
#define TORCH_VERSION_PATCH 1
#define TORCH_VERSION "1.13.1"

#define TORCH_API TAPER_API
#define TORCH_ARG(T, name) TAPER_ARG(T, name)
#define TORCH_MODULE(Name) TAPER_MODULE(Name)
#define TORCH_MODULE_IMPL(Name, ImplType) TAPER_MODULE_IMPL(Name, ImplType)

namespace taper::compat {

// The arguments as a stream writes them, which takes more types than TAPER_CHECK does.
template <class... Args>
std::string message(const char* otherwise, const Args&... args) {
  if constexpr (sizeof...(Args) == 0) {
    return otherwise;
  } else {
    std::ostringstream out;
    (out << ... << args);
    return out.str();
  }
}

}  // namespace taper::compat

namespace taper {

// The arguments as a stream writes them, one behind the other.
template <class... Args>
std::string str(const Args&... args) {
  return compat::message("", args...);
}

}  // namespace taper

#define TAPER_TORCH_CHECK(ErrorType, condition, ...) \
  TAPER_CHECK_AS(ErrorType, condition,               \
                 ::taper::compat::message("check: must hold and does not: " #condition __VA_OPT__(, ) __VA_ARGS__))
#define TORCH_CHECK(condition, ...) TAPER_TORCH_CHECK(::taper::Error, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_INDEX(condition, ...) TAPER_TORCH_CHECK(::taper::IndexError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_VALUE(condition, ...) TAPER_TORCH_CHECK(::taper::ValueError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_TYPE(condition, ...) TAPER_TORCH_CHECK(::taper::TypeError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_CHECK_NOT_IMPLEMENTED(condition, ...) \
  TAPER_TORCH_CHECK(::taper::NotImplementedError, condition __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_INTERNAL_ASSERT(condition, ...) TORCH_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#define AT_ASSERT(condition) TORCH_CHECK(condition)
#define AT_ASSERTM(condition, ...) TORCH_CHECK(condition, __VA_ARGS__)
#define AT_ERROR(...) TORCH_CHECK(false __VA_OPT__(, ) __VA_ARGS__)
#define TORCH_WARN(...) ::taper::warn(::taper::compat::message("" __VA_OPT__(, ) __VA_ARGS__))

// AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "name", [&] { work<scalar_t>(); });
#define AT_DISPATCH_FLOATING_TYPES(type, name, ...)             \
  ::taper::dispatch_floating(type, name, [&](auto taper_zero) { \
    using scalar_t = decltype(taper_zero);                      \
    return __VA_ARGS__();                                       \
  })
