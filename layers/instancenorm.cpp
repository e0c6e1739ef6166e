#include <taper/layers/instancenorm.h>

#include <taper/autograd/functions.h>

namespace taper::nn {

Tensor functional::instance_norm(const Tensor& input, const InstanceNormFuncOptions& o) {
  return taper::instance_norm(input, o.weight(), o.bias(), o.running_mean(), o.running_var(), o.use_input_stats(),
                              o.momentum(), o.eps());
}

void InstanceNormBase::register_tensors() {
  check("InstanceNorm", options.num_features(), options.eps());
  TAPER_CHECK_VALUE(options.momentum() >= 0 && options.momentum() <= 1,
                    "InstanceNorm: momentum must be from 0 to 1; got ", options.momentum());
  ChannelNorm::register_tensors(options.num_features(), options.affine(), options.track_running_stats());
}

void InstanceNormBase::pretty_print(std::ostream& stream) const {
  detail::FieldPrinter out(stream, taper::detail::str("taper::nn::InstanceNorm", num_spatial_dims(), "d"));
  out("", {options.num_features()});
  out("eps, momentum, affine, track_running_stats",
      {options.eps(), options.momentum(), options.affine(), options.track_running_stats()});
  out.end();
}

Tensor InstanceNormBase::layer_forward(const Tensor& x) {
  const auto D = static_cast<int64_t>(num_spatial_dims());
  TAPER_CHECK_VALUE(x.dim() == D + 1 || x.dim() == D + 2, "InstanceNorm", D, "d: the input must be ",
                    D == 1 ? "[N, C, L] or [C, L]" : "[N, C, H, W] or [C, H, W]", "; got sizes ", x.sizes());
  const bool is_sample = x.dim() == D + 1;
  const Tensor y = instance_norm(is_sample ? x.unsqueeze(0) : x, weight, bias, running_mean, running_var,
                                 is_training() || !running_mean.defined(), options.momentum(), options.eps());
  return is_sample ? y.squeeze(0) : y;
}

InstanceNorm1dImpl::~InstanceNorm1dImpl() = default;
InstanceNorm2dImpl::~InstanceNorm2dImpl() = default;

}  // namespace taper::nn
