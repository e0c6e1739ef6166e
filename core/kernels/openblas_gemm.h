// Products by OpenBLAS (openblas.h has its functions): what can stand behind core/blas.h.
#pragma once

#include <cstdint>
#include <string>

namespace taper::blas::openblas {

// C = alpha op(A) op(B) + beta C, as core/blas.h has it; of float and double; no size is 0, leading dimensions fit int.
template <class T>
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha, const T* a,
          std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc);

// blas::backend() and blas::advice()
std::string name();
std::string advice();

}  // namespace taper::blas::openblas
