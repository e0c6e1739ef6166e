// Products by our own loops, whose bits are known: see chain().
#include <taper/core/blas.h>
#include <taper/core/kernels/openblas.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "catch.h"
#include "support/alone.h"
#include "support/scopes.h"

#if !defined(TAPER_LINK_OPENBLAS)
#include <dlfcn.h>
#endif

using std::int64_t;
using taper::blas::gemm;

namespace {

bool own() { return taper::blas::backend().find("taper") == 0; }

template <class T>
T random_value(std::mt19937& random) {
  return static_cast<T>(std::uniform_real_distribution<double>(-1, 1)(random));
}

template <class T>
struct Problem {
  bool trans_a, trans_b;
  int64_t m, n, k, lda, ldb, ldc;
  std::vector<T> a, b, c;

  Problem(bool ta, bool tb, int64_t m_, int64_t n_, int64_t k_, int64_t pad = 0)
      : trans_a(ta),
        trans_b(tb),
        m(m_),
        n(n_),
        k(k_),
        lda((ta ? m : k) + pad),
        ldb((tb ? k : n) + 2 * pad),
        ldc(n + 3 * pad) {
    std::mt19937 random(static_cast<unsigned>(m * 7 + n * 3 + k));
    // No longer than need be, so that reading beyond is seen by the sanitizer.
    const auto fill = [&](std::vector<T>& x, int64_t rows, int64_t cols, int64_t ld) {
      x.resize(rows == 0 || cols == 0 ? 0 : static_cast<size_t>((rows - 1) * ld + cols));
      for (T& v : x) v = random_value<T>(random);
    };
    fill(a, ta ? k : m, ta ? m : k, lda);
    fill(b, tb ? n : k, tb ? k : n, ldb);
    fill(c, m, n, ldc);
  }
  T at_a(int64_t i, int64_t p) const { return a[static_cast<size_t>(trans_a ? p * lda + i : i * lda + p)]; }
  T at_b(int64_t p, int64_t j) const { return b[static_cast<size_t>(trans_b ? j * ldb + p : p * ldb + j)]; }
  std::vector<T> product(T alpha, T beta) const {
    std::vector<T> y = c;
    gemm(trans_a, trans_b, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta, y.data(), ldc);
    return y;
  }
};

// What an element is, to the bit: for each block of k one chain of fused multiply-adds - of products and sums where the
// processor has none - and the blocks, times alpha, are added to beta c one after the other.
template <class T>
T chain(const Problem<T>& x, int64_t i, int64_t j, T alpha, T beta, bool fused) {
  volatile T c = beta == T(0) ? T(0) : x.c[static_cast<size_t>(i * x.ldc + j)];
  if (beta != T(0)) c = c * beta;
  if (x.k == 0 || alpha == T(0)) return c;
  const int64_t blocks = (x.k + 255) / 256, block = ((x.k + blocks - 1) / blocks + 7) / 8 * 8;
  for (int64_t first = 0; first < x.k; first += block) {
    volatile T sum = 0;
    for (int64_t p = first; p < x.k && p < first + block; ++p) {
      if (fused) {
        sum = std::fma(x.at_a(i, p), x.at_b(p, j), sum);
      } else {
        volatile T product = x.at_a(i, p) * x.at_b(p, j);
        sum = sum + product;
      }
    }
    sum = sum * alpha;
    if (first == 0 && beta == T(0)) {
      c = sum;
    } else {
      c = c + sum;
    }
  }
  return c;
}

// The number of elements that differ from their chains, or that are outside of C and have changed.
template <class T>
int64_t wrong(const Problem<T>& x, T alpha, T beta, bool fused) {
  const std::vector<T> y = x.product(alpha, beta);
  int64_t count = 0;
  for (int64_t i = 0; i < x.m; ++i) {
    for (int64_t j = 0; j < x.ldc; ++j) {
      const auto at = static_cast<size_t>(i * x.ldc + j);
      if (at >= y.size()) break;
      const T want = j < x.n ? chain(x, i, j, alpha, beta, fused) : x.c[at];
      count += std::memcmp(&y[at], &want, sizeof want) != 0 && !(std::isnan(y[at]) && std::isnan(want)) &&
               !(y[at] == 0 && want == 0);
    }
  }
  return count;
}

template <class T>
void check_chains(const std::vector<std::vector<int64_t>>& sizes, T alpha, T beta, int64_t pad) {
  const bool fused = taper::blas::backend() != "taper (baseline)";
  for (const auto& size : sizes) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        INFO("m " << size[0] << " n " << size[1] << " k " << size[2] << " ta " << ta << " tb " << tb << " alpha "
                  << alpha << " beta " << beta << " pad " << pad);
        CHECK(wrong(Problem<T>(ta, tb, size[0], size[1], size[2], pad), alpha, beta, fused) == 0);
      }
    }
  }
}

}  // namespace

