// Products of bfloat16 by every path that this machine has, and by those of the special instructions with plain
// arithmetic in place of these (emulated_*.cpp), which runs anywhere.
#include <taper/core/blas.h>
#include <taper/core/blas_bf16.h>
#include <taper/core/error.h>
#include <taper/core/kernels/gemm_bf16.h>
#include <taper/core/kernels/isa/bf16/bf16.h>

#include "catch.h"
#include "support/alone.h"
#include "support/scopes.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace taper::kernels::emulated_avx512_bf16 {
extern const Bf16Loops bf16_loops;
}
namespace taper::kernels::emulated_amx_bf16 {
extern const Bf16Loops bf16_loops;
}

using std::int64_t;
using std::uint16_t;
using std::uint32_t;
namespace bf16 = taper::blas::bf16;
using bf16::Path;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

float value_of(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float x;
  std::memcpy(&x, &wide, sizeof x);
  return x;
}

std::vector<uint16_t> random_bf16(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint16_t> values(static_cast<size_t>(count));
  // of either sign, from 2^-3 to 4
  for (uint16_t& v : values) v = static_cast<uint16_t>((random() & 0x807F) | (124 + random() % 5) << 7);
  return values;
}
std::vector<float> random_floats(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& v : values) v = uniform(random);
  return values;
}

struct Product {
  bool ta, tb;
  int64_t m, n, k;
};
std::string text(const Product& x) {
  return std::string(x.ta ? "T" : "N") + (x.tb ? "T" : "N") + " " + std::to_string(x.m) + " x " + std::to_string(x.n) +
         " x " + std::to_string(x.k);
}

// C = op(A) op(B) + D
struct Way {
  std::string name;
  std::function<void(const Product& x, const uint16_t* a, int64_t lda, const uint16_t* b, int64_t ldb, const float* d,
                     int64_t ldd, float* c, int64_t ldc)>
      gemm;
};

Way way_of(const std::string& name, const taper::kernels::Bf16Loops& loops) {
  return {name, [&loops](const Product& x, auto... rest) { bf16::gemm(loops, x.ta, x.tb, x.m, x.n, x.k, rest...); }};
}
Way way_of(Path path) {
  return {bf16::name(path),
          [path](const Product& x, auto... rest) { bf16::gemm(path, x.ta, x.tb, x.m, x.n, x.k, rest...); }};
}

std::vector<Way> ways(bool tell = false) {
  std::vector<Way> all;
  for (const Path path : {Path::Widen, Path::Avx512, Path::Amx}) {
    if (bf16::has(path)) {
      all.push_back(way_of(path));
    } else if (tell) {
      WARN("not run, for this machine or TAPER_ISA has it not: the path " << bf16::name(path));
    }
  }
  all.push_back(way_of("emulated avx512", taper::kernels::emulated_avx512_bf16::bf16_loops));
  all.push_back(way_of("emulated amx", taper::kernels::emulated_amx_bf16::bf16_loops));
  return all;
}

