// Inner loops of the reductions of float and double. Every loop adds in the same order whatever the instruction set.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// `run` loops reduce x[0, n); n >= 1 for max and min. `rows` loops reduce the columns of a matrix of `rows` rows, `ld`
// apart, into acc[0, cols), which they continue.
template <class T>
struct ReduceLoops {
  double (*sum)(const T* x, int64_t n);
  void (*sum_rows)(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols);
  // sum (x - center)^2
  double (*squares)(const T* x, int64_t n, double center);
  void (*squares_rows)(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols, const double* center);
  // NaN wins.
  T (*max)(const T* x, int64_t n);
  T (*min)(const T* x, int64_t n);
  void (*max_rows)(T* acc, const T* x, int64_t rows, int64_t ld, int64_t cols);
  void (*min_rows)(T* acc, const T* x, int64_t rows, int64_t ld, int64_t cols);
  // sum a b
  double (*dot)(const T* a, const T* b, int64_t n);
  double (*product)(const T* x, int64_t n);
  void (*product_rows)(double* acc, const T* x, int64_t rows, int64_t ld, int64_t cols);
  // y[r] = max, min, sum of x[r n, (r + 1) n) for r < runs: the same as the loops above, made for small n
  void (*max_of_short)(T* y, const T* x, int64_t runs, int64_t n);
  void (*min_of_short)(T* y, const T* x, int64_t runs, int64_t n);
  void (*sum_of_short)(double* y, const T* x, int64_t runs, int64_t n);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(ReduceLoops)
