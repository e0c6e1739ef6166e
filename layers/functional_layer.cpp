#include <taper/layers/functional_layer.h>

#include <ostream>

namespace taper::nn {

FunctionalImpl::FunctionalImpl(Function function) : function_(std::move(function)) {
  TAPER_CHECK_VALUE(function_, "Functional: the function must not be empty");
}

void FunctionalImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::Functional()"; }

Tensor FunctionalImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] { return function_(input); });
}

}  // namespace taper::nn
