#include <taper/layers/flatten.h>

#include <ostream>

namespace taper::nn {

FlattenImpl::FlattenImpl(const FlattenOptions& options_) : options(options_) {}

void FlattenImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Flatten(start_dim=" << options.start_dim() << ", end_dim=" << options.end_dim() << ")";
}

Tensor FlattenImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return input.flatten(options.start_dim(), options.end_dim()); });
}

}  // namespace taper::nn
