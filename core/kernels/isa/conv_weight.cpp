// Products on register tiles: one or two vectors of output channels for several pairs of input channel and tap, whose
// values come one at a time. The pairs are several chains for each value of dy.
#include <taper/core/kernels/isa/conv_weight.h>
#include <taper/core/kernels/isa/math.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Vectors of sums in a tile: with dy's and a value of x they fill the registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kSums = 24;
#else
constexpr int kSums = 12;
#endif
constexpr int kMostPairs = 12;  // in a tile
constexpr int kPanel = 2;       // vectors of channels in a panel of dy

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

// Pairs q, q + 1, ...: M of them, and N vectors of channels.
template <class T, int M, int N>
void weight_tile(const ConvWeightProduct<T>& p, int64_t q, const T* dy, T* dw) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  V sum[M][N] = {};
  for (int64_t i = 0; i < p.images; ++i) {
    const T* x[M];
    for (int m = 0; m < M; ++m) x[m] = p.x + i * p.x_image + p.offset[q + m];
    const T* g = dy + i * p.dy_image;
    for (int64_t v = 0; v < p.rows; ++v) {
      for (int64_t u = v * p.x_row, end = u + p.columns; u < end; ++u, g += N * W) {
        V y[N];
#pragma GCC unroll 16
        for (int n = 0; n < N; ++n) y[n] = load(g + n * W);
#pragma GCC unroll 16
        for (int m = 0; m < M; ++m) {
          const T value = x[m][u];
#pragma GCC unroll 16
          for (int n = 0; n < N; ++n) sum[m][n] += value * y[n];
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
      T* const to = dw + (q + m) * p.K + n * W;
      store<W, T>(to, sum[m][n] + load(to));
    }
  }
}

template <class T, int N, int M = 1>
void weight_tile_of(int64_t rows, const ConvWeightProduct<T>& p, int64_t q, const T* dy, T* dw) {
  if constexpr (M < kMostPairs && (M + 1) * N <= kSums) {
    if (rows > M) return weight_tile_of<T, N, M + 1>(rows, p, q, dy, dw);
  }
  weight_tile<T, M, N>(p, q, dy, dw);
}

// The pairs of the next tile of those that are left: no tile is much smaller than the others.
int64_t next_pairs(int64_t left, int64_t most) { return left >= 2 * most ? most : left > most ? (left + 1) / 2 : left; }

template <class T, int N>
void weight_panel(const ConvWeightProduct<T>& p, const T* dy, T* dw) {
  constexpr int64_t kMost = kSums / N < kMostPairs ? kSums / N : kMostPairs;
  for (int64_t q = 0; q < p.pairs;) {
    const int64_t rows = next_pairs(p.pairs - q, kMost);
    weight_tile_of<T, N>(rows, p, q, dy, dw);
    q += rows;
  }
}

template <class T>
void multiply(const ConvWeightProduct<T>& p) {
  constexpr int W = kVectorLanes<T>;
  const T* dy = p.dy;
  int64_t k = 0;
  for (; p.K - k >= kPanel * W; k += kPanel * W) {
    weight_panel<T, kPanel>(p, dy, p.dw + k);
    dy += p.rows * p.columns * kPanel * W;
  }
  if (k < p.K) weight_panel<T, 1>(p, dy, p.dw + k);
}

// M pairs from q on.
template <class T, int M>
void dots_tile(const ConvWeightDots<T>& p, int64_t q, const T* dy, T* dw) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>, kSumsOf = 64 / static_cast<int>(sizeof(T)), N = kSumsOf / W;
  const T* x[M];
  for (int m = 0; m < M; ++m) x[m] = p.x + p.offset[q + m];
  V sum[M][N] = {};
  int64_t i = 0;
  for (; i + kSumsOf <= p.length; i += kSumsOf) {
    V y[N];
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) y[n] = load(dy + i + n * W);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) sum[m][n] += load(x[m] + i + n * W) * y[n];
    }
  }
  for (int m = 0; m < M; ++m) {
    T s[kSumsOf];
    __builtin_memcpy(s, sum[m], sizeof s);
    for (int half = kSumsOf / 2; half > 0; half /= 2) {
      for (int j = 0; j < half; ++j) s[j] += s[j + half];
    }
    T rest = 0;
    for (int64_t j = i; j < p.length; ++j) rest = multiply_add(x[m][j], dy[j], rest);
    dw[q + m] += s[0] + rest;
  }
}

template <class T>
void dots(const ConvWeightDots<T>& p) {
  constexpr int64_t kMost = 5;
  for (int64_t k = 0; k < p.K; ++k) {
    const T* const dy = p.dy + k * p.dy_row;
    T* const dw = p.dw + k * p.pairs;
    for (int64_t q = 0; q < p.pairs;) {
      const int64_t rows = next_pairs(p.pairs - q, kMost);
      switch (rows) {
        case 1: dots_tile<T, 1>(p, q, dy, dw); break;
        case 2: dots_tile<T, 2>(p, q, dy, dw); break;
        case 3: dots_tile<T, 3>(p, q, dy, dw); break;
        case 4: dots_tile<T, 4>(p, q, dy, dw); break;
        default: dots_tile<T, kMost>(p, q, dy, dw);
      }
      q += rows;
    }
  }
}

template <class T>
constexpr ConvWeightLoops<T> kLoops{kVectorLanes<T>, transpose, multiply, dots};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(ConvWeightLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