// Elsewhere the compiler decides whether products are fused.
#if defined(__x86_64__) || defined(__aarch64__)

TEMPLATE_TEST_CASE("gemm: every element is one chain over k, at the edges of all tiles", "[gemm]", float, double) {
  if (!own()) return;
  std::vector<std::vector<int64_t>> sizes;
  const int64_t edges[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 24, 33, 64, 65};
  for (const int64_t m : edges) {
    for (const int64_t n : edges) sizes.push_back({m, n, 1 + (m * 5 + n * 3) % 19});
  }
  for (const int64_t n : {97, 127, 129, 191, 257}) {
    sizes.push_back({1, n, 9});
    sizes.push_back({n, 1, 9});
    sizes.push_back({3, n, 17});
    sizes.push_back({n, 50, 8});
  }
  check_chains<TestType>(sizes, 1, 0, 0);
  check_chains<TestType>({{5, 33, 20}, {50, 18, 11}, {2, 70, 9}, {70, 1, 18}, {13, 13, 13}, {3, 3, 7}, {20, 6, 30}}, 1,
                         1, 5);
}

TEMPLATE_TEST_CASE("gemm: every element is one chain over k, where B is narrower than a tile", "[gemm]", float,
                   double) {
  if (!own()) return;
  std::vector<std::vector<int64_t>> sizes;
  for (int64_t n = 1; n < 18; ++n) {
    for (const int64_t k : {1, 5, 16}) {
      for (const int64_t m : {2, 11, 65}) sizes.push_back({m, n, k});
    }
    sizes.push_back({3, n, 270});
  }
  check_chains<TestType>(sizes, 1, 0, 0);
}

TEMPLATE_TEST_CASE("gemm: every element is one chain over k, at the edges of its blocks", "[gemm]", float, double) {
  if (!own()) return;
  std::vector<std::vector<int64_t>> sizes;
  for (const int64_t k : {0, 1, 7, 8, 9, 255, 256, 257, 511, 512, 513, 784, 1153}) {
    for (const auto& [m, n] :
         {std::pair<int64_t, int64_t>{1, 1}, {1, 33}, {33, 1}, {3, 20}, {7, 17}, {17, 7}, {50, 18}})
      sizes.push_back({m, n, k});
  }
  check_chains<TestType>(sizes, 1, 0, 0);
  check_chains<TestType>(sizes, 1, 1, 2);
}

TEMPLATE_TEST_CASE("gemm: every element is one chain over k, packed and in pieces", "[gemm]", float, double) {
  if (!own()) return;
  check_chains<TestType>(
      {{64, 520, 70}, {520, 300, 12}, {200, 700, 9}, {700, 10, 90}, {10, 700, 90}, {1, 3000, 200}, {3000, 1, 200}}, 1,
      0, 0);
}

TEMPLATE_TEST_CASE("gemm: alpha and beta", "[gemm]", float, double) {
  if (!own()) return;
  for (const double alpha : {0.0, 1.0, -1.0, 0.5, 1.7}) {
    for (const double beta : {0.0, 1.0, -1.0, 0.5, 1.7}) {
      check_chains<TestType>({{7, 19, 400}, {2, 40, 30}, {40, 2, 30}, {5, 5, 0}}, static_cast<TestType>(alpha),
                             static_cast<TestType>(beta), 1);
    }
  }
}

TEMPLATE_TEST_CASE("gemm: a row has the bits it has alone, and any number of threads the same", "[gemm]", float,
                   double) {
  if (!own()) return;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const Problem<TestType> x(ta, tb, 67, 330, 800);
      std::vector<TestType> one;
      for (int threads = 1; threads <= 5; ++threads) {
        const support::Threads scope(threads);
        const std::vector<TestType> y = x.product(1, 0);
        if (one.empty()) one = y;
        CHECK(std::memcmp(one.data(), y.data(), y.size() * sizeof(TestType)) == 0);
      }
      std::vector<TestType> row(static_cast<size_t>(x.n));
      for (int64_t i = 0; i < x.m; ++i) {
        gemm(ta, tb, 1, x.n, x.k, TestType(1), x.a.data() + (ta ? i : i * x.lda), x.lda, x.b.data(), x.ldb, TestType(0),
             row.data(), x.n);
        CHECK(std::memcmp(row.data(), one.data() + i * x.n, row.size() * sizeof(TestType)) == 0);
      }
    }
  }
}

