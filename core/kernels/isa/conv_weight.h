// The loops of the gradient of a convolution's weight, on planes as isa/conv.h packs them.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// dw[c, t, k] += sum over v and u of x[c plane + offset[t] + v Wq + u] dy[v columns + u, k]
template <class T>
struct ConvWeightProduct {
  int64_t K, C, taps, rows, columns, Wq, plane;  // K a multiple of `lanes`
  const int64_t* offset;
  const T* x;
  const T* dy;  // in panels of m channels: [rows columns, m]; m = two vectors while there are that many, then `lanes`
  T* dw;        // [C taps, K]
};

template <class T>
struct ConvWeightLoops {
  int64_t lanes;  // values in a vector
  // [K, P] with rows ldx apart to panels [P, m]; the channels from K on to the next multiple of `lanes` are 0
  void (*transpose)(int64_t K, int64_t P, const T* x, int64_t ldx, T* panels);
  void (*multiply)(const ConvWeightProduct<T>& piece);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(ConvWeightLoops)
