// The one seam for matrix products. blas.cpp checks them; behind it are our own loops (kernels/gemm.h) or, where the
// environment has TAPER_GEMM=openblas and where the loops are the baseline's (kernels/isa/isa.h), OpenBLAS
// (kernels/openblas_gemm.h), which is loaded at the first product. TAPER_GEMM=taper chooses our own anywhere.
//
// All matrices are row-major: element (i, j) of a matrix with leading dimension ld is x[i * ld + j]. Results have the
// same bits for any number of threads. Those of our own loops have them on every processor with AVX2 or AVX-512, and a
// row of the result those that it has when it is computed alone. The host program's OpenBLAS and OpenMP thread settings
// stay as they are. Products of bfloat16 are in blas_bf16.h.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>
#include <string>

namespace taper::blas {

// C = alpha op(A) op(B) + beta C, with op(A) of m x k, op(B) of k x n, C of m x n.
//   A is m x k (lda >= k), or k x m (lda >= m) if trans_a; B is k x n (ldb >= n), or n x k (ldb >= k) if trans_b.
// Any size may be 0; k = 0 gives C = beta C. With beta = 0, C is not read. C must not overlap A or B.
// Throws ValueError for a negative size or a leading dimension that is too small; Error where memory for packing is
// short: the values of C are then unspecified.
TAPER_API void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha,
                    const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                    std::int64_t ldc);
TAPER_API void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, double alpha,
                    const double* a, std::int64_t lda, const double* b, std::int64_t ldb, double beta, double* c,
                    std::int64_t ldc);

// C = op(A) op(B) + bias in every row, of n values, with sizes and errors as above.
TAPER_API void gemm_bias(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                         std::int64_t lda, const float* b, std::int64_t ldb, const float* bias, float* c,
                         std::int64_t ldc);
TAPER_API void gemm_bias(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, const double* a,
                         std::int64_t lda, const double* b, std::int64_t ldb, const double* bias, double* c,
                         std::int64_t ldc);

// A copy of op(B), k x n, in the order in which products read it: with few rows of A they take half the time or less.
// Of float and double. Any number of threads may multiply by one matrix at once.
template <class T>
class TAPER_API PackedMatrix {
 public:
  // B is k x n, or n x k if trans_b; the errors are those of gemm().
  PackedMatrix(bool trans_b, std::int64_t n, std::int64_t k, const T* b, std::int64_t ldb);
  ~PackedMatrix();
  PackedMatrix(const PackedMatrix&) = delete;
  PackedMatrix& operator=(const PackedMatrix&) = delete;

  std::int64_t n() const { return n_; }
  std::int64_t k() const { return k_; }
  // C = A op(B) + bias in every row (null: none), then max(C, 0) if `relu`, with A of m x k, C of m x n: the bits of
  // gemm_bias().
  void multiply(std::int64_t m, const T* a, std::int64_t lda, const T* bias, bool relu, T* c, std::int64_t ldc) const;

 private:
  std::int64_t n_, k_, size_;
  T* values_;
};

// What computes the products, for a bug report: "taper (avx2)" or "OpenBLAS 0.3.21 (Haswell)".
TAPER_API std::string backend();

// What the person at the machine should be told of it, one sentence; mostly empty. It says so where OpenBLAS is older
// than the processor and fell back to kernels that use a fraction of it, and what was, or can be, done about that.
TAPER_API std::string advice();

}  // namespace taper::blas
