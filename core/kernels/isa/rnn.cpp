#include <taper/core/kernels/isa/math.h>
#include <taper/core/kernels/isa/rnn.h>

namespace taper::kernels::TAPER_ISA {
namespace {

template <class T>
void tanh_step(int64_t n, T* gates, const T* gh, T* h) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) h[i] = gates[i] = tanh_of(gates[i] + gh[i]);
}
template <class T>
void relu_step(int64_t n, T* gates, const T* gh, T* h) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const T a = gates[i] + gh[i];
    h[i] = gates[i] = a < 0 ? T{0} : a;  // NaN stays
  }
}

template <class T>
void lstm_step(int64_t rows, int64_t H, T* gates, const T* gh, T* c, T* c_before, T* h) {
  for (int64_t r = 0; r < rows; ++r, gates += 4 * H, gh += 4 * H, c += H, c_before += H, h += H) {
    TAPER_VECTORISE for (int64_t j = 0; j < H; ++j) {
      const T i = sigmoid_of(gates[j] + gh[j]), f = sigmoid_of(gates[H + j] + gh[H + j]),
              g = tanh_of(gates[2 * H + j] + gh[2 * H + j]), o = sigmoid_of(gates[3 * H + j] + gh[3 * H + j]);
      const T before = c[j], after = f * before + i * g;
      gates[j] = i;
      gates[H + j] = f;
      gates[2 * H + j] = g;
      gates[3 * H + j] = o;
      c_before[j] = before;
      c[j] = after;
      h[j] = o * tanh_of(after);
    }
  }
}

template <class T>
void gru_step(int64_t rows, int64_t H, T* gates, const T* gh, T* h) {
  for (int64_t row = 0; row < rows; ++row, gates += 4 * H, gh += 3 * H, h += H) {
    TAPER_VECTORISE for (int64_t j = 0; j < H; ++j) {
      const T r = sigmoid_of(gates[j] + gh[j]), z = sigmoid_of(gates[H + j] + gh[H + j]), hn = gh[2 * H + j];
      const T n = tanh_of(gates[2 * H + j] + r * hn);
      gates[j] = r;
      gates[H + j] = z;
      gates[2 * H + j] = n;
      gates[3 * H + j] = hn;
      h[j] = n + z * (h[j] - n);
    }
  }
}

template <class T>
void tanh_backward(int64_t n, const T* dh, const T* gates, T* da) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) da[i] = dh[i] * (1 - gates[i] * gates[i]);
}
template <class T>
void relu_backward(int64_t n, const T* dh, const T* gates, T* da) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) da[i] = gates[i] > 0 ? dh[i] : T{0};
}

template <class T>
void lstm_backward(int64_t rows, int64_t H, const T* dh, const T* gates, const T* c_before, T* dc, T* da, T* h) {
  for (int64_t r = 0; r < rows; ++r, gates += 4 * H, da += 4 * H, dh += H, c_before += H, dc += H) {
    TAPER_VECTORISE for (int64_t j = 0; j < H; ++j) {
      const T i = gates[j], f = gates[H + j], g = gates[2 * H + j], o = gates[3 * H + j];
      const T t = tanh_of(f * c_before[j] + i * g);
      const T dcell = dc[j] + dh[j] * o * (1 - t * t);
      da[j] = dcell * g * i * (1 - i);
      da[H + j] = dcell * c_before[j] * f * (1 - f);
      da[2 * H + j] = dcell * i * (1 - g * g);
      da[3 * H + j] = dh[j] * t * o * (1 - o);
      dc[j] = dcell * f;
    }
    if (!h) continue;
    TAPER_VECTORISE for (int64_t j = 0; j < H; ++j) {
      h[j] = gates[3 * H + j] * tanh_of(gates[H + j] * c_before[j] + gates[j] * gates[2 * H + j]);
    }
    h += H;
  }
}

template <class T>
void gru_backward(int64_t rows, int64_t H, T* dh, const T* gates, const T* h_before, T* da_x, T* da_h) {
  for (int64_t row = 0; row < rows; ++row, gates += 4 * H, da_x += 3 * H, da_h += 3 * H, dh += H, h_before += H) {
    TAPER_VECTORISE for (int64_t j = 0; j < H; ++j) {
      const T r = gates[j], z = gates[H + j], n = gates[2 * H + j], hn = gates[3 * H + j];
      const T dn = dh[j] * (1 - z) * (1 - n * n), dz = dh[j] * (h_before[j] - n) * z * (1 - z),
              dr = dn * hn * r * (1 - r);
      da_x[j] = da_h[j] = dr;
      da_x[H + j] = da_h[H + j] = dz;
      da_x[2 * H + j] = dn;
      da_h[2 * H + j] = dn * r;
      dh[j] *= z;
    }
  }
}

template <class T>
void add(int64_t rows, int64_t n, const T* x, int64_t ldx, T* y, int64_t ldy) {
  for (int64_t r = 0; r < rows; ++r, x += ldx, y += ldy) {
    TAPER_VECTORISE for (int64_t j = 0; j < n; ++j) y[j] += x[j];
  }
}

template <class T>
constexpr RnnLoops<T> kLoops{tanh_step<T>,     relu_step<T>,     lstm_step<T>,    gru_step<T>, tanh_backward<T>,
                             relu_backward<T>, lstm_backward<T>, gru_backward<T>, add<T>};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(RnnLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
