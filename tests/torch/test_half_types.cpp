// bfloat16 and float16 against libtorch: conversions, arithmetic and functions of all 65,536 values, random draws.
#include "bridge.h"
#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/random.h>

#include <random>

namespace {

using bridge::max_difference;
using bridge::to_torch;

// Every value there is.
taper::Tensor all_values(taper::ScalarType dtype) {
  taper::Tensor x = taper::empty({65536}, dtype);
  auto* bits = static_cast<uint16_t*>(x.data_ptr());
  for (int i = 0; i < 65536; ++i) bits[i] = static_cast<uint16_t>(i);
  return x;
}

// How many values of bfloat16 two results are apart, at most; NaN stands for NaN, and 0 for -0.
int apart(const taper::Tensor& a, const at::Tensor& b) {
  if (bridge::counterpart(a.dtype()) != b.scalar_type()) return 1 << 20;
  const at::Tensor ours = to_torch(a), theirs = b.contiguous();
  const auto place = [](uint16_t bits) { return bits & 0x8000 ? -(bits & 0x7fff) : int{bits}; };
  const auto is_nan = [](uint16_t bits) { return (bits & 0x7fff) > 0x7f80; };
  const auto *p = static_cast<const uint16_t*>(ours.data_ptr()), *q = static_cast<const uint16_t*>(theirs.data_ptr());
  int most = 0;
  for (int64_t i = 0; i < ours.numel(); ++i) {
    if (is_nan(p[i]) || is_nan(q[i])) {
      if (is_nan(p[i]) != is_nan(q[i])) return 1 << 20;
      continue;
    }
    most = std::max(most, std::abs(place(p[i]) - place(q[i])));
  }
  return most;
}

}  // namespace

TEST_CASE("all values of 16 bits become libtorch's numbers of every type") {
  for (const auto dtype : {taper::kBFloat16, taper::kHalf}) {
    const taper::Tensor x = all_values(dtype);
    const at::Tensor y = to_torch(x);
    for (const auto to : {taper::kFloat32, taper::kFloat64, taper::kBool, taper::kBFloat16, taper::kHalf}) {
      INFO(dtype << " to " << to);
      CHECK(max_difference(x.to(to), y.to(bridge::counterpart(to))) == 0);
    }
    const taper::Tensor small = taper::where(x.to(taper::kFloat32).abs() < 100, x, taper::zeros_like(x));
    for (const auto to : {taper::kInt8, taper::kInt16, taper::kInt32, taper::kInt64}) {
      INFO(dtype << " to " << to);
      CHECK(max_difference(small.to(to), to_torch(small).to(bridge::counterpart(to))) == 0);
    }
  }
}

TEST_CASE("numbers of other types become libtorch's of 16 bits") {
  bridge::seed(1);
  const taper::Tensor around = all_values(taper::kBFloat16).to(taper::kFloat32);
  for (const auto dtype : {taper::kBFloat16, taper::kHalf}) {
    const auto check = [dtype](const taper::Tensor& x) {
      CHECK(max_difference(x.to(dtype), to_torch(x).to(bridge::counterpart(dtype))) == 0);
    };
    for (const double factor : {1.0, 1.001, 1.00390625, 1.001953125, 0.99951171875, 3.0}) check(around * factor);
    check(taper::randn({100000}) * 1000);
    check(taper::randn({100000}) * 1e-6);
    check(taper::randn({100000}, taper::kFloat64));
    check(taper::arange(-70000, 70000));
    check(taper::tensor({true, false}));
  }
}

TEST_CASE("arithmetic and comparisons of bfloat16 have libtorch's bits") {
  bridge::seed(2);
  const taper::Tensor x = all_values(taper::kBFloat16);
  const at::Tensor tx = to_torch(x);
  std::mt19937 random(3);
  for (int i = 0; i < 64; ++i) {
    taper::Tensor y = taper::empty({}, taper::kBFloat16);
    *static_cast<uint16_t*>(y.data_ptr()) = static_cast<uint16_t>(random());
    const taper::Tensor each = y.expand({65536}).contiguous();
    const at::Tensor ty = to_torch(each);
    INFO("second operand " << y.item<float>());
    CHECK(apart(x + each, tx + ty) == 0);
    CHECK(apart(x - each, tx - ty) == 0);
    CHECK(apart(x * each, tx * ty) == 0);
    CHECK(apart(x / each, tx / ty) == 0);
    CHECK(max_difference(x < each, tx < ty) == 0);
    CHECK(max_difference(x == each, tx == ty) == 0);
    CHECK(apart(taper::maximum(x, each), at::maximum(tx, ty)) == 0);
  }
}

TEST_CASE(
    "functions of bfloat16 have libtorch's bits or, where its float function is not right to the last place, "
    "the neighbour's") {
  const taper::Tensor x = all_values(taper::kBFloat16);
  const at::Tensor tx = to_torch(x);
#define CHECK_APART(most, f) CHECK(apart(taper::f(x), at::f(tx)) <= most)
  CHECK_APART(0, abs);
  CHECK_APART(0, neg);
  CHECK_APART(0, relu);
  CHECK_APART(0, sign);
  CHECK_APART(0, floor);
  CHECK_APART(0, ceil);
  CHECK_APART(0, round);
  CHECK_APART(0, trunc);
  CHECK_APART(0, sqrt);
  CHECK_APART(0, square);
  CHECK_APART(1, exp);
  CHECK_APART(1, expm1);
  CHECK_APART(1, log);
  CHECK_APART(1, log2);
  CHECK_APART(1, tanh);
  CHECK_APART(1, erf);
  CHECK_APART(1, atan);
  CHECK_APART(1, asin);
#undef CHECK_APART
  // log1p, sigmoid, sinh and cosh are further from the exact values there (tests/core/test_half_types.cpp).
}

TEST_CASE("random draws in bfloat16 are libtorch's") {
  for (const int64_t n : {1, 15, 16, 17, 40, 1000}) {
    INFO(n << " values");
    const auto same = [n](const auto& draw) {
      bridge::seed(5);
      taper::Tensor x = taper::zeros({n}, taper::kBFloat16);
      at::Tensor y = torch::zeros({n}, torch::kBFloat16);
      draw(x);
      draw(y);
      CHECK(max_difference(x, y) == 0);
      CHECK(taper::rand({1}).item<float>() == torch::rand({1}).item<float>());  // as many numbers were drawn
    };
    same([](auto& t) { t.uniform_(); });
    same([](auto& t) { t.uniform_(-2, 3); });
    same([](auto& t) { t.normal_(); });
    same([](auto& t) { t.normal_(1, 2); });
    same([](auto& t) { t.bernoulli_(0.3); });
    same([](auto& t) { t.random_(0, 100); });
    same([](auto& t) { t.exponential_(); });
  }
}

TEST_CASE("every pair of dtypes is promoted to libtorch's") {
  const taper::ScalarType dtypes[] = {taper::kUInt8,   taper::kInt8,    taper::kInt16,    taper::kInt32, taper::kInt64,
                                      taper::kFloat32, taper::kFloat64, taper::kBFloat16, taper::kHalf,  taper::kBool};
  for (const auto a : dtypes) {
    for (const auto b : dtypes) {
      INFO(a << " and " << b);
      CHECK(static_cast<int>(taper::promote_types(a, b)) ==
            static_cast<int>(at::promoteTypes(static_cast<at::ScalarType>(a), static_cast<at::ScalarType>(b))));
    }
  }
}
