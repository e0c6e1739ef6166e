#include <taper/core/blas.h>
#include <taper/core/error.h>
#include <taper/core/kernels/openblas.h>
#include <taper/core/parallel.h>

#include "catch.h"
#include "support/alone.h"
#include "support/scopes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

using std::int64_t;
using taper::blas::gemm;

namespace {

template <class T>
std::vector<T> random_values(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> values(static_cast<size_t>(count));
  for (T& v : values) v = static_cast<T>(uniform(random));
  return values;
}

// The largest error of gemm against sums in double, in units of eps * (k + 2).
template <class T>
double error_of(bool ta, bool tb, int64_t m, int64_t n, int64_t k, T alpha, T beta, int64_t pad) {
  const int64_t lda = (ta ? m : k) + pad, ldb = (tb ? k : n) + 2 * pad, ldc = n + 3 * pad;
  const auto a = random_values<T>((ta ? k : m) * lda, 1), b = random_values<T>((tb ? n : k) * ldb, 2);
  const auto c0 = random_values<T>(m * ldc, 3);
  auto c = c0;
  gemm(ta, tb, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);
  double worst = 0;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < ldc; ++j) {
      const auto at = static_cast<size_t>(i * ldc + j);
      if (j >= n) {  // the padding is left alone
        if (c[at] != c0[at]) return 1e9;
        continue;
      }
      double want = static_cast<double>(beta) * static_cast<double>(c0[at]);
      for (int64_t p = 0; p < k; ++p) {
        want += static_cast<double>(alpha) *
                static_cast<double>(a[static_cast<size_t>(ta ? p * lda + i : i * lda + p)]) *
                static_cast<double>(b[static_cast<size_t>(tb ? j * ldb + p : p * ldb + j)]);
      }
      worst = std::max(worst, std::abs(want - static_cast<double>(c[at])));
    }
  }
  return worst / (static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(k + 2));
}

}  // namespace

TEMPLATE_TEST_CASE("gemm equals the sum it stands for", "[blas]", float, double) {
  const int64_t sizes[][3] = {{1, 1, 1},      {2, 3, 4},      {1, 17, 5},    {17, 1, 5},     {5, 7, 1},
                              {60, 100, 100}, {64, 10, 256},  {10, 256, 64}, {256, 10, 100}, {130, 70, 390},
                              {65, 300, 784}, {300, 9, 1000}, {1, 500, 300}, {500, 1, 300}};
  for (const auto& [m, n, k] : sizes) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        INFO("m " << m << " n " << n << " k " << k << " ta " << ta << " tb " << tb);
        CHECK(error_of<TestType>(ta, tb, m, n, k, 1, 0, 0) < 1);
        CHECK(error_of<TestType>(ta, tb, m, n, k, TestType(-0.5), TestType(2), 3) < 2);
      }
    }
  }
}

TEMPLATE_TEST_CASE("sizes of zero", "[blas]", float, double) {
  const TestType nan = std::numeric_limits<TestType>::quiet_NaN();
  std::vector<TestType> c{1, 2, 3, nan};
  const TestType x = 1;
  gemm(false, false, 0, 2, 2, TestType(1), &x, 2, &x, 2, TestType(0), c.data(), 2);
  gemm(false, false, 2, 0, 2, TestType(1), &x, 2, &x, 2, TestType(0), c.data(), 2);
  CHECK((c[0] == 1 && c[1] == 2 && c[2] == 3));
  gemm(false, false, 1, 3, 0, TestType(1), &x, 2, &x, 3, TestType(2), c.data(), 3);
  CHECK((c[0] == 2 && c[1] == 4 && c[2] == 6));
  const TestType* none = nullptr;
  gemm(false, false, 2, 2, 0, TestType(1), none, 2, none, 2, TestType(0), c.data(), 2);
  CHECK(c == std::vector<TestType>{0, 0, 0, 0});
}