#endif

TEMPLATE_TEST_CASE("gemm_bias has the bits of gemm into rows of the bias, a PackedMatrix the same for any rows of A",
                   "[gemm]", float, double) {
  using T = TestType;
  const auto same = [](const std::vector<T>& a, const std::vector<T>& b) {  // OpenBLAS sums in other orders
    return own() ? a == b : std::equal(a.begin(), a.end(), b.begin(), b.end(), [](T u, T v) {
      return std::abs(u - v) <= std::sqrt(std::numeric_limits<T>::epsilon());
    });
  };
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 1, 1},
                                                                   {1, 37, 300},
                                                                   {2, 3, 9},
                                                                   {3, 8, 20},
                                                                   {5, 1, 40},
                                                                   {40, 2, 30},
                                                                   {20, 70, 15},
                                                                   {13, 16, 16},
                                                                   {70, 90, 270},
                                                                   {9, 5, 600},
                                                                   {300, 10, 64},
                                                                   {3, 4, 0}}) {
    for (const bool tb : {false, true}) {
      INFO("m " << m << " n " << n << " k " << k << " tb " << tb);
      const Problem<T> x(false, tb, m, n, k, 1);
      std::mt19937 random(5);
      std::vector<T> bias(static_cast<size_t>(n)), want = x.c, y = x.c, z = x.c, rectified = x.c;
      for (T& v : bias) v = random_value<T>(random);
      for (int64_t i = 0; i < m; ++i) std::copy(bias.begin(), bias.end(), want.begin() + i * x.ldc);
      gemm(false, tb, m, n, k, T(1), x.a.data(), x.lda, x.b.data(), x.ldb, T(1), want.data(), x.ldc);
      taper::blas::gemm_bias(false, tb, m, n, k, x.a.data(), x.lda, x.b.data(), x.ldb, bias.data(), y.data(), x.ldc);
      CHECK(same(y, want));
      const taper::blas::PackedMatrix<T> packed(tb, n, k, x.b.data(), x.ldb);
      packed.multiply(m, x.a.data(), x.lda, bias.data(), true, rectified.data(), x.ldc);
      for (int64_t i = 0; i < m; ++i) {
        for (int64_t j = 0; j < n; ++j)
          want[static_cast<size_t>(i * x.ldc + j)] = std::max(T(0), want[static_cast<size_t>(i * x.ldc + j)]);
      }
      CHECK(same(rectified, want));
      want = x.product(1, 0);
      packed.multiply(m, x.a.data(), x.lda, nullptr, false, z.data(), x.ldc);
      CHECK(same(z, want));
    }
  }
  const support::Threads scope(4);
  const Problem<T> x(false, true, 200, 330, 300);
  const taper::blas::PackedMatrix<T> packed(true, x.n, x.k, x.b.data(), x.ldb);
  std::vector<T> y = x.c;
  packed.multiply(x.m, x.a.data(), x.lda, nullptr, false, y.data(), x.ldc);
  CHECK(same(y, x.product(1, 0)));
  CHECK_THROWS_WITH((taper::blas::PackedMatrix<T>(true, 4, 3, x.b.data(), 2)),
                    ContainsSubstring("ldb must be at least 3"));
  CHECK_THROWS_WITH(packed.multiply(2, x.a.data(), 299, nullptr, false, y.data(), x.ldc),
                    ContainsSubstring("lda at least 300"));
}

