// The elementwise loops that call the C++ library, and the special functions that it lacks.
#include <taper/core/kernels/elementwise_select.h>
#include <taper/core/kernels/isa/elementwise_loops.h>

#include <math.h>  // lgamma_r, which unlike std::lgamma writes no global variable

#include <cmath>
#include <limits>

namespace taper::kernels {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ---- functions the C library lacks, in double -----------------------------------------------------------------------

// erf(y) = x. Giles 2012 ("Approximating the erfinv function") gives seven digits up to 1 - 1e-7, beyond that the
// leading terms of erfc(y) = exp(-y^2) / (y sqrt(pi)) two; Halley's steps, which triple them, the rest. Near +-1 these
// work on erfc(y) = 1 - |x|, which has the digits there.
double inverse_erf(double x) {
  const double a = std::fabs(x);
  if (!(a < 1)) return a == 1 ? std::copysign(kInfinity, x) : kNan;
  const double rest = 1 - a;
  double w = -std::log(rest * (1 + a)), y;
  if (w < 5) {
    w -= 2.5;
    y = 2.81022636e-08;
    for (const double c : {3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
                           -0.00417768164, 0.246640727, 1.50140941})
      y = c + y * w;
  } else if (w < 16) {
    w = std::sqrt(w) - 3;
    y = -0.000200214257;
    for (const double c : {0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
                           1.00167406, 2.83297682})
      y = c + y * w;
  } else {
    w = -std::log(rest);
    y = std::sqrt(w - 0.5 * std::log(kPi * w));
  }
  y *= a;
  for (int step = 0; step < 3; ++step) {
    const double error = a < 0.5 ? std::erf(y) - a : rest - std::erfc(y);
    const double u = error / (1.12837916709551257390 * std::exp(-y * y));
    y -= u / (1 + y * u);
  }
  return a == 0 ? x : std::copysign(y, x);
}

// Gamma'(x) / Gamma(x): the asymptotic series from 10 on, below by psi(x) = psi(x + 1) - 1 / x, and below 0 by
// psi(x) = psi(1 - x) - pi / tan(pi x).
double digamma(double x) {
  if (x == 0) return std::copysign(kInfinity, -x);
  if (x < 0) {
    if (x == std::floor(x)) return kNan;
    return digamma(1 - x) - kPi / std::tan(kPi * (x - std::trunc(x)));
  }
  double below = 0;
  for (; x < 10; x += 1) below -= 1 / x;
  const double y = 1 / (x * x);
  double series = -1 / 12.0;
  for (const double c : {691 / 32760.0, -1 / 132.0, 1 / 240.0, -1 / 252.0, 1 / 120.0, -1 / 12.0})
    series = c + series * y;
  return below + std::log(x) - 0.5 / x + (std::isinf(x) ? 0 : series * y);
}

// sum_(k >= 0) (q + k)^-s for q > 0 and s > 1: the first terms, and Euler-Maclaurin for the rest.
double positive_zeta(double s, double q) {
  double sum = 0;
  for (; q < 10 + s; q += 1) {
    const double term = std::pow(q, -s);
    sum += term;
    if (term <= 1e-20 * sum) return sum;  // of large s the rest is nothing, and the way to 10 + s may be long
  }
  if (std::isinf(q)) return 0;
  const double last = std::pow(q, -s);
  double rest = last * (q / (s - 1) + 0.5), term = last * s / q, j = 1;
  // Bernoulli numbers, B_2j / (2j)!
  for (const double c : {1 / 12.0, -1 / 720.0, 1 / 30240.0, -1 / 1209600.0, 1 / 47900160.0, -691 / 1307674368000.0,
                         1 / 74724249600.0, -3617 / 10670622842880000.0}) {
    rest += c * term;
    term *= (s + j) * (s + j + 1) / (q * q);
    j += 2;
  }
  return sum + rest;
}

// The derivative of order n >= 1 of digamma: (-1)^(n+1) n! zeta(n + 1, x). Below 0, zeta(x) + (-1)^s zeta(1 - x) has
// the period 1, which takes any x to its fraction.
double polygamma(double n, double x) {
  const double s = n + 1, sign = std::fmod(n, 2) == 0 ? -1 : 1;
  double zeta;
  if (x > 0) {
    zeta = positive_zeta(s, x);
  } else if (x == std::floor(x)) {
    zeta = kInfinity;
  } else {
    const double part = x - std::floor(x);
    zeta = positive_zeta(s, part) - sign * (positive_zeta(s, 1 - x) - positive_zeta(s, 1 - part));
  }
  return x != x ? x : sign * std::tgamma(s) * zeta;
}

double log_gamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}

// ---- the rows -------------------------------------------------------------------------------------------------------

#define TAPER_UNIT_isa(...)
#define TAPER_UNIT_libm TAPER_VALUE
#define TAPER_UNIT_rest(...)
#define TAPER_UNIT_none(...)
#define TAPER_UNARY_LOOP(Name, name, dtype, cost, unit, value, ...) TAPER_UNIT_##unit(UnaryOp::Name, TAPER_X, value)
#define TAPER_BINARY_LOOP(Name, name, dtype, cost, unit, value, ...) TAPER_UNIT_##unit(BinaryOp::Name, TAPER_A_B, value)
#include <taper/core/elementwise.def>

template <class T>
void polygamma_rows(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  loop1<T, T>(n, data, strides, [order = *static_cast<const double*>(param)](T x) {
    return static_cast<T>(polygamma(order, static_cast<double>(x)));
  });
}

}  // namespace

const ElementwiseLoops& libm_loops(ScalarType dtype) {
  return *dispatch_floating(dtype, "elementwise", []<class T>(T) {
    static constexpr ElementwiseLoops kLoops = make_loops<T>();
    return &kLoops;
  });
}

Loop polygamma_loop(ScalarType dtype) {
  return dispatch_floating(compute_dtype(dtype), "polygamma", []<class T>(T) -> Loop { return polygamma_rows<T>; });
}

}  // namespace taper::kernels