// Without gaps.
std::vector<float> product_of(const Way& way, const Product& x, const std::vector<uint16_t>& a,
                              const std::vector<uint16_t>& b, const float* d = nullptr, int64_t ldd = 0) {
  std::vector<float> c(static_cast<size_t>(x.m * x.n), kNan);
  way.gemm(x, a.data(), x.ta ? x.m : x.k, b.data(), x.tb ? x.k : x.n, d, ldd, c.data(), x.n);
  return c;
}
bool same_bits(const std::vector<float>& x, const std::vector<float>& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

enum class D { None, Row, C };

// The largest error against sums in double, in parts of what rounding each step of a sum may amount to.
double error_of(const Way& way, const Product& x, int64_t pad, D what) {
  const int64_t lda = (x.ta ? x.m : x.k) + pad, ldb = (x.tb ? x.k : x.n) + 2 * pad, ldc = x.n + 3 * pad;
  const auto a = random_bf16((x.ta ? x.k : x.m) * lda, 1), b = random_bf16((x.tb ? x.n : x.k) * ldb, 2);
  const auto c0 = random_floats(x.m * ldc, 3), row = random_floats(x.n, 4);
  auto c = c0;
  way.gemm(x, a.data(), lda, b.data(), ldb,
           what == D::None  ? nullptr
           : what == D::Row ? row.data()
                            : c.data(),
           what == D::C ? ldc : 0, c.data(), ldc);
  double worst = 0;
  for (int64_t i = 0; i < x.m; ++i) {
    for (int64_t j = 0; j < ldc; ++j) {
      const auto at = static_cast<size_t>(i * ldc + j);
      if (j >= x.n) {  // the padding is left alone
        if (c[at] != c0[at]) return kInfinity;
        continue;
      }
      double want = what == D::None ? 0 : what == D::Row ? row[static_cast<size_t>(j)] : c0[at], size = std::abs(want);
      for (int64_t p = 0; p < x.k; ++p) {
        const double product = static_cast<double>(value_of(a[static_cast<size_t>(x.ta ? p * lda + i : i * lda + p)])) *
                               static_cast<double>(value_of(b[static_cast<size_t>(x.tb ? j * ldb + p : p * ldb + j)]));
        want += product;
        size += std::abs(product);
      }
      const double error = std::abs(want - static_cast<double>(c[at]));
      worst = std::max(worst, std::isnan(error) ? kInfinity : error / (size * static_cast<double>(x.k + 2) * 6e-8));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("products of bfloat16 equal the sums they stand for", "[gemm_bf16]") {
  std::vector<Product> products;
  const int64_t sizes[][3] = {{1, 1, 1},    {1, 1, 2},     {2, 3, 3},     {1, 17, 5},    {17, 1, 5},
                              {5, 7, 1},    {16, 16, 32},  {12, 32, 31},  {33, 65, 33},  {32, 32, 64},
                              {31, 48, 63}, {60, 10, 100}, {10, 60, 257}, {25, 33, 520}, {3, 40, 1100},
                              {70, 4, 129}, {13, 300, 70}, {70, 50, 1},   {100, 20, 40}, {1, 130, 600}};
  for (const auto& [m, n, k] : sizes) products.push_back({false, false, m, n, k});
  std::mt19937 random(5);
  for (int i = 0; i < 25; ++i) {
    const auto at_most = [&](int64_t n) { return 1 + static_cast<int64_t>(random()) % n; };
    products.push_back({false, false, at_most(50), at_most(100), at_most(80)});
  }
  for (const Way& way : ways(true)) {
    for (Product x : products) {
      for (const bool ta : {false, true}) {
        for (const bool tb : {false, true}) {
          x.ta = ta;
          x.tb = tb;
          INFO(way.name << " " << text(x));
          CHECK(error_of(way, x, 0, D::None) < 1);
          CHECK(error_of(way, x, 3, D::Row) < 1);
          CHECK(error_of(way, x, 1, D::C) < 1);
        }
      }
    }
  }
}

TEST_CASE("an element has the same bits for any number of threads, alone and in a batch", "[gemm_bf16]") {
  const int64_t sizes[][3] = {{64, 512, 300}, {300, 64, 600}, {200, 10, 101}, {500, 3, 100}, {2100, 33, 17}};
  for (const Way& way : ways()) {
    for (const auto& [m, n, k] : sizes) {
      for (const bool tb : {false, true}) {
        const Product x{false, tb, m, n, k};
        INFO(way.name << " " << text(x));
        const auto a = random_bf16(m * k, 1), b = random_bf16(k * n, 2);
        std::vector<float> one;
        for (const int threads : {1, 2, 3, 64}) {
          const support::Threads scope(threads);
          const auto c = product_of(way, x, a, b);
          if (one.empty()) one = c;
          CHECK(same_bits(one, c));
        }
        const int64_t i = m / 2;
        const std::vector<uint16_t> line(a.begin() + i * k, a.begin() + (i + 1) * k);
        CHECK(same_bits({one.begin() + i * n, one.begin() + (i + 1) * n},
                        product_of(way, {false, tb, 1, n, k}, line, b)));
      }
    }
  }
}

TEST_CASE("widened products have the bits of products of float", "[gemm_bf16]") {
  if (taper::blas::backend().find("taper") != 0) return;
  for (const Product& x : {Product{false, true, 64, 100, 300}, Product{true, false, 30, 70, 64},
                           Product{false, false, 1, 500, 600}, Product{true, true, 20, 5, 33}}) {
    INFO(text(x));
    const auto a = random_bf16(x.m * x.k, 1), b = random_bf16(x.k * x.n, 2);
    std::vector<float> wide_a(a.size()), wide_b(b.size()), c(static_cast<size_t>(x.m * x.n));
    taper::blas::widen_bf16(a.data(), wide_a.data(), x.m * x.k);
    taper::blas::widen_bf16(b.data(), wide_b.data(), x.k * x.n);
    taper::blas::gemm(x.ta, x.tb, x.m, x.n, x.k, 1.0f, wide_a.data(), x.ta ? x.m : x.k, wide_b.data(), x.tb ? x.k : x.n,
                      0.0f, c.data(), x.n);
    CHECK(same_bits(c, product_of(way_of(Path::Widen), x, a, b)));
  }
}

TEST_CASE("the instructions round as their emulation does", "[gemm_bf16]") {
  const Product x{false, true, 40, 70, 1100};
  const auto a = random_bf16(x.m * x.k, 1), b = random_bf16(x.k * x.n, 2);
  for (const Path path : {Path::Avx512, Path::Amx}) {
    if (!bf16::has(path)) continue;
    const Way emulated = path == Path::Amx ? way_of("", taper::kernels::emulated_amx_bf16::bf16_loops)
                                           : way_of("", taper::kernels::emulated_avx512_bf16::bf16_loops);
    CHECK(same_bits(product_of(way_of(path), x, a, b), product_of(emulated, x, a, b)));
  }
}

TEST_CASE("infinities and NaN reach their rows and columns, and no others", "[gemm_bf16]") {
  for (const Way& way : ways()) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        const Product x{ta, tb, 21, 37, 45};
        INFO(way.name << " " << text(x));
        auto a = random_bf16(x.m * x.k, 1), b = random_bf16(x.k * x.n, 2);
        const auto a_at = [&](int64_t i, int64_t p) { return static_cast<size_t>(ta ? p * x.m + i : i * x.k + p); };
        const auto b_at = [&](int64_t p, int64_t j) { return static_cast<size_t>(tb ? j * x.k + p : p * x.n + j); };
        a[a_at(20, 44)] = 0x7F80;  // infinity, in the last row and the odd end of k
        b[b_at(7, 36)] = 0x7FC0;   // NaN
        b[b_at(44, 3)] = 0;        // infinity times 0
        const auto c = product_of(way, x, a, b);
        int wrong = 0;
        for (int64_t i = 0; i < x.m; ++i) {
          for (int64_t j = 0; j < x.n; ++j) {
            const float v = c[static_cast<size_t>(i * x.n + j)];
            const bool nan = j == 36 || (i == 20 && j == 3);
            if (nan ? !std::isnan(v) : i == 20 ? !std::isinf(v) : !std::isfinite(v)) ++wrong;
          }
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("sizes of zero, and D without products", "[gemm_bf16]") {
  const uint16_t* none = nullptr;
  std::vector<float> c{1, 2, 3, kNan};
  taper::blas::gemm_bf16(false, false, 0, 2, 2, none, 2, none, 2, nullptr, c.data(), 2);
  taper::blas::gemm_bf16(false, false, 2, 0, 2, none, 2, none, 2, nullptr, c.data(), 2);
  CHECK((c[0] == 1 && c[1] == 2 && c[2] == 3));
  const float bias[] = {10, 20};
  taper::blas::gemm_bf16(false, false, 1, 2, 0, none, 0, none, 2, bias, c.data(), 2, true);
  CHECK((c[0] == 11 && c[1] == 22 && c[2] == 3));
  taper::blas::gemm_bf16(false, false, 2, 2, 0, none, 0, none, 2, bias, c.data(), 2);
  CHECK(c == std::vector<float>{10, 20, 10, 20});
  taper::blas::gemm_bf16(false, false, 2, 2, 0, none, 0, none, 2, nullptr, c.data(), 2);
  CHECK(c == std::vector<float>{0, 0, 0, 0});
  std::vector<uint16_t> rounded{0x3F80, 0x7FFF};  // 1, NaN
  taper::blas::gemm_bf16(false, false, 1, 2, 0, none, 0, none, 2, bias, rounded.data(), 2, true);
  CHECK(rounded == std::vector<uint16_t>{0x4130, 0x7FC0});  // 11
}

TEST_CASE("a result in bfloat16 is the sum rounded once", "[gemm_bf16]") {
  for (const Product& x : {Product{false, true, 64, 100, 300}, Product{true, false, 300, 5, 33}}) {
    for (const bool accumulate : {false, true}) {
      INFO(text(x) << " " << accumulate);
      const int64_t lda = x.ta ? x.m : x.k, ldb = x.tb ? x.k : x.n, ldc = x.n + 3, count = x.m * ldc;
      const auto a = random_bf16(x.m * x.k, 1), b = random_bf16(x.k * x.n, 2);
      const auto bias = random_floats(x.n, 3);
      auto c = random_bf16(count, 4);
      std::vector<float> sums(c.size());
      std::vector<uint16_t> want(c.size());
      taper::blas::widen_bf16(c.data(), sums.data(), count);
      taper::blas::gemm_bf16(x.ta, x.tb, x.m, x.n, x.k, a.data(), lda, b.data(), ldb, bias.data(), sums.data(), ldc,
                             accumulate);
      taper::blas::round_to_bf16(sums.data(), want.data(), count);
      taper::blas::gemm_bf16(x.ta, x.tb, x.m, x.n, x.k, a.data(), lda, b.data(), ldb, bias.data(), c.data(), ldc,
                             accumulate);
      CHECK(c == want);
    }
  }
}

TEST_CASE("rounding to bfloat16", "[gemm_bf16]") {
  int wrong = 0;
  std::vector<float> x;
  std::vector<uint16_t> want;
  for (uint32_t upper = 0; upper < 0x10000; ++upper) {
    for (const uint32_t lower : {0x0u, 0x1u, 0x7FFFu, 0x8000u, 0x8001u, 0xFFFFu}) {
      const uint32_t bits = upper << 16 | lower;
      float value;
      std::memcpy(&value, &bits, sizeof value);
      x.push_back(value);
      const bool up = lower > 0x8000 || (lower == 0x8000 && (upper & 1));
      want.push_back(static_cast<uint16_t>(std::isnan(value) ? 0x7FC0u : upper + (up ? 1 : 0)));
    }
  }
  std::vector<uint16_t> y(x.size());
  taper::blas::round_to_bf16(x.data(), y.data(), static_cast<int64_t>(x.size()));
  CHECK(y == want);
  std::vector<uint16_t> all(0x10000);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint16_t>(i);
  std::vector<float> wide(all.size());
  taper::blas::widen_bf16(all.data(), wide.data(), 0x10000);
  for (size_t i = 0; i < all.size(); ++i) {
    const float value = value_of(all[i]);
    if (std::memcmp(&wide[i], &value, sizeof value) != 0) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("wrong sizes of products of bfloat16 are errors", "[gemm_bf16]") {
  const uint16_t x[4] = {};
  float c[4] = {};
  using taper::blas::gemm_bf16;
  CHECK_THROWS_AS(gemm_bf16(false, false, -1, 2, 2, x, 2, x, 2, nullptr, c, 2), taper::ValueError);
  CHECK_THROWS_AS(gemm_bf16(false, false, 2, 2, 2, x, 1, x, 2, nullptr, c, 2), taper::ValueError);
  CHECK_THROWS_AS(gemm_bf16(false, true, 2, 2, 2, x, 2, x, 1, nullptr, c, 2), taper::ValueError);
  CHECK_THROWS_AS(gemm_bf16(false, false, 2, 2, 2, x, 2, x, 2, nullptr, c, 1), taper::ValueError);
}

TEST_CASE("TAPER_BF16 chooses the path, and TAPER_ISA forbids the special ones", "[gemm_bf16_alone]") {
  for (const Path path : {Path::Widen, Path::Avx512, Path::Amx}) {
    if (!bf16::has(path)) continue;
    INFO(bf16::name(path));
    const std::string environment = std::string("TAPER_BF16=") + bf16::name(path);
    CHECK(support::alone(std::string("[.bf16_") + bf16::name(path) + "]", environment) == 0);
    CHECK(support::alone("[gemm_bf16]~\"products of bfloat16 equal the sums they stand for\"", environment) == 0);
  }
  CHECK(support::alone("[.bf16_widen]", "TAPER_ISA=avx2") == 0);
  CHECK(support::alone("[.bf16_widen]", "TAPER_ISA=baseline TAPER_BF16=amx") == 0);
  CHECK(support::alone("a result in bfloat16*,sizes of zero, and D*", "TAPER_GEMM=openblas TAPER_BF16=widen") == 0);
}
TEST_CASE("the path is widen", "[.bf16_widen]") {
  CHECK(bf16::path() == Path::Widen);
  CHECK_THAT(taper::blas::bf16_backend(), ContainsSubstring("widen, by "));
}
TEST_CASE("the path is avx512", "[.bf16_avx512]") { CHECK(taper::blas::bf16_backend() == "avx512"); }
TEST_CASE("the path is amx", "[.bf16_amx]") { CHECK(taper::blas::bf16_backend() == "amx"); }
