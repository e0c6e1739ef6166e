// Inner loops of softmax over n consecutive values.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

template <class T>
struct SoftmaxLoops {
  // y = exp(x - max x) / sum exp(x - max x)
  void (*softmax)(T* y, const T* x, int64_t n);
  // y = x - max x - ln sum exp(x - max x)
  void (*log_softmax)(T* y, const T* x, int64_t n);
  // dx = y (dy - sum dy y)
  void (*softmax_backward)(T* dx, const T* dy, const T* y, int64_t n);
  // dx = dy - exp(y) sum dy
  void (*log_softmax_backward)(T* dx, const T* dy, const T* y, int64_t n);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(SoftmaxLoops)
