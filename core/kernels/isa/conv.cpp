// Products on register tiles: up to kVectors vectors of positions for up to kRows channels. The weight is one value at
// a time.
#include <taper/core/kernels/isa/conv.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Vectors of sums in a tile: with x's and a value of w they fill the registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kSums = 24;
#else
constexpr int kSums = 12;
#endif
constexpr int kVectors = 3;      // in a tile of many channels
constexpr int kMostRows = 8;     // 8 sums hide the latency of one
constexpr int kMostVectors = 8;  // of one channel

// n values, in vectors of W or fewer; the last one overlaps the one before, so that rows of any length take few steps.
template <class T, int W = kVectorLanes<T>>
void copy_row(T* to, const T* from, int64_t n) {
  const auto step = [&](int64_t i) { store<W, T>(to + i, load<T, W>(from + i)); };
  if (n >= W) {
    for (int64_t i = 0; i + W < n; i += W) step(i);
    step(n - W);
  } else if constexpr (W > 2) {
    copy_row<T, W / 2>(to, from, n);
  } else if (n == 1) {
    to[0] = from[0];
  }
}

// Every second value of two vectors that share one: a's first and then b's second.
template <class V, int... I>
V every_second(V a, V b, Indices<I...>) {
  constexpr int W = sizeof...(I);
  return __builtin_shufflevector(a, b, (2 * I < W ? 2 * I : 2 * I + 1)...);
}
// to[i] = from[2 i], likewise
template <class T, int W = kVectorLanes<T>>
void copy_every_second(T* to, const T* from, int64_t n) {
  const auto step = [&](int64_t i) {
    store<W, T>(to + i, every_second(load<T, W>(from + 2 * i), load<T, W>(from + 2 * i + W - 1),
                                     typename MakeIndices<W>::type()));
  };
  if (n >= W) {
    for (int64_t i = 0; i + W < n; i += W) step(i);
    step(n - W);
  } else if constexpr (W > 2) {
    copy_every_second<T, W / 2>(to, from, n);
  } else if (n == 1) {
    to[0] = from[0];
  }
}

// n zeros, and up to a vector more: what comes after is written later.
template <class T>
void clear_row(T* to, int64_t n) {
  const Vector<T> zero = {};
  for (int64_t i = 0; i < n; i += kVectorLanes<T>) {
    __builtin_memcpy(to + i, &zero, sizeof zero);
    __asm__("" ::: "memory");  // or the loop becomes a call of memset, which costs more than the one or two steps
  }
}

template <class T>
void pack(const ConvPack<T>& p) {
  const int64_t step = p.column.step, count = p.column.count;
  T* plane = p.planes;
  for (int64_t c = 0; c < p.C; ++c) {
    const T* const image = p.x + c * p.row.input * p.column.input;
    for (int64_t a = 0; a < p.row.phases; ++a) {
      for (int64_t b = 0; b < p.column.phases; ++b, plane += p.plane) {
        // Columns [first, last) of the plane lie within the image.
        const int64_t x0 = p.column.start + p.column.phase[b];
        const int64_t before = x0 < 0 ? (-x0 + step - 1) / step : 0, first = before < count ? before : count;
        const int64_t end = x0 < p.column.input ? (p.column.input - 1 - x0) / step + 1 : 0;
        const int64_t last = end > count ? count : end < first ? first : end;
        T* to = plane;
        if (step == 1 && count == p.column.input && p.row.step == 1 && first < last) {
          // Rows lie as they do in the image: all at once, and what has come from the neighbouring row cleared.
          const int64_t y0 = p.row.start + p.row.phase[a], rows = p.row.count;
          const int64_t top = y0 < 0 ? (-y0 < rows ? -y0 : rows) : 0;
          const int64_t inside = p.row.input - y0 < rows ? p.row.input - y0 : rows,
                        bottom = inside > top ? inside : top;
          for (int64_t j = 0; j < top; ++j) clear_row(to + j * count, count);
          if (bottom > top) {
            copy_row(to + top * count + first, image + (y0 + top) * count + x0 + first,
                     (bottom - top - 1) * count + last - first);
          }
          for (int64_t j = top; j < bottom; ++j) {
            for (int64_t i = 0; i < first; ++i) to[j * count + i] = 0;
            for (int64_t i = last; i < count; ++i) to[j * count + i] = 0;
          }
          for (int64_t j = bottom; j < rows; ++j) clear_row(to + j * count, count);
          continue;
        }
        for (int64_t j = 0; j < p.row.count; ++j, to += count) {
          const int64_t y = p.row.start + j * p.row.step + p.row.phase[a];
          if (y < 0 || y >= p.row.input) {
            clear_row(to, count);
            continue;
          }
          const T* const from = image + y * p.column.input + x0;
          clear_row(to, first);
          if (step == 1) {
            copy_row(to + first, from + first, last - first);
          } else if (step == 2) {
            copy_every_second(to + first, from + 2 * first, last - first);
          } else {
            for (int64_t i = first; i < last; ++i) to[i] = from[i * step];
          }
          clear_row(to + last, count - last);
        }
      }
    }
  }
}

template <class T>
struct Tile {
  int64_t steps;
  const T* w;
  int64_t w_row;
  const T* x;
  const int64_t* offset;
  T* out;
  int64_t out_row;
  const T* bias;
  int64_t x_vector, out_vector;  // from a vector to the next
  int first, last;               // the positions of each vector that are stored
  bool add;
};

// Stores parts of the vectors of a tile's sums, [rows, vectors].
template <class T>
__attribute__((noinline)) void store_part(const Tile<T>& t, int rows, int vectors, const T* sums) {
  for (int r = 0; r < rows; ++r) {
    for (int n = 0; n < vectors; ++n, sums += kVectorLanes<T>) {
      T* const out = t.out + r * t.out_row + n * t.out_vector;
      for (int i = t.first; i < t.last; ++i) {
        const T y = t.add ? sums[i] + out[i] : sums[i];
        out[i] = t.bias ? y + t.bias[r] : y;
      }
    }
  }
}

