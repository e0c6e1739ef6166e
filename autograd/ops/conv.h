// Convolutions in one and two dimensions, and their transposes. Sizes and settings that do not fit are an Error or
// ValueError that shows them; other dtypes than float32 and float64, or different ones, are a TypeError.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>
#include <type_traits>

namespace taper {

// y[n, k, v] = bias[k] + sum_(c, r) weight[k, c, r] x[n, c, v stride + r dilation - padding], x = 0 outside its sizes
//
//   x       [N, in, L] or [N, in, H, W], N optional      y  [N, out, ...]
//   weight  [out, in / groups, ...]; with groups, the k-th part of the output sees the k-th part of the input only
//   sizes   of y: floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
//
//   dx      the transposed convolution of dy;  dweight[k, c, r] = sum_(n, v) dy[n, k, v] x[n, c, ...];  dbias = sum dy
//
// stride, padding and dilation are one number or one for each of H and W. padding "same" keeps the size (stride 1),
// "valid" is 0.
TAPER_API Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, IntArrayRef stride = 1,
                        IntArrayRef padding = 0, IntArrayRef dilation = 1, int64_t groups = 1);
TAPER_API Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {}, IntArrayRef stride = 1,
                        IntArrayRef padding = 0, IntArrayRef dilation = 1, int64_t groups = 1);
namespace detail {
template <class T>
concept PaddingName = std::is_convertible_v<const T&, std::string_view>;  // what the number 0 is not
TAPER_API Tensor conv_named(int64_t dims, const Tensor& input, const Tensor& weight, const Tensor& bias,
                            IntArrayRef stride, std::string_view padding, IntArrayRef dilation, int64_t groups);
}  // namespace detail
template <detail::PaddingName Name>
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride, const Name& padding,
              IntArrayRef dilation = 1, int64_t groups = 1) {
  return detail::conv_named(1, input, weight, bias, stride, padding, dilation, groups);
}
template <detail::PaddingName Name>
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride, const Name& padding,
              IntArrayRef dilation = 1, int64_t groups = 1) {
  return detail::conv_named(2, input, weight, bias, stride, padding, dilation, groups);
}
// The gradient of such a convolution's input as a function: each element of x adds weight times itself to y.
//
//   weight  [in, out / groups, ...]
//   sizes   of y: (size - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1
TAPER_API Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                                  IntArrayRef stride = 1, IntArrayRef padding = 0, IntArrayRef output_padding = 0,
                                  int64_t groups = 1, IntArrayRef dilation = 1);
TAPER_API Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                                  IntArrayRef stride = 1, IntArrayRef padding = 0, IntArrayRef output_padding = 0,
                                  int64_t groups = 1, IntArrayRef dilation = 1);

}  // namespace taper
