// The loops of convolutions on packed pieces (core/kernels/conv.cpp says how a convolution is cut into them).
//
// A piece's input is packed as C planes, each large enough that the value at position p = v Wq + u of the output and
// tap t is plane[p + offset[t]]: every tap is the same plane from another start, so that nothing is copied a second
// time for it. Wq is the distance of the plane's rows; positions with u >= the output's width are computed along with
// the others and dropped.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// Of the rows, or the columns, of an image: how many there are, and which ones go where. Phase a of the planes takes
// every `step`-th from start + phase[a] on, `count` of them.
struct ConvPackAxis {
  int64_t input, count, start, step, phases;
  const int64_t* phase;
};

// The input channels of one image, and where they go: to plane (c, a, b) of `planes` the rows of phase a and the
// columns of phase b of channel c; what lies outside of the image is 0.
template <class T>
struct ConvPack {
  const T* x;  // [C, row.input, column.input]
  int64_t C;
  T* planes;  // [C, row.phases, column.phases, row.count, column.count]; a vector of values after them is overwritten
  ConvPackAxis row, column;
};

// out[k, p] = sum over c and t of w[k, c, t] x[c plane + offset[t] + p], for p in [0, P); P is a multiple of `lanes`
template <class T>
struct ConvProduct {
  int64_t K, C, taps, P, plane;
  const int64_t* offset;  // [taps]
  const T* w;  // in panels of m channels: [C taps, m]; m = `rows` while there are that many, then powers of 2
  const T* x;
  T* out;  // [K, P]
};

// y[k, v, u] = out[k, v Wq + u] + bias[k], y's rows and columns and channels y_row, y_column, y_channel apart
template <class T>
struct ConvStore {
  int64_t K, rows, columns, Wq, P;
  const T* out;
  const T* bias;  // [K] or null
  T* y;
  int64_t y_channel, y_row, y_column;
};

// dw[c, t, k] += sum over v and u of x[c plane + offset[t] + v Wq + u] dy[v columns + u, k]
template <class T>
struct ConvWeightProduct {
  int64_t K, C, taps, rows, columns, Wq, plane;  // K a multiple of `lanes`
  const int64_t* offset;
  const T* x;
  const T* dy;  // in panels of m channels: [rows columns, m]; m = `panel` while there are that many, then `lanes`
  T* dw;        // [C taps, K]
};

template <class T>
struct ConvLoops {
  int64_t lanes;  // values in a vector
  int64_t rows;   // channels of a panel of w
  int64_t panel;  // channels of a panel of dy
  void (*pack)(const ConvPack<T>& piece);
  void (*multiply)(const ConvProduct<T>& piece);
  void (*store)(const ConvStore<T>& piece);
  // [K, P] with rows ldx apart to panels [P, m]; the channels from K on to the next multiple of `lanes` are 0
  void (*transpose)(int64_t K, int64_t P, const T* x, int64_t ldx, T* panels);
  void (*multiply_weight)(const ConvWeightProduct<T>& piece);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(ConvLoops)
