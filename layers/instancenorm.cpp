#include <taper/layers/instancenorm.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>

#include <ostream>

namespace taper::nn {

Tensor functional::instance_norm(const Tensor& input, const InstanceNormFuncOptions& o) {
  return taper::instance_norm(input, o.weight(), o.bias(), o.running_mean(), o.running_var(), o.use_input_stats(),
                              o.momentum(), o.eps());
}

void InstanceNormBase::register_tensors() {
  const int64_t C = options.num_features();
  TAPER_CHECK_VALUE(C >= 0, "InstanceNorm: num_features must not be negative; got ", C);
  TAPER_CHECK_VALUE(options.eps() >= 0, "InstanceNorm: eps must not be negative; got ", options.eps());
  TAPER_CHECK_VALUE(options.momentum() >= 0 && options.momentum() <= 1,
                    "InstanceNorm: momentum must be from 0 to 1; got ", options.momentum());
  const bool affine = options.affine(), track = options.track_running_stats();
  weight = register_parameter("weight", affine ? ones({C}) : Tensor(), affine);
  bias = register_parameter("bias", affine ? zeros({C}) : Tensor(), affine);
  running_mean = register_buffer("running_mean", track ? zeros({C}) : Tensor());
  running_var = register_buffer("running_var", track ? ones({C}) : Tensor());
  num_batches_tracked = register_buffer("num_batches_tracked", track ? zeros({}, kInt64) : Tensor());
}

void InstanceNormBase::reset_running_stats() {
  if (running_mean.defined()) running_mean.zero_();
  if (running_var.defined()) running_var.fill_(1);
  if (num_batches_tracked.defined()) num_batches_tracked.zero_();
}

void InstanceNormBase::reset_parameters() {
  const NoGradGuard no_grad;
  reset_running_stats();
  if (weight.defined()) weight.fill_(1);
  if (bias.defined()) bias.zero_();
}

void InstanceNormBase::pretty_print(std::ostream& stream) const {
  const auto text = [](bool value) { return value ? "true" : "false"; };
  stream << "taper::nn::InstanceNorm" << num_spatial_dims() << "d(" << options.num_features()
         << ", eps=" << options.eps() << ", momentum=" << options.momentum() << ", affine=" << text(options.affine())
         << ", track_running_stats=" << text(options.track_running_stats()) << ")";
}

// Files from before PyTorch 0.4.1 have no count.
bool InstanceNormBase::may_be_missing(const std::string& name) const { return name == "num_batches_tracked"; }

Tensor InstanceNormBase::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    const int64_t D = num_spatial_dims();
    TAPER_CHECK_VALUE(input.dim() == D + 1 || input.dim() == D + 2, "InstanceNorm", D, "d: the input must be ",
                      D == 1 ? "[N, C, L] or [C, L]" : "[N, C, H, W] or [C, H, W]", "; got sizes ", input.sizes());
    const bool is_sample = input.dim() == D + 1;
    const Tensor y = instance_norm(is_sample ? input.unsqueeze(0) : input, weight, bias, running_mean, running_var,
                                   is_training() || !running_mean.defined(), options.momentum(), options.eps());
    return is_sample ? y.squeeze(0) : y;
  });
}

}  // namespace taper::nn
