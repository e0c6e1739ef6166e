#include <taper/layers/dropout.h>

#include <taper/core/factories.h>
#include <taper/layers/functional.h>

#include <ostream>

namespace taper::nn {

// One draw for each channel of each sample, spread over the rest.
Tensor functional::dropout2d(Tensor input, const Dropout2dFuncOptions& options) {
  const double p = options.p();
  TAPER_CHECK_VALUE(p >= 0 && p <= 1, "dropout2d: p must be a probability, from 0 to 1; got ", p);
  TAPER_CHECK_VALUE(input.dim() > 0, "dropout2d: the input must be [N, C, H, W] or [C, H, W]; got a zero-dim tensor");
  TAPER_CHECK_TYPE(input.is_floating_point(), "dropout2d: the input must be float32 or float64; got ", input.dtype());
  if (!options.training() || p == 0 || input.numel() == 0) return input;
  DimVector sizes(input.sizes().size(), 1);
  for (size_t d = 0; d < (input.dim() == 4 ? 2 : 1); ++d) sizes[d] = input.sizes()[d];
  // With p = 1 every factor is 0: NaN stays NaN.
  const Tensor factors =
      p == 1 ? zeros(sizes, input.dtype()) : empty(sizes, input.dtype()).bernoulli_(1 - p).div_(1 - p);
  const Tensor dropped = input * factors;
  return options.inplace() ? input.copy_(dropped) : dropped;
}

template <class Derived>
void DropoutImplBase<Derived>::reset() {
  TAPER_CHECK_VALUE(options.p() >= 0 && options.p() <= 1, "Dropout: p must be a probability, from 0 to 1; got ",
                    options.p());
}
template class DropoutImplBase<DropoutImpl>;
template class DropoutImplBase<Dropout2dImpl>;

void DropoutImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Dropout(p=" << options.p() << ", inplace=" << (options.inplace() ? "true" : "false") << ")";
}
Tensor DropoutImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] {
    return functional::dropout(
        input, functional::DropoutFuncOptions().p(options.p()).training(is_training()).inplace(options.inplace()));
  });
}

void Dropout2dImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Dropout2d(p=" << options.p() << ", inplace=" << (options.inplace() ? "true" : "false") << ")";
}
Tensor Dropout2dImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] {
    return functional::dropout2d(
        input, functional::Dropout2dFuncOptions().p(options.p()).training(is_training()).inplace(options.inplace()));
  });
}

}  // namespace taper::nn
