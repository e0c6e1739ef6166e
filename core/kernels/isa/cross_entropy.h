// Inner loops of softmax cross-entropy over the rows of an [R, C] array.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

template <class T>
struct CrossEntropyLoops {
  // max[r] = max_c x[r, c], sum[r] = sum_c exp(x[r, c] - max[r]); NaN in a row makes both NaN
  void (*sum_exp)(const T* x, int64_t R, int64_t C, T* max, double* sum);
  // y[r, c] = exp(x[r, c] - max[r]) scale[r]; 0 where scale[r] is 0
  void (*scaled_exp)(const T* x, int64_t R, int64_t C, const T* max, const T* scale, T* y);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(CrossEntropyLoops)
