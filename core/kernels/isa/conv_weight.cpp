// Products on register tiles: two vectors of output channels for up to kTaps pairs of input channel and tap, whose values
// come one at a time.
#include <taper/core/kernels/isa/conv_weight.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kTaps = 12;  // 24 sums in 32 registers
#else
constexpr int kTaps = 6;  // 12 sums in 16 registers
#endif
constexpr int kPanel = 2;  // vectors of channels in a panel of dy

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
constexpr ConvWeightLoops<T> kLoops{kVectorLanes<T>, transpose, multiply_weight};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(ConvWeightLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
