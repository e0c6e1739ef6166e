// Register tiles of R rows and N vectors of columns of C: N vectors of B and one value of A at a time. Only for
// isa/gemm.cpp: everything here is local to the including file.
#pragma once

#include <taper/core/kernels/isa/bfloat16_vectors.h>
#include <taper/core/kernels/isa/gemm.h>
#include <taper/core/kernels/isa/transpose.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

// Vectors of sums in a tile: with B's and a value of A's they fill the registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kSums = 24;
#elif defined(__AVX2__)
constexpr int kSums = 12;
#else
constexpr int kSums = 8;
#endif
constexpr int kVectors = 2;      // in the columns of a tile, ...
constexpr int kWide = 4;         // ... of one whose B is not packed, and ...
constexpr int kMostVectors = 8;  // ... of one of few rows
constexpr int kRows = kSums / kVectors;
// The most rows of a tile of N vectors; 8 sums hide the latency of one.
template <int N>
constexpr int kRowsOf = N > 1 ? kSums / N : (kRows > 8 ? kRows : 8);

template <class T>
struct Tile {
  int64_t k;
  int64_t copied;    // of k, after the others: rows of B beyond whose end there is not a tile's width to be read, ...
  const void* copy;  // ... in a copy where there is
  const T* a;
  int64_t a_row, a_col;
  const void* b;  // elements of T or of uint16_t, the bits of bfloat16
  int64_t b_row, b_col;
  T* c;
  int64_t c_row, c_col;
  const T* add;  // to the sums; null: nothing
  int64_t add_row, add_col;
  int64_t first, last;  // the columns that are stored; those before are another tile's
  T alpha;
  bool relu;
};

#if defined(__AVX512F__)
// The same as write() for fewer values than a vector has.
inline void store_first(float* c, const float* from, int64_t n, const float* add) {
  const auto mask = static_cast<__mmask16>((1 << n) - 1);
  __m512 sum = _mm512_maskz_loadu_ps(mask, from);
  if (add) sum += _mm512_maskz_loadu_ps(mask, add);
  _mm512_mask_storeu_ps(c, mask, sum);
}
inline void store_first(double* c, const double* from, int64_t n, const double* add) {
  const auto mask = static_cast<__mmask8>((1 << n) - 1);
  __m512d sum = _mm512_maskz_loadu_pd(mask, from);
  if (add) sum += _mm512_maskz_loadu_pd(mask, add);
  _mm512_mask_storeu_pd(c, mask, sum);
}
#endif

// c = from + add, or c = from where there is nothing to add, for n values
template <class T, class S, int W = kVectorLanes<T>>
void write(T* c, const S* from, int64_t n, const T* add = nullptr) {
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    const Vector<T, W> sum = widen<T, W>(from + i);
    store<W, T>(c + i, add ? sum + load<T, W>(add + i) : sum);
  }
#if defined(__AVX512F__)
  if constexpr (__is_same(S, T)) {
    if (i < n) store_first(c + i, from + i, n - i, add ? add + i : nullptr);
    return;
  }
#endif
  if constexpr (W * sizeof(T) > 16) {
    write<T, S, W / 2>(c + i, from + i, n - i, add ? add + i : nullptr);
  } else {
    for (; i < n; ++i) c[i] = add ? widen<T, 1>(from + i) + add[i] : widen<T, 1>(from + i);
  }
}

