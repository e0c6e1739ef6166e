// Products on register tiles: kVectors vectors of positions for up to kRows channels (the output), two vectors of
// channels for up to kTaps pairs of input channel and tap (the weight's gradient). The other operand is one value at a
// time. The order of additions for one result does not depend on the tile it is in.
#include <taper/core/kernels/isa/conv.h>
#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kRows = 8, kVectors = 3, kTaps = 12;  // 24 sums in 32 registers
#else
constexpr int kRows = 4, kVectors = 3, kTaps = 6;  // 12 sums in 16 registers
#endif
constexpr int kPanel = 2;  // vectors of channels in a panel of dy

// to[i] = from[i] + b for n values, in vectors of W or fewer; the last one overlaps the one before, so that rows of any
// length take few steps.
template <class T, int W = kVectorLanes<T>>
void add_row(T* to, const T* from, int64_t n, T b) {
  const auto step = [&](int64_t i) { store<W, T>(to + i, load<T, W>(from + i) + b); };
  if (n >= W) {
    for (int64_t i = 0; i + W < n; i += W) step(i);
    step(n - W);
  } else if constexpr (W > 2) {
    add_row<T, W / 2>(to, from, n, b);
  } else if (n == 1) {
    to[0] = from[0] + b;
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
  T* to = p.planes;
  for (int64_t c = 0; c < p.C; ++c) {
    const T* const image = p.x + c * p.row.input * p.column.input;
    for (int64_t a = 0; a < p.row.phases; ++a) {
      for (int64_t b = 0; b < p.column.phases; ++b) {
        // Columns [first, last) of the plane lie within the image.
        const int64_t x0 = p.column.start + p.column.phase[b], step = p.column.step;
        int64_t first = x0 < 0 ? (-x0 + step - 1) / step : 0,
                last = x0 < p.column.input ? (p.column.input - 1 - x0) / step + 1 : 0;
        if (first > p.column.count) first = p.column.count;
        if (last > p.column.count) last = p.column.count;
        if (last < first) last = first;
        for (int64_t j = 0; j < p.row.count; ++j, to += p.column.count) {
          const int64_t y = p.row.start + j * p.row.step + p.row.phase[a];
          if (y < 0 || y >= p.row.input) {
            clear_row(to, p.column.count);
            continue;
          }
          const T* const from = image + y * p.column.input + x0;
          clear_row(to, first);
          if (step == 1) {
            add_row(to + first, from + first, last - first, T(-0.0));  // which changes nothing
          } else {
            for (int64_t i = first; i < last; ++i) to[i] = from[i * step];
          }
          clear_row(to + last, p.column.count - last);
        }
      }
    }
  }
}

template <class T, int M, int N>
void output_tile(const ConvProduct<T>& p, const T* w, const T* x, T* out) {
  using V = Vector<T>;
  constexpr int kWidth = kVectorLanes<T>;
  V sum[M][N] = {};
  for (int64_t c = 0; c < p.C; ++c, x += p.plane) {
    for (int64_t t = 0; t < p.taps; ++t, w += M) {
      const T* const from = x + p.offset[t];
      V v[N];
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) v[n] = load(from + n * kWidth);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) sum[m][n] += w[m] * v[n];
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) store<kWidth, T>(out + m * p.P + n * kWidth, sum[m][n]);
  }
}

// The tiles of N vectors from position `at` on, channels from k on, in panels of M and then of fewer.
template <class T, int N, int M = kRows>
void output_column(const ConvProduct<T>& p, int64_t at, int64_t k = 0) {
  for (; p.K - k >= M; k += M) output_tile<T, M, N>(p, p.w + k * p.C * p.taps, p.x + at, p.out + k * p.P + at);
  if constexpr (M > 1) {
    if (k < p.K) output_column<T, N, M / 2>(p, at, k);
  }
}

template <class T>
void multiply(const ConvProduct<T>& p) {
  constexpr int kWidth = kVectorLanes<T>;
  int64_t at = 0;
  for (; p.P - at >= kVectors * kWidth; at += kVectors * kWidth) output_column<T, kVectors>(p, at);
  if (p.P - at == 2 * kWidth) output_column<T, 2>(p, at);
  if (p.P - at == kWidth) output_column<T, 1>(p, at);
}

