// Convolutions: Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d.
#pragma once

#include <taper/layers/cloneable.h>
#include <taper/layers/functional_conv.h>

namespace taper::nn {
namespace detail {

// What the input continues with beyond its edge: 0, its mirror image, its edge, itself.
using conv_padding_mode_t =
    std::variant<enumtype::kZeros, enumtype::kReflect, enumtype::kReplicate, enumtype::kCircular>;

// What a layer keeps, plain and transposed alike.
template <size_t D>
struct ConvNdOptions {
  using padding_t = conv_padding_t<D>;
  ConvNdOptions(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
  TAPER_ARG(int64_t, in_channels);
  TAPER_ARG(int64_t, out_channels);
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  TAPER_ARG(ExpandingArray<D>, stride) = 1;
  TAPER_ARG(padding_t, padding) = 0;

 public:
  decltype(auto) padding(std::initializer_list<int64_t> list) { return padding(padding_t(ExpandingArray<D>(list))); }
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
  TAPER_ARG(bool, transposed) = false;
  TAPER_ARG(ExpandingArray<D>, output_padding) = 0;
  TAPER_ARG(int64_t, groups) = 1;
  TAPER_ARG(bool, bias) = true;
  TAPER_ARG(conv_padding_mode_t, padding_mode) = kZeros;
};

}  // namespace detail

template <size_t D>
struct ConvOptions {
  using padding_mode_t = detail::conv_padding_mode_t;
  using padding_t = detail::conv_padding_t<D>;
  ConvOptions(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
  TAPER_ARG(int64_t, in_channels);
  TAPER_ARG(int64_t, out_channels);
  // One number, or one for height and one for width, as all below.
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  TAPER_ARG(ExpandingArray<D>, stride) = 1;
  // Values added on both sides; taper::kSame: as many as keep the size, for a stride of 1; taper::kValid: none.
  TAPER_ARG(padding_t, padding) = 0;

 public:
  decltype(auto) padding(std::initializer_list<int64_t> list) { return padding(padding_t(ExpandingArray<D>(list))); }
  // Distance of the input values that one output value sees.
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
  // Parts of the channels that only meet each other; divides both numbers of channels.
  TAPER_ARG(int64_t, groups) = 1;
  TAPER_ARG(bool, bias) = true;
  // What is added: taper::kZeros, kReflect, kReplicate or kCircular.
  TAPER_ARG(padding_mode_t, padding_mode) = kZeros;
};
using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;

template <size_t D>
struct ConvTransposeOptions {
  using padding_mode_t = detail::conv_padding_mode_t;
  ConvTransposeOptions(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
  TAPER_ARG(int64_t, in_channels);
  TAPER_ARG(int64_t, out_channels);
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  TAPER_ARG(ExpandingArray<D>, stride) = 1;
  // Values taken off both sides of the output.
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  // Values added at the end of the output; below stride or dilation.
  TAPER_ARG(ExpandingArray<D>, output_padding) = 0;
  TAPER_ARG(int64_t, groups) = 1;
  TAPER_ARG(bool, bias) = true;
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
  // Only taper::kZeros.
  TAPER_ARG(padding_mode_t, padding_mode) = kZeros;
};
using ConvTranspose1dOptions = ConvTransposeOptions<1>;
using ConvTranspose2dOptions = ConvTransposeOptions<2>;

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
// PyTorch's values. Options that do not fit each other, and inputs that do not fit the layer, are errors that say so.
template <size_t D, class Derived>
class TAPER_API ConvNdImpl : public Cloneable<Derived> {
 public:
  explicit ConvNdImpl(const detail::ConvNdOptions<D>& options_);
  void reset() override;
  void reset_parameters();
  void pretty_print(std::ostream& stream) const override;
  bool adds_channel_bias() const override { return bias.defined(); }

  detail::ConvNdOptions<D> options;
  Tensor weight, bias;

 protected:
  // The plain convolution with this layer's options.
  Tensor convolve(const Tensor& input);
};

class TAPER_API Conv1dImpl : public ConvNdImpl<1, Conv1dImpl> {
 public:
  Conv1dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<1> kernel_size);
  explicit Conv1dImpl(const Conv1dOptions& options_);
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Conv1d);

class TAPER_API Conv2dImpl : public ConvNdImpl<2, Conv2dImpl> {
 public:
  Conv2dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<2> kernel_size);
  explicit Conv2dImpl(const Conv2dOptions& options_);
  Tensor forward(const Tensor& input);
};
TAPER_MODULE(Conv2d);

// Transposed convolution: the gradient of a convolution with respect to its input, as a layer. Each input value
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
// With output_size, the spatial sizes that y is to have (or all of y's), the output_padding is chosen to give them.
template <size_t D, class Derived>
class TAPER_API ConvTransposeNdImpl : public ConvNdImpl<D, Derived> {
 public:
  explicit ConvTransposeNdImpl(const detail::ConvNdOptions<D>& options_);

 protected:
  Tensor convolve_transposed(const Tensor& input, const optional<IntArrayRef>& output_size);
};

class TAPER_API ConvTranspose1dImpl : public ConvTransposeNdImpl<1, ConvTranspose1dImpl> {
 public:
  ConvTranspose1dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<1> kernel_size);
  explicit ConvTranspose1dImpl(const ConvTranspose1dOptions& options_);
  Tensor forward(const Tensor& input) { return forward(input, nullopt); }
  Tensor forward(const Tensor& input, const optional<IntArrayRef>& output_size);
};
TAPER_MODULE(ConvTranspose1d);

class TAPER_API ConvTranspose2dImpl : public ConvTransposeNdImpl<2, ConvTranspose2dImpl> {
 public:
  ConvTranspose2dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<2> kernel_size);
  explicit ConvTranspose2dImpl(const ConvTranspose2dOptions& options_);
  Tensor forward(const Tensor& input) { return forward(input, nullopt); }
  Tensor forward(const Tensor& input, const optional<IntArrayRef>& output_size);
};
TAPER_MODULE(ConvTranspose2d);

}  // namespace taper::nn
