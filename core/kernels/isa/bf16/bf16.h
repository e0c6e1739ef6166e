// Loops of matrix products for processors with instructions for bfloat16 (core/kernels/gemm_bf16.cpp): they multiply
// pairs of values that follow one another in k and add both products to a float. A pair is a word, the first value of
// it in the low half.
//
// Each file of this folder is compiled once, with TAPER_ISA defined to its own name and the flags of its instructions,
// under the rules of isa/isa.h. With TAPER_BF16_EMULATED as well, plain loops stand for the instructions, so that the
// tests can run all that is around them on any processor.
#pragma once

#include <cstdint>

namespace taper::kernels {

// C = A B + D for `rows` x `columns` elements of C, at most a tile; element (i, j) of C is at c[i c_row + j c_col].
struct Bf16Tile {
  std::int64_t words;  // of k
  const std::uint32_t* a;
  std::int64_t a_row;
  const std::uint32_t* b;
  std::int64_t rows, columns;
  const float* add;  // D; null: zeros
  std::int64_t add_row, add_col;
  float* c;
  std::int64_t c_row, c_col;
};

// Packs lines of k values, of A its rows, of B its columns: value p of line i is x[i line + p step], and line or step
// is 1. What is missing to a whole block of lines and words is 0.
using Bf16Pack = void(const std::uint16_t* x, std::int64_t line, std::int64_t step, std::int64_t lines, std::int64_t k,
                      std::uint32_t* to, std::int64_t to_row);

struct Bf16Loops {
  std::int64_t rows, columns;  // of a tile
  std::int64_t block;          // of k: the sum of each, in an order of the instructions' own, is added to C
  Bf16Pack* pack_a;            // to[i to_row + w], word w of line i
  Bf16Pack* pack_b;            // to[w to_row + i]
  // Around the tiles that a thread computes.
  void (*begin)();
  void (*end)();
  void (*tile)(const Bf16Tile& tile);  // B in panels as wide as a tile: b[w columns + j]
};

constexpr std::int64_t kBf16Lines = 16;  // in a block that is packed, ...
constexpr std::int64_t kBf16Words = 16;  // ... and words of each

#if defined(TAPER_ISA)
namespace TAPER_ISA {
extern const Bf16Loops bf16_loops;
}
#else
namespace avx512_bf16 {
extern const Bf16Loops bf16_loops;
}
namespace amx_bf16 {
extern const Bf16Loops bf16_loops;
}
#endif

}  // namespace taper::kernels
