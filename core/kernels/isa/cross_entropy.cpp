#include <taper/core/kernels/isa/cross_entropy.h>
#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// Values between passes, in the nearest cache. Rows are often short (10 classes): as many as fit are done together, so
// that exp runs over all of their values in whole vectors.
constexpr int64_t kPart = 512;

template <class T>
void subtract(const T* x, int64_t n, T best, T* y) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = x[i] - best;
}
template <class T>
void exp_in_place(T* y, int64_t n) {
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = exp_of(y[i]);
}

template <class T>
void sum_exp(const T* x, int64_t R, int64_t C, T* max, double* sum) {
  T e[kPart];
  const int64_t together = C < kPart ? kPart / C : 1;
  for (int64_t r = 0; r < R; r += together, x += together * C) {
    const int64_t rows = R - r < together ? R - r : together;
    for (int64_t k = 0; k < rows; ++k) {
      max[r + k] = max_or_min<true>(x + k * C, C);
      sum[r + k] = 0;
    }
    const int64_t part = C < kPart ? C : kPart;  // shorter than a row only where rows are done one by one
    for (int64_t from = 0; from < C; from += part) {
      const int64_t n = C - from < part ? C - from : part;
      for (int64_t k = 0; k < rows; ++k) subtract(x + k * C + from, n, max[r + k], e + k * n);
      exp_in_place(e, rows * n);
      for (int64_t k = 0; k < rows; ++k) sum[r + k] += sum_of(e + k * n, n);
    }
  }
}

template <class T>
void scaled_exp(const T* x, int64_t R, int64_t C, const T* max, const T* scale, T* y) {
  const int64_t together = C < kPart ? kPart / C : 1;
  for (int64_t r = 0; r < R; r += together) {
    const int64_t rows = R - r < together ? R - r : together;
    T* const part = y + r * C;
    for (int64_t k = 0; k < rows; ++k) subtract(x + (r + k) * C, C, max[r + k], part + k * C);
    exp_in_place(part, rows * C);
    for (int64_t k = 0; k < rows; ++k) {
      const T s = scale[r + k];
      T* const row = part + k * C;
      // a row that does not count is 0, whatever it holds
      for (int64_t c = 0; c < C; ++c) row[c] = s == 0 ? 0 : row[c] * s;
    }
  }
}

template <class T>
constexpr CrossEntropyLoops<T> kLoops{sum_exp, scaled_exp};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(CrossEntropyLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
