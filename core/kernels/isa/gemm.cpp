// Register tiles of R rows and N vectors of columns: N vectors of B and one value of A at a time. m, n, k: rows of C,
// columns of C, what is summed over.
//
// For each block of k and chunk of B's columns: the chunk is packed as panels as wide as a tile, [k, width], small
// enough for the second cache, and all rows of A pass it by, a tile's at a time, which stay in the first cache.
#include <taper/core/kernels/isa/gemm.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Vectors of sums in a tile: with B's and a value of A's they fill the registers.
#if defined(__AVX512F__)
constexpr int kSums = 24;
#elif defined(__AVX2__)
constexpr int kSums = 12;
#else
constexpr int kSums = 8;
#endif
constexpr int kVectors = 2;      // in the columns of a tile, ...
constexpr int kMostVectors = 8;  // ... of one of few rows
constexpr int kRows = kSums / kVectors;
// The most rows of a tile of N vectors; 8 sums hide the latency of one.
template <int N>
constexpr int kRowsOf = N > 1 ? kSums / N : (kRows > 8 ? kRows : 8);

template <class T>
struct Tile {
  int64_t k;
  int64_t copied;  // of k, after the others: rows of B beyond whose end there is not a tile's width to be read, ...
  const T* copy;   // ... in a copy where there is
  const T* a;
  int64_t a_row, a_col;
  const T* b;
  int64_t b_row, b_col;
  T* c;
  int64_t c_row, c_col;
  int64_t first, last;  // the columns that are stored; those before are another tile's
  T alpha;
  bool add;
};

// c = from, or c += from, for n values
template <class T, int W = kVectorLanes<T>>
void update(T* c, const T* from, int64_t n, bool add) {
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    const Vector<T, W> sum = load<T, W>(from + i);
    store<W, T>(c + i, add ? sum + load<T, W>(c + i) : sum);
  }
  if constexpr (W * sizeof(T) > 16) {
    update<T, W / 2>(c + i, from + i, n - i, add);
  } else {
    for (; i < n; ++i) c[i] = add ? from[i] + c[i] : from[i];
  }
}

// Stores a tile's sums, [R, width], where they are not whole rows of C.
template <class T>
__attribute__((noinline)) void store_sums(const Tile<T>& t, int rows, int width, const T* sums) {
  if (t.c_col == 1) {
    for (int r = 0; r < rows; ++r) {
      update(t.c + r * t.c_row + t.first, sums + r * width + t.first, t.last - t.first, t.add);
    }
    return;
  }
  // C's rows are columns of the tile.
  constexpr int W = kVectorLanes<T>;
  for (int64_t j = t.first / W * W; j < t.last; j += W) {
    for (int r = 0; r < rows; r += W) {
      const int filled = rows - r < W ? rows - r : W;
      if (t.c_row != 1 || filled == 1) {
        for (int i = r; i < r + filled; ++i) {
          for (int64_t l = j < t.first ? t.first : j; l < j + W && l < t.last; ++l) {
            T& c = t.c[i * t.c_row + l * t.c_col];
            c = t.add ? sums[i * width + l] + c : sums[i * width + l];
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
        update(t.c + r + l * t.c_col, columns[l - j], filled, t.add);
      }
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
  if (t.c_col != 1 || t.first != 0 || t.last != N * W) {
    T sums[R][N * W];
    __builtin_memcpy(sums, sum, sizeof sums);
    return store_sums(t, R, N * W, sums[0]);
  }
  T* const c = t.c;
  const int64_t c_row = t.c_row;
  if (t.add) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] += load(c + r * c_row + n * W);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) store<W, T>(c + r * c_row + n * W, sum[r][n]);
  }
}

// With a_col = 1 (kAlongK) or a_row = 1, and b_col = 1.
template <class T, int R, int N, bool kAlongK>
void tile(const Tile<T>& t) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  V sum[R][N] = {};
  const T *a = t.a, *b = t.b;
  const int64_t a_step = kAlongK ? t.a_row : t.a_col, b_step = t.b_row;
  if (t.k >= 64 && t.c_col == 1) {  // which is then there in time
    for (int r = 0; r < R; ++r) __builtin_prefetch(t.c + r * t.c_row + 8, 1);
  }
  const auto add_products = [&](int64_t steps) __attribute__((always_inline)) {
    for (int64_t p = steps; p > 0; --p) {
      V v[N];
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) v[n] = load(b + n * W);
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
      b = t.copy;
      add_products(t.copied);
    }
  }
  store_tile(t, sum);
}

