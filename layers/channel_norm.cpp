#include <taper/layers/channel_norm.h>

#include <taper/core/factories.h>

namespace taper::nn::detail {

void reset_affine(const Tensor& weight, const Tensor& bias) {
  const NoGradGuard no_grad;
  if (weight.defined()) weight.fill_(1);
  if (bias.defined()) bias.zero_();
}

Tensor ChannelNorm::forward(const Tensor& x) {
  return call_module(*this, &x, [&] { return layer_forward(x); });
}

void ChannelNorm::check(const char* name, int64_t num_features, double eps) {
  TAPER_CHECK_VALUE(num_features >= 0, name, ": num_features must not be negative; got ", num_features);
  TAPER_CHECK_VALUE(eps >= 0, name, ": eps must not be negative; got ", eps);
}

void ChannelNorm::register_tensors(int64_t C, bool affine, bool track_running_stats) {
  weight = register_parameter("weight", affine ? ones({C}) : Tensor(), affine);
  bias = register_parameter("bias", affine ? zeros({C}) : Tensor(), affine);
  running_mean = register_buffer("running_mean", track_running_stats ? zeros({C}) : Tensor());
  running_var = register_buffer("running_var", track_running_stats ? ones({C}) : Tensor());
  num_batches_tracked = register_buffer("num_batches_tracked", track_running_stats ? zeros({}, kInt64) : Tensor());
}

void ChannelNorm::reset_running_stats() {
  if (running_mean.defined()) running_mean.zero_();
  if (running_var.defined()) running_var.fill_(1);
  if (num_batches_tracked.defined()) num_batches_tracked.zero_();
}

void ChannelNorm::reset_parameters() {
  const NoGradGuard no_grad;
  reset_running_stats();
  reset_affine(weight, bias);
}

}  // namespace taper::nn::detail
