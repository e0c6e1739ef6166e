#include <taper/layers/dropout.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>

namespace taper::nn {

Tensor functional::dropout(Tensor input, const DropoutFuncOptions& options) {
  TAPER_CHECK_VALUE(options.p() >= 0 && options.p() <= 1, "dropout: p must be a probability, from 0 to 1; got ",
                    options.p());
  if (!options.training()) return input;
  const Tensor dropped = taper::dropout(input, options.p(), true);
  return options.inplace() ? input.copy_(dropped) : dropped;
}

// One draw per channel of each sample, broadcast over the rest.
Tensor functional::dropout2d(Tensor input, const Dropout2dFuncOptions& options) {
  const double p = options.p();
  TAPER_CHECK_VALUE(p >= 0 && p <= 1, "dropout2d: p must be a probability, from 0 to 1; got ", p);
  TAPER_CHECK_VALUE(input.dim() > 0, "dropout2d: the input must be [N, C, H, W] or [C, H, W]; got a zero-dim tensor");
  TAPER_CHECK_TYPE(input.is_floating_point(), "dropout2d: the input must be " TAPER_FLOATS "; got ", input.dtype());
  if (!options.training() || p == 0 || input.numel() == 0) return input;
  DimVector sizes(input.sizes().size(), 1);
  for (size_t d = 0; d < (input.dim() == 4 ? 2 : 1); ++d) sizes[d] = input.sizes()[d];
  // With p = 1 every factor is 0: NaN stays NaN.
  const Tensor factors =
      p == 1 ? zeros(sizes, input.dtype()) : empty(sizes, input.dtype()).bernoulli_(1 - p).div_(1 - p);
  const Tensor dropped = input * factors;
  return options.inplace() ? input.copy_(dropped) : dropped;
}

void DropoutOptions::check() const {
  TAPER_CHECK_VALUE(p() >= 0 && p() <= 1, "Dropout: p must be a probability, from 0 to 1; got ", p());
}

namespace {
functional::DropoutFuncOptions function_options(const DropoutOptions& o, bool training) {
  return functional::DropoutFuncOptions().p(o.p()).training(training).inplace(o.inplace());
}
}  // namespace

Tensor DropoutImpl::layer_forward(const Tensor& x) {
  return functional::dropout(x, function_options(options, is_training()));
}
Tensor Dropout2dImpl::layer_forward(const Tensor& x) {
  return functional::dropout2d(x, function_options(options, is_training()));
}

}  // namespace taper::nn
