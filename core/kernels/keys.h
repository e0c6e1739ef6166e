// Elements of any dtype as unsigned numbers of the same order: NaN is larger than all, -0 equals 0. Internal.
#pragma once

#include <taper/core/float_types.h>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace taper::kernels {

template <size_t kBytes>
using Unsigned =
    std::conditional_t<kBytes == 1, uint8_t,
                       std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;

// An unsigned number that is smaller, equal or larger as x is.
template <class T>
auto key_of(T x) {
  using Key = Unsigned<sizeof(T)>;
  constexpr Key kSign = static_cast<Key>(Key{1} << (8 * sizeof(T) - 1));
  if constexpr (is_float_type<T>) {
    if (x != x) return static_cast<Key>(~Key{0});
    const Key bits = std::bit_cast<Key>(static_cast<T>(x + T(0)));  // -0 + 0 is 0
    return static_cast<Key>(bits & kSign ? ~bits : bits | kSign);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(static_cast<Key>(x) ^ kSign);
  } else {
    return static_cast<Key>(x);
  }
}

}  // namespace taper::kernels
