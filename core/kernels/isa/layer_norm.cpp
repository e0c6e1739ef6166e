// Sums run in lanes whose number does not depend on the instruction set (lanes.h). A row whose deviation is near the
// limits of float is computed in double.
#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/layer_norm.h>

namespace taper::kernels::TAPER_ISA {
namespace {

inline bool is_finite(double x) { return x - x == 0; }

// By the distances from the first value, which are exact where the mean dwarfs the deviation.
template <class T>
double mean_of(const T* x, int64_t n) {
  using L = compute_t<T>;
  const L near = static_cast<L>(x[0]);
  const double sum = sum_terms<L>(
      n, [=](int64_t i) { return static_cast<L>(x[i]) - near; }, [=](int64_t i) { return load(x + i) - near; });
  if (is_finite(sum)) return static_cast<double>(near) + sum / static_cast<double>(n);
  double wide = 0;  // lanes of float may have overflown
  for (int64_t i = 0; i < n; ++i) wide += static_cast<double>(x[i]);
  return wide / static_cast<double>(n);
}

// (x - mean) invstd in L, the mean in two parts: one alone would lose digits of numbers far from 0.
template <class L>
struct Hat {
  L high, low, invstd;
  Hat(double mean, double invstd_) : high(static_cast<L>(mean)), invstd(static_cast<L>(invstd_)) {
    low = static_cast<L>(mean - static_cast<double>(high));
  }
  template <class X>
  X operator()(X x) const {
    return ((x - high) - low) * invstd;
  }
};
inline bool needs_double(double invstd) { return !((invstd >= 1e-15) & (invstd <= 1e15)); }

template <class L, class T>
void normalise(const T* x, int64_t n, const T* weight, const T* bias, Hat<L> hat, T* y) {
  if (weight && bias) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      y[i] = static_cast<T>(hat(static_cast<L>(x[i])) * static_cast<L>(weight[i]) + static_cast<L>(bias[i]));
    }
  } else if (weight) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      y[i] = static_cast<T>(hat(static_cast<L>(x[i])) * static_cast<L>(weight[i]));
    }
  } else if (bias) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      y[i] = static_cast<T>(hat(static_cast<L>(x[i])) + static_cast<L>(bias[i]));
    }
  } else {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(hat(static_cast<L>(x[i])));
  }
}

template <class T>
void forward(const T* x, int64_t rows, int64_t n, const T* weight, const T* bias, double eps, T* y, double* mean,
             double* invstd) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    mean[r] = mean_of(x, n);
    invstd[r] = 1 / __builtin_sqrt(squares_of(x, n, mean[r]) / static_cast<double>(n) + eps);
    if (needs_double(invstd[r])) {
      normalise(x, n, weight, bias, Hat<double>(mean[r], invstd[r]), y);
    } else {
      normalise(x, n, weight, bias, Hat<T>(mean[r], invstd[r]), y);
    }
  }
}

template <class L, class T>
void gradient(const T* dy, const T* x, int64_t n, const T* weight, Hat<L> hat, T* dx) {
  constexpr int W = kVectorLanes<L>;
  double sum = 0, along = 0;  // of g, of g h
  if (weight) {
    sum = sum_terms<L>(
        n, [=](int64_t i) { return static_cast<L>(dy[i]) * static_cast<L>(weight[i]); },
        [=](int64_t i) { return load<L, W>(dy + i) * load<L, W>(weight + i); });
    along = sum_terms<L>(
        n, [=](int64_t i) { return static_cast<L>(dy[i]) * static_cast<L>(weight[i]) * hat(static_cast<L>(x[i])); },
        [=](int64_t i) { return load<L, W>(dy + i) * load<L, W>(weight + i) * hat(load<L, W>(x + i)); });
  } else {
    sum = sum_terms<L>(
        n, [=](int64_t i) { return static_cast<L>(dy[i]); }, [=](int64_t i) { return load<L, W>(dy + i); });
    along = sum_terms<L>(
        n, [=](int64_t i) { return static_cast<L>(dy[i]) * hat(static_cast<L>(x[i])); },
        [=](int64_t i) { return load<L, W>(dy + i) * hat(load<L, W>(x + i)); });
  }
  const L mean = static_cast<L>(sum / static_cast<double>(n)), slope = static_cast<L>(along / static_cast<double>(n));
  if (weight) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      const L g = static_cast<L>(dy[i]) * static_cast<L>(weight[i]);
      dx[i] = static_cast<T>(((g - mean) - hat(static_cast<L>(x[i])) * slope) * hat.invstd);
    }
  } else {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
      dx[i] = static_cast<T>(((static_cast<L>(dy[i]) - mean) - hat(static_cast<L>(x[i])) * slope) * hat.invstd);
    }
  }
}

template <class L, class T>
void add_parameters(const T* dy, const T* x, int64_t n, Hat<L> hat, double* dweight, double* dbias) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const L g = static_cast<L>(dy[i]);
    dweight[i] += static_cast<double>(g * hat(static_cast<L>(x[i])));
    dbias[i] += static_cast<double>(g);
  }
}

template <class T>
void backward(const T* dy, const T* x, int64_t rows, int64_t n, const T* weight, const double* mean,
              const double* invstd, T* dx, double* dweight, double* dbias) {
  const auto row = [&](const T* g, const T* from, auto hat, T* to) {
    if (to) gradient(g, from, n, weight, hat, to);
    if (dweight) add_parameters(g, from, n, hat, dweight, dbias);
  };
  for (int64_t r = 0; r < rows; ++r) {
    T* const to = dx ? dx + r * n : nullptr;
    if (needs_double(invstd[r])) {
      row(dy + r * n, x + r * n, Hat<double>(mean[r], invstd[r]), to);
    } else {
      row(dy + r * n, x + r * n, Hat<T>(mean[r], invstd[r]), to);
    }
  }
}

template <class T>
constexpr LayerNormLoops<T> kLoops{forward<T>, backward<T>};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(LayerNormLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