template <class T>
void store(const ConvStore<T>& p) {
  for (int64_t k = 0; k < p.K; ++k) {
    const T b = p.bias ? p.bias[k] : T(0);
    const T* from = p.out + k * p.P;
    T* to = p.y + k * p.y_channel;
    if (p.y_column == 1 && p.y_row == p.columns && p.Wq == p.columns) {
      add_row(to, from, p.rows * p.columns, b);
      continue;
    }
    for (int64_t v = 0; v < p.rows; ++v, from += p.Wq, to += p.y_row) {
      if (p.y_column == 1) {
        add_row(to, from, p.columns, b);
      } else {
        for (int64_t u = 0; u < p.columns; ++u) to[u * p.y_column] = from[u] + b;
      }
    }
  }
}

template <class T>
void transpose(int64_t K, int64_t P, const T* x, int64_t ldx, T* panels) {
  constexpr int kWidth = kVectorLanes<T>;
  using V = Vector<T>;
  for (int64_t k = 0; k < K;) {
    const int64_t m = K - k > kWidth ? kPanel * kWidth : kWidth;
    for (int64_t j = 0; j < m; j += kWidth, k += kWidth) {
      const T* const from = x + k * ldx;
      T* const to = panels + j;
      const int64_t filled = K - k < kWidth ? K - k : kWidth;
      int64_t p = 0;
      for (; filled == kWidth && p + kWidth <= P; p += kWidth) {
        V row[kWidth];
#pragma GCC unroll 16
        for (int i = 0; i < kWidth; ++i) row[i] = load(from + i * ldx + p);
        transpose_block<T>(row);
#pragma GCC unroll 16
        for (int i = 0; i < kWidth; ++i) __builtin_memcpy(to + (p + i) * m, &row[i], sizeof(V));
      }
      for (; p < P; ++p) {
        for (int64_t i = 0; i < filled; ++i) to[p * m + i] = from[i * ldx + p];
        for (int64_t i = filled; i < kWidth; ++i) to[p * m + i] = 0;
      }
    }
    panels += P * m;
  }
}

// Pairs (c, t) number q, q + 1, ...: M of them, and N vectors of channels.
template <class T, int M, int N>
void weight_tile(const ConvWeightProduct<T>& p, int64_t q, const T* dy, T* dw) {
  using V = Vector<T>;
  constexpr int kWidth = kVectorLanes<T>;
  const T* x[M];
  for (int m = 0; m < M; ++m) x[m] = p.x + (q + m) / p.taps * p.plane + p.offset[(q + m) % p.taps];
  V sum[M][N] = {};
  for (int64_t v = 0; v < p.rows; ++v) {
    for (int64_t u = v * p.Wq, end = u + p.columns; u < end; ++u, dy += N * kWidth) {
      V g[N];
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) g[n] = load(dy + n * kWidth);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        const T value = x[m][u];
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) sum[m][n] += value * g[n];
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
      T* const to = dw + (q + m) * p.K + n * kWidth;
      store<kWidth, T>(to, sum[m][n] + load(to));
    }
  }
}

// The pairs from q on, in tiles of M and then of fewer.
template <class T, int N, int M = kTaps>
void weight_panel(const ConvWeightProduct<T>& p, const T* dy, T* dw, int64_t q = 0) {
  for (; p.C * p.taps - q >= M; q += M) weight_tile<T, M, N>(p, q, dy, dw);
  if constexpr (M > 1) weight_panel<T, N, (M > 3 ? M - 3 : 1)>(p, dy, dw, q);
}

template <class T>
void multiply_weight(const ConvWeightProduct<T>& p) {
  constexpr int kWidth = kVectorLanes<T>;
  const T* dy = p.dy;
  int64_t k = 0;
  for (; p.K - k >= kPanel * kWidth; k += kPanel * kWidth) {
    weight_panel<T, kPanel>(p, dy, p.dw + k);
    dy += p.rows * p.columns * kPanel * kWidth;
  }
  if (k < p.K) weight_panel<T, 1>(p, dy, p.dw + k);
}

template <class T>
constexpr ConvLoops<T> kLoops{kVectorLanes<T>, kRows,     kPanel* kVectorLanes<T>, pack, multiply,
                              store,           transpose, multiply_weight};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(ConvLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
