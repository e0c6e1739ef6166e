#include <taper/layers/functional_layer.h>

namespace taper::nn {

FunctionalImpl::FunctionalImpl(Function function) : function_(std::move(function)) {
  TAPER_CHECK_VALUE(function_, "Functional: the function must not be empty");
}

Tensor FunctionalImpl::layer_forward(const Tensor& x) { return function_(x); }

}  // namespace taper::nn
