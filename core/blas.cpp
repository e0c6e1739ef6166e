// Checks, and which of two computes the product: our own loops or OpenBLAS.
#include <taper/core/blas.h>
#include <taper/core/error.h>
#include <taper/core/kernels/gemm.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/kernels/openblas_gemm.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <string_view>

namespace taper::blas {
namespace {

using std::int64_t;

enum class Backend : int8_t { Unknown, Own, OpenBlas };

Backend choose_backend() {
  // Our loops are made for fused multiply-adds, which the baseline does without; OpenBLAS has better kernels then.
  const Backend better = kernels::isa() == kernels::Isa::Baseline ? Backend::OpenBlas : Backend::Own;
  const char* const text = std::getenv("TAPER_GEMM");
  const std::string_view wanted = text ? text : "";
  if (wanted == "taper") return Backend::Own;
  if (wanted == "openblas") return Backend::OpenBlas;
  if (!wanted.empty()) warn(detail::str("TAPER_GEMM must be taper or openblas; got ", wanted, "; ignored"));
  return better;
}

// The environment is read once; constant-initialised, for products of static constructors.
bool own_loops() {
  static constinit std::atomic<Backend> chosen{Backend::Unknown};
  if (chosen.load(std::memory_order_relaxed) == Backend::Unknown) chosen.store(choose_backend());
  return chosen.load(std::memory_order_relaxed) == Backend::Own;
}

template <class T>
void scale(int64_t m, int64_t n, T beta, T* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    T* row = c + i * ldc;
    if (beta == T(0)) {
      std::fill(row, row + n, T(0));
    } else if (beta != T(1)) {
      for (int64_t j = 0; j < n; ++j) row[j] *= beta;
    }
  }
}

template <class T>
void any_gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
              int64_t ldb, T beta, T* c, int64_t ldc) {
  TAPER_CHECK_VALUE(m >= 0 && n >= 0 && k >= 0, "gemm: sizes must not be negative; got m = ", m, ", n = ", n,
                    ", k = ", k);
  if (m == 0 || n == 0) return;
  TAPER_CHECK_VALUE(ldc >= n, "gemm: ldc must be at least n = ", n, "; got ", ldc);
  if (k == 0 || alpha == T(0)) return scale(m, n, beta, c, ldc);
  const int64_t lda_min = trans_a ? m : k, ldb_min = trans_b ? k : n;
  TAPER_CHECK_VALUE(lda >= lda_min && ldb >= ldb_min, "gemm: lda must be at least ", lda_min, " and ldb at least ",
                    ldb_min, "; got ", lda, " and ", ldb);
  // A leading dimension counts only where there is a second row; a vector may have any.
  if ((trans_a ? k : m) == 1) lda = std::min<int64_t>(lda_min, INT_MAX);
  if ((trans_b ? n : k) == 1) ldb = std::min<int64_t>(ldb_min, INT_MAX);
  if (m == 1) ldc = std::min<int64_t>(n, INT_MAX);
  TAPER_CHECK_VALUE(std::max({lda, ldb, ldc}) <= INT_MAX, "gemm: rows must be at most 2147483647 elements apart; got ",
                    std::max({lda, ldb, ldc}), "; split the product");
  if (!own_loops()) return openblas::gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  if (beta != T(0) && beta != T(1)) scale(m, n, beta, c, ldc);
  own::gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta != T(0), c, ldc);
}

}  // namespace

void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  any_gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda,
          const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  any_gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

std::string backend() { return own_loops() ? own::name() : openblas::name(); }
std::string advice() { return own_loops() ? std::string() : openblas::advice(); }

}  // namespace taper::blas
