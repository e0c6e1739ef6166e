// Checks, and which of two computes the product: our own loops or OpenBLAS.
#include <taper/core/blas.h>

#include <taper/core/allocator.h>
#include <taper/core/blas_bf16.h>
#include <taper/core/error.h>
#include <taper/core/kernels/gemm.h>
#include <taper/core/kernels/gemm_bf16.h>
#include <taper/core/kernels/isa/bfloat16.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/kernels/openblas_gemm.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <string_view>

namespace taper::blas {
namespace {

using std::int64_t;
using std::uint16_t;

enum class Backend : int8_t { Unknown, Own, OpenBlas };

Backend choose_backend() {
  // Our loops are made for fused multiply-adds, which x86's baseline does without; OpenBLAS has better kernels then.
#if defined(__aarch64__)
  const Backend better = Backend::Own;
#else
  const Backend better = kernels::isa() == kernels::Isa::Baseline ? Backend::OpenBlas : Backend::Own;
#endif
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
void fill_rows(int64_t m, int64_t n, const T* row, T* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) std::copy(row, row + n, c + i * ldc);
}

// Whether C has elements.
bool check_result(int64_t m, int64_t n, int64_t k, int64_t ldc) {
  TAPER_CHECK_VALUE(m >= 0 && n >= 0 && k >= 0, "gemm: sizes must not be negative; got m = ", m, ", n = ", n,
                    ", k = ", k);
  if (m == 0 || n == 0) return false;
  TAPER_CHECK_VALUE(ldc >= n, "gemm: ldc must be at least n = ", n, "; got ", ldc);
  return true;
}

void check_operands(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, int64_t& lda, int64_t& ldb,
                    int64_t& ldc) {
  const int64_t lda_min = trans_a ? m : k, ldb_min = trans_b ? k : n;
  TAPER_CHECK_VALUE(lda >= lda_min && ldb >= ldb_min, "gemm: lda must be at least ", lda_min, " and ldb at least ",
                    ldb_min, "; got ", lda, " and ", ldb);
  // A leading dimension counts only where there is a second row; a vector may have any.
  if ((trans_a ? k : m) == 1) lda = std::min<int64_t>(lda_min, INT_MAX);
  if ((trans_b ? n : k) == 1) ldb = std::min<int64_t>(ldb_min, INT_MAX);
  if (m == 1) ldc = std::min<int64_t>(n, INT_MAX);
  TAPER_CHECK_VALUE(std::max({lda, ldb, ldc}) <= INT_MAX, "gemm: rows must be at most 2147483647 elements apart; got ",
                    std::max({lda, ldb, ldc}), "; split the product");
}

// `bias` may be null; otherwise it stands for beta C.
template <class T>
void any_gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
              int64_t ldb, T beta, const T* bias, T* c, int64_t ldc) {
  if (!check_result(m, n, k, ldc)) return;
  if (k == 0 || alpha == T(0)) return bias ? fill_rows(m, n, bias, c, ldc) : scale(m, n, beta, c, ldc);
  check_operands(trans_a, trans_b, m, n, k, lda, ldb, ldc);
  if (!own_loops()) {
    if (bias) fill_rows(m, n, bias, c, ldc);
    return openblas::gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, bias ? T(1) : beta, c, ldc);
  }
  if (bias) return own::gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, bias, 0, c, ldc);
  if (beta != T(0) && beta != T(1)) scale(m, n, beta, c, ldc);
  own::gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta != T(0) ? c : nullptr, ldc, c, ldc);
}

}  // namespace

void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  any_gemm<float>(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, nullptr, c, ldc);
}
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda,
          const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  any_gemm<double>(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, nullptr, c, ldc);
}
void gemm_bias(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
               int64_t ldb, const float* bias, float* c, int64_t ldc) {
  any_gemm(trans_a, trans_b, m, n, k, 1.0f, a, lda, b, ldb, 0.0f, bias, c, ldc);
}
void gemm_bias(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const double* a, int64_t lda,
               const double* b, int64_t ldb, const double* bias, double* c, int64_t ldc) {
  any_gemm(trans_a, trans_b, m, n, k, 1.0, a, lda, b, ldb, 0.0, bias, c, ldc);
}

// ---- bfloat16, core/blas_bf16.h ------------------------------------------------------------------------------------

namespace {

constexpr int64_t kRoundedRows = 1 << 15;  // values that a thread rounds at a time, about

const kernels::Bfloat16Loops<float>& conversions() { return kernels::loops<kernels::Bfloat16Loops<float>>(); }

// x[rows, columns], its rows one after the other.
void widen_rows(const uint16_t* x, int64_t ld, int64_t rows, int64_t columns, float* y) {
  for (int64_t i = 0; i < rows; ++i) conversions().widen(x + i * ld, y + i * columns, columns);
}

}  // namespace

void round_to_bf16(const float* x, uint16_t* y, int64_t n) { conversions().round(x, y, n); }
void widen_bf16(const uint16_t* x, float* y, int64_t n) { conversions().widen(x, y, n); }

