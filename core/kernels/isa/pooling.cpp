// 2 x 2: a step takes the L windows at output j: 2 L values of both rows, whose even and odd columns are parted in
// registers.
#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/pooling.h>
#include <taper/core/kernels/isa/transpose.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// The widest step: a vector register of input.
template <class T>
constexpr int kWindows = kVectorLanes<T> / 2;

// Indices<0, 1, ..., N - 1>
template <int N>
using UpTo = typename MakeIndices<N>::type;

// The even and the odd ones of the 2 L values at p.
template <class T, int L>
struct Columns {
  Vector<T, L> even, odd;
  explicit Columns(const T* p) : Columns(load<T, 2 * L>(p), UpTo<L>()) {}

 private:
  template <int... I>
  Columns(Vector<T, 2 * L> v, Indices<I...>)
      : even(__builtin_shufflevector(v, v, (2 * I)...)), odd(__builtin_shufflevector(v, v, (2 * I + 1)...)) {}
};

// p = even[0], odd[0], even[1], odd[1], ...
template <int L, class T, int... I>
void store_columns(T* p, Vector<T, L> even, Vector<T, L> odd, Indices<I...>) {
  store<2 * L, T>(p, __builtin_shufflevector(even, odd, (I / 2 + I % 2 * L)...));
}

// ---- the steps: of L windows, and of one ----------------------------------------------------------------------------

template <class T>
struct MaxStep {
  const T *above, *below;
  T* y;
  uint8_t* code;

  template <int L>
  void many(int64_t j) const {
    const Columns<T, L> a(above + 2 * j), b(below + 2 * j);
    const auto a1 = (a.odd > a.even) | (a.odd != a.odd), b1 = (b.odd > b.even) | (b.odd != b.odd);
    const Vector<T, L> top = a1 ? a.odd : a.even, bottom = b1 ? b.odd : b.even;
    const auto is_below = (bottom > top) | (bottom != bottom);
    store<L, T>(y + j, is_below ? bottom : top);
    if (code) store<L, uint8_t>(code + j, __builtin_convertvector(is_below ? 2 - b1 : -a1, Vector<uint8_t, L>));
  }
  void one(int64_t j) const {
    const T *a = above + 2 * j, *b = below + 2 * j;
    const bool a1 = a[1] > a[0] || a[1] != a[1], b1 = b[1] > b[0] || b[1] != b[1];
    const T top = a[a1], bottom = b[b1];
    const bool is_below = bottom > top || bottom != bottom;
    y[j] = is_below ? bottom : top;
    if (code) code[j] = static_cast<uint8_t>(is_below ? 2 + b1 : a1);
  }
};

template <class T>
struct MaxBackwardStep {
  const T* dy;
  const uint8_t* code;
  T *above, *below;

  template <int L>
  void many(int64_t j) const {
    const Vector<T, L> g = load<T, L>(dy + j), zero{};
    const auto at = __builtin_convertvector(load<uint8_t, L>(code + j), decltype(g == zero));
    store_columns<L>(above + 2 * j, at == 0 ? g : zero, at == 1 ? g : zero, UpTo<2 * L>());
    store_columns<L>(below + 2 * j, at == 2 ? g : zero, at == 3 ? g : zero, UpTo<2 * L>());
  }
  void one(int64_t j) const {
    for (int k = 0; k < 4; ++k) (k < 2 ? above : below)[2 * j + k % 2] = code[j] == k ? dy[j] : 0;
  }
};

template <class T>
struct MeanStep {
  const T *above, *below;
  T divisor;
  T* y;

  template <int L>
  void many(int64_t j) const {
    const Columns<T, L> a(above + 2 * j), b(below + 2 * j);
    store<L, T>(y + j, ((a.even + a.odd) + (b.even + b.odd)) / divisor);
  }
  void one(int64_t j) const {
    const T *a = above + 2 * j, *b = below + 2 * j;
    y[j] = ((a[0] + a[1]) + (b[0] + b[1])) / divisor;
  }
};

template <class T>
struct MeanBackwardStep {
  const T* dy;
  T divisor;
  T *above, *below;

  template <int L>
  void many(int64_t j) const {
    const Vector<T, L> g = load<T, L>(dy + j) / divisor;
    store_columns<L>(above + 2 * j, g, g, UpTo<2 * L>());
    store_columns<L>(below + 2 * j, g, g, UpTo<2 * L>());
  }
  void one(int64_t j) const { above[2 * j] = above[2 * j + 1] = below[2 * j] = below[2 * j + 1] = dy[j] / divisor; }
};