// Stores a tile's sums, [R, width], where they are not whole rows of C.
template <class T>
void store_sums(const Tile<T>& t, int rows, int width, const T* sums) {
  const auto add_at = [&](int64_t i, int64_t j) { return t.add ? t.add + i * t.add_row + j * t.add_col : nullptr; };
  if (t.c_col == 1 && t.add_col == 1) {
    for (int r = 0; r < rows; ++r) {
      write(t.c + r * t.c_row + t.first, sums + r * width + t.first, t.last - t.first, add_at(r, t.first));
    }
    return;
  }
  // C's rows are columns of the tile.
  constexpr int W = kVectorLanes<T>;
  for (int64_t j = t.first / W * W; j < t.last; j += W) {
    for (int r = 0; r < rows; r += W) {
      const int filled = rows - r < W ? rows - r : W;
      if (t.c_row != 1 || t.add_row != 1 || filled == 1) {
        for (int i = r; i < r + filled; ++i) {
          for (int64_t l = j < t.first ? t.first : j; l < j + W && l < t.last; ++l) {
            write(t.c + i * t.c_row + l * t.c_col, sums + i * width + l, 1, add_at(i, l));
          }
        }
        continue;
      }
      Vector<T> block[W];
      for (int i = 0; i < W; ++i) block[i] = load(sums + (r + (i < filled ? i : 0)) * width + j);
      transpose_block<T>(block);
      T columns[W][W];
      __builtin_memcpy(columns, block, sizeof columns);
      for (int64_t l = j < t.first ? t.first : j; l < j + W && l < t.last; ++l) {
        write(t.c + r + l * t.c_col, columns[l - j], filled, add_at(r, l));
      }
    }
  }
}

template <class T>
__attribute__((noinline)) void store_edge(const Tile<T>& t, int rows, int width, const T* sums) {
  store_sums(t, rows, width, sums);
  if (!t.relu) return;
  for (int r = 0; r < rows; ++r) {
    for (int64_t j = t.first; j < t.last; ++j) {
      T& c = t.c[r * t.c_row + j * t.c_col];
      c = c < T(0) ? T(0) : c;
    }
  }
}

// Inline, so that the sums stay in registers.
template <class T, int R, int N>
__attribute__((always_inline)) inline void store_tile(const Tile<T>& t, Vector<T> (&sum)[R][N]) {
  constexpr int W = kVectorLanes<T>;
  if (t.alpha != T(1)) {  // a step of its own, lest some compiler fuse it with the addition to C
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] *= t.alpha;
    }
  }
  if (t.c_col != 1 || t.add_col != 1 || t.first != 0 || t.last != N * W) {
    T sums[R][N * W];
    __builtin_memcpy(sums, sum, sizeof sums);
    return store_edge(t, R, N * W, sums[0]);
  }
  T* const c = t.c;
  const int64_t c_row = t.c_row;
  if (t.add) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] += load(t.add + r * t.add_row + n * W);
    }
  }
  if (t.relu) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] = sum[r][n] < Vector<T>{} ? Vector<T>{} : sum[r][n];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) store<W, T>(c + r * c_row + n * W, sum[r][n]);
  }
}

// With a_col = 1 (kAlongK) or a_row = 1, and b_col = 1. B has elements of S.
template <class T, class S, int R, int N, bool kAlongK>
void tile(const Tile<T>& t) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  V sum[R][N] = {};
  const T* a = t.a;
  const S* b = static_cast<const S*>(t.b);
  const int64_t a_step = kAlongK ? t.a_row : t.a_col, b_step = t.b_row;
  if (t.k >= 64 && t.c_col == 1) {  // which is then there in time
    for (int r = 0; r < R; ++r) __builtin_prefetch(t.c + r * t.c_row + 8, 1);
  }
  const auto add_products = [&](int64_t steps) __attribute__((always_inline)) {
    for (int64_t p = steps; p > 0; --p) {
      V v[N];
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) v[n] = widen<T>(b + n * W);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const T x = kAlongK ? a[r * a_step] : a[r];
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) sum[r][n] += x * v[n];
      }
      a += kAlongK ? 1 : a_step;
      b += b_step;
    }
  };
  add_products(t.k);
  if constexpr (N <= kVectors) {
    if (t.copied > 0) {
      b = static_cast<const S*>(t.copy);
      add_products(t.copied);
    }
  }
  store_tile(t, sum);
}

