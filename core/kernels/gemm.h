// Products by our own loops (isa/gemm.h): what stands behind core/blas.h where OpenBLAS does not.
#pragma once

#include <cstdint>
#include <string>

namespace taper::blas::own {

// C = alpha op(A) op(B), or C += where `add`, as core/blas.h has them; no size is 0. Of float and double.
template <class T>
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha, const T* a,
          std::int64_t lda, const T* b, std::int64_t ldb, bool add, T* c, std::int64_t ldc);

// "taper (avx2)"
std::string name();

}  // namespace taper::blas::own
