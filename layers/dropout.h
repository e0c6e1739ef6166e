// Dropout, as layer and as function (Srivastava et al. 2014): in training,
//
//   y = x m / (1 - p)          m = 0 with probability p, else 1
//
// so that the expected value is unchanged; in evaluation y = x. Dropout draws m for each element. Dropout2d draws it
// for each channel (Tompson et al. 2015), since an element says much about its neighbours. m is drawn from the default
// generator.
//
//   x, y   any sizes; Dropout2d: [N, C, H, W], or [C, H, W] without a batch; of a floating-point type
//
// ValueError for a p outside [0, 1].
//
//   taper::nn::Dropout drop(0.3);
//   taper::nn::Dropout in_place(taper::nn::DropoutOptions().p(0.3).inplace(true));
//   taper::nn::Dropout2d channels(0.2);
//   x = F::dropout(x, F::DropoutFuncOptions().p(0.5).training(is_training()));
#pragma once

#include <taper/layers/layer.h>

namespace taper::nn {

struct TAPER_API DropoutOptions {
  DropoutOptions(double p = 0.5) : p_(p) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(double, p);
  TAPER_ARG(bool, inplace) = false;

 public:
  void print(detail::FieldPrinter& out) const { out("p, inplace", {p_, inplace_}); }
  void check() const;
};
using Dropout2dOptions = DropoutOptions;

namespace functional {

struct DropoutFuncOptions {
  TAPER_ARG(double, p) = 0.5;
  // false returns the input; a function does not know the mode of the model.
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
