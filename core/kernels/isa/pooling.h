// The loops of pooling: windows of 2 x 2 side by side, whole planes, and sliding windows one row at a time.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// The k-th position of all windows of a row: x[offset + j stride] of the outputs j in [begin, end), whose k-th position
// is in the input.
struct PoolTap {
  int64_t offset, begin, end;
};

template <class T>
struct PoolingLoops {
  // Windows of 2 x 2: an output row r of n values looks at the input rows 2 r and 2 r + 1 of W values each, of which
  // column 2 n, where there is one, belongs to no window.
  // y [rows, n] = the largest of each window of x [2 rows, W], code [rows, n] its place: 0 1 above 2 3. The first of
  // equal values; NaN is larger than all, and the last NaN. `code` may be null.
  void (*max)(const T* x, int64_t rows, int64_t W, T* y, uint8_t* code);
  // dx [2 rows, W] = dy [rows, n] at the codes, 0 elsewhere
  void (*max_backward)(const T* dy, const uint8_t* code, int64_t rows, int64_t W, T* dx);
  // y = the sum of each window / divisor
  void (*mean)(const T* x, int64_t rows, int64_t W, T divisor, T* y);
  // dx = dy / divisor all over each window
  void (*mean_backward)(const T* dy, int64_t rows, int64_t W, T divisor, T* dx);

  // y [rows] = the sum of each row of x [rows, n] / divisor
  void (*mean_of_rows)(const T* x, int64_t rows, int64_t n, double divisor, T* y);

  // One row of input under one row of windows with `taps` positions each. Where x at tap k is above best[j] or NaN, it
  // becomes best[j], and code[j], unless null, becomes first_code + k. Codes up to 255 are exact in T.
  void (*max_taps)(const T* x, int64_t stride, const PoolTap* tap, int64_t taps, int64_t first_code, T* best, T* code);
  // sum[j] += x at each tap
  void (*sum_taps)(const T* x, int64_t stride, const PoolTap* tap, int64_t taps, double* sum);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(PoolingLoops)