// A block of k, as long as a vector: adds to the sums of one vector of columns of B, which lie along k (b_row = 1).
template <class T, int R, bool kFew>
__attribute__((always_inline)) inline void add_dots(const Tile<T>& t, const T* a, const T* b, Vector<T> (&sum)[R]) {
  constexpr int W = kVectorLanes<T>;
  Vector<T> row[W];
#pragma GCC unroll 16
  for (int l = 0; l < W; ++l) row[l] = load(b + (kFew && l >= t.last ? t.last - 1 : l) * t.b_col);
  transpose_block<T>(row);
#pragma GCC unroll 16
  for (int q = 0; q < W; ++q) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) sum[r] += a[r * t.a_row + q * t.a_col] * row[q];
  }
}
// A tile where B's columns lie along k: blocks of B are transposed on the way. kFew: there are fewer columns than a
// vector has lanes, and the last stands in for others.
template <class T, int R, int N, bool kFew = false>
void dots(const Tile<T>& t) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  V sum[N][R] = {};
  const T *a = t.a, *b = t.b;
  constexpr int kLine = 64 / static_cast<int>(sizeof(T));  // else rows at bad distances lose it between two blocks
  int64_t p = 0;
  for (; p + kLine <= t.k; p += kLine, a += kLine * t.a_col, b += kLine) {
    for (int n = 0; n < N; ++n) {
      for (int s = 0; s < kLine; s += W) add_dots<T, R, kFew>(t, a + s * t.a_col, b + n * W * t.b_col + s, sum[n]);
    }
  }
  for (; p + W <= t.k; p += W, a += W * t.a_col, b += W) {
    for (int n = 0; n < N; ++n) add_dots<T, R, kFew>(t, a, b + n * W * t.b_col, sum[n]);
  }
  for (; p < t.k; ++p, a += t.a_col, ++b) {
    for (int n = 0; n < N; ++n) {
      T v[W];
      for (int l = 0; l < W; ++l) v[l] = b[(kFew && l >= t.last ? t.last - 1 : n * W + l) * t.b_col];
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

template <class T, int N, bool kAlongK, int... R>
TileFunction<T> tile_of(int64_t rows, Indices<R...>) {
  static constexpr TileFunction<T> kTiles[] = {tile<T, R + 1, N, kAlongK>...};
  return kTiles[rows - 1];
}
template <class T, int N>
TileFunction<T> tile_of(int64_t rows, bool along_k) {
  using Rows = typename MakeIndices<kRowsOf<N>>::type;
  return along_k ? tile_of<T, N, true>(rows, Rows()) : tile_of<T, N, false>(rows, Rows());
}
template <class T>
TileFunction<T> tile_of(int64_t rows, int64_t vectors, bool along_k) {
  return vectors == 8   ? tile_of<T, 8>(rows, along_k)
         : vectors == 4 ? tile_of<T, 4>(rows, along_k)
         : vectors == 2 ? tile_of<T, 2>(rows, along_k)
                        : tile_of<T, 1>(rows, along_k);
}

template <class T>
TileFunction<T> dots_of(int64_t rows, int64_t vectors, bool few) {
  static_assert(kGemmDots == 3 && kVectors == 2);
  if (few) return rows == 1 ? dots<T, 1, 1, true> : rows == 2 ? dots<T, 2, 1, true> : dots<T, 3, 1, true>;
  if (rows == 1) return vectors == 2 ? dots<T, 1, 2> : dots<T, 1, 1>;
  if (rows == 2) return vectors == 2 ? dots<T, 2, 2> : dots<T, 2, 1>;
  return vectors == 2 ? dots<T, 3, 2> : dots<T, 3, 1>;
}

// to[p, i] = x[i ld + p] for k steps p and `width` rows i, of which there are `rows`: the last stands in for others.
// Writes up to a vector beyond.
template <class T>
void pack_along(const T* x, int64_t ld, int64_t rows, int64_t k, T* to, int64_t width) {
  constexpr int W = kVectorLanes<T>;
  const auto row_at = [&](int64_t i) { return x + (i < rows ? i : rows - 1) * ld; };
  int64_t p = 0;
  for (; p + W <= k; p += W) {
    // From the last block of rows on: what is too much of it is overwritten.
    for (int64_t first = (width - 1) / W * W; first >= 0; first -= W) {
      Vector<T> row[W];
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) row[i] = load(row_at(first + i) + p);
      transpose_block<T>(row);
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) __builtin_memcpy(to + (p + i) * width + first, &row[i], sizeof row[i]);
    }
  }
  for (; p < k; ++p) {
    for (int64_t i = 0; i < width; ++i) to[p * width + i] = row_at(i)[p];
  }
}

