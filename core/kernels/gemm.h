// Products by our own loops (isa/gemm.h): what stands behind core/blas.h where OpenBLAS does not.
#pragma once

#include <cstdint>
#include <string>

namespace taper::blas::own {

// C = alpha op(A) op(B) + D as core/blas.h has it; no size is 0. Of float and double, and of bfloat16 in float: S is T,
// or uint16_t for the bits of bfloat16.
// D: C, or a row that is added to every row (ldd = 0), or null for zeros.
template <class T, class S>
void gemm(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha, const S* a,
          std::int64_t lda, const S* b, std::int64_t ldb, const T* d, std::int64_t ldd, T* c, std::int64_t ldc);

// What PackedMatrix of core/blas.h does; it has packed_size() values.
template <class T>
std::int64_t packed_size(std::int64_t n, std::int64_t k);
template <class T>
void pack(bool trans_b, std::int64_t n, std::int64_t k, const T* b, std::int64_t ldb, T* packed);
template <class T>
void gemm_packed(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda, const T* packed,
                 const T* bias, bool relu, T* c, std::int64_t ldc);

// "taper (avx2)"
std::string name();

}  // namespace taper::blas::own
