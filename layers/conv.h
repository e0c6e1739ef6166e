// Convolutions, as layers and as functions: Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d.
#pragma once

#include <taper/core/expanding_array.h>
#include <taper/layers/enum.h>
#include <taper/layers/layer.h>

namespace taper::nn {
namespace detail {

// Numbers of elements; kValid: none; kSame: such that the size stays (for a stride of 1).
template <size_t D>
using conv_padding_t = std::variant<ExpandingArray<D>, enumtype::kValid, enumtype::kSame>;

// What the input continues with beyond its edge: zeros, its reflection, its edge, itself from the other end.
using conv_padding_mode_t =
    std::variant<enumtype::kZeros, enumtype::kReflect, enumtype::kReplicate, enumtype::kCircular>;

}  // namespace detail

// The options of convolutions share these fields. All but the numbers of channels are one number, or one for height and
// one for width.

// stride    from one window of the input to the next
// dilation  from one element of a window to the next
// groups    blocked connections: each output channel sees the input channels of its own block alone; divides both
//           numbers of channels
#define TAPER_CONV_ARGS                       \
  TAPER_ARG(ExpandingArray<D>, stride) = 1;   \
  TAPER_ARG(ExpandingArray<D>, dilation) = 1; \
  TAPER_ARG(int64_t, groups) = 1

// padding   elements added on both sides; taper::kSame: as many as keep the size, for a stride of 1; kValid: none
#define TAPER_CONV_PADDING_ARG                                                                                        \
 public:                                                                                                              \
  using padding_t = nn::detail::conv_padding_t<D>;                                                                    \
  decltype(auto) padding(std::initializer_list<int64_t> list) { return padding(padding_t(ExpandingArray<D>(list))); } \
  TAPER_ARG(padding_t, padding) = 0

// padding_mode  what is added: taper::kZeros, kReflect, kReplicate or kCircular; transposed: kZeros only
#define TAPER_CONV_LAYER_ARGS(Options)                                                       \
 public:                                                                                     \
  using padding_mode_t = nn::detail::conv_padding_mode_t;                                    \
  Options(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)          \
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {} \
  TAPER_ARG(int64_t, in_channels);                                                           \
  TAPER_ARG(int64_t, out_channels);                                                          \
  TAPER_ARG(ExpandingArray<D>, kernel_size);                                                 \
  TAPER_ARG(bool, bias) = true;                                                              \
  TAPER_ARG(padding_mode_t, padding_mode) = kZeros

template <size_t D>
struct ConvOptions {
  TAPER_CONV_LAYER_ARGS(ConvOptions);
  TAPER_CONV_ARGS;
  TAPER_CONV_PADDING_ARG;
};
using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;

template <size_t D>
struct ConvTransposeOptions {
  TAPER_CONV_LAYER_ARGS(ConvTransposeOptions);
  TAPER_CONV_ARGS;
  // Elements taken off both sides of the output.
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  // Elements added at the end of the output; below stride or dilation.
  TAPER_ARG(ExpandingArray<D>, output_padding) = 0;
};
using ConvTranspose1dOptions = ConvTransposeOptions<1>;
using ConvTranspose2dOptions = ConvTransposeOptions<2>;

namespace detail {

// The options that a plain or a transposed layer stores.
template <size_t D>
struct ConvNdOptions {
  TAPER_CONV_LAYER_ARGS(ConvNdOptions);
  TAPER_CONV_ARGS;
  TAPER_CONV_PADDING_ARG;
  TAPER_ARG(bool, transposed) = false;
  TAPER_ARG(ExpandingArray<D>, output_padding) = 0;

 public:
  TAPER_API void print(FieldPrinter& out) const;
};

}  // namespace detail

namespace functional {

template <size_t D>
struct ConvFuncOptions {
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_CONV_ARGS;
  TAPER_CONV_PADDING_ARG;
};
using Conv1dFuncOptions = ConvFuncOptions<1>;
using Conv2dFuncOptions = ConvFuncOptions<2>;

template <size_t D>
struct ConvTransposeFuncOptions {
  TAPER_ARG(Tensor, bias) = Tensor();
  TAPER_CONV_ARGS;
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  TAPER_ARG(ExpandingArray<D>, output_padding) = 0;
};
using ConvTranspose1dFuncOptions = ConvTransposeFuncOptions<1>;
using ConvTranspose2dFuncOptions = ConvTransposeFuncOptions<2>;

#undef TAPER_CONV_ARGS
#undef TAPER_CONV_PADDING_ARG
#undef TAPER_CONV_LAYER_ARGS

// F::conv2d(x, weight, F::Conv2dFuncOptions().bias(b).stride(2).padding({1, 0})); formulas and shapes: taper::conv2d in
// autograd/ops/conv.h.
TAPER_API Tensor conv1d(const Tensor& x, const Tensor& weight, const Conv1dFuncOptions& options = {});
TAPER_API Tensor conv2d(const Tensor& x, const Tensor& weight, const Conv2dFuncOptions& options = {});
TAPER_API Tensor conv_transpose1d(const Tensor& x, const Tensor& weight,
                                  const ConvTranspose1dFuncOptions& options = {});
TAPER_API Tensor conv_transpose2d(const Tensor& x, const Tensor& weight,
                                  const ConvTranspose2dFuncOptions& options = {});

}  // namespace functional

// What plain and transposed layers share.
template <size_t D, class Derived, class... Inputs>
class TAPER_API ConvNdImpl : public Layer<Derived, detail::ConvNdOptions<D>, Inputs...>,
                             public detail::AddsChannelBias {
 public:
  explicit ConvNdImpl(const detail::ConvNdOptions<D>& options_);
  void reset() override;
  void reset_parameters();
  bool adds_channel_bias() const override { return bias.defined(); }

  Tensor weight, bias;
};

namespace detail {

template <size_t D, class Derived>
class TAPER_API ConvImpl : public ConvNdImpl<D, Derived, const Tensor&> {
 public:
  ConvImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)
      : ConvImpl(ConvOptions<D>(in_channels, out_channels, kernel_size)) {}
  explicit ConvImpl(const ConvOptions<D>& options_);