// to[p, i] = x[p ld + i] for k steps p and `width` columns i, of which there are `columns` to be read: others are 0.
// Writes up to a vector beyond.
template <class T>
void pack_across(const T* x, int64_t ld, int64_t columns, int64_t k, T* to, int64_t width) {
  constexpr int W = kVectorLanes<T>;
  const bool in_vectors = columns >= (width - 1) / W * W + W;
  for (int64_t p = 0; p < k; ++p, x += ld, to += width) {
    if (in_vectors) {
      for (int64_t i = 0; i < width; i += W) store<W, T>(to + i, load(x + i));
    } else {
      for (int64_t i = 0; i < width; i += W) store<W, T>(to + i, Vector<T>{});
      update(to, x, columns < width ? columns : width, false);
    }
  }
}

// The same for kPanels panels of `width` columns one after the other, a multiple of a vector: what lies side by side is
// read together.
constexpr int kPanels = 4;
template <class T>
void pack_panels(const T* x, int64_t ld, int64_t k, T* to, int64_t width) {
  constexpr int W = kVectorLanes<T>;
  for (int64_t p = 0; p < k; ++p, x += ld) {
    if (p + 8 < k) {
      for (int64_t i = 0; i < kPanels * width; i += 64 / static_cast<int64_t>(sizeof(T)))
        __builtin_prefetch(x + 8 * ld + i);
    }
    for (int64_t panel = 0; panel < kPanels; ++panel) {
      for (int64_t i = 0; i < width; i += W) store<W, T>(to + (panel * k + p) * width + i, load(x + panel * width + i));
    }
  }
}

// x is a matrix of `rows` x k.
template <class T>
void pack(const T* x, int64_t row, int64_t col, int64_t rows, int64_t k, T* to, int64_t width) {
  if (col == 1) return pack_along(x, row, rows, k, to, width);
  pack_across(x, col, rows, k, to, width);
}

// The rows of the next tile of those that are left: no tile is much smaller than the others.
int64_t next_rows(int64_t left, int64_t most) { return left >= 2 * most ? most : left > most ? (left + 1) / 2 : left; }

// The columns of the next tile, from column j on, and those of them that are stored: [first, last) of its vectors.
struct Columns {
  int64_t from, vectors, first, last;
};

// As many vectors as are left up to `end`; the last ones reach back to columns that are stored already.
template <class T>
Columns next_columns(int64_t j, int64_t end, int64_t widest) {
  constexpr int W = kVectorLanes<T>;
  const int64_t left = end - j;
  int64_t vectors = widest;
  while (vectors > 1 && (vectors / 2 * W >= left || (vectors > kVectors && vectors * W > left))) vectors /= 2;
  const int64_t width = vectors * W, from = left >= width ? j : end > width ? end - width : 0;
  return {from, vectors, j - from, end - from < width ? end - from : width};
}

// The panels of columns [j, end) of k rows of B.
template <class T>
void pack_chunk(const T* b, int64_t row, int64_t col, int64_t j, int64_t end, int64_t k, int64_t widest, T* to) {
  constexpr int W = kVectorLanes<T>;
  for (; col == 1 && end - j >= kPanels * widest * W; j += kPanels * widest * W) {
    pack_panels(b + j, row, k, to, widest * W);
    to += kPanels * widest * W * k;
  }
  while (j < end) {
    const Columns at = next_columns<T>(j, end, widest);
    pack(b + at.from * col, col, row, end - at.from, k, to, at.vectors * W);
    to += at.vectors * W * k;
    j = at.from + at.last;
  }
}

