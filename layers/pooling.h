// Pooling: MaxPool, AvgPool, AdaptiveMaxPool and AdaptiveAvgPool over lines (1d) and images (2d).
//
//   input    [N, C, L] or [C, L] for 1d, [N, C, H, W] or [C, H, W] for 2d; float32 or float64
//   output   the same with one value for each window: along an axis of size `in`
//              out = floor((in + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1
//            (ceil in ceil_mode, without windows that would start behind the input), or output_size where adaptive
//
//   taper::nn::MaxPool2d pool(2);                                                   // [64, 32, 28, 28] -> 14 x 14
//   taper::nn::MaxPool2d stem(taper::nn::MaxPool2dOptions(3).stride(2).padding(1));
//   taper::nn::AdaptiveAvgPool2d global(1);                                         // any size -> 1 x 1
//   auto [y, indices] = pool->forward_with_indices(x);
//
// The formulas and errors are those of the functions (autograd/functions.h, pool.cpp): padding is at most half the
// kernel, counts as minus infinity in a maximum and as 0 in a mean; NaN is larger than all. indices are int64, h W + w
// in the plane of the input.
#pragma once

#include <taper/core/arg.h>
#include <taper/core/expanding_array.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

template <size_t D>
struct MaxPoolOptions {
  MaxPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  // From one window to the next; initially the kernel's size, so that windows lie side by side.
  TAPER_ARG(ExpandingArray<D>, stride);
  // Positions on both sides of the input that windows may cover.
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  // From one position of a window to the next.
  TAPER_ARG(ExpandingArray<D>, dilation) = 1;
  // Whether a last window that the input does not fill counts.
  TAPER_ARG(bool, ceil_mode) = false;
};
using MaxPool1dOptions = MaxPoolOptions<1>;
using MaxPool2dOptions = MaxPoolOptions<2>;

template <size_t D>
struct AvgPoolOptions {
  AvgPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D>, kernel_size);
  TAPER_ARG(ExpandingArray<D>, stride);  // initially the kernel's size
  TAPER_ARG(ExpandingArray<D>, padding) = 0;
  TAPER_ARG(bool, ceil_mode) = false;
  // Whether a mean divides by the positions of its window in the padding, too.
  TAPER_ARG(bool, count_include_pad) = true;
  // What to divide by instead (2d alone).
  TAPER_ARG(optional<int64_t>, divisor_override) = nullopt;
};
using AvgPool1dOptions = AvgPoolOptions<1>;
using AvgPool2dOptions = AvgPoolOptions<2>;

template <class Size>
struct AdaptiveMaxPoolOptions {
  AdaptiveMaxPoolOptions(Size output_size) : output_size_(output_size) {}  // NOLINT
  // Windows along each axis; nullopt, in 2d, for as many as the input has positions.
  TAPER_ARG(Size, output_size);
};
using AdaptiveMaxPool1dOptions = AdaptiveMaxPoolOptions<ExpandingArray<1>>;
using AdaptiveMaxPool2dOptions = AdaptiveMaxPoolOptions<ExpandingArrayWithOptionalElem<2>>;

template <class Size>
struct AdaptiveAvgPoolOptions {
  AdaptiveAvgPoolOptions(Size output_size) : output_size_(output_size) {}  // NOLINT
  TAPER_ARG(Size, output_size);
};
using AdaptiveAvgPool1dOptions = AdaptiveAvgPoolOptions<ExpandingArray<1>>;
using AdaptiveAvgPool2dOptions = AdaptiveAvgPoolOptions<ExpandingArrayWithOptionalElem<2>>;

// ---- max ------------------------------------------------------------------------------------------------------------