void gemm_bf16(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const uint16_t* a, int64_t lda,
               const uint16_t* b, int64_t ldb, const float* bias, float* c, int64_t ldc, bool accumulate) {
  if (!check_result(m, n, k, ldc)) return;
  if (k > 0) check_operands(trans_a, trans_b, m, n, k, lda, ldb, ldc);
  if (bias && accumulate) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) c[i * ldc + j] += bias[j];
    }
    bias = nullptr;
  }
  if (k == 0) return bias ? fill_rows(m, n, bias, c, ldc) : scale(m, n, accumulate ? 1.0f : 0.0f, c, ldc);
  const bf16::Path path = bf16::path();
  if (path != bf16::Path::Widen || own_loops()) {
    return bf16::gemm(path, trans_a, trans_b, m, n, k, a, lda, b, ldb, accumulate ? c : bias, accumulate ? ldc : 0, c,
                      ldc);
  }
  const int64_t a_columns = trans_a ? m : k, b_columns = trans_b ? k : n;
  const kernels::Scratch<float> wide_a(m * k), wide_b(k * n);
  widen_rows(a, lda, trans_a ? k : m, a_columns, wide_a.get());
  widen_rows(b, ldb, trans_b ? n : k, b_columns, wide_b.get());
  any_gemm(trans_a, trans_b, m, n, k, 1.0f, wide_a.get(), a_columns, wide_b.get(), b_columns, accumulate ? 1.0f : 0.0f,
           bias, c, ldc);
}

void gemm_bf16(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const uint16_t* a, int64_t lda,
               const uint16_t* b, int64_t ldb, const float* bias, uint16_t* c, int64_t ldc, bool accumulate) {
  if (!check_result(m, n, k, ldc)) return;
  const kernels::Scratch<float> sums(m * n);
  if (accumulate) widen_rows(c, ldc, m, n, sums.get());
  gemm_bf16(trans_a, trans_b, m, n, k, a, lda, b, ldb, bias, sums.get(), n, accumulate);
  parallel_for(0, m, std::max<int64_t>(kRoundedRows / n, 1), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) conversions().round(sums.get() + i * n, c + i * ldc, n);
  });
}

std::string bf16_backend() {
  const bf16::Path path = bf16::path();
  return path == bf16::Path::Widen ? "widen, by " + backend() : bf16::name(path);
}

// For OpenBLAS the values are those of B^T, n x k.
template <class T>
PackedMatrix<T>::PackedMatrix(bool trans_b, int64_t n, int64_t k, const T* b, int64_t ldb)
    : n_(n), k_(k), size_(0), values_(nullptr) {
  TAPER_CHECK_VALUE(n >= 0 && k >= 0, "PackedMatrix: sizes must not be negative; got n = ", n, ", k = ", k);
  if (n == 0 || k == 0) return;
  TAPER_CHECK_VALUE(ldb >= (trans_b ? k : n), "PackedMatrix: ldb must be at least ", trans_b ? k : n, "; got ", ldb);
  size_ = own_loops() ? own::packed_size<T>(n, k) : n * k;
  values_ = static_cast<T*>(taper::detail::allocate(static_cast<size_t>(size_) * sizeof(T)));
  if (own_loops()) {
    own::pack(trans_b, n, k, b, ldb, values_);
  } else {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t p = 0; p < k; ++p) values_[j * k + p] = trans_b ? b[j * ldb + p] : b[p * ldb + j];
    }
  }
}

template <class T>
PackedMatrix<T>::~PackedMatrix() {
  taper::detail::deallocate(values_, static_cast<size_t>(size_) * sizeof(T));
}

template <class T>
void PackedMatrix<T>::multiply(int64_t m, const T* a, int64_t lda, const T* bias, bool relu, T* c, int64_t ldc) const {
  TAPER_CHECK_VALUE(m >= 0 && (m < 2 || (lda >= k_ && ldc >= n_)),
                    "PackedMatrix: m must not be negative, lda at least ", k_, " and ldc at least ", n_, "; got ", m,
                    ", ", lda, " and ", ldc);
  if (m == 0 || n_ == 0) return;
  if (own_loops() && k_ > 0) return own::gemm_packed(m, n_, k_, a, lda, values_, bias, relu, c, ldc);
  any_gemm(false, true, m, n_, k_, T(1), a, lda, values_, k_, T(0), bias, c, ldc);
  if (!relu) return;
  for (int64_t i = 0; i < m; ++i) {
    for (T* x = c + i * ldc; x < c + i * ldc + n_; ++x) *x = *x < T(0) ? T(0) : *x;
  }
}
template class PackedMatrix<float>;
template class PackedMatrix<double>;

std::string backend() { return own_loops() ? own::name() : openblas::name(); }
std::string advice() { return own_loops() ? std::string() : openblas::advice(); }

}  // namespace taper::blas
