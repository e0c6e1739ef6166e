// Convolutions of lines and planes, and their transposes. What does not fit is an error that shows the sizes.
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
// The gradient of such a convolution's input as a function: each value of x spreads weight over y.
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
