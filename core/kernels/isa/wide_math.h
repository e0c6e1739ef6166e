// sin, log2, atan2, ... of one float, computed in double without branches, so that a loop over them vectorises; for
// double the same names call the C library. Only for files in core/kernels/isa/: everything here is local to the
// including file.
//
// The polynomials are Chebyshev fits of the function named beside them, good to 1e-10 or better: results are those of
// the exact value rounded to float, but for one in some hundred million.
#pragma once

#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

namespace wide {

constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52: adding it leaves the rounded integer in the low bits
constexpr double kLn2 = 0.69314718055994530942, kHalfPi = 1.57079632679489661923, kPi = 3.14159265358979323846;
constexpr double kInf = __builtin_inf();

inline double from_bits(int64_t i) { return __builtin_bit_cast(double, i); }

template <class... C>
inline double polynomial(double x, double highest, C... rest) {
  ((highest = highest * x + rest), ...);
  return highest;
}

// 2^n (1 + m) = exp(x), |m| <= 0.42, for |x| <= 700: n ln 2 is taken from x in two parts.
struct Exp {
  double scale, m;
  explicit Exp(double x) : Exp(x * 1.44269504088896340736 + kMagic, x) {}

 private:
  Exp(double shifted, double x) {
    const double n = shifted - kMagic;
    const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    const double q = polynomial(r, 2.4858698880474564e-5, 0.00019899273958649361, 0.0013888855897976136,
                                0.0083332984837548862, 0.041666666707880211, 0.16666666718997508, 0.50000000000016664);
    m = r + r * r * q;
    scale = from_bits((bits(shifted) + 1023) << 52);
  }
};
inline double clamped(double x, double low, double high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}
inline double exp(double x) {
  const Exp e(clamped(x, -200, 200));  // beyond a float's range
  return e.scale * e.m + e.scale;
}
inline double expm1(double x) {
  const Exp e(clamped(x, -200, 200));
  return e.scale * e.m + (e.scale - 1);
}

// ln x = e ln 2 + ln m with 1/sqrt(2) <= m < sqrt(2), for normal x; ln m = 2 atanh(s), s = (m - 1) / (m + 1).
struct Log {
  double e, ln_m;
  explicit Log(double x) {
    constexpr uint64_t kRootHalf = 0x3fe6a09e667f3bcd;
    const uint64_t above = static_cast<uint64_t>(bits(x)) - kRootHalf;  // the exponent field counts from there
    e = from_bits(static_cast<int64_t>((above >> 52) ^ 0x4330000000000800)) - 0x1.00000000008p52;  // 2^52 + 2^11
    const double m = from_bits(static_cast<int64_t>((above & 0xfffffffffffff) + kRootHalf));
    const double f = m - 1, s = f / (f + 2), z = s * s;
    ln_m = 2 * s + s * z *
                       polynomial(z, 0.16621817152858928, 0.18140193802865992, 0.22222862280108716, 0.28571424138324159,
                                  0.40000000011206505, 0.66666666666662078);
  }
};
inline double ln(double x) {
  const Log log(x);
  return log.e * kLn2 + log.ln_m;
}
// What a logarithm is of 0, of numbers below, of infinity and NaN.
inline double unless_special(double x, double y) {
  y = x < kInf ? y : x;
  y = x < 0 ? __builtin_nan("") : y;
  return x == 0 ? -kInf : y;
}
// As log1p_of in math.h; for x > -1.
inline double ln1p(double x) {
  const double u = 1 + x;
  return ln(u) + (x - (u - 1)) / u;
}

// ln(1 + e) = 2 atanh(e / (2 + e)) for 0 <= e <= 1
inline double ln1p_of_fraction(double e) {
  const double s = e / (e + 2), z = s * s;
  return 2 * s + s * z *
                     polynomial(z, 0.17808286195792331, 0.12153361830054052, 0.15499819328009681, 0.18175687570070126,
                                0.22222397892023063, 0.28571426112416837, 0.40000000013063114, 0.66666666666655316);
}

// x = n pi/2 + r, |r| <= pi/4: pi/2 in three parts, of which n times the first two are exact.
struct Quarter {
  double sin, cos;  // of r
  int64_t n;        // its lowest two bits count
  explicit Quarter(double x) {
    const double shifted = x * 0.63661977236758134308 + kMagic, k = shifted - kMagic;
    const double r =
        ((x - k * 1.57079632673412561417) - k * 6.07710050630396597660e-11) - k * 2.02226624879595063154e-21;
    const double z = r * r;
    n = bits(shifted);
    sin = r + r * z *
                  polynomial(z, -2.4805636241834762e-8, 2.7555990929565319e-6, -0.00019841266916985966,
                             0.0083333333310792231, -0.16666666666663885);
    cos = 1 - 0.5 * z +
          z * z *
              polynomial(z, -2.7300959203901469e-7, 2.4800600377156728e-5, -0.0013888887672016789, 0.0416666666643212);
  }
  // sin(r + turn pi/2)
  double turned(int64_t turn) const {
    const int64_t t = n + turn;
    const double y = (t & 1) != 0 ? cos : sin;
    return from_bits(bits(y) ^ (t & 2) << 62);
  }
};

// a + atan(top / bottom) for |top / bottom| <= tan(pi/8)
inline double atan_from(double a, double top, double bottom) {
  const double q = top / bottom, z = q * q;
  const double p = polynomial(z, -0.040432248258871609, 0.071353251223306782, -0.090289835003504626,
                              0.11107495135714474, -0.14285612511387016, 0.19999998917288581, -0.33333333331440729);
  return a + (q + q * z * p);
}
// atan(y / x) for y, x >= 0, not both 0
inline double atan_of_quotient(double y, double x) {
  const bool steep = y > 2.41421356237309504880 * x, flat = y < 0.41421356237309504880 * x;
  const double a = flat ? 0 : steep ? kHalfPi : 0.5 * kHalfPi;
  return atan_from(a, flat ? y : steep ? -x : y - x, flat ? x : steep ? y : y + x);
}
inline double bounded(double x) { return x > 1e100 ? 1e100 : x; }  // NaN stays

// asin(x) = x + x z A(z), z = x^2 <= 1/4
inline double asin_near(double x, double z) {
  return x + x * z *
                 polynomial(z, 0.02834674523183333, 0.0010675063150363119, 0.01686409027396012, 0.016902683886393575,
                            0.022412417726695433, 0.030379945210024933, 0.044642906474584965, 0.074999999534297118,
                            0.16666666666738633);
}
// asin(|x|) = pi/2 - 2 asin(sqrt((1 - |x|) / 2)) from 1/2 on: `half` is that angle, else asin(|x|)
struct HalfAngle {
  bool far;
  double half;
  explicit HalfAngle(double magnitude) : far(magnitude > 0.5) {
    const double z = far ? 0.5 * (1 - magnitude) : magnitude * magnitude;
    half = asin_near(far ? __builtin_sqrt(z) : magnitude, z);
  }
};

// erfc(a) = exp(-a^2) t P(t) for a >= 0, t = 1 / (1 + 0.35 a)
inline double erfc_of_positive(double a) {
  const double t = 1 / (1 + 0.35 * a);
  const double p =
      polynomial(t, 0.015033836456623317, -0.1274333882453639, 0.4554618304037783, -0.87756507505150971,
                 0.99539979921167465, -0.7709005350908873, 0.48880920454847093, -0.089399579935508788,
                 0.1781013733139627, 0.15092476381905226, 0.18673977959658652, 0.1973577608728373, 0.19747023009653331);
  return exp(-a * a) * t * p;
}

}  // namespace wide