TEMPLATE_TEST_CASE("with beta zero, C is not read", "[blas]", float, double) {
  for (const int64_t n : {int64_t{1}, int64_t{3}, int64_t{70}, int64_t{200}}) {
    const auto a = random_values<TestType>(n * 150, 1);
    std::vector<TestType> c(static_cast<size_t>(n * n), std::numeric_limits<TestType>::quiet_NaN());
    gemm(false, true, n, n, 150, TestType(1), a.data(), 150, a.data(), 150, TestType(0), c.data(), n);
    bool finite = true;
    for (const TestType v : c) finite = finite && std::isfinite(v);
    CHECK(finite);
  }
}

TEMPLATE_TEST_CASE("the same bits for any number of threads", "[blas]", float, double) {
  const int64_t sizes[][3] = {{64, 512, 784}, {512, 784, 64}, {60, 100, 100}, {1000, 10, 100}, {100, 300, 1000}};
  for (const auto& [m, n, k] : sizes) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        const auto a = random_values<TestType>(m * k, 1), b = random_values<TestType>(k * n, 2);
        std::vector<TestType> one, c(static_cast<size_t>(m * n));
        for (const int threads : {1, 2, 7, 64}) {
          const support::Threads scope(threads);
          gemm(ta, tb, m, n, k, TestType(1), a.data(), ta ? m : k, b.data(), tb ? k : n, TestType(0), c.data(), n);
          if (one.empty()) one = c;
          CHECK(std::memcmp(one.data(), c.data(), c.size() * sizeof(TestType)) == 0);
        }
      }
    }
  }
}

TEST_CASE("all of it holds with OpenBLAS behind it", "[blas_again]") {
  CHECK(support::alone("[blas],[.openblas_threads]", "TAPER_GEMM=openblas") == 0);
}
TEST_CASE("OpenBLAS's own number of threads stays as the program set it", "[.openblas_threads]") {
  CHECK(taper::blas::backend().find("OpenBLAS") == 0);  // it is there
  const taper::blas::OpenBlas library = taper::blas::load_openblas();
  const int before = library.get_num_threads();
  const auto a = random_values<float>(300 * 300, 1);
  for (const int threads : {1, 2, 3}) {
    library.set_num_threads(threads);
    std::vector<std::thread> hosts;
    for (int h = 0; h < 3; ++h) {
      hosts.emplace_back([&] {
        std::vector<float> c(300 * 300);
        for (int i = 0; i < 20; ++i)
          gemm(false, true, 300, 300, 300, 1.f, a.data(), 300, a.data(), 300, 0.f, c.data(), 300);
      });
    }
    for (std::thread& host : hosts) host.join();
    CHECK(library.get_num_threads() == threads);
  }
  library.set_num_threads(before);
}

TEST_CASE("wrong sizes are errors that name them", "[blas]") {
  const float x[4] = {};
  float c[4] = {};
  CHECK_THROWS_AS(gemm(false, false, -1, 2, 2, 1.f, x, 2, x, 2, 0.f, c, 2), taper::ValueError);
  CHECK_THROWS_AS(gemm(false, false, 2, 2, 2, 1.f, x, 1, x, 2, 0.f, c, 2), taper::ValueError);
  CHECK_THROWS_AS(gemm(false, false, 2, 2, 2, 1.f, x, 2, x, 1, 0.f, c, 2), taper::ValueError);
  CHECK_THROWS_AS(gemm(false, false, 2, 2, 2, 1.f, x, 2, x, 2, 0.f, c, 1), taper::ValueError);
  CHECK_THROWS_AS(gemm(false, false, 2, 2, 2, 1.f, x, int64_t{1} << 31, x, 2, 0.f, c, 2), taper::ValueError);
}

TEST_CASE("backend names what computes products", "[blas]") {
  CHECK_THAT(taper::blas::backend(), ContainsSubstring("OpenBLAS ") || ContainsSubstring("taper ("));
}
