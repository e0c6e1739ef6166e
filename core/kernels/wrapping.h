// Sums and products that wrap around where T is an integer, as PyTorch's; signed ones would be undefined. Internal.
#pragma once

#include <cstdint>
#include <type_traits>

namespace taper::kernels {

template <class T>
using Unwrapped = std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, uint64_t, T>;
template <class T>
T wrapping_sum(T a, T b) {
  return static_cast<T>(static_cast<Unwrapped<T>>(a) + static_cast<Unwrapped<T>>(b));
}
template <class T>
T wrapping_product(T a, T b) {
  return static_cast<T>(static_cast<Unwrapped<T>>(a) * static_cast<Unwrapped<T>>(b));
}

}  // namespace taper::kernels
