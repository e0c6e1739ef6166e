// Products by OpenBLAS (openblas.h has its functions): what can stand behind core/blas.h.
#pragma once

#include <cstdint>
#include <string>

namespace taper::blas::openblas {

// C = alpha op(A) op(B) + beta C, as core/blas.h has it; no size is 0, leading dimensions fit an int.
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, float alpha, const float* a,
          std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, double alpha, const double* a,
          std::int64_t lda, const double* b, std::int64_t ldb, double beta, double* c, std::int64_t ldc);

// blas::backend() and blas::advice()
std::string name();
std::string advice();

}  // namespace taper::blas::openblas