template <class T, int R, int N>
void output_tile(const Tile<T>& t) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  V sum[R][N] = {};
  const T* w = t.w;
  const int64_t w_row = t.w_row, x_vector = t.x_vector, out_vector = t.out_vector;
  for (int64_t q = 0; q < t.steps; ++q, ++w) {
    const T* const from = t.x + t.offset[q];
    V v[N];
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) v[n] = load(from + n * x_vector);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const T factor = w[r * w_row];
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] += factor * v[n];
    }
  }
  if (t.first != 0 || t.last != W) {
    T sums[R][N][W];
    __builtin_memcpy(sums, sum, sizeof sums);
    return store_part(t, R, N, sums[0][0]);
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    T* const out = t.out + r * t.out_row;
    if (t.add) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] += load(out + n * out_vector);
    }
    if (t.bias) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[r][n] += t.bias[r];
    }
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) store<W, T>(out + n * out_vector, sum[r][n]);
  }
}

template <class T>
using TileFunction = void (*)(const Tile<T>&);

template <class T, int N, int R = 1>
TileFunction<T> tile_of(int64_t rows) {
  if constexpr (R < kMostRows && (R + 1) * N <= kSums) {
    if (rows > R) return tile_of<T, N, R + 1>(rows);
  }
  return output_tile<T, R, N>;
}
template <class T, int N = 1>
TileFunction<T> tile_of(int64_t rows, int64_t vectors) {
  if constexpr (N < kMostVectors) {
    if (vectors > N) return tile_of<T, N + 1>(rows, vectors);
  }
  return tile_of<T, N>(rows);
}

int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// The channels of the next tile of those that are left: no tile is much smaller than the others.
int64_t next_rows(int64_t left, int64_t most) { return left >= 2 * most ? most : left > most ? (left + 1) / 2 : left; }

template <class T, int N>
void copy_panel(const ConvProduct<T>& p, const T* x) {
  constexpr int W = kVectorLanes<T>;
  T* to = p.panel;
  for (int64_t q = 0; q < p.steps; ++q, to += kVectors * W) {
    const T* const from = x + p.offset[q];
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) store<W, T>(to + n * W, load(from + n * W));
  }
}

// The vectors from x and out on, for all channels; positions from `first` to `last` are stored.
template <class T>
void column(const ConvProduct<T>& p, const T* w, const T* x, T* out, int64_t vectors, int64_t first, int64_t last) {
  constexpr int W = kVectorLanes<T>;
  const bool by_rows = p.runs > 1;
  Tile<T> t{p.steps,
            w,
            p.w_row,
            x,
            p.offset,
            out,
            p.out_row,
            p.bias,
            by_rows ? p.x_run : W,
            by_rows ? p.out_run : W,
            static_cast<int>(first),
            static_cast<int>(last),
            p.add};
  if (p.panel) {
    static_assert(kVectors == 3);
    vectors == 3 ? copy_panel<T, 3>(p, x) : vectors == 2 ? copy_panel<T, 2>(p, x) : copy_panel<T, 1>(p, x);
    t.x = p.panel;
    t.offset = p.panel_offset;
  }
  const int64_t most = smaller(kMostRows, kSums / vectors);
  for (int64_t k = 0; k < p.K;) {
    const int64_t rows = next_rows(p.K - k, most);
    tile_of<T>(rows, vectors)(t);
    t.w += rows * t.w_row;
    t.out += rows * t.out_row;
    if (t.bias) t.bias += rows;
    k += rows;
  }
}

template <class T>
void multiply(const ConvProduct<T>& p) {
  constexpr int W = kVectorLanes<T>;
  const int64_t widest = p.K >= kSums / kVectors ? kVectors : smaller(kMostVectors, kSums / p.K);
  for (int64_t i = 0; i < p.images; ++i) {
    const T* const w = p.w + i * p.w_image;
    for (int64_t v = 0; v < p.runs; v += widest) {  // a vector of each of several runs, or several vectors of one
      const T* const x = p.x + i * p.x_image + v * p.x_run;
      T* const out = p.out + i * p.out_image + v * p.out_run;
      const int64_t rows = smaller(widest, p.runs - v);
      int64_t at = 0;
      for (int64_t vectors = 1; p.length - at >= W; at += vectors * W) {
        if (p.runs == 1) vectors = smaller(widest, (p.length - at) / W);
        column(p, w, x + at, out + at, p.runs == 1 ? vectors : rows, 0, W);
      }
      const int64_t left = p.length - at;
      if (left == 0) continue;
      // A last vector that reaches back to values that are stored already may store them again, the same, ...
      const int64_t back = p.length >= W && (p.exact || !p.add) ? W - left : 0;
      column(p, w, x + at - back, out + at - back, rows, p.add ? back : 0, back + left);
    }
  }
}

template <class T>
void store(const ConvStore<T>& p) {
  const T* from = p.out;
  for (int64_t k = 0; k < p.K; ++k) {
    T* to = p.y + k * p.y_channel;
    for (int64_t v = 0; v < p.rows; ++v, from += p.columns, to += p.y_row) {
      if (p.y_column == 1) {
        copy_row(to, from, p.columns);
      } else {
        for (int64_t u = 0; u < p.columns; ++u) to[u * p.y_column] = from[u];
      }
    }
  }
}

template <class T>
constexpr ConvLoops<T> kLoops{kVectorLanes<T>, kVectors* kVectorLanes<T>, pack, multiply, store};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(ConvLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
