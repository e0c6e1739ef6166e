// Padding, as layers and as a function: a border around the last one (1d) or two (2d) dimensions of an input.
//
//   input    [N, C, W] or [C, W] for 1d, [N, C, H, W] or [C, H, W] for 2d; any sizes and dtypes for constant borders
//   output   the same with W + left + right, H + top + bottom
//   padding  {left, right} or {left, right, top, bottom}, or one number for all; negative numbers cut off
//
//   ConstantPad, ZeroPad   one value: v v | 1 2 3 | v v
//   ReflectionPad          the input reflected at its edges, which are not repeated: 3 2 | 1 2 3 | 2 1
//   ReplicationPad         the edge repeated: 1 1 | 1 2 3 | 3 3
//
// ValueError for a padding that cuts off or reflects more elements than there are.
//
//   taper::nn::ZeroPad2d pad(1);
//   taper::nn::ReflectionPad2d mirror(taper::nn::ReflectionPad2dOptions({1, 1, 2, 0}));
//   taper::nn::ConstantPad1d minus(3, -1.0);
#pragma once

#include <taper/core/expanding_array.h>
#include <taper/layers/enum.h>
#include <taper/layers/layer.h>

namespace taper::nn {

template <size_t D>
struct ReflectionPadOptions {
  ReflectionPadOptions(ExpandingArray<D * 2> padding) : padding_(padding) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D * 2>, padding);
  TAPER_PRINTED(padding_);
};
using ReflectionPad1dOptions = ReflectionPadOptions<1>;
using ReflectionPad2dOptions = ReflectionPadOptions<2>;

template <size_t D>
using ReplicationPadOptions = ReflectionPadOptions<D>;
using ReplicationPad1dOptions = ReplicationPadOptions<1>;
using ReplicationPad2dOptions = ReplicationPadOptions<2>;

using ZeroPad2dOptions = ReflectionPadOptions<2>;

template <size_t D>
struct ConstantPadOptions {
  ConstantPadOptions(ExpandingArray<D * 2> padding, double value) : padding_(padding), value_(value) {}
  TAPER_ARG(ExpandingArray<D * 2>, padding);
  TAPER_ARG(double, value);
  TAPER_PRINTED(padding_, value_);
};
using ConstantPad1dOptions = ConstantPadOptions<1>;
using ConstantPad2dOptions = ConstantPadOptions<2>;

namespace functional {

struct PadFuncOptions {
  PadFuncOptions(std::vector<int64_t> pad) : pad_(std::move(pad)) {}  // NOLINT
  PadFuncOptions(std::initializer_list<int64_t> pad) : pad_(pad) {}   // NOLINT
  using mode_t = std::variant<enumtype::kConstant, enumtype::kReflect, enumtype::kReplicate, enumtype::kCircular>;
  // Elements before and after the last dimension, then before and after the last but one, and so on.
  TAPER_ARG(std::vector<int64_t>, pad);
  TAPER_ARG(mode_t, mode) = kConstant;
  // The value of a constant border.
  TAPER_ARG(double, value) = 0;
};

//   F::pad(x, F::PadFuncOptions({1, 1, 2, 2}).mode(taper::kReplicate));
TAPER_API Tensor pad(const Tensor& input, const PadFuncOptions& options);

}  // namespace functional

TAPER_STATELESS(ReflectionPad1d, ReflectionPad1dOptions, const Tensor&);
TAPER_STATELESS(ReflectionPad2d, ReflectionPad2dOptions, const Tensor&);
TAPER_STATELESS(ReplicationPad1d, ReplicationPad1dOptions, const Tensor&);
TAPER_STATELESS(ReplicationPad2d, ReplicationPad2dOptions, const Tensor&);
TAPER_STATELESS(ZeroPad2d, ZeroPad2dOptions, const Tensor&);
TAPER_STATELESS(ConstantPad1d, ConstantPad1dOptions, const Tensor&);
TAPER_STATELESS(ConstantPad2d, ConstantPad2dOptions, const Tensor&);

}  // namespace taper::nn
