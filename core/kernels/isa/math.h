// exp, log, tanh, ... of one float, without branches or table look-ups, so that a loop over them vectorises; for double
// the same names call the C library. Only for files in core/kernels/isa/: everything here is local to the including
// file.
//
// The polynomials are minimax fits (Remez, in 40 digits) of the function named beside them. Largest errors, measured at
// one float in a hundred: exp, log, log1p, tanh, erf 1.5 units in the last place, sigmoid 2.2; gelu and silu 1e-6
// relative, down to results of 1e-37. 0, infinities, NaN and subnormal numbers give what the C library gives.
#pragma once

#include <cstdint>

namespace taper::kernels::TAPER_ISA {
namespace {

inline int32_t bits(float x) { return __builtin_bit_cast(int32_t, x); }
inline int64_t bits(double x) { return __builtin_bit_cast(int64_t, x); }
inline float from_bits(int32_t i) { return __builtin_bit_cast(float, i); }
inline float abs_of(float x) { return from_bits(bits(x) & 0x7fffffff); }
inline double abs_of(double x) { return __builtin_fabs(x); }
inline float copy_sign(float magnitude, float sign) {
  return from_bits((bits(magnitude) & 0x7fffffff) | (bits(sign) & static_cast<int32_t>(0x80000000)));
}
inline double copy_sign(double magnitude, double sign) { return __builtin_copysign(magnitude, sign); }

// The nearest integer, half to even; by the addition that pushes the fraction out of the significand.
inline float round_even(float x) {
  const float shift = 8388608.0f;  // 2^23: from here on floats are integers
  const float magnitude = abs_of(x);
  return magnitude < shift ? copy_sign((magnitude + shift) - shift, x) : x;
}
inline double round_even(double x) {
  const double shift = 4503599627370496.0;  // 2^52
  const double magnitude = __builtin_fabs(x);
  return magnitude < shift ? __builtin_copysign((magnitude + shift) - shift, x) : x;
}

// x y + z, rounded once where that is one instruction.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
inline float multiply_add(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
inline double multiply_add(double x, double y, double z) { return __builtin_fma(x, y, z); }
#else
inline float multiply_add(float x, float y, float z) { return x * y + z; }
inline double multiply_add(double x, double y, double z) { return x * y + z; }
#endif

// The polynomial of x with these coefficients, the highest power first.
template <class... C>
inline float polynomial(float x, float highest, C... rest) {
  ((highest = multiply_add(highest, x, rest)), ...);
  return highest;
}

// exp(x + low), where |low| is small beside 1: x = n ln 2 + r, exp(x) = 2^n exp(r), |r| <= ln(2)/2.
inline float exp_of(float x, float low = 0) {
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it leaves the rounded integer in the low bits
  x = x > 89.0f ? 89.0f : x;        // overflows all the same
  x = x < -104.0f ? -104.0f : x;    // rounds to 0 all the same
  const float shifted = multiply_add(x, 1.44269504f, magic);
  const float n = shifted - magic;
  // ln 2 in two parts; n * the first is exact
  const float r = multiply_add(n, 2.12194440e-4f, multiply_add(n, -0.693359375f, x)) + low;
  const float p = polynomial(r, 0.001381316045f, 0.008369418717f, 0.04166845647f, 0.1666651479f, 0.4999999305f);
  const float e = multiply_add(p, r * r, r) + 1.0f;
  // 2^n in two factors: n reaches from -150 to 128, an exponent only from -126 to 127.
  const int32_t i = bits(shifted) - bits(magic);
  const int32_t half = i >> 1;
  return e * from_bits((half + 127) << 23) * from_bits((i - half + 127) << 23);
}
inline double exp_of(double x) { return __builtin_exp(x); }

// ln(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2), plus e ln 2.
inline float log_reduced(float f, float e) {
  const float p = polynomial(f, -0.07646153424f, 0.1277915822f, -0.1316418751f, 0.1419968944f, -0.1662276408f,
                             0.2000129291f, -0.2500083799f, 0.333333312f);
  const float square = f * f;
  const float tail = multiply_add(-0.5f, square, multiply_add(e, -2.12194440e-4f, p * f * square));
  return multiply_add(e, 0.693359375f, f + tail);
}
// x = 2^e (1 + f); subnormal numbers are scaled up first.
inline float log_of(float x) {
  const bool tiny = x < 1.17549435e-38f;
  const float scaled = tiny ? x * 8388608.0f : x;
  // Less the bits of sqrt(1/2): the exponent field now counts from there.
  const int32_t above = static_cast<int32_t>(static_cast<uint32_t>(bits(scaled)) - 0x3f3504f3u);
  const int32_t exponent = above >> 23;
  const float m = from_bits((above & 0x7fffff) + 0x3f3504f3);
  const float e = static_cast<float>(exponent) - (tiny ? 23.0f : 0.0f);
  float y = log_reduced(m - 1.0f, e);
  y = x < __builtin_inff() ? y : x;  // ln inf = inf, ln NaN = NaN
  y = x < 0.0f ? __builtin_nanf("") : y;
  return x == 0.0f ? -__builtin_inff() : y;
}
inline double log_of(double x) { return __builtin_log(x); }

// ln u + (x - (u - 1)) / u with u = 1 + x as rounded: the quotient restores what the rounding lost.
inline float log1p_of(float x) {
  const float u = 1.0f + x;
  const float lost = (x - (u - 1.0f)) / u;
  const float y = log_of(u) + (u > 0.0f && u < __builtin_inff() ? lost : 0.0f);
  return x == 0.0f ? x : y;
}
inline double log1p_of(double x) { return __builtin_log1p(x); }

// 1 / (1 + exp(-x)), by exp(-|x|) so that nothing overflows and small results keep their precision.
inline float sigmoid_of(float x) {
  const float e = exp_of(-abs_of(x));
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}
inline double sigmoid_of(double x) {
  const double e = __builtin_exp(-__builtin_fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

// Near 0 x + x^3 P(x^2), else 1 - 2 / (exp(2|x|) + 1) with the sign of x.
inline float tanh_of(float x) {
  const float magnitude = abs_of(x);
  const float square = x * x;
  const float p = polynomial(square, -0.005704992269f, 0.02063909346f, -0.05373971765f, 0.1333144224f, -0.3333328194f);
  const float near = copy_sign(multiply_add(x * square, p, x), x);  // -0 stays -0
  const float far = copy_sign(1.0f - 2.0f / (exp_of(2.0f * magnitude) + 1.0f), x);
  return magnitude < 0.625f ? near : far;
}
inline double tanh_of(double x) { return __builtin_tanh(x); }

// t P(t) = Phi(-a) exp(a^2 / 2) with t = 1 / (1 + 0.35 a), for a >= 0: the tail of the normal distribution without its
// steep factor.
inline float normal_tail_ratio(float a) {
  const float t = 1.0f / multiply_add(0.35f, a, 1.0f);
  return t * polynomial(t, -0.02915810073f, 0.1440319206f, -0.2558409661f, 0.159321801f, -0.02321369996f, 0.1055530249f,
                        0.119821168f, 0.1398635301f, 0.1396213061f);
}
// exp(-x^2 / 2), the square in two parts: a rounded x^2 of 100 would cost seven digits.
inline float exp_minus_half_square(float x) {
  const float clamped = abs_of(x) < 20.0f ? x : (x == x ? 20.0f : x);  // 0 from 14.5 on; NaN stays
  const float high = from_bits(bits(clamped) & static_cast<int32_t>(0xfffff000));
  return exp_of(-0.5f * high * high, -0.5f * (clamped - high) * (clamped + high));
}
// Phi(x), the normal distribution; `density` receives exp(-x^2 / 2).
inline float normal_cdf(float x, float& density) {
  density = exp_minus_half_square(x);
  const float tail = density * normal_tail_ratio(abs_of(x));
  return x > 0.0f ? 1.0f - tail : tail;
}
inline double normal_cdf(double x, double& density) {
  density = __builtin_exp(-0.5 * x * x);
  return 0.5 * __builtin_erfc(-0.70710678118654752440 * x);
}

// Up to 1 x + x P(x^2), beyond 1 - 2 Phi(-sqrt(2) |x|) with the sign of x.
inline float erf_of(float x) {
  const float magnitude = abs_of(x);
  const float square = magnitude < 1.0f ? x * x : 1.0f;
  const float p = polynomial(square, 7.853877532e-5f, -0.0008010198262f, 0.005188328186f, -0.02685381219f,
                             0.1128358515f, -0.3761262582f, 0.128379166f);
  const float bounded = magnitude < 10.0f ? magnitude : (x == x ? 10.0f : x);
  const float tail = exp_of(-bounded * bounded) * normal_tail_ratio(1.41421356f * bounded);
  return magnitude < 1.0f ? multiply_add(x, p, x) : copy_sign(1.0f - 2.0f * tail, x);
}
inline double erf_of(double x) { return __builtin_erf(x); }

// x Phi(x), and its derivative Phi(x) + x phi(x)
template <class T>
inline T gelu_of(T x) {
  T density;
  return x * normal_cdf(x, density);
}
template <class T>
inline T gelu_slope(T x) {
  T density;
  const T cdf = normal_cdf(x, density);
  return cdf + x * density * static_cast<T>(0.39894228040143267794);
}

// x sigmoid(x), and its derivative s (1 + x (1 - s))
template <class T>
inline T silu_of(T x) {
  return x * sigmoid_of(x);
}
template <class T>
inline T silu_slope(T x) {
  const T s = sigmoid_of(x);
  return s * (1 + x * (1 - s));
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
