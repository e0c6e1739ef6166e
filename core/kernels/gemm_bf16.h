// Products of matrices of bfloat16 with sums in float: what stands behind core/blas_bf16.h. Elements are bits.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>

namespace taper::kernels {
struct Bf16Loops;
}
namespace taper::blas::bf16 {

// How: in float, from widened values (own::gemm, or OpenBLAS where floats are multiplied by it); or by the
// processor's instructions for bfloat16.
enum class Path : std::int8_t { Widen, Avx512, Amx };

// "widen", as TAPER_BF16 names it.
TAPER_API const char* name(Path path);
// Whether this machine can; Amx asks the system for permission the first time.
TAPER_API bool has(Path path);
// The fastest that this machine has, or the one that TAPER_BF16 names. The same for the life of the program.
TAPER_API Path path();

// C = op(A) op(B) + D: C itself, or a row that is added to every row (ldd = 0), or null for zeros; no size is 0.
TAPER_API void gemm(Path path, bool trans_a, bool trans_b, std::int64_t m, std::int64_t n, std::int64_t k,
                    const std::uint16_t* a, std::int64_t lda, const std::uint16_t* b, std::int64_t ldb, const float* d,
                    std::int64_t ldd, float* c, std::int64_t ldc);
// By loops for special instructions.
TAPER_API void gemm(const kernels::Bf16Loops& loops, bool trans_a, bool trans_b, std::int64_t m, std::int64_t n,
                    std::int64_t k, const std::uint16_t* a, std::int64_t lda, const std::uint16_t* b, std::int64_t ldb,
                    const float* d, std::int64_t ldd, float* c, std::int64_t ldc);

}  // namespace taper::blas::bf16