// Where |x| is below this, sin, cos and tan are right.
constexpr float kMostTurned = 1e6f;

inline float sin_of(float x) {
  const float y = static_cast<float>(wide::Quarter(x).turned(0));
  return x == 0 ? x : y;
}
inline float cos_of(float x) { return static_cast<float>(wide::Quarter(x).turned(1)); }
inline float tan_of(float x) {
  const wide::Quarter q(x);
  const bool odd = (q.n & 1) != 0;
  const float y = static_cast<float>((odd ? -q.cos : q.sin) / (odd ? q.sin : q.cos));
  return x == 0 ? x : y;
}
inline float exp2_of(float x) { return static_cast<float>(wide::exp(x * wide::kLn2)); }
inline float expm1_of(float x) {
  const float y = static_cast<float>(wide::expm1(x));
  return x == 0 ? x : y;
}
inline float sinh_of(float x) {
  const double m = wide::expm1(abs_of(x));
  return copy_sign(static_cast<float>(0.5 * (m + m / (m + 1))), x);
}
inline float cosh_of(float x) {
  const double e = wide::exp(abs_of(x));
  return static_cast<float>(0.5 * (e + 1 / e));
}
inline float log2_of(float x) {
  const wide::Log log(x);
  return static_cast<float>(wide::unless_special(x, log.e + log.ln_m * 1.44269504088896340736));
}
inline float log10_of(float x) {
  const wide::Log log(x);
  return static_cast<float>(
      wide::unless_special(x, log.e * 0.30102999566398119521 + log.ln_m * 0.43429448190325182765));
}
inline float asin_of(float x) {
  const wide::HalfAngle angle(abs_of(x));
  return copy_sign(static_cast<float>(angle.far ? wide::kHalfPi - 2 * angle.half : angle.half), x);
}
inline float acos_of(float x) {
  const wide::HalfAngle angle(abs_of(x));
  const double near = x < 0 ? wide::kHalfPi + angle.half : wide::kHalfPi - angle.half;
  const double far = x < 0 ? wide::kPi - 2 * angle.half : 2 * angle.half;
  return static_cast<float>(angle.far ? far : near);
}
inline float atan_of(float x) {
  return copy_sign(static_cast<float>(wide::atan_of_quotient(wide::bounded(abs_of(x)), 1)), x);
}
inline float atan2_of(float y, float x) {
  const double a = wide::bounded(abs_of(y)), b = wide::bounded(abs_of(x));
  const double near = a == 0 ? a : wide::atan_of_quotient(a, b);  // also where both are 0
  const double angle = bits(static_cast<double>(x)) < 0 ? wide::kPi - near : near;
  const float unknown = x + y, known = copy_sign(static_cast<float>(angle), y);
  const bool is_nan = (x != x) | (y != y);
  return is_nan ? unknown : known;
}
inline float asinh_of(float x) {
  const double a = abs_of(x), y = wide::ln1p(a + a * a / (1 + __builtin_sqrt(1 + a * a)));
  return copy_sign(static_cast<float>(a < wide::kInf ? y : a), x);
}
inline float acosh_of(float x) {
  const double t = static_cast<double>(x) - 1, y = wide::ln1p(t + __builtin_sqrt(t * (t + 2)));
  const double valid = t >= 0 ? y : __builtin_nan("");
  return static_cast<float>(t < wide::kInf ? valid : t);
}
inline float atanh_of(float x) {
  const double a = abs_of(x), y = 0.5 * wide::ln1p(2 * a / (1 - a));
  const double valid = a < 1 ? y : a == 1 ? wide::kInf : __builtin_nan("");
  return copy_sign(static_cast<float>(valid), x);
}
inline float erfc_of(float x) {
  const double y = wide::erfc_of_positive(wide::bounded(abs_of(x)));
  return static_cast<float>(x < 0 ? 2 - y : y);
}
inline float hypot_of(float a, float b) {
  const double x = a, y = b;
  const float h = static_cast<float>(__builtin_sqrt(x * x + y * y));
  const float u = abs_of(a), v = abs_of(b);
  const bool is_infinite = (u == __builtin_inff()) | (v == __builtin_inff());
  return is_infinite ? __builtin_inff() : h;
}
// ln(exp a + exp b)
inline float log_add_exp(float a, float b) {
  const double high = a > b ? a : b, apart = __builtin_fabs(static_cast<double>(a) - b);
  return static_cast<float>(high + (a == b ? wide::kLn2 : wide::ln1p_of_fraction(wide::exp(-apart))));
}
inline float xlogy_of(float a, float b) {
  const float y = static_cast<float>(a * wide::unless_special(b, wide::ln(b)));
  return b != b ? b : a == 0 ? 0.0f : y;
}
// erf(y) = x: y / x is a polynomial of w = -ln(1 - x^2), or beyond 6 of its root.
inline float erfinv_of(float x) {
  const double a = abs_of(x), w = -wide::ln((1 - a) * (1 + a)), u = w - 3, v = __builtin_sqrt(w) - 3.2;
  const double near = wide::polynomial(
      u, -1.4854908961637763e-11, 2.2566185420300354e-11, 1.0762571404759864e-9, -5.9891513759872464e-9,
      -2.3487272151417536e-8, 4.5259406471851447e-7, -1.7485502954466425e-6, -1.2722979933734563e-5,
      0.0001950619522305496, -0.00083617457239895654, -0.0057381354242040999, 0.24163040187247808, 1.6235420064648298);
  const double far =
      wide::polynomial(v, -4.1078292759766749e-5, 0.00010220434348531221, -2.0850499402702537e-5,
                       -0.00036178634949095853, 0.0010810752143087471, -0.0019920399940029582, 0.0029504695050256015,
                       -0.0042942708778505555, 0.0059731859069825982, 1.0046924452879213, 3.0336365742960689);
  const double y = a < 1 ? (w < 6 ? near : far) * a : a == 1 ? wide::kInf : __builtin_nan("");
  return copy_sign(static_cast<float>(y), x);
}
// For finite b and a > 0, finite.
inline float pow_of(float a, float b) { return static_cast<float>(wide::exp(b * wide::ln(a))); }

