// Pooling, as layers and as functions: MaxPool, AvgPool, AdaptiveMaxPool and AdaptiveAvgPool over lines (1d) and
// images (2d).
//
//   input    [N, C, L] or [C, L] for 1d, [N, C, H, W] or [C, H, W] for 2d; of a floating-point type
//   output   the same with one element for each window: along an axis of size `in`
//              out = floor((in + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1
//            (ceil in ceil_mode, without windows that would start behind the input), or output_size where adaptive
//
//   taper::nn::MaxPool2d pool(2);                                                   // [64, 32, 28, 28] -> 14 x 14
//   taper::nn::MaxPool2d stem(taper::nn::MaxPool2dOptions(3).stride(2).padding(1));
//   taper::nn::AdaptiveAvgPool2d global(1);                                         // any size -> 1 x 1
//   auto [y, indices] = pool->forward_with_indices(x);
//   x = F::max_pool2d(x, F::MaxPool2dFuncOptions(3).stride(2).padding(1));
//
//   MaxPool           y = the maximum of the window; NaN is larger than all, padding counts as minus infinity
//   AvgPool           y = the sum of the window / its positions; padding counts as 0
//   AdaptiveMaxPool, AdaptiveAvgPool   the same for output_size windows: along an axis of size `in` window o is
//                     [floor(o in / out), ceil((o + 1) in / out))
//
// indices are int64: w, or h W + w, of the maximum in its line or image. ValueError for a padding of more than half the
// kernel and for sizes and settings that do not fit, TypeError for other dtypes. LeCun et al. 1989 (average), Ranzato
// et al. 2007 (maximum), He et al. 2014 (adaptive).
#pragma once

#include <taper/core/expanding_array.h>
#include <taper/layers/layer.h>

#include <tuple>

namespace taper::nn {

template <size_t D>
struct MaxPoolOptions {
  MaxPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  // From one window to the next; by default the kernel's size, so that windows do not overlap.
  TAPER_ARG(ExpandingArray<D>, stride);
  // Positions on both sides of the input that windows may cover.
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  // From one position of a window to the next.
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
  // Whether a last window that the input does not fill counts.
  TAPER_ARG(bool, ceil_mode) = false;
  TAPER_PRINTED(kernel_size_, stride_, padding_, dilation_, ceil_mode_);
};
using MaxPool1dOptions = MaxPoolOptions<1>;
using MaxPool2dOptions = MaxPoolOptions<2>;

template <size_t D>
struct AvgPoolOptions {
  AvgPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  TAPER_ARG(ExpandingArray<D>, stride);  // by default the kernel's size
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  TAPER_ARG(bool, ceil_mode) = false;
  // Whether the positions of the window in the padding count in the divisor.
  TAPER_ARG(bool, count_include_pad) = true;
  // The divisor instead (2d alone); not 0.
  TAPER_ARG(optional<int64_t>, divisor_override) = nullopt;
  TAPER_PRINTED(kernel_size_, stride_, padding_);
};
using AvgPool1dOptions = AvgPoolOptions<1>;
using AvgPool2dOptions = AvgPoolOptions<2>;

template <class Size>
struct AdaptiveMaxPoolOptions {
  AdaptiveMaxPoolOptions(Size output_size) : output_size_(output_size) {}  // NOLINT
  // Windows along each axis; nullopt, in 2d, for as many as the input has positions.
  TAPER_ARG(Size, output_size);
  TAPER_PRINTED(output_size_);
};
using AdaptiveMaxPool1dOptions = AdaptiveMaxPoolOptions<ExpandingArray<1>>;
using AdaptiveMaxPool2dOptions = AdaptiveMaxPoolOptions<ExpandingArrayWithOptionalElem<2>>;

template <class Size>
using AdaptiveAvgPoolOptions = AdaptiveMaxPoolOptions<Size>;
using AdaptiveAvgPool1dOptions = AdaptiveAvgPoolOptions<ExpandingArray<1>>;
using AdaptiveAvgPool2dOptions = AdaptiveAvgPoolOptions<ExpandingArrayWithOptionalElem<2>>;

namespace functional {

using MaxPool1dFuncOptions = MaxPool1dOptions;
using MaxPool2dFuncOptions = MaxPool2dOptions;
using AvgPool1dFuncOptions = AvgPool1dOptions;
using AvgPool2dFuncOptions = AvgPool2dOptions;
using AdaptiveMaxPool1dFuncOptions = AdaptiveMaxPool1dOptions;
using AdaptiveMaxPool2dFuncOptions = AdaptiveMaxPool2dOptions;
using AdaptiveAvgPool1dFuncOptions = AdaptiveAvgPool1dOptions;
using AdaptiveAvgPool2dFuncOptions = AdaptiveAvgPool2dOptions;

TAPER_API Tensor max_pool1d(const Tensor& input, const MaxPool1dFuncOptions& options);
TAPER_API Tensor max_pool2d(const Tensor& input, const MaxPool2dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& input, const MaxPool1dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& input, const MaxPool2dFuncOptions& options);
TAPER_API Tensor avg_pool1d(const Tensor& input, const AvgPool1dFuncOptions& options);
TAPER_API Tensor avg_pool2d(const Tensor& input, const AvgPool2dFuncOptions& options);
TAPER_API Tensor adaptive_max_pool1d(const Tensor& input, const AdaptiveMaxPool1dFuncOptions& options);
TAPER_API Tensor adaptive_max_pool2d(const Tensor& input, const AdaptiveMaxPool2dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& input,
                                                                      const AdaptiveMaxPool1dFuncOptions& options);
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& input,
                                                                      const AdaptiveMaxPool2dFuncOptions& options);
TAPER_API Tensor adaptive_avg_pool1d(const Tensor& input, const AdaptiveAvgPool1dFuncOptions& options);
TAPER_API Tensor adaptive_avg_pool2d(const Tensor& input, const AdaptiveAvgPool2dFuncOptions& options);

}  // namespace functional

#define TAPER_MAX_POOL(Name)                                                            \
  class TAPER_API Name##Impl : public Layer<Name##Impl, Name##Options, const Tensor&> { \
   public:                                                                              \
    using Layer<Name##Impl, Name##Options, const Tensor&>::Layer;                       \
    std::tuple<Tensor, Tensor> forward_with_indices(const Tensor& x);                   \
                                                                                        \
   protected:                                                                           \
    Tensor layer_forward(const Tensor& x) override;                                     \
  };                                                                                    \
  TAPER_MODULE(Name)

TAPER_MAX_POOL(MaxPool1d);
TAPER_MAX_POOL(MaxPool2d);
TAPER_STATELESS(AvgPool1d, AvgPool1dOptions, const Tensor&);
TAPER_STATELESS(AvgPool2d, AvgPool2dOptions, const Tensor&);
TAPER_MAX_POOL(AdaptiveMaxPool1d);
TAPER_MAX_POOL(AdaptiveMaxPool2d);
TAPER_STATELESS(AdaptiveAvgPool1d, AdaptiveAvgPool1dOptions, const Tensor&);
TAPER_STATELESS(AdaptiveAvgPool2d, AdaptiveAvgPool2dOptions, const Tensor&);
#undef TAPER_MAX_POOL

}  // namespace taper::nn
