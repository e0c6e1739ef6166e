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

template <class T>
double squares(const T* x, int64_t n, double center) {
  double lane[kFolded] = {};
  int64_t i = 0;
  for (; i + kFolded <= n; i += kFolded) {
    for (int l = 0; l < kFolded; ++l) {
      const double t = static_cast<double>(x[i + l]) - center;
      lane[l] += t * t;
    }
  }
  for (int l = 0; i < n; ++i, ++l) {
    const double t = static_cast<double>(x[i]) - center;
    lane[l] += t * t;
  }
  Folded sums;
  sums.add(lane);
  return sums.total();
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
                                squares<T>,
                                squares_rows<T>,
                                max_or_min<true, T>,
                                max_or_min<false, T>,
                                max_or_min_rows<true, T>,
                                max_or_min_rows<false, T>,
                                sum_of_products<T>};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(ReduceLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
