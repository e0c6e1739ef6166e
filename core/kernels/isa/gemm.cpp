// Matrix products from register tiles (gemm_tiles.h). m, n, k: rows of C, columns of C, what is summed over.
//
// For each block of k and chunk of B's columns: the chunk is packed as panels as wide as a tile, [k, width], small
// enough for the second cache, and all rows of A pass it by, a tile's at a time, which stay in the first cache.
#include <taper/core/kernels/isa/gemm.h>
#include <taper/core/kernels/isa/gemm_tiles.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// to[p, i] = x[i ld + p] for k steps p and `width` rows i, of which there are `rows`: the last stands in for others.
// Writes up to a vector beyond.
template <class T, class S>
void pack_along(const S* x, int64_t ld, int64_t rows, int64_t k, T* to, int64_t width) {
  constexpr int W = kVectorLanes<T>;
  const auto row_at = [&](int64_t i) { return x + (i < rows ? i : rows - 1) * ld; };
  int64_t p = 0;
  for (; p + W <= k; p += W) {
    // From the last block of rows on: what is too much of it is overwritten.
    for (int64_t first = (width - 1) / W * W; first >= 0; first -= W) {
      Vector<T> row[W];
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) row[i] = widen<T>(row_at(first + i) + p);
      transpose_block<T>(row);
#pragma GCC unroll 16
      for (int i = 0; i < W; ++i) __builtin_memcpy(to + (p + i) * width + first, &row[i], sizeof row[i]);
    }
  }
  for (; p < k; ++p) {
    for (int64_t i = 0; i < width; ++i) to[p * width + i] = widen<T, 1>(row_at(i) + p);
  }
}

// to[p, i] = x[p ld + i] for k steps p and `width` columns i, of which there are `columns` to be read: others are 0.
// Writes up to a vector beyond.
template <class T, class S>
void pack_across(const S* x, int64_t ld, int64_t columns, int64_t k, T* to, int64_t width) {
  constexpr int W = kVectorLanes<T>;
  const bool in_vectors = columns >= (width - 1) / W * W + W;
  for (int64_t p = 0; p < k; ++p, x += ld, to += width) {
    if (in_vectors) {
      for (int64_t i = 0; i < width; i += W) store<W, T>(to + i, widen<T>(x + i));
    } else {
      for (int64_t i = 0; i < width; i += W) store<W, T>(to + i, Vector<T>{});
      write(to, x, columns < width ? columns : width);
    }
  }
}

// The same for kPanels panels of `width` columns one after the other, a multiple of a vector: what lies side by side is
// read together.
constexpr int kPanels = 4;
template <class T, class S>
void pack_panels(const S* x, int64_t ld, int64_t k, T* to, int64_t width) {
  constexpr int W = kVectorLanes<T>;
  for (int64_t p = 0; p < k; ++p, x += ld) {
    if (p + 8 < k) {
      for (int64_t i = 0; i < kPanels * width; i += 64 / static_cast<int64_t>(sizeof(S)))
        __builtin_prefetch(x + 8 * ld + i);
    }
    for (int64_t panel = 0; panel < kPanels; ++panel) {
      for (int64_t i = 0; i < width; i += W) {
        store<W, T>(to + (panel * k + p) * width + i, widen<T>(x + panel * width + i));
      }
    }
  }
}

// Four vectors at a time, and the rest as it comes.
template <class T, class S>
void widen_row(T* to, const S* x, int64_t n) {
  constexpr int W = kVectorLanes<T>;
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) store<W, T>(to + i + v * W, widen<T>(x + i + v * W));
  }
  write(to + i, x + i, n - i);
}

