#include <taper/layers/linear.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/layers/init.h>

#include <cmath>
#include <ostream>

namespace taper::nn {

LinearImpl::LinearImpl(int64_t in_features, int64_t out_features)
    : LinearImpl(LinearOptions(in_features, out_features)) {}
LinearImpl::LinearImpl(const LinearOptions& options_) : options(options_) { LinearImpl::reset(); }

void LinearImpl::reset() {
  TAPER_CHECK_VALUE(options.in_features() >= 0 && options.out_features() >= 0,
                    "Linear: in_features and out_features must not be negative; got ", options.in_features(), " and ",
                    options.out_features());
  weight = register_parameter("weight", empty({options.out_features(), options.in_features()}));
  bias = register_parameter("bias", options.bias() ? empty({options.out_features()}) : Tensor(), options.bias());
  reset_parameters();
}

void LinearImpl::reset_parameters() {
  if (weight.numel() > 0) init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (bias.defined()) {
    const double bound = weight.size(1) > 0 ? 1 / std::sqrt(static_cast<double>(weight.size(1))) : 0;
    init::uniform_(bias, -bound, bound);
  }
}

void LinearImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::Linear(in_features=" << options.in_features() << ", out_features=" << options.out_features()
         << ", bias=" << (options.bias() ? "true" : "false") << ")";
}

Tensor LinearImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    TAPER_CHECK_VALUE(input.dim() > 0 && input.size(-1) == weight.size(1),
                      "Linear: the last dimension of the input must be in_features; got input sizes ", input.sizes(),
                      " and in_features = ", weight.size(1));
    return linear(input, weight, bias);
  });
}

}  // namespace taper::nn
