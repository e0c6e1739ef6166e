// What operations do in a scope of autocast.h.
#pragma once

#include <taper/autograd/autocast.h>

namespace taper::autocast {

namespace detail {
inline Tensor cast_to(ScalarType type, const Tensor& x) { return x.defined() ? cached_cast(type, x) : x; }
template <class T>
const T& cast_to(ScalarType, const T& other) {
  return other;
}
template <class Op, class... Args>
auto run_in(ScalarType type, const Op& op, const Args&... args) {
  struct Off {
    Off() { set_cpu_enabled(false); }
    ~Off() { set_cpu_enabled(true); }
  } const off;
  return op(cast_to(type, args)...);
}
}  // namespace detail

// An operation of the first list begins with
//   if (autocast::is_cpu_enabled()) return autocast::in_lower_precision(bmm, a, b);
// and one of the second with in_float32. Autocast is off for what the operation itself calls.
template <class Op, class... Args>
auto in_lower_precision(const Op& op, const Args&... args) {
  return detail::run_in(get_autocast_cpu_dtype(), op, args...);
}
template <class Op, class... Args>
auto in_float32(const Op& op, const Args&... args) {
  return detail::run_in(kFloat32, op, args...);
}

}  // namespace taper::autocast
