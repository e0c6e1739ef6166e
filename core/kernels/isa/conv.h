// The loops of a convolution's output, and of its input's gradient, on packed pieces (core/kernels/conv.cpp says how a
// convolution is cut into them).
//
// A piece's input is planes in which the value that output position p needs for one channel and tap is
// plane[p + offset]: every tap is a plane from some start, so that no matrix of all windows is written.
//
// Every output is one chain of fused multiply-adds for each piece of the sum, which does not depend on the tile or the
// width of the vectors.
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
  T* planes;      // [C, row.phases, column.phases, row.count, column.count], ...
  int64_t plane;  // ... each so far from the one before; a vector of values after one is overwritten
  ConvPackAxis row, column;
};

// out[i, k, v, p] = sum over q of w[k, q] x[i, v, offset[q] + p], added to what is there where `add`, plus bias[k]:
// for images i, runs v and positions p in [0, length)
template <class T>
struct ConvProduct {
  int64_t K, steps, images, runs, length;
  bool add;
  const T* w;
  int64_t w_row, w_image;  // w_image apart where images have weights of their own, else 0
  const int64_t* offset;   // [steps]
  const T* x;
  int64_t x_image, x_run;
  // Up to kConvSlack vectors are read beyond a run of x. Not where `exact`: then a run has at least a vector.
  bool exact;
  const T* bias;  // [K] or null
  T* out;
  int64_t out_image, out_row, out_run;
  // Null, or room for steps times `columns` values: what a tile reads is copied there first.
  T* panel;
  const int64_t* panel_offset;  // [steps]: q times `columns`
};

constexpr int kConvSlack = 8;

// y[k, v, u] = out[k, v, u], y's channels, rows and columns y_channel, y_row, y_column apart
template <class T>
struct ConvStore {
  int64_t K, rows, columns;
  const T* out;
  T* y;
  int64_t y_channel, y_row, y_column;
};

template <class T>
struct ConvLoops {
  int64_t lanes;    // values in a vector
  int64_t columns;  // positions in a tile of many channels
  void (*pack)(const ConvPack<T>& piece);
  void (*multiply)(const ConvProduct<T>& piece);
  void (*store)(const ConvStore<T>& piece);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(ConvLoops)
