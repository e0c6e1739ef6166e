#include <taper/core/kernels/isa/transpose.h>
#include <taper/core/kernels/isa/winograd.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// B^T d
template <class V>
__attribute__((always_inline)) inline void transform_input(const V (&d)[4], V (&t)[4]) {
  t[0] = d[0] - d[2];
  t[1] = d[1] + d[2];
  t[2] = d[2] - d[1];
  t[3] = d[1] - d[3];
}

template <class T>
void input(const WinogradInput<T>& p) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  for (int64_t c = 0; c < p.C; ++c) {
    for (int64_t i = 0; i < p.rows; ++i) {
      for (int64_t j = 0; j < p.columns; j += W) {
        const T* const x = p.x + c * p.x_channel + 2 * i * p.x_row + j;
        V down[4][4];  // [column, row]
#pragma GCC unroll 4
        for (int s = 0; s < 4; ++s) {
          V d[4];
#pragma GCC unroll 4
          for (int r = 0; r < 4; ++r) d[r] = load(x + p.offset[s] + r * p.x_row);
          transform_input(d, down[s]);
        }
        T* const v = p.v + c * p.v_channel + i * p.columns + j;
#pragma GCC unroll 4
        for (int r = 0; r < 4; ++r) {
          const V row[4] = {down[0][r], down[1][r], down[2][r], down[3][r]};
          V t[4];
          transform_input(row, t);
#pragma GCC unroll 4
          for (int s = 0; s < 4; ++s) store<W, T>(v + (4 * r + s) * p.v_point, t[s]);
        }
      }
    }
  }
}

// The values of a and b by turns: the first half of them, or the second.
template <class V, int... I>
V interleave(V a, V b, int, Indices<I...>) {
  constexpr int W = sizeof...(I);
  return __builtin_shufflevector(a, b, (I / 2 + I % 2 * W)...);
}
template <class V, int... I>
V interleave_rest(V a, V b, Indices<I...>) {
  constexpr int W = sizeof...(I);
  return __builtin_shufflevector(a, b, (W / 2 + I / 2 + I % 2 * W)...);
}

template <class T>
void output(const WinogradOutput<T>& p) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  using Lanes = typename MakeIndices<W>::type;
  for (int64_t k = 0; k < p.K; ++k) {
    for (int64_t i = 0; i < p.rows; ++i) {
      for (int64_t j = 0; j < p.columns; j += W) {
        const T* const m = p.m + k * p.m_channel + i * p.columns + j;
        V down[4][2];  // [column, row]
#pragma GCC unroll 4
        for (int s = 0; s < 4; ++s) {
          const V m0 = load(m + s * p.m_point), m1 = load(m + (4 + s) * p.m_point), m2 = load(m + (8 + s) * p.m_point),
                  m3 = load(m + (12 + s) * p.m_point);
          down[s][0] = m0 + m1 + m2;
          down[s][1] = m1 - m2 - m3;
        }
        const int64_t left = p.width - 2 * j;
        T* const y = p.y + k * p.y_channel + 2 * i * p.width + 2 * j;
#pragma GCC unroll 2
        for (int r = 0; r < 2; ++r) {
          if (2 * i + r >= p.height) continue;
          V a = down[0][r] + down[1][r] + down[2][r], b = down[1][r] - down[2][r] - down[3][r];
          if (p.bias) {
            a += p.bias[k];
            b += p.bias[k];
          }
          const V first = interleave(a, b, 0, Lanes()), second = interleave_rest(a, b, Lanes());
          if (left >= 2 * W) {
            store<W, T>(y + r * p.width, first);
            store<W, T>(y + r * p.width + W, second);
            continue;
          }
          T values[2 * W];
          store<W, T>(values, first);
          store<W, T>(values + W, second);
          for (int64_t l = 0; l < left; ++l) y[r * p.width + l] = values[l];
        }
      }
    }
  }
}

// G g
template <class V>
__attribute__((always_inline)) inline void transform_weight(const V (&g)[3], V (&t)[4]) {
  const V ends = g[0] + g[2];
  t[0] = g[0];
  t[1] = (ends + g[1]) * V(0.5f);
  t[2] = (ends - g[1]) * V(0.5f);
  t[3] = g[2];
}

