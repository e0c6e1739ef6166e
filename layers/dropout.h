// Dropout: in training, zeroes each value with probability p and scales the rest by 1 / (1 - p), so that the expected
// value is unchanged; in evaluation it returns its input. The mask is drawn from the default generator. Dropout2d does
// the same to whole channels: of [N, C, H, W], or of [C, H, W] without a batch, whose neighbours would give away what a
// single missing value was.
//
//   taper::nn::Dropout drop(0.3);
//   taper::nn::Dropout in_place(taper::nn::DropoutOptions().p(0.3).inplace(true));
//   taper::nn::Dropout2d channels(0.2);
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

struct DropoutOptions {
  DropoutOptions(double p = 0.5) : p_(p) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(double, p);
  TAPER_ARG(bool, inplace) = false;
};
using Dropout2dOptions = DropoutOptions;

template <class Derived>
class TAPER_API DropoutImplBase : public Cloneable<Derived> {
 public:
  explicit DropoutImplBase(double p) : DropoutImplBase(DropoutOptions(p)) {}
  // p outside [0, 1] is an error.
  explicit DropoutImplBase(const DropoutOptions& options_ = {}) : options(options_) { reset(); }
  void reset() final;

  DropoutOptions options;
};

class TAPER_API DropoutImpl : public DropoutImplBase<DropoutImpl> {
 public:
  using DropoutImplBase<DropoutImpl>::DropoutImplBase;
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);
};
TAPER_MODULE(Dropout);

class TAPER_API Dropout2dImpl : public DropoutImplBase<Dropout2dImpl> {
 public:
  using DropoutImplBase<Dropout2dImpl>::DropoutImplBase;
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);
};
TAPER_MODULE(Dropout2d);

}  // namespace taper::nn
