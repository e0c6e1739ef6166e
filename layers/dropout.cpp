#include <taper/layers/dropout.h>

#include <taper/layers/functional.h>

#include <ostream>

namespace taper::nn {

DropoutImpl::DropoutImpl(double p) : DropoutImpl(DropoutOptions(p)) {}

DropoutImpl::DropoutImpl(const DropoutOptions& options_) : options(options_) { DropoutImpl::reset(); }

void DropoutImpl::reset() {
  TAPER_CHECK_VALUE(options.p() >= 0 && options.p() <= 1, "Dropout: p must be a probability, from 0 to 1; got ",
                    options.p());
}

void DropoutImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Dropout(p=" << options.p() << ", inplace=" << (options.inplace() ? "true" : "false") << ")";
}

Tensor DropoutImpl::forward(Tensor input) {
  return detail::call_module(*this, &input, [&] {
    return functional::dropout(
        input, functional::DropoutFuncOptions().p(options.p()).training(is_training()).inplace(options.inplace()));
  });
}

}  // namespace taper::nn
