#include <taper/layers/linear.h>

#include <taper/core/factories.h>
#include <taper/layers/init.h>

namespace taper::nn {

LinearImpl::LinearImpl(const LinearOptions& options_) : Layer(options_) { LinearImpl::reset(); }

void LinearImpl::reset() {
  TAPER_CHECK_VALUE(options.in_features() >= 0 && options.out_features() >= 0,
                    "Linear: in_features and out_features must not be negative; got ", options.in_features(), " and ",
                    options.out_features());
  weight = register_parameter("weight", empty({options.out_features(), options.in_features()}));
  bias = register_parameter("bias", options.bias() ? empty({options.out_features()}) : Tensor(), options.bias());
  reset_parameters();
}

void LinearImpl::reset_parameters() { detail::init_weight_and_bias(weight, bias); }

Tensor LinearImpl::layer_forward(const Tensor& x) {
  TAPER_CHECK_VALUE(x.dim() > 0 && x.size(-1) == weight.size(1),
                    "Linear: the last dimension of the input must be in_features; got input sizes ", x.sizes(),
                    " and in_features = ", weight.size(1));
  return linear(x, weight, bias);
}

}  // namespace taper::nn
