// Dropout, as layer and as function: in training, zeroes each value with probability p and scales the rest by
// 1 / (1 - p), so that the expected value is unchanged; in evaluation it returns its input. The mask is drawn from the
// default generator. Dropout2d does the same to whole channels: of [N, C, H, W], or of [C, H, W] without a batch, whose
// neighbours would give away what a single missing value was.
//
//   taper::nn::Dropout drop(0.3);
//   taper::nn::Dropout in_place(taper::nn::DropoutOptions().p(0.3).inplace(true));
//   taper::nn::Dropout2d channels(0.2);
//   x = F::dropout(x, F::DropoutFuncOptions().p(0.5).training(is_training()));
#pragma once

#include <taper/layers/layer.h>

namespace taper::nn {

struct DropoutOptions {
  DropoutOptions(double p = 0.5) : p_(p) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(double, p);
  TAPER_ARG(bool, inplace) = false;

 public:
  void print(detail::FieldPrinter& out) const { out("p, inplace", {p_, inplace_}); }
  // ValueError for a p outside [0, 1].
  void check() const;
};
using Dropout2dOptions = DropoutOptions;

namespace functional {

struct DropoutFuncOptions {
  TAPER_ARG(double, p) = 0.5;
  // false returns the input; a function does not know the model's mode.
  TAPER_ARG(bool, training) = false;
  TAPER_ARG(bool, inplace) = false;
};
using Dropout2dFuncOptions = DropoutFuncOptions;

TAPER_API Tensor dropout(Tensor input, const DropoutFuncOptions& options = {});
// input: [N, C, H, W]; one of any other rank counts as a single sample [C, ...].
TAPER_API Tensor dropout2d(Tensor input, const Dropout2dFuncOptions& options = {});

}  // namespace functional

TAPER_STATELESS(Dropout, DropoutOptions, const Tensor&);
TAPER_STATELESS(Dropout2d, Dropout2dOptions, const Tensor&);

}  // namespace taper::nn
