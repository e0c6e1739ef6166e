// The floating-point types of 16 bits, as numbers in memory: tensors store them, and every computation is in float32
// and rounded once, to the nearest, ties to even.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>
#include <limits>

namespace taper {

namespace detail {

constexpr uint16_t bfloat16_bits(float value) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, value);
  if (value != value) return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
constexpr float bfloat16_value(uint16_t bits) { return __builtin_bit_cast(float, static_cast<uint32_t>(bits) << 16); }

// binary16 of IEEE 754: 5 bits of exponent, 10 of the fraction.
TAPER_API uint16_t half_bits(float value);
TAPER_API float half_value(uint16_t bits);

}  // namespace detail

// bfloat16: the upper half of a float32, with its range (up to 3.4e38) and 8 significant bits, two to three decimal
// digits. NaN becomes 0x7fc0.
struct BFloat16 {
  struct from_bits_t {};
  static constexpr from_bits_t from_bits() { return {}; }

  BFloat16() = default;
  constexpr BFloat16(float value) : x(detail::bfloat16_bits(value)) {}  // NOLINT: implicit, as in libtorch
  constexpr BFloat16(unsigned short bits, from_bits_t) : x(bits) {}
  constexpr operator float() const { return detail::bfloat16_value(x); }  // NOLINT

  uint16_t x;
};

// float16: 11 significant bits, numbers up to 65504, beyond which it is infinite. For storage: computing in it is left
// to float32.
struct Half {
  struct from_bits_t {};
  static constexpr from_bits_t from_bits() { return {}; }

  Half() = default;
  Half(float value) : x(detail::half_bits(value)) {}  // NOLINT: implicit, as in libtorch
  constexpr Half(unsigned short bits, from_bits_t) : x(bits) {}
  operator float() const { return detail::half_value(x); }  // NOLINT

  uint16_t x;
};

// Whether T is one of them.
template <class T>
inline constexpr bool is_half_type = false;
template <>
inline constexpr bool is_half_type<BFloat16> = true;
template <>
inline constexpr bool is_half_type<Half> = true;

// As X(C++ type, ScalarType name, ...).
#define TAPER_FOR_EACH_HALF(X, ...)        \
  X(Half, Half __VA_OPT__(, ) __VA_ARGS__) \
  X(BFloat16, BFloat16 __VA_OPT__(, ) __VA_ARGS__)

}  // namespace taper

template <>
class std::numeric_limits<taper::BFloat16> : public std::numeric_limits<float> {
  using T = taper::BFloat16;
  static constexpr T bits(unsigned short value) { return {value, T::from_bits()}; }

 public:
  static constexpr int digits = 8, digits10 = 2, max_digits10 = 4;
  static constexpr T min() { return bits(0x0080); }
  static constexpr T max() { return bits(0x7f7f); }
  static constexpr T lowest() { return bits(0xff7f); }
  static constexpr T epsilon() { return bits(0x3c00); }
  static constexpr T round_error() { return bits(0x3f00); }
  static constexpr T infinity() { return bits(0x7f80); }
  static constexpr T quiet_NaN() { return bits(0x7fc0); }
  static constexpr T signaling_NaN() { return bits(0x7f80 | 1); }
  static constexpr T denorm_min() { return bits(0x0001); }
};

template <>
class std::numeric_limits<taper::Half> : public std::numeric_limits<float> {
  using T = taper::Half;
  static constexpr T bits(unsigned short value) { return {value, T::from_bits()}; }

 public:
  static constexpr int digits = 11, digits10 = 3, max_digits10 = 5;
  static constexpr int min_exponent = -13, max_exponent = 16, min_exponent10 = -4, max_exponent10 = 4;
  static constexpr T min() { return bits(0x0400); }
  static constexpr T max() { return bits(0x7bff); }
  static constexpr T lowest() { return bits(0xfbff); }
  static constexpr T epsilon() { return bits(0x1400); }
  static constexpr T round_error() { return bits(0x3800); }
  static constexpr T infinity() { return bits(0x7c00); }
  static constexpr T quiet_NaN() { return bits(0x7e00); }
  static constexpr T signaling_NaN() { return bits(0x7c00 | 1); }
  static constexpr T denorm_min() { return bits(0x0001); }
};
