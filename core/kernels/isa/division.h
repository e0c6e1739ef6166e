// What is left when one number is divided by another, exact for all numbers. Only for files in core/kernels/isa/:
// everything here is local to the including file.
//
// Below kWhole, where numbers may still have fractions, the rounded quotient rounded to an integer is the true one or a
// neighbour of it: a - q b is smaller than b and, as a multiple of the smaller unit in the last place, a number of the
// type. From kWhole on the rounded quotient is an integer, and a - q b at least 2^23 (2^52) times smaller than a and a
// number again.
#pragma once

#include <taper/core/kernels/isa/isa.h>
#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

template <class T>
constexpr T kWhole = sizeof(T) == 4 ? T(0x1p23) : T(0x1p52);

// a - q b, which must be a number of the type: without a fused product float takes double's, which is exact.
inline float less_product(float a, float q, float b) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return __builtin_fmaf(-q, b, a);
#else
  return static_cast<float>(static_cast<double>(a) - static_cast<double>(q) * static_cast<double>(b));
#endif
}
inline double less_product(double a, double q, double b) { return __builtin_fma(-q, b, a); }

// What is left of `a`, with the sign of `sign`, where |quotient| = |a / b| < kWhole. b may be infinite.
template <class T>
inline T near_rest(T a, T b, T quotient, T sign) {
  const T q = round_even(quotient);
  const T rest = q == 0 ? a : less_product(a, q, b);
  const T along = (rest < 0) != (sign < 0) ? -abs_of(rest) : abs_of(rest);
  return copy_sign(along < 0 ? along + abs_of(b) : along, sign);
}

// Out of line, as clang takes a call that is one instruction in its eyes for cheap enough to be made in any case.
__attribute__((noinline)) float libm_rest(float a, float b) { return __builtin_fmodf(a, b); }
__attribute__((noinline)) double libm_rest(double a, double b) { return __builtin_fmod(a, b); }

// rest[i] = fmod(a[i], b[i]) for any numbers: at once where all quotients are small, else by as many steps as the
// largest needs. The C library's fmod, which goes bit by bit, is for infinity, NaN, division by 0 and quotients beyond
// the type.
template <class T>
void rests(const T* a, const T* b, int64_t n, T* rest) {
  decltype(bits(T())) far = 0;
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const T quotient = a[i] / b[i];
    far |= abs_of(quotient) < kWhole<T> ? 0 : 1;
    rest[i] = near_rest(a[i], b[i], quotient, a[i]);
  }
  if (!far) return;
  for (int64_t i = 0; i < n; ++i) rest[i] = a[i];
  while (far) {
    far = 0;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      const T quotient = rest[i] / b[i], size = abs_of(quotient);
      const bool steps = static_cast<int>(size >= kWhole<T>) & static_cast<int>(size < static_cast<T>(__builtin_inf()));
      far |= steps ? 1 : 0;
      rest[i] = steps ? less_product(rest[i], quotient, b[i]) : rest[i];
    }
  }
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) rest[i] = near_rest(rest[i], b[i], rest[i] / b[i], a[i]);
  for (int64_t i = 0; i < n; ++i) {
    if (!(abs_of(a[i] / b[i]) < static_cast<T>(__builtin_inf()))) rest[i] = libm_rest(a[i], b[i]);
  }
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
