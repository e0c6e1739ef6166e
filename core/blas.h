// The one seam for matrix products. blas.cpp checks them; behind it are our own loops (kernels/gemm.h) or, where the
// environment has TAPER_GEMM=openblas and where the loops are the baseline's (kernels/isa/isa.h), OpenBLAS
// (kernels/openblas_gemm.h), which is loaded at the first product. TAPER_GEMM=taper chooses our own anywhere.
//
// All matrices are row-major: element (i, j) of a matrix with leading dimension ld is x[i * ld + j]. Results have the
// same bits for any number of threads. Those of our own loops have them on every processor with AVX2 or AVX-512, and a
// row of the result those that it has when it is computed alone. The host program's OpenBLAS and OpenMP thread settings
// stay as they are.
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

// What computes the products, for a bug report: "taper (avx2)" or "OpenBLAS 0.3.21 (Haswell)".
TAPER_API std::string backend();

// What the person at the machine should be told of it, one sentence; mostly empty. It says so where OpenBLAS is older
// than the processor and fell back to kernels that use a fraction of it, and what was, or can be, done about that.
TAPER_API std::string advice();

}  // namespace taper::blas
