#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/reduce.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Eight rows are added in T, as a tree, before they join the double.
template <class T>
void sum_rows(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols) {
  for (; rows >= 8; rows -= 8, x += 8 * ld) {
    const T *a = x, *b = a + ld, *c = b + ld, *d = c + ld, *e = d + ld, *f = e + ld, *g = f + ld, *h = g + ld;
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) {
      acc[j] += static_cast<double>(((a[j] + b[j]) + (c[j] + d[j])) + ((e[j] + f[j]) + (g[j] + h[j])));
    }
  }
  for (; rows > 0; --rows, x += ld) {
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) acc[j] += static_cast<double>(x[j]);
  }
}

// Lane l takes x[l], x[l + 16], ...
template <class T>
double product(const T* x, int64_t n) {
  if (n < kFolded) {
    double few = 1;
    for (int64_t i = 0; i < n; ++i) few *= static_cast<double>(x[i]);
    return few;
  }
  Folded factors;
  double lane[kFolded];
  for (double& f : lane) f = 1;
  __builtin_memcpy(factors.d, lane, sizeof lane);
  int64_t i = 0;
  for (; i + kFolded <= n; i += kFolded) {
    for (int v = 0; v < Folded::kVectors; ++v) {
      factors.d[v] *= load<double, Folded::kWidth>(x + i + v * Folded::kWidth);
    }
  }
  __builtin_memcpy(lane, factors.d, sizeof lane);
  for (int l = 0; i < n; ++i, ++l) lane[l] *= static_cast<double>(x[i]);
  for (int step = kFolded / 2; step > 0; step /= 2) {
    for (int l = 0; l < step; ++l) lane[l] *= lane[l + step];
  }
  return lane[0];
}

template <class T>
void product_rows(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r, x += ld) {
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) acc[j] *= static_cast<double>(x[j]);
  }
}

// ---- short runs: y[r] of x[r n, (r + 1) n) --------------------------------------------------------------------------

template <bool kMax, int N, class T>
void max_or_min_of_each(T* y, const T* x, int64_t runs) {
  TAPER_VECTORISE for (int64_t r = 0; r < runs; ++r) {
    T best = x[r * N];
    for (int i = 1; i < N; ++i) best = better<kMax>(x[r * N + i], best);
    y[r] = best;
  }
}
template <bool kMax, class T>
void max_or_min_of_short(T* y, const T* x, int64_t runs, int64_t n) {
  switch (n) {
    case 2: return max_or_min_of_each<kMax, 2>(y, x, runs);
    case 3: return max_or_min_of_each<kMax, 3>(y, x, runs);
    case 4: return max_or_min_of_each<kMax, 4>(y, x, runs);
    case 8: return max_or_min_of_each<kMax, 8>(y, x, runs);
    default:
      for (int64_t r = 0; r < runs; ++r, x += n) y[r] = max_or_min<kMax>(x, n);
  }
}

// As sum_of adds few: the even ones and the odd ones.
template <int N, class T>
void sum_of_each(double* y, const T* x, int64_t runs) {
  TAPER_VECTORISE for (int64_t r = 0; r < runs; ++r) {
    double even = 0, odd = 0;
    for (int i = 0; i + 1 < N; i += 2) {
      even += static_cast<double>(x[r * N + i]);
      odd += static_cast<double>(x[r * N + i + 1]);
    }
    y[r] = N % 2 == 1 ? even + odd + static_cast<double>(x[r * N + N - 1]) : even + odd;
  }
}
template <class T>
void sum_of_short(double* y, const T* x, int64_t runs, int64_t n) {
  switch (n) {
    case 2: return sum_of_each<2>(y, x, runs);
    case 3: return sum_of_each<3>(y, x, runs);
    case 4: return sum_of_each<4>(y, x, runs);
    case 8: return sum_of_each<8>(y, x, runs);
    default:
      for (int64_t r = 0; r < runs; ++r, x += n) y[r] = sum_of(x, n);
  }
}

template <class T>
void squares_rows(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols, const double* center) {
  for (int64_t r = 0; r < rows; ++r, x += ld) {
    TAPER_VECTORISE for (int64_t j = 0; j < cols; ++j) {
      const double t = static_cast<double>(x[j]) - center[j];
      acc[j] += t * t;
    }
  }
}

template <bool kMax, class T>
void max_or_min_rows(T* acc, const T* x, int64_t rows, int64_t ld, int64_t cols) {
  constexpr int kWidth = kVectorLanes<T>, kStep = 4 * kWidth;
  int64_t j = 0;
  for (; j + kStep <= cols; j += kStep) {
    Vector<T> best[4];
    __builtin_memcpy(best, acc + j, sizeof best);
    for (int64_t r = 0; r < rows; ++r) {
      for (int v = 0; v < 4; ++v) best[v] = better<kMax>(load(x + r * ld + j + v * kWidth), best[v]);
    }
    __builtin_memcpy(acc + j, best, sizeof best);
  }
  for (; j < cols; ++j) {
    for (int64_t r = 0; r < rows; ++r) acc[j] = better<kMax>(x[r * ld + j], acc[j]);
  }
}

template <class T>
constexpr ReduceLoops<T> kLoops{sum_of<T>,
                                sum_rows<T>,
                                squares_of<T>,
                                squares_rows<T>,
                                max_or_min<true, T>,
                                max_or_min<false, T>,
                                max_or_min_rows<true, T>,
                                max_or_min_rows<false, T>,
                                sum_of_products<T>,
                                product<T>,
                                product_rows<T>,
                                max_or_min_of_short<true, T>,
                                max_or_min_of_short<false, T>,
                                sum_of_short<T>};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(ReduceLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
