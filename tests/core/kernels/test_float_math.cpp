// Functions of float that are computed in double (isa/wide_math.h) against the C library's for double.
#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>

#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"

using namespace taper;
using namespace taper::kernels;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

// Units in the last place between `got` and the exact result; both must agree on NaN, infinities and the sign of 0.
double ulps(float got, double exact) {
  const auto wanted = static_cast<float>(exact);
  if (std::isnan(wanted) || std::isinf(wanted) || wanted == 0) {
    const bool same = std::isnan(wanted) ? std::isnan(got) : got == wanted && std::signbit(got) == std::signbit(wanted);
    return same ? 0 : 1e9;
  }
  const int exponent = std::max(std::ilogb(exact), -126);
  return std::fabs(static_cast<double>(got) - exact) / std::ldexp(1.0, exponent - 23);
}

// Every magnitude that float has, both signs, and what is special.
Tensor all_magnitudes() {
  std::vector<float> values = {0.0f, -0.0f, kInf, -kInf, kNan, 1.0f, -1.0f, 0.5f, 2.0f, 8.0f, 1000.0f, 88.8f, -104.0f};
  for (int exponent = -149; exponent < 128; ++exponent) {
    for (const float m : {1.0f, 1.1f, 1.37f, 1.41421f, 1.5f, 1.77f, 1.99999f}) {
      values.push_back(std::ldexp(m, exponent));
      values.push_back(-values.back());
    }
  }
  for (int i = -3000; i < 3000; ++i) values.push_back(static_cast<float>(i) * 0.00731f);
  const Tensor x = empty({static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), x.data_ptr<float>());
  return x;
}

}  // namespace

TEST_CASE("functions of one float are right to the last place, of any magnitude") {
  struct Function {
    UnaryOp op;
    double (*exact)(double);
  };
#define FUNCTION(Op, name)                             \
  {                                                    \
    UnaryOp::Op, [](double x) { return std::name(x); } \
  }
  const Function functions[] = {
      FUNCTION(Sin, sin),     FUNCTION(Cos, cos),     FUNCTION(Tan, tan),     FUNCTION(Asin, asin),
      FUNCTION(Acos, acos),   FUNCTION(Atan, atan),   FUNCTION(Sinh, sinh),   FUNCTION(Cosh, cosh),
      FUNCTION(Asinh, asinh), FUNCTION(Acosh, acosh), FUNCTION(Atanh, atanh), FUNCTION(Exp2, exp2),
      FUNCTION(Expm1, expm1), FUNCTION(Log2, log2),   FUNCTION(Log10, log10), FUNCTION(Erfc, erfc),
  };
#undef FUNCTION
  const Tensor x = all_magnitudes();
  for (const auto& [op, exact] : functions) {
    const Tensor y = unary(op, x);
    for (int64_t i = 0; i < x.numel(); ++i) {
      const float in = x.data_ptr<float>()[i], out = y.data_ptr<float>()[i];
      const bool turns = op == UnaryOp::Sin || op == UnaryOp::Cos || op == UnaryOp::Tan;
      const double most = turns && std::fabs(in) >= 1e6f ? 1.2 : 0.51;  // far from 0 the C library's
      if (ulps(out, exact(in)) > most) {
        INFO("op " << static_cast<int>(op) << " of " << in << " is " << out << ", wanted " << exact(in));
        REQUIRE(ulps(out, exact(in)) <= most);
      }
    }
  }
}

TEST_CASE("functions of two floats are right to the last place, of any magnitude") {
  struct Function {
    BinaryOp op;
    double (*exact)(double, double);
  };
  const Function functions[] = {
      {BinaryOp::Pow, [](double a, double b) { return std::pow(a, b); }},
      {BinaryOp::Atan2, [](double a, double b) { return std::atan2(a, b); }},
      {BinaryOp::Hypot, [](double a, double b) { return std::hypot(a, b); }},
      {BinaryOp::Fmax, [](double a, double b) { return a == b ? a : std::fmax(a, b); }},
      {BinaryOp::Fmin, [](double a, double b) { return a == b ? a : std::fmin(a, b); }},
  };
  const Tensor all = all_magnitudes();
  const int64_t n = 613, step = 16;  // every sixteenth value with every other of these
  const Tensor a = empty({n, n}), b = empty({n, n});
  const float* values = all.data_ptr<float>();
  for (int64_t i = 0; i < n * n; ++i) {
    const int64_t p = i / n * step, q = i % n * step;
    a.data_ptr<float>()[i] = values[i / n < 13 ? i / n : p % all.numel()];
    b.data_ptr<float>()[i] = values[i % n < 13 ? i % n : q % all.numel()];
  }
  for (const auto& [op, exact] : functions) {
    const Tensor y = binary(op, a, b);
    for (int64_t i = 0; i < n * n; ++i) {
      const float u = a.data_ptr<float>()[i], v = b.data_ptr<float>()[i], out = y.data_ptr<float>()[i];
      if (ulps(out, exact(u, v)) > 0.51 && !(exact(u, v) == 0 && out == 0)) {
        INFO("op " << static_cast<int>(op) << " of " << u << " and " << v << " is " << out << ", wanted "
                   << exact(u, v));
        REQUIRE(ulps(out, exact(u, v)) <= 0.6);
      }
    }
  }
}