// A block of k, as long as a vector: adds to the sums of one vector of columns of B, which lie along k (b_row = 1).
template <class T, class S, int R, bool kFew>
__attribute__((always_inline)) inline void add_dots(const Tile<T>& t, const T* a, const S* b, Vector<T> (&sum)[R]) {
  constexpr int W = kVectorLanes<T>;
  Vector<T> row[W];
#pragma GCC unroll 16
  for (int l = 0; l < W; ++l) row[l] = widen<T>(b + (kFew && l >= t.last ? t.last - 1 : l) * t.b_col);
  transpose_block<T>(row);
#pragma GCC unroll 16
  for (int q = 0; q < W; ++q) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) sum[r] += a[r * t.a_row + q * t.a_col] * row[q];
  }
}
// A tile where B's columns lie along k: blocks of B are transposed on the way. kFew: there are fewer columns than a
// vector has lanes, and the last stands in for others.
template <class T, class S, int R, int N, bool kFew = false>
void dots(const Tile<T>& t) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  V sum[N][R] = {};
  const T* a = t.a;
  const S* b = static_cast<const S*>(t.b);
  constexpr int kLine = 64 / static_cast<int>(sizeof(S));  // else rows at bad distances lose it between two blocks
  int64_t p = 0;
  for (; p + kLine <= t.k; p += kLine, a += kLine * t.a_col, b += kLine) {
    for (int n = 0; n < N; ++n) {
      for (int s = 0; s < kLine; s += W) add_dots<T, S, R, kFew>(t, a + s * t.a_col, b + n * W * t.b_col + s, sum[n]);
    }
  }
  for (; p + W <= t.k; p += W, a += W * t.a_col, b += W) {
    for (int n = 0; n < N; ++n) add_dots<T, S, R, kFew>(t, a, b + n * W * t.b_col, sum[n]);
  }
  for (; p < t.k; ++p, a += t.a_col, ++b) {
    for (int n = 0; n < N; ++n) {
      T v[W];
      for (int l = 0; l < W; ++l) v[l] = widen<T, 1>(b + (kFew && l >= t.last ? t.last - 1 : n * W + l) * t.b_col);
      for (int r = 0; r < R; ++r) sum[n][r] += a[r * t.a_row] * load(v);
    }
  }
  V rows[R][N];
  for (int n = 0; n < N; ++n) {
    for (int r = 0; r < R; ++r) rows[r][n] = sum[n][r];
  }
  store_tile(t, rows);
}

template <class T>
using TileFunction = void (*)(const Tile<T>&);

template <class T, class S, int N, bool kAlongK, int... R>
TileFunction<T> tile_of(int64_t rows, Indices<R...>) {
  static constexpr TileFunction<T> kTiles[] = {tile<T, S, R + 1, N, kAlongK>...};
  return kTiles[rows - 1];
}
template <class T, class S, int N>
TileFunction<T> tile_of(int64_t rows, bool along_k) {
  using Rows = typename MakeIndices<kRowsOf<N>>::type;
  return along_k ? tile_of<T, S, N, true>(rows, Rows()) : tile_of<T, S, N, false>(rows, Rows());
}
template <class T, class S>
TileFunction<T> tile_of(int64_t rows, int64_t vectors, bool along_k) {
  return vectors == 8   ? tile_of<T, S, 8>(rows, along_k)
         : vectors == 4 ? tile_of<T, S, 4>(rows, along_k)
         : vectors == 2 ? tile_of<T, S, 2>(rows, along_k)
                        : tile_of<T, S, 1>(rows, along_k);
}

template <class T, class S>
TileFunction<T> dots_of(int64_t rows, int64_t vectors, bool few) {
  static_assert(kGemmDots == 3 && kVectors == 2);
  if (few) return rows == 1 ? dots<T, S, 1, 1, true> : rows == 2 ? dots<T, S, 2, 1, true> : dots<T, S, 3, 1, true>;
  if (rows == 1) return vectors == 2 ? dots<T, S, 1, 2> : dots<T, S, 1, 1>;
  if (rows == 2) return vectors == 2 ? dots<T, S, 2, 2> : dots<T, S, 2, 1>;
  return vectors == 2 ? dots<T, S, 3, 2> : dots<T, S, 3, 1>;
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
