// The three products of a convolution, without autograd: output, gradient of the input, gradient of the weight. Each
// one's derivatives are the other two. A transposed convolution is the gradient of the input.
//
//   y[n, k, v] = bias[k] + sum over c and r of w[k, c, r] x[n, c, v stride + r dilation - padding], 0 outside of x
//
//   x  [N, C, L] or [N, C, H, W]        y  [N, K, ...]
//   w  [K, C / groups, ...]: input and output channels are in `groups` blocks, connected only within a block
//
// Nothing is checked here but dtypes; autograd/ops/conv.cpp does. Three dims are four with a height of 1.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// Of one convolution, in [height, width]. What lies after the last value need not be said: the sizes of x and y do.
struct ConvGeometry {
  int64_t stride[2] = {1, 1}, dilation[2] = {1, 1};
  int64_t padding[2] = {0, 0};  // before the first value; negative: values left out
  int64_t groups = 1;
};

// `sizes` are those of y, x and w.
TAPER_API Tensor conv(const Tensor& x, const Tensor& w, const Tensor& bias, const ConvGeometry& geometry,
                      IntArrayRef sizes);
// `bias`: [C] or undefined, added to each value of the channel.
TAPER_API Tensor conv_input(const Tensor& dy, const Tensor& w, const Tensor& bias, const ConvGeometry& geometry,
                            IntArrayRef sizes);
TAPER_API Tensor conv_weight(const Tensor& dy, const Tensor& x, const ConvGeometry& geometry, IntArrayRef sizes);

}  // namespace taper::kernels