#define TAPER_BUILTIN(name) \
  inline double name##_of(double x) { return __builtin_##name(x); }
TAPER_BUILTIN(sin)
TAPER_BUILTIN(cos)
TAPER_BUILTIN(tan)
TAPER_BUILTIN(exp2)
TAPER_BUILTIN(expm1)
TAPER_BUILTIN(sinh)
TAPER_BUILTIN(cosh)
TAPER_BUILTIN(log2)
TAPER_BUILTIN(log10)
TAPER_BUILTIN(asin)
TAPER_BUILTIN(acos)
TAPER_BUILTIN(atan)
TAPER_BUILTIN(asinh)
TAPER_BUILTIN(acosh)
TAPER_BUILTIN(atanh)
TAPER_BUILTIN(erfc)
#undef TAPER_BUILTIN
inline double atan2_of(double y, double x) { return __builtin_atan2(y, x); }
inline double hypot_of(double x, double y) { return __builtin_hypot(x, y); }
inline double pow_of(double a, double b) { return __builtin_pow(a, b); }
inline double log_add_exp(double a, double b) {
  const double high = a > b || a != a ? a : b;
  return a == b && __builtin_isinf(a) ? a : high + __builtin_log1p(__builtin_exp(-__builtin_fabs(a - b)));
}
inline double xlogy_of(double a, double b) { return b != b ? b : a == 0 ? 0 : a * __builtin_log(b); }

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
