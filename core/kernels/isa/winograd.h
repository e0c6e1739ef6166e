// The transforms of a 3x3 convolution as Winograd's F(2x2, 3x3) computes it (Lavin & Gray 2016): of a tile of 4x4
// values of x and a kernel of 3x3 come 2x2 values of y by 16 multiplications instead of 36,
//
//   y = A^T [(G w G^T) * (B^T x B)] A
//
//         1  0 -1  0          1    0    0
//   B^T = 0  1  1  0    G =  1/2  1/2  1/2    A^T = 1  1  1  0
//         0 -1  1  0         1/2 -1/2  1/2          0  1 -1 -1
//         0  1  0 -1          0    0    1
//
// with a matrix product over the channels for each of the 16 points (isa/conv.h). Vectors lie along the tiles of a row.
// The gradient of the weight is what follows from that,
//
//   dw = G^T ((B^T x B) * (A dy A^T)) G
//
// with a product over the tiles (isa/conv_weight.h) and vectors along the channels of dy.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// v[point, c, i, j] = B^T x B of tile (i, j), whose value (r, s) is x[c, offset[s] + (2 i + r) x_row + j]
template <class T>
struct WinogradInput {
  int64_t C, rows, columns;  // of tiles
  const T* x;
  int64_t x_channel, x_row;
  const int64_t* offset;  // [4]
  T* v;                   // up to a vector is written beyond the last tile of a channel
  int64_t v_point, v_channel;
};

// y[k, 2 i, 2 j], ... = A^T m[:, k, i, j] A + bias[k], where y has such rows and columns
template <class T>
struct WinogradOutput {
  int64_t K, rows, columns;  // of tiles
  const T* m;                // up to a vector is read beyond the last tile of a channel
  int64_t m_point, m_channel;
  const T* bias;  // [K] or null
  T* y;
  int64_t y_channel, height, width;
};

// u[point, c] = G w[c] G^T
template <class T>
struct WinogradWeight {
  int64_t C;
  const T* w;  // [C, 3, 3]
  T* u;
  int64_t u_point;
};

// d[point, k, i, j] = A dy A^T of the 2x2 values of tile (i, j), 0 beyond the last row or column. Both have panels of m
// channels, as isa/conv_weight.h says: of dy [height width, m], of each point of d [tiles, m], from tile `first` on.
template <class T>
struct WinogradGradient {
  int64_t K, rows, columns, height, width, tiles, first;
  const T* dy;
  T* d;
  int64_t d_point;
};

// dw[k, c] = G^T du[:, c, k] G
template <class T>
struct WinogradWeightGradient {
  int64_t K, C;
  const T* du;
  int64_t du_point, du_channel;
  T* dw;  // [K, C, 3, 3]
};

template <class T>
struct WinogradLoops {
  void (*input)(const WinogradInput<T>& piece);
  void (*output)(const WinogradOutput<T>& piece);
  void (*weight)(const WinogradWeight<T>& piece);
  void (*gradient)(const WinogradGradient<T>& piece);
  void (*weight_gradient)(const WinogradWeightGradient<T>& piece);
};

}  // namespace taper::kernels

TAPER_DECLARE_TABLES(float, Float, WinogradLoops)
