// The loops of matrix products (core/kernels/gemm.cpp says how a product is cut into pieces).
//
// Every element of C is one chain of fused multiply-adds over k, in order, for each block of k; the chains, times
// alpha, are added to C one after the other. So an element's bits depend on its row of A, its column of B and `block`:
// not on the tile it is computed in, nor on what is packed, nor on the instruction set, where it has fused
// multiply-adds (the baseline of x86 has none and rounds every product, too).
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// C = alpha A B + D, then max(C, 0) where `relu`, with A of m x k, B of k x n. Element (i, j) of a matrix x is at
// x[i x_row + j x_col]; of A's and B's steps one is 1.
//
// A and B have elements of S: T, or uint16_t, the bits of bfloat16, which are widened on their way into the registers
// or, where they are packed, once. Such an A is always packed.
template <class T, class S = T>
struct GemmPiece {
  int64_t m, n, k;
  int64_t block;  // of k
  int64_t chunk;  // columns of B that are packed together; a multiple of a tile's
  T alpha;
  bool relu;
  const S* a;
  int64_t a_row, a_col;
  const S* b;
  int64_t b_row, b_col;
  // Whether B is what pack() wrote: b_row is its step, b_col the first of the columns that are meant.
  bool b_packed;
  const T* add;  // D, which may be C; null: zeros, and its steps are C's
  int64_t add_row, add_col;
  T* c;
  int64_t c_row, c_col;
  // Room for room_a() and room_b() values, to pack A and B in. Null: they are read where they lie, which B cannot be if
  // its columns are fewer than the lanes of a vector and its rows not next to each other (b_row > n, b_col = 1), or if
  // it has b_row 1, b_col > 1 and meets more than kGemmDots rows.
  T *packed_a, *packed_b;
  bool keep_a;  // packed A keeps its order: a tile's rows, or all k rows of m
};

constexpr int64_t kGemmDots = 3;  // rows of A

template <class T, class S = T>
struct GemmLoops {
  int64_t lanes;          // values in a vector
  int64_t rows, columns;  // of a tile
  int64_t most_rows;      // of a tile of fewer columns
  int64_t slack;          // values that packing writes beyond the rows of a panel
  void (*multiply)(const GemmPiece<T, S>& piece);
  // Packs all of B, for pieces with b_packed: k `step` values and slack, with step = whole_tiles(n).
  void (*pack)(const S* b, int64_t b_row, int64_t b_col, int64_t n, int64_t k, int64_t block, T* to, int64_t step);

  // A block of k of A, or only a tile's rows where one chunk is all of B; a block of k of a chunk.
  int64_t room_a(int64_t m, int64_t n, int64_t chunk, int64_t block) const {
    return (n > chunk ? m : most_rows) * block + slack;
  }
  int64_t room_b(int64_t n, int64_t chunk, int64_t block) const {
    return (n < chunk ? whole_tiles(n) : chunk) * block + slack;
  }
  int64_t whole_tiles(int64_t n) const { return (n - 1) / columns * columns + columns; }
};
template <class T>
using WideningGemmLoops = GemmLoops<T, std::uint16_t>;

}  // namespace taper::kernels

// Of the types of core/blas.h, and of bfloat16 in float.
TAPER_DECLARE_TABLES(float, Float, GemmLoops)
TAPER_DECLARE_TABLES(double, Double, GemmLoops)
TAPER_DECLARE_TABLES(float, Float, WideningGemmLoops)
