// The loops of the gradient of a convolution's weight, on planes as isa/conv.h packs them: what one tap of an image
// multiplies starts at offset[q], q = (c, tap). Sums are in the order of images and positions, or of sixteenths of
// them, whatever the width of the vectors.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// dw[q, k] += sum over i, v and u of x[i, offset[q] + v x_row + u] dy[i, v columns + u, k]
template <class T>
struct ConvWeightProduct {
  int64_t K, pairs, images, rows, columns;  // K a multiple of `lanes`
  const int64_t* offset;                    // [pairs]
  const T* x;
  int64_t x_image, x_row;
  const T* dy;  // of an image: panels of m channels, [rows columns, m]; m = two vectors while there are that many
  int64_t dy_image;
  T* dw;  // [pairs, K]
};

// dw[k, q] += sum over p in [0, length) of x[offset[q] + p] dy[k, p], for few channels k: in 64 bytes of sums
template <class T>
struct ConvWeightDots {
  int64_t K, pairs, length;
  const int64_t* offset;
  const T* x;
  const T* dy;
  int64_t dy_row;
  T* dw;  // [K, pairs]
};

template <class T>
struct ConvWeightLoops {
  int64_t lanes;  // values in a vector
  // [K, P] with rows ldx apart to panels [P, m]; the channels from K on to the next multiple of `lanes` are 0
  void (*transpose)(int64_t K, int64_t P, const T* x, int64_t ldx, T* panels);
  void (*multiply)(const ConvWeightProduct<T>& piece);
  void (*dots)(const ConvWeightDots<T>& piece);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(ConvWeightLoops)