// All n windows of a row. The last step may overlap the one before, which computes some windows twice, to the same
// bits; rows shorter than a step take narrower ones.
template <int L, class Step>
void along_row(const Step& step, int64_t n) {
  if constexpr (L == 1) {
    for (int64_t j = 0; j < n; ++j) step.one(j);
  } else if (n >= L) {
    for (int64_t j = 0; j + L <= n; j += L) step.template many<L>(j);
    if (n % L) step.template many<L>(n - L);
  } else {
    along_row<L / 2>(step, n);
  }
}

// ---- the loops ------------------------------------------------------------------------------------------------------

template <class T>
void max(const T* x, int64_t rows, int64_t W, T* y, uint8_t* code) {
  const int64_t n = W / 2;
  for (int64_t r = 0; r < rows; ++r, x += 2 * W, y += n) {
    along_row<kWindows<T>>(MaxStep<T>{x, x + W, y, code}, n);
    if (code) code += n;
  }
}

template <class T>
void clear_last_column(int64_t W, T* dx) {
  if (W % 2) dx[W - 1] = dx[2 * W - 1] = 0;
}

template <class T>
void max_backward(const T* dy, const uint8_t* code, int64_t rows, int64_t W, T* dx) {
  const int64_t n = W / 2;
  for (int64_t r = 0; r < rows; ++r, dy += n, code += n, dx += 2 * W) {
    along_row<kWindows<T>>(MaxBackwardStep<T>{dy, code, dx, dx + W}, n);
    clear_last_column(W, dx);
  }
}

template <class T>
void mean(const T* x, int64_t rows, int64_t W, T divisor, T* y) {
  const int64_t n = W / 2;
  for (int64_t r = 0; r < rows; ++r, x += 2 * W, y += n) along_row<kWindows<T>>(MeanStep<T>{x, x + W, divisor, y}, n);
}

template <class T>
void mean_backward(const T* dy, int64_t rows, int64_t W, T divisor, T* dx) {
  const int64_t n = W / 2;
  for (int64_t r = 0; r < rows; ++r, dy += n, dx += 2 * W) {
    along_row<kWindows<T>>(MeanBackwardStep<T>{dy, divisor, dx, dx + W}, n);
    clear_last_column(W, dx);
  }
}

template <class T>
void mean_of_rows(const T* x, int64_t rows, int64_t n, double divisor, T* y) {
  for (int64_t r = 0; r < rows; ++r, x += n) y[r] = static_cast<T>(sum_of(x, n) / divisor);
}

// With a stride known to the compiler it loads whole vectors.
struct AnyStride {
  int64_t stride;
  constexpr int64_t operator()() const { return stride; }
};
template <int kStride>
struct KnownStride {
  constexpr int64_t operator()() const { return kStride; }
};
// f(k, j, n, from, stride) for each tap k: its outputs are [j, j + n), and from[i stride()] is the input of j + i.
template <class T, class F>
void each_tap(const T* x, int64_t stride, const PoolTap* tap, int64_t taps, const F& f) {
  const auto with = [&](auto step) {
    for (int64_t k = 0; k < taps; ++k) {
      const int64_t j = tap[k].begin;
      f(k, j, tap[k].end - j, x + tap[k].offset + j * stride, step);
    }
  };
  if (stride == 1) return with(KnownStride<1>());
  if (stride == 2) return with(KnownStride<2>());
  with(AnyStride{stride});
}

template <bool kCodes, class T, class Stride>
void max_tap(const T* x, Stride stride, int64_t n, T c, T* best, T* code) {
  TAPER_VECTORISE for (int64_t j = 0; j < n; ++j) {
    const T v = x[j * stride()];
    const bool take = (v > best[j]) | (v != v);
    best[j] = take ? v : best[j];
    if constexpr (kCodes) code[j] = take ? c : code[j];
  }
}

template <class T>
void max_taps(const T* x, int64_t stride, const PoolTap* tap, int64_t taps, int64_t first_code, T* best, T* code) {
  each_tap(x, stride, tap, taps, [&](int64_t k, int64_t j, int64_t n, const T* from, auto step) {
    if (code) {
      max_tap<true>(from, step, n, static_cast<T>(first_code + k), best + j, code + j);
    } else {
      max_tap<false>(from, step, n, T(0), best + j, code);
    }
  });
}

template <class T>
void sum_taps(const T* x, int64_t stride, const PoolTap* tap, int64_t taps, double* sum) {
  each_tap(x, stride, tap, taps, [&](int64_t, int64_t j, int64_t n, const T* from, auto step) {
    double* const to = sum + j;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) to[i] += static_cast<double>(from[i * step()]);
  });
}

template <class T>
constexpr PoolingLoops<T> kLoops{max, max_backward, mean, mean_backward, mean_of_rows, max_taps, sum_taps};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(PoolingLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
