// Inner loops of softmax: over n consecutive values, or over `cols` columns of a matrix of n rows, `ld` apart.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

constexpr int64_t kSoftmaxColumns = 64;  // at most

template <class T>
struct SoftmaxLoops {
  struct Forward {
    void (*row)(T* y, const T* x, int64_t n);
    void (*columns)(T* y, const T* x, int64_t n, int64_t ld, int64_t cols);
  };
  struct Backward {
    void (*row)(T* dx, const T* dy, const T* y, int64_t n);
    void (*columns)(T* dx, const T* dy, const T* y, int64_t n, int64_t ld, int64_t cols);
  };
  Forward softmax;                // y = exp(x - max x) / sum exp(x - max x)
  Forward log_softmax;            // y = x - max x - ln sum exp(x - max x)
  Backward softmax_backward;      // dx = y (dy - sum dy y)
  Backward log_softmax_backward;  // dx = dy - exp(y) sum dy
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(SoftmaxLoops)