TEMPLATE_TEST_CASE("gemm: with beta zero C is not read, and NaN and infinity in A and B reach their rows and columns",
                   "[gemm]", float, double) {
  const TestType nan = std::numeric_limits<TestType>::quiet_NaN(), infinity = std::numeric_limits<TestType>::infinity();
  for (const auto& [m, n] : {std::pair<int64_t, int64_t>{1, 1}, {1, 40}, {40, 1}, {3, 5}, {9, 21}, {70, 50}}) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        Problem<TestType> x(ta, tb, m, n, 13);
        std::fill(x.c.begin(), x.c.end(), nan);
        for (const TestType v : x.product(1, 0)) CHECK(std::isfinite(v));
        // 0 * infinity is NaN
        const auto put = [](std::vector<TestType>& v, bool across, int64_t ld, int64_t i, int64_t j, TestType value) {
          v[static_cast<size_t>(across ? j * ld + i : i * ld + j)] = value;
        };
        put(x.a, ta, x.lda, m - 1, 5, 0);
        put(x.b, tb, x.ldb, 5, n - 1, infinity);
        std::vector<TestType> y = x.product(1, 0);
        CHECK(std::isnan(y.back()));
        if (m > 1) CHECK(std::isinf(y[static_cast<size_t>(n - 1)]));
        if (n > 1) CHECK(std::isfinite(y.front()));
        put(x.a, ta, x.lda, 0, 7, nan);
        y = x.product(1, 0);
        CHECK(std::isnan(y.front()));
        if (m > 2 && n > 1) CHECK(std::isfinite(y[static_cast<size_t>(n)]));
      }
    }
  }
}

// Or than a plain sum's: some of OpenBLAS's kernels for small products have several sums for an element.
TEMPLATE_TEST_CASE("gemm: errors are no larger than OpenBLAS's", "[gemm]", float, double) {
  if (!own() || taper::blas::backend() == "taper (baseline)") return;  // which rounds every product
#if defined(__aarch64__)
  const double most = std::is_same_v<TestType, double> ? 1.5 : 1.1;  // its double has two chains for an element
#else
  const double most = 1.1;
#endif
  const taper::blas::OpenBlas library = taper::blas::load_openblas();
  for (const auto& sizes : std::vector<std::array<int64_t, 3>>{{40, 50, 784}, {64, 10, 256}, {30, 40, 3000}}) {
    const int64_t m = sizes[0], n = sizes[1], k = sizes[2];
    Problem<TestType> x(false, true, m, n, k);
    const std::vector<TestType> y = x.product(1, 0);
    std::vector<TestType> z(y.size());
    const auto i = [](int64_t value) { return static_cast<blasint>(value); };
    const auto call = [&](auto function) {
      function(CblasRowMajor, CblasNoTrans, CblasTrans, i(m), i(n), i(k), TestType(1), x.a.data(), i(x.lda), x.b.data(),
               i(x.ldb), TestType(0), z.data(), i(n));
    };
    if constexpr (std::is_same_v<TestType, float>) {
      call(library.sgemm);
    } else {
      call(library.dgemm);
    }
    long double ours = 0, theirs = 0, plain = 0;
    for (int64_t r = 0; r < m; ++r) {
      for (int64_t c = 0; c < n; ++c) {
        long double want = 0;
        TestType sum = 0;
        for (int64_t p = 0; p < k; ++p) {
          want += static_cast<long double>(x.at_a(r, p)) * x.at_b(p, c);
          sum += x.at_a(r, p) * x.at_b(p, c);
        }
        const auto at = static_cast<size_t>(r * n + c);
        ours += (y[at] - want) * (y[at] - want);
        theirs += (z[at] - want) * (z[at] - want);
        plain += (sum - want) * (sum - want);
      }
    }
    INFO("m " << m << " n " << n << " k " << k);
    CHECK(std::sqrt(static_cast<double>(ours / std::max(theirs, plain))) < most);
  }
}

TEST_CASE("gemm: TAPER_GEMM chooses what computes products", "[gemm][gemm_again]") {
  CHECK(support::alone("[.gemm_own]", "TAPER_GEMM=taper") == 0);
  CHECK(support::alone("[.gemm_openblas]", "TAPER_GEMM=openblas") == 0);
#if defined(__x86_64__)  // elsewhere there is no other set
  CHECK(support::alone("[gemm]~[.]~[gemm_again]", "TAPER_GEMM=taper TAPER_ISA=baseline", 600) == 0);
#endif
}
TEST_CASE("our loops are chosen", "[.gemm_own]") {
  CHECK_THAT(taper::blas::backend(), ContainsSubstring("taper ("));
  CHECK(taper::blas::advice().empty());
  CHECK(Problem<float>(false, true, 64, 64, 64).product(1, 0).size() == 64 * 64);
#if !defined(TAPER_LINK_OPENBLAS)
  CHECK(dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_NOLOAD) == nullptr);  // nor has anybody loaded the other
#endif
}
TEST_CASE("OpenBLAS is chosen", "[.gemm_openblas]") {
  CHECK_THAT(taper::blas::backend(), ContainsSubstring("OpenBLAS "));
}