// x is a matrix of `rows` x k.
template <class T, class S>
void pack(const S* x, int64_t row, int64_t col, int64_t rows, int64_t k, T* to, int64_t width) {
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
template <class T, class S>
void pack_chunk(const S* b, int64_t row, int64_t col, int64_t j, int64_t end, int64_t k, int64_t widest, T* to) {
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

template <class T, class S>
void multiply(const GemmPiece<T, S>& x) {
  constexpr int W = kVectorLanes<T>;
  const bool packs = !x.b_packed && x.packed_b, packed_b = x.b_packed || packs;
  const bool in_dots = x.b_row == 1 && x.b_col != 1 && !packed_b;
  int64_t widest = kVectors;
  if (!in_dots && !packed_b) {
    widest = kMostVectors;
    while (widest > kVectors && x.m > kSums / widest) widest /= 2;
    if (x.m > kRows && widest < kWide) widest = kWide;  // several tiles below each other: of fewer loads each
  }
  // Rows of B shorter than a tile's, without gaps: vectors reach into the next rows, and into a copy of the last ones.
  const bool narrow = !in_dots && !packed_b && x.n < kVectors * W && x.b_row == x.n;
  while (widest > 1 && (packed_b || narrow ? widest / 2 * W >= x.n : widest * W > x.n)) widest /= 2;
  const int64_t most = in_dots ? kGemmDots : widest > 1 ? kSums / widest : kRowsOf<1>;
  const int64_t chunk = packs ? x.chunk : x.packed_a || packed_b ? x.n : widest * W;
  const int64_t in_place = narrow ? x.k - (widest * W - 1) / x.n : x.k;
  S copy[2 * kVectors * W] = {};

  const auto tile_for = [in_dots, packed_b, few = x.n < W](int64_t rows, int64_t vectors, bool along_k) {
    if (in_dots) return dots_of<T, S>(rows, vectors, few);
    return packed_b ? tile_of<T, T>(rows, vectors, along_k) : tile_of<T, S>(rows, vectors, along_k);
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
    if (t.copied > 0) {
      __builtin_memcpy(copy, x.b + (p + t.k) * x.n, sizeof(S) * static_cast<unsigned long>(t.copied * x.n));
    }
    const bool first_block = p == 0;
    const T* const add = first_block ? x.add : x.c;
    t.add_row = first_block ? x.add_row : x.c_row;
    t.add_col = first_block ? x.add_col : x.c_col;
    t.relu = x.relu && p + k == x.k;
    const void* const b = x.b;
    const T* const panels = x.b_packed ? static_cast<const T*>(b) + p * x.b_row + k * x.b_col : x.packed_b;
    for (int64_t j0 = 0; j0 < x.n; j0 += chunk) {
      const int64_t end = x.n - j0 < chunk ? x.n : j0 + chunk;
      if (packs) pack_chunk(x.b + p * x.b_row, x.b_row, x.b_col, j0, end, k, widest, x.packed_b);
      for (int64_t i = 0; i < x.m;) {
        const int64_t rows = next_rows(x.m - i, most);
        const S* const a = x.a + i * x.a_row + p * x.a_col;
        if constexpr (__is_same(S, T)) t.a = a;
        t.a_row = x.a_row;
        t.a_col = x.a_col;
        if (x.packed_a && x.keep_a && x.a_col == 1) {
          T* const to = x.packed_a + (x.n > x.chunk ? i * k : 0);
          for (int64_t r = 0; j0 == 0 && r < rows; ++r) widen_row(to + r * k, a + r * x.a_row, k);
          t.a = to;
          t.a_row = k;
        } else if (x.packed_a && x.keep_a) {
          if (j0 == 0 && i == 0) {
            const bool gaps = x.a_col != x.m;
            for (int64_t q = 0; gaps && q < k; ++q) widen_row(x.packed_a + q * x.m, a + q * x.a_col, x.m);
            if (!gaps) widen_row(x.packed_a, a, k * x.m);
          }
          t.a = x.packed_a + i;
          t.a_col = x.m;
        } else if (x.packed_a) {
          T* const to = x.packed_a + (x.n > x.chunk ? i * k : 0);
          if (j0 == 0) pack(a, x.a_row, x.a_col, x.a_col == 1 ? rows : x.m - i, k, to, rows);
          t.a = to;
          t.a_row = 1;
          t.a_col = rows;
        }
        const bool along_k = t.a_row != 1 && t.a_col == 1;
        const TileFunction<T> whole_tile = tile_for(rows, widest, along_k);
        const T* packed = panels;
        for (int64_t j = j0; j < end;) {
          const bool whole = end - j >= widest * W;
          const Columns at = whole ? Columns{j, widest, 0, widest * W} : next_columns<T>(j, end, widest);
          t.b = packed ? static_cast<const void*>(packed) : x.b + p * x.b_row + at.from * x.b_col;
          t.b_row = packed ? at.vectors * W : x.b_row;
          t.c = x.c + i * x.c_row + at.from * x.c_col;
          t.add = add ? add + i * t.add_row + at.from * t.add_col : nullptr;
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

template <class T, class S>
void pack_matrix(const S* b, int64_t row, int64_t col, int64_t n, int64_t k, int64_t block, T* to, int64_t step) {
  const int64_t widest = n > kVectorLanes<T> ? kVectors : 1;
  for (int64_t p = 0; p < k; p += block) {
    pack_chunk(b + p * row, row, col, 0, n, k - p < block ? k - p : block, widest, to + p * step);
  }
}

template <class T, class S = T>
constexpr GemmLoops<T, S> kLoops{kVectorLanes<T>, kRows,      kVectors* kVectorLanes<T>, kRowsOf<1>, kVectorLanes<T>,
                                 multiply,        pack_matrix};
template <class T>
constexpr WideningGemmLoops<T> kWideningLoops = kLoops<T, uint16_t>;

}  // namespace

TAPER_DEFINE_TABLE(float, Float, GemmLoops, kLoops)
TAPER_DEFINE_TABLE(double, Double, GemmLoops, kLoops)
TAPER_DEFINE_TABLE(float, Float, WideningGemmLoops, kWideningLoops)

}  // namespace taper::kernels::TAPER_ISA
