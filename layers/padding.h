// Padding: a border around the last one (1d) or two (2d) dimensions of an input.
//
//   input    [N, C, W] or [C, W] for 1d, [N, C, H, W] or [C, H, W] for 2d; any sizes and dtypes for constant borders
//   output   the same with W + left + right, H + top + bottom
//   padding  {left, right} or {left, right, top, bottom}, or one number for all; negative numbers cut off
//
//   ConstantPad, ZeroPad   the border has one value
//   ReflectionPad          the input mirrored at its edges, which are not repeated: 3 2 | 1 2 3 | 2 1
//   ReplicationPad         the edge repeated: 1 1 | 1 2 3 | 3 3
//
//   taper::nn::ZeroPad2d pad(1);
//   taper::nn::ReflectionPad2d mirror(taper::nn::ReflectionPad2dOptions({1, 1, 2, 0}));
//   taper::nn::ConstantPad1d minus(3, -1.0);
#pragma once

#include <taper/core/arg.h>
#include <taper/core/expanding_array.h>
#include <taper/layers/cloneable.h>
#include <taper/layers/enum.h>

namespace taper::nn {

template <size_t D>
struct ReflectionPadOptions {
  ReflectionPadOptions(ExpandingArray<D * 2> padding) : padding_(padding) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D * 2>, padding);
};
using ReflectionPad1dOptions = ReflectionPadOptions<1>;
using ReflectionPad2dOptions = ReflectionPadOptions<2>;

template <size_t D>
struct ReplicationPadOptions {
  ReplicationPadOptions(ExpandingArray<D * 2> padding) : padding_(padding) {}  // NOLINT
  TAPER_ARG(ExpandingArray<D * 2>, padding);
};
using ReplicationPad1dOptions = ReplicationPadOptions<1>;
using ReplicationPad2dOptions = ReplicationPadOptions<2>;

struct ZeroPad2dOptions {
  ZeroPad2dOptions(ExpandingArray<4> padding) : padding_(padding) {}  // NOLINT
  TAPER_ARG(ExpandingArray<4>, padding);
};

template <size_t D>
struct ConstantPadOptions {
  ConstantPadOptions(ExpandingArray<D * 2> padding, double value) : padding_(padding), value_(value) {}
  TAPER_ARG(ExpandingArray<D * 2>, padding);
  TAPER_ARG(double, value);
};
using ConstantPad1dOptions = ConstantPadOptions<1>;
using ConstantPad2dOptions = ConstantPadOptions<2>;

namespace functional {

struct PadFuncOptions {
  PadFuncOptions(std::vector<int64_t> pad) : pad_(std::move(pad)) {}  // NOLINT
  PadFuncOptions(std::initializer_list<int64_t> pad) : pad_(pad) {}   // NOLINT
  using mode_t = std::variant<enumtype::kConstant, enumtype::kReflect, enumtype::kReplicate, enumtype::kCircular>;
  // Before and after the last dimension, then before and after the last but one, and so on.
  TAPER_ARG(std::vector<int64_t>, pad);
  TAPER_ARG(mode_t, mode) = kConstant;
  // Of a constant border.
  TAPER_ARG(double, value) = 0;
};

//   F::pad(x, F::PadFuncOptions({1, 1, 2, 2}).mode(taper::kReplicate));
TAPER_API Tensor pad(const Tensor& input, const PadFuncOptions& options);

}  // namespace functional

template <size_t D, class Derived>
class TAPER_API ReflectionPadImpl : public Cloneable<Derived> {
 public:
  ReflectionPadImpl(ExpandingArray<D * 2> padding) : ReflectionPadImpl(ReflectionPadOptions<D>(padding)) {}  // NOLINT
  explicit ReflectionPadImpl(const ReflectionPadOptions<D>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  ReflectionPadOptions<D> options;
};
class TAPER_API ReflectionPad1dImpl : public ReflectionPadImpl<1, ReflectionPad1dImpl> {
 public:
  using ReflectionPadImpl<1, ReflectionPad1dImpl>::ReflectionPadImpl;
};
TAPER_MODULE(ReflectionPad1d);
class TAPER_API ReflectionPad2dImpl : public ReflectionPadImpl<2, ReflectionPad2dImpl> {
 public:
  using ReflectionPadImpl<2, ReflectionPad2dImpl>::ReflectionPadImpl;
};
TAPER_MODULE(ReflectionPad2d);

template <size_t D, class Derived>
class TAPER_API ReplicationPadImpl : public Cloneable<Derived> {
 public:
  ReplicationPadImpl(ExpandingArray<D * 2> padding)  // NOLINT
      : ReplicationPadImpl(ReplicationPadOptions<D>(padding)) {}
  explicit ReplicationPadImpl(const ReplicationPadOptions<D>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  ReplicationPadOptions<D> options;
};
class TAPER_API ReplicationPad1dImpl : public ReplicationPadImpl<1, ReplicationPad1dImpl> {
 public:
  using ReplicationPadImpl<1, ReplicationPad1dImpl>::ReplicationPadImpl;
};
TAPER_MODULE(ReplicationPad1d);
class TAPER_API ReplicationPad2dImpl : public ReplicationPadImpl<2, ReplicationPad2dImpl> {
 public:
  using ReplicationPadImpl<2, ReplicationPad2dImpl>::ReplicationPadImpl;
};
TAPER_MODULE(ReplicationPad2d);

class TAPER_API ZeroPad2dImpl : public Cloneable<ZeroPad2dImpl> {
 public:
  ZeroPad2dImpl(ExpandingArray<4> padding) : ZeroPad2dImpl(ZeroPad2dOptions(padding)) {}  // NOLINT
  explicit ZeroPad2dImpl(const ZeroPad2dOptions& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  ZeroPad2dOptions options;
};
TAPER_MODULE(ZeroPad2d);

template <size_t D, class Derived>
class TAPER_API ConstantPadImpl : public Cloneable<Derived> {
 public:
  ConstantPadImpl(ExpandingArray<D * 2> padding, double value)
      : ConstantPadImpl(ConstantPadOptions<D>(padding, value)) {}
  explicit ConstantPadImpl(const ConstantPadOptions<D>& options_) : options(options_) {}
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  ConstantPadOptions<D> options;
};
class TAPER_API ConstantPad1dImpl : public ConstantPadImpl<1, ConstantPad1dImpl> {
 public:
  using ConstantPadImpl<1, ConstantPad1dImpl>::ConstantPadImpl;
};
TAPER_MODULE(ConstantPad1d);
class TAPER_API ConstantPad2dImpl : public ConstantPadImpl<2, ConstantPad2dImpl> {
 public:
  using ConstantPadImpl<2, ConstantPad2dImpl>::ConstantPadImpl;
};
TAPER_MODULE(ConstantPad2d);

}  // namespace taper::nn
