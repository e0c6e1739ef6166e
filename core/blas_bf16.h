// Matrix products in bfloat16 with sums in float. Elements of bfloat16 are bits here: the upper half of a float's.
//
// Three paths compute them; the fastest that the processor has is chosen, or the one that TAPER_BF16 names in the
// environment:
//
//   amx      tiles of AMX, where the processor has them and the system permits them
//   avx512   vdpbf16ps (AVX512_BF16), where it is faster than float, which on Intel's cores with AVX512_FP16 it is not
//   widen    float arithmetic on widened values, anywhere; the only one with TAPER_ISA=avx2 or baseline
//
// In all three an element of C is a chain of float sums over blocks of k whose order depends on k alone: it has the
// same bits for any number of threads, in any C that it is part of, and transposed or not. Between the paths the last
// places of a sum differ: `widen` has the bits of blas::gemm() of the widened values, on every processor with AVX2 or
// AVX-512; the others round in the order of their instructions (core/kernels/isa/bf16/) and take subnormal values and
// sums for 0. Infinities and NaN spread as in float; which NaN it is may differ.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>
#include <string>

namespace taper::blas {

// C = op(A) op(B) + bias in every row (n values; null: none), + C if `accumulate`. Sizes, leading dimensions and errors
// are those of blas::gemm().
TAPER_API void gemm_bf16(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k,
                         const std::uint16_t* a, std::int64_t lda, const std::uint16_t* b, std::int64_t ldb,
                         const float* bias, float* c, std::int64_t ldc, bool accumulate = false);
// The same sums, rounded once, as round_to_bf16() does; they stand in memory of their own until then.
TAPER_API void gemm_bf16(bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k,
                         const std::uint16_t* a, std::int64_t lda, const std::uint16_t* b, std::int64_t ldb,
                         const float* bias, std::uint16_t* c, std::int64_t ldc, bool accumulate = false);

// n values to the nearest, of two to the even one; NaN becomes 0x7FC0. On the calling thread.
TAPER_API void round_to_bf16(const float* x, std::uint16_t* y, std::int64_t n);
TAPER_API void widen_bf16(const std::uint16_t* x, float* y, std::int64_t n);

// What computes the products, for a bug report: "amx", "avx512" or "widen, by taper (avx2)".
TAPER_API std::string bf16_backend();

}  // namespace taper::blas