template <size_t D, class Derived>
class TAPER_API MaxPoolImpl : public Cloneable<Derived> {
 public:
  MaxPoolImpl(ExpandingArray<D> kernel_size) : MaxPoolImpl(MaxPoolOptions<D>(kernel_size)) {}  // NOLINT
  explicit MaxPoolImpl(const MaxPoolOptions<D>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
  std::tuple<Tensor, Tensor> forward_with_indices(const Tensor& input);

  MaxPoolOptions<D> options;
};
class TAPER_API MaxPool1dImpl : public MaxPoolImpl<1, MaxPool1dImpl> {
 public:
  using MaxPoolImpl<1, MaxPool1dImpl>::MaxPoolImpl;
};
TAPER_MODULE(MaxPool1d);
class TAPER_API MaxPool2dImpl : public MaxPoolImpl<2, MaxPool2dImpl> {
 public:
  using MaxPoolImpl<2, MaxPool2dImpl>::MaxPoolImpl;
};
TAPER_MODULE(MaxPool2d);

// ---- mean -----------------------------------------------------------------------------------------------------------

template <size_t D, class Derived>
class TAPER_API AvgPoolImpl : public Cloneable<Derived> {
 public:
  AvgPoolImpl(ExpandingArray<D> kernel_size) : AvgPoolImpl(AvgPoolOptions<D>(kernel_size)) {}  // NOLINT
  explicit AvgPoolImpl(const AvgPoolOptions<D>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  AvgPoolOptions<D> options;
};
class TAPER_API AvgPool1dImpl : public AvgPoolImpl<1, AvgPool1dImpl> {
 public:
  using AvgPoolImpl<1, AvgPool1dImpl>::AvgPoolImpl;
};
TAPER_MODULE(AvgPool1d);
class TAPER_API AvgPool2dImpl : public AvgPoolImpl<2, AvgPool2dImpl> {
 public:
  using AvgPoolImpl<2, AvgPool2dImpl>::AvgPoolImpl;
};
TAPER_MODULE(AvgPool2d);

// ---- adaptive -------------------------------------------------------------------------------------------------------

template <size_t D, class Size, class Derived>
class TAPER_API AdaptiveMaxPoolImpl : public Cloneable<Derived> {
 public:
  AdaptiveMaxPoolImpl(Size output_size) : AdaptiveMaxPoolImpl(AdaptiveMaxPoolOptions<Size>(output_size)) {}  // NOLINT
  explicit AdaptiveMaxPoolImpl(const AdaptiveMaxPoolOptions<Size>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);
  std::tuple<Tensor, Tensor> forward_with_indices(const Tensor& input);

  AdaptiveMaxPoolOptions<Size> options;
};
class TAPER_API AdaptiveMaxPool1dImpl : public AdaptiveMaxPoolImpl<1, ExpandingArray<1>, AdaptiveMaxPool1dImpl> {
 public:
  using AdaptiveMaxPoolImpl<1, ExpandingArray<1>, AdaptiveMaxPool1dImpl>::AdaptiveMaxPoolImpl;
};
TAPER_MODULE(AdaptiveMaxPool1d);
class TAPER_API AdaptiveMaxPool2dImpl
    : public AdaptiveMaxPoolImpl<2, ExpandingArrayWithOptionalElem<2>, AdaptiveMaxPool2dImpl> {
 public:
  using AdaptiveMaxPoolImpl<2, ExpandingArrayWithOptionalElem<2>, AdaptiveMaxPool2dImpl>::AdaptiveMaxPoolImpl;
};
TAPER_MODULE(AdaptiveMaxPool2d);

template <size_t D, class Size, class Derived>
class TAPER_API AdaptiveAvgPoolImpl : public Cloneable<Derived> {
 public:
  AdaptiveAvgPoolImpl(Size output_size) : AdaptiveAvgPoolImpl(AdaptiveAvgPoolOptions<Size>(output_size)) {}  // NOLINT
  explicit AdaptiveAvgPoolImpl(const AdaptiveAvgPoolOptions<Size>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  AdaptiveAvgPoolOptions<Size> options;
};
class TAPER_API AdaptiveAvgPool1dImpl : public AdaptiveAvgPoolImpl<1, ExpandingArray<1>, AdaptiveAvgPool1dImpl> {
 public:
  using AdaptiveAvgPoolImpl<1, ExpandingArray<1>, AdaptiveAvgPool1dImpl>::AdaptiveAvgPoolImpl;
};
TAPER_MODULE(AdaptiveAvgPool1d);
class TAPER_API AdaptiveAvgPool2dImpl
    : public AdaptiveAvgPoolImpl<2, ExpandingArrayWithOptionalElem<2>, AdaptiveAvgPool2dImpl> {
 public:
  using AdaptiveAvgPoolImpl<2, ExpandingArrayWithOptionalElem<2>, AdaptiveAvgPool2dImpl>::AdaptiveAvgPoolImpl;
};
TAPER_MODULE(AdaptiveAvgPool2d);

}  // namespace taper::nn