 protected:
  Tensor layer_forward(const Tensor& x) override;
};

template <size_t D, class Derived>
class TAPER_API ConvTransposeImpl : public ConvNdImpl<D, Derived, const Tensor&, const optional<IntArrayRef>&> {
  using ConvNd_ = ConvNdImpl<D, Derived, const Tensor&, const optional<IntArrayRef>&>;

 public:
  ConvTransposeImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)
      : ConvTransposeImpl(ConvTransposeOptions<D>(in_channels, out_channels, kernel_size)) {}
  explicit ConvTransposeImpl(const ConvTransposeOptions<D>& options_);
  using ConvNd_::forward;  // (input, output_size)
  Tensor forward(const Tensor& input) { return forward(input, nullopt); }

 protected:
  Tensor layer_forward(const Tensor& x, const optional<IntArrayRef>& output_size) override;
};

}  // namespace detail

// Convolution: each output channel is a sum over the input channels, each seen through a window of weights.
//
//   y[n, k, v] = bias[k] + sum over c and r of weight[k, c, r] x[n, c, v stride + r dilation - padding]
//
//   x       [N, in_channels, L] or [N, in_channels, H, W]; N may be absent
//   y       [N, out_channels, ...], each size floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
//   weight  [out_channels, in_channels / groups, kernel...], uniform on +-1 / sqrt(fan_in), fan_in = in_channels /
//           groups times the kernel's size: kaiming_uniform_ with a = sqrt(5), as in PyTorch
//   bias    [out_channels], the same; absent with bias(false)
//
//   taper::nn::Conv2d conv(taper::nn::Conv2dOptions(3, 8, 3).stride(2).padding(1).bias(false));
//   taper::nn::Conv2d wide(taper::nn::Conv2dOptions(3, 8, {3, 5}).padding(taper::kSame));
//   taper::Tensor y = conv(taper::randn({64, 3, 28, 28}));  // [64, 8, 14, 14]
//
// Weight and then bias are drawn from the default generator: manual_seed and the same order of construction give
// PyTorch's values. ValueError for options that do not fit each other, Error for inputs that do not fit the layer.
// LeCun et al. 1989; dilation: Yu and Koltun 2016.
TAPER_LAYER(Conv1d, detail::ConvImpl<1, Conv1dImpl>);
TAPER_LAYER(Conv2d, detail::ConvImpl<2, Conv2dImpl>);

// Transposed convolution: the gradient of a convolution with respect to its input, as a layer. Each input element
// spreads its window of weights over the output, `stride` apart.
//
//   x       [N, in_channels, L] or [N, in_channels, H, W]; N may be absent
//   y       [N, out_channels, ...], each size
//           (size - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1
//   weight  [in_channels, out_channels / groups, kernel...], uniform on +-1 / sqrt(fan), fan = out_channels / groups
//           times the kernel's size; bias [out_channels] likewise, as in PyTorch
//
//   taper::nn::ConvTranspose2d up(taper::nn::ConvTranspose2dOptions(8, 3, 4).stride(2).padding(1));
//   taper::Tensor y = up(taper::randn({64, 8, 14, 14}));  // [64, 3, 28, 28]
//
// With output_size, the spatial sizes that y is to have (or all of y's), the output_padding is chosen accordingly;
// ValueError for sizes that no output_padding gives. Zeiler et al. 2010 (deconvolution).
TAPER_LAYER(ConvTranspose1d, detail::ConvTransposeImpl<1, ConvTranspose1dImpl>);
TAPER_LAYER(ConvTranspose2d, detail::ConvTransposeImpl<2, ConvTranspose2dImpl>);

}  // namespace taper::nn