template <class T>
void weight(const WinogradWeight<T>& p) {
  constexpr int kRun = 64;
  T taps[9][kRun];
  for (int64_t c0 = 0; c0 < p.C; c0 += kRun) {
    const int64_t n = p.C - c0 < kRun ? p.C - c0 : kRun;
    for (int64_t c = 0; c < n; ++c) {
      for (int t = 0; t < 9; ++t) taps[t][c] = p.w[(c0 + c) * 9 + t];
    }
    T* const u = p.u + c0;
    TAPER_VECTORISE for (int64_t c = 0; c < n; ++c) {
      T down[3][4];  // [column, row]
#pragma GCC unroll 3
      for (int s = 0; s < 3; ++s) {
        const T g[3] = {taps[s][c], taps[3 + s][c], taps[6 + s][c]};
        transform_weight(g, down[s]);
      }
#pragma GCC unroll 4
      for (int r = 0; r < 4; ++r) {
        const T g[3] = {down[0][r], down[1][r], down[2][r]};
        T t[4];
        transform_weight(g, t);
#pragma GCC unroll 4
        for (int s = 0; s < 4; ++s) u[(4 * r + s) * p.u_point + c] = t[s];
      }
    }
  }
}

// A d
template <class V>
__attribute__((always_inline)) inline void transform_gradient(V d0, V d1, V (&t)[4]) {
  t[0] = d0;
  t[1] = d0 + d1;
  t[2] = d0 - d1;
  t[3] = -d1;
}

template <class T>
void gradient(const WinogradGradient<T>& p) {
  using V = Vector<T>;
  constexpr int W = kVectorLanes<T>;
  const T* panel = p.dy;
  for (int64_t k = 0; k < p.K;) {
    const int64_t m = p.K - k > W ? 2 * W : W;
    for (int64_t i = 0; i < p.rows; ++i) {
      for (int64_t j = 0; j < p.columns; ++j) {
        const T* const dy = panel + (2 * i * p.width + 2 * j) * m;
        T* const d = p.d + k * p.tiles + (p.first + i * p.columns + j) * m;
        const bool right = 2 * j + 1 < p.width, below = 2 * i + 1 < p.height;
        for (int64_t l = 0; l < m; l += W) {
          const V zero = {};
          V down[2][4];  // [column, row]
          transform_gradient(load(dy + l), below ? load(dy + p.width * m + l) : zero, down[0]);
          transform_gradient(right ? load(dy + m + l) : zero, right && below ? load(dy + (p.width + 1) * m + l) : zero,
                             down[1]);
#pragma GCC unroll 4
          for (int r = 0; r < 4; ++r) {
            V t[4];
            transform_gradient(down[0][r], down[1][r], t);
#pragma GCC unroll 4
            for (int s = 0; s < 4; ++s) store<W, T>(d + (4 * r + s) * p.d_point + l, t[s]);
          }
        }
      }
    }
    panel += p.height * p.width * m;
    k += m;
  }
}

// G^T u
template <class V>
__attribute__((always_inline)) inline void transform_weight_gradient(const V (&u)[4], V (&t)[3]) {
  const V sum = (u[1] + u[2]) * V(0.5f);
  t[0] = u[0] + sum;
  t[1] = (u[1] - u[2]) * V(0.5f);
  t[2] = u[3] + sum;
}

template <class T>
void weight_gradient(const WinogradWeightGradient<T>& p) {
  constexpr int kRun = 16;
  T taps[9][kRun];
  for (int64_t c = 0; c < p.C; ++c) {
    for (int64_t k0 = 0; k0 < p.K; k0 += kRun) {
      const int64_t n = p.K - k0 < kRun ? p.K - k0 : kRun;
      const T* const du = p.du + c * p.du_channel + k0;
      TAPER_VECTORISE for (int64_t k = 0; k < n; ++k) {
        T down[4][3];  // [column, row]
#pragma GCC unroll 4
        for (int s = 0; s < 4; ++s) {
          const T u[4] = {du[s * p.du_point + k], du[(4 + s) * p.du_point + k], du[(8 + s) * p.du_point + k],
                          du[(12 + s) * p.du_point + k]};
          transform_weight_gradient(u, down[s]);
        }
#pragma GCC unroll 3
        for (int r = 0; r < 3; ++r) {
          const T u[4] = {down[0][r], down[1][r], down[2][r], down[3][r]};
          T t[3];
          transform_weight_gradient(u, t);
#pragma GCC unroll 3
          for (int s = 0; s < 3; ++s) taps[3 * r + s][k] = t[s];
        }
      }
      for (int64_t k = 0; k < n; ++k) {
        T* const dw = p.dw + ((k0 + k) * p.C + c) * 9;
        for (int t = 0; t < 9; ++t) dw[t] = taps[t][k];
      }
    }
  }
}

template <class T>
constexpr WinogradLoops<T> kLoops{input, output, weight, gradient, weight_gradient};

}  // namespace

TAPER_DEFINE_TABLE(float, Float, WinogradLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