template <class T>
void multiply(const GemmPiece<T>& x) {
  constexpr int W = kVectorLanes<T>;
  const bool in_dots = x.b_row == 1 && x.b_col != 1 && !x.packed_b;
  int64_t widest = kVectors;
  if (!in_dots && !x.packed_b) {
    widest = kMostVectors;
    while (widest > kVectors && x.m > kSums / widest) widest /= 2;
  }
  // Rows of B shorter than a tile's, without gaps: vectors reach into the next rows, and into a copy of the last ones.
  const bool narrow = !in_dots && !x.packed_b && x.n < kVectors * W && x.b_row == x.n;
  while (widest > 1 && (x.packed_b || narrow ? widest / 2 * W >= x.n : widest * W > x.n)) widest /= 2;
  const int64_t most = in_dots ? kGemmDots : widest > 1 ? kSums / widest : kRowsOf<1>;
  const int64_t chunk = x.packed_b ? x.chunk : x.packed_a ? x.n : widest * W;
  const int64_t in_place = narrow ? x.k - (widest * W - 1) / x.n : x.k;
  T copy[2 * kVectors * W] = {};

  const auto tile_for = [in_dots, few = x.n < W](int64_t rows, int64_t vectors, bool along_k) {
    return in_dots ? dots_of<T>(rows, vectors, few) : tile_of<T>(rows, vectors, along_k);
  };

  Tile<T> t;
  t.alpha = x.alpha;
  t.c_row = x.c_row;
  t.c_col = x.c_col;
  t.b_col = x.b_col;
  t.copy = copy;
  for (int64_t p = 0; p < x.k; p += x.block) {
    const int64_t k = x.k - p < x.block ? x.k - p : x.block;
    t.k = in_place - p < k ? (in_place > p ? in_place - p : 0) : k;
    t.copied = k - t.k;
    if (t.copied > 0) update(copy, x.b + (p + t.k) * x.n, t.copied * x.n, false);
    t.add = x.add || p > 0;
    for (int64_t j0 = 0; j0 < x.n; j0 += chunk) {
      const int64_t end = x.n - j0 < chunk ? x.n : j0 + chunk;
      if (x.packed_b) pack_chunk(x.b + p * x.b_row, x.b_row, x.b_col, j0, end, k, widest, x.packed_b);
      for (int64_t i = 0; i < x.m;) {
        const int64_t rows = next_rows(x.m - i, most);
        t.a = x.a + i * x.a_row + p * x.a_col;
        t.a_row = x.a_row;
        t.a_col = x.a_col;
        if (x.packed_a) {
          T* const to = x.packed_a + (x.n > x.chunk ? i * k : 0);
          if (j0 == 0) pack(t.a, x.a_row, x.a_col, x.a_col == 1 ? rows : x.m - i, k, to, rows);
          t.a = to;
          t.a_row = 1;
          t.a_col = rows;
        }
        const bool along_k = t.a_row != 1 && t.a_col == 1;
        const TileFunction<T> whole_tile = tile_for(rows, widest, along_k);
        const T* packed = x.packed_b;
        for (int64_t j = j0; j < end;) {
          const bool whole = end - j >= widest * W;
          const Columns at = whole ? Columns{j, widest, 0, widest * W} : next_columns<T>(j, end, widest);
          t.b = packed ? packed : x.b + p * x.b_row + at.from * x.b_col;
          t.b_row = packed ? at.vectors * W : x.b_row;
          t.c = x.c + i * x.c_row + at.from * x.c_col;
          t.first = at.first;
          t.last = at.last;
          (whole ? whole_tile : tile_for(rows, at.vectors, along_k))(t);
          if (packed) packed += k * at.vectors * W;
          j = at.from + at.last;
        }
        i += rows;
      }
    }
  }
}

template <class T>
constexpr GemmLoops<T> kLoops{kVectorLanes<T>, kRows, kVectors* kVectorLanes<T>, kVectorLanes<T>, multiply};

}  // namespace

TAPER_DEFINE_TABLE(float, Float, GemmLoops, kLoops)
TAPER_DEFINE_TABLE(double, Double, GemmLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
