// Dropout: in training, zeroes each value with probability p and scales the rest by 1 / (1 - p), so that the expected
// value is unchanged; in evaluation it returns its input. The mask is drawn from the default generator.
//
//   taper::nn::Dropout drop(0.3);
//   taper::nn::Dropout in_place(taper::nn::DropoutOptions().p(0.3).inplace(true));
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

struct DropoutOptions {
  DropoutOptions(double p = 0.5) : p_(p) {}  // NOLINT: implicit as in libtorch
  TAPER_ARG(double, p);
  TAPER_ARG(bool, inplace) = false;
};

class TAPER_API DropoutImpl : public Cloneable<DropoutImpl> {
 public:
  explicit DropoutImpl(double p);
  // p outside [0, 1] is an error.
  explicit DropoutImpl(const DropoutOptions& options_ = {});
  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(Tensor input);

  DropoutOptions options;
};
TAPER_MODULE(Dropout);

}  // namespace taper::nn
