// Products on register tiles: kVectors vectors of positions for up to kRows channels (the output), two vectors of
// channels for up to kTaps pairs of input channel and tap (the weight's gradient). The other operand is one value at a
// time. The order of additions for one result does not depend on the tile it is in.
#include <taper/core/kernels/isa/conv.h>
#include <taper/core/kernels/isa/lanes.h>

namespace taper::kernels::TAPER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kRows = 8, kVectors = 3, kTaps = 12;  // 24 sums in 32 registers
#else
constexpr int kRows = 4, kVectors = 3, kTaps = 6;  // 12 sums in 16 registers
#endif
constexpr int kPanel = 2;  // vectors of channels in a panel of dy

template <class T>
void pack(const ConvPack<T>& p) {
  T* to = p.planes;
  for (int64_t c = 0; c < p.C; ++c) {
    const T* const image = p.x + c * p.H * p.W;
    for (int64_t a = 0; a < p.row_phases; ++a) {
      for (int64_t b = 0; b < p.column_phases; ++b) {
        // Columns [first, last) of the plane lie within the image.
        const int64_t x0 = p.column0 + p.column_phase[b], step = p.column_step;
        int64_t first = x0 < 0 ? (-x0 + step - 1) / step : 0, last = x0 < p.W ? (p.W - 1 - x0) / step + 1 : 0;
        if (first > p.columns) first = p.columns;
        if (last > p.columns) last = p.columns;
        if (last < first) last = first;
        for (int64_t j = 0; j < p.rows; ++j, to += p.columns) {
          const int64_t y = p.row0 + j * p.row_step + p.row_phase[a];
          if (y < 0 || y >= p.H) {
            for (int64_t i = 0; i < p.columns; ++i) to[i] = 0;
            continue;
          }
          const T* const from = image + y * p.W + x0;
          for (int64_t i = 0; i < first; ++i) to[i] = 0;
          if (step == 1) {
            TAPER_VECTORISE for (int64_t i = first; i < last; ++i) to[i] = from[i];
          } else {
            for (int64_t i = first; i < last; ++i) to[i] = from[i * step];
          }
          for (int64_t i = last; i < p.columns; ++i) to[i] = 0;
        }
      }
    }
  }
}

template <class T, int M, int N>
void output_tile(const ConvProduct<T>& p, const T* w, const T* x, T* out) {
  using V = typename Vector<T>::type;
  constexpr int kWidth = Vector<T>::kLanes;
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
    for (int n = 0; n < N; ++n) __builtin_memcpy(out + m * p.P + n * kWidth, &sum[m][n], sizeof(V));
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
  constexpr int kWidth = Vector<T>::kLanes;
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
      TAPER_VECTORISE for (int64_t i = 0; i < p.rows * p.columns; ++i) to[i] = from[i] + b;
      continue;
    }
    for (int64_t v = 0; v < p.rows; ++v, from += p.Wq, to += p.y_row) {
      if (p.y_column == 1) {
        TAPER_VECTORISE for (int64_t u = 0; u < p.columns; ++u) to[u] = from[u] + b;
      } else {
        for (int64_t u = 0; u < p.columns; ++u) to[u * p.y_column] = from[u] + b;
      }
    }
  }
}

template <class T>
void transpose(int64_t K, int64_t P, const T* x, int64_t ldx, T* panels) {
  constexpr int kWidth = Vector<T>::kLanes;
  for (int64_t k = 0; k < K;) {
    const int64_t m = K - k > kWidth ? kPanel * kWidth : kWidth, filled = K - k < m ? K - k : m;
    for (int64_t j = 0; j < P; j += 8) {
      const int64_t end = j + 8 < P ? j + 8 : P;
      for (int64_t i = 0; i < filled; ++i) {
        const T* const from = x + (k + i) * ldx;
        for (int64_t l = j; l < end; ++l) panels[l * m + i] = from[l];
      }
      for (int64_t l = j; l < end; ++l) {
        for (int64_t i = filled; i < m; ++i) panels[l * m + i] = 0;
      }
    }
    panels += P * m;
    k += m;
  }
}

// Pairs (c, t) number q, q + 1, ...: M of them, and N vectors of channels.
template <class T, int M, int N>
void weight_tile(const ConvWeightProduct<T>& p, int64_t q, const T* dy, T* dw) {
  using V = typename Vector<T>::type;
  constexpr int kWidth = Vector<T>::kLanes;
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
      sum[m][n] += load(to);
      __builtin_memcpy(to, &sum[m][n], sizeof(V));
    }
  }
}

template <class T, int N>
void weight_panel(const ConvWeightProduct<T>& p, const T* dy, T* dw) {
  int64_t q = 0;
  const int64_t size = p.C * p.taps;
  for (; size - q >= kTaps; q += kTaps) weight_tile<T, kTaps, N>(p, q, dy, dw);
  if constexpr (kTaps > 9) {
    for (; size - q >= 9; q += 9) weight_tile<T, 9, N>(p, q, dy, dw);
  }
  if constexpr (kTaps > 6) {
    for (; size - q >= 6; q += 6) weight_tile<T, 6, N>(p, q, dy, dw);
  }
  for (; size - q >= 3; q += 3) weight_tile<T, 3, N>(p, q, dy, dw);
  for (; q < size; ++q) weight_tile<T, 1, N>(p, q, dy, dw);
}

template <class T>
void multiply_weight(const ConvWeightProduct<T>& p) {
  constexpr int kWidth = Vector<T>::kLanes;
  const T* dy = p.dy;
  int64_t k = 0;
  for (; p.K - k >= kPanel * kWidth; k += kPanel * kWidth) {
    weight_panel<T, kPanel>(p, dy, p.dw + k);
    dy += p.rows * p.columns * kPanel * kWidth;
  }
  if (k < p.K) weight_panel<T, 1>(p, dy, p.dw + k);
}

}  // namespace

extern const ConvLoops<float> conv_f32{
    Vector<float>::kLanes, kRows, kPanel* Vector<float>::kLanes, pack, multiply, store, transpose, multiply_weight};
extern const ConvLoops<double> conv_f64{
    Vector<double>::kLanes, kRows, kPanel* Vector<double>::kLanes, pack, multiply, store, transpose, multiply_weight};

}  // namespace taper::kernels::TAPER_ISA
