#include <taper/layers/normalization.h>

#include <taper/autograd/functions.h>
#include <taper/core/dims.h>
#include <taper/core/factories.h>

#include <ostream>

namespace taper::nn {

Tensor functional::normalize(const Tensor& input, const NormalizeFuncOptions& o) {
  Tensor y = input / input.norm(o.p(), o.dim(), true).clamp_min(o.eps());
  if (!o.out()) return y;
  const Tensor& out = *o.out();
  TAPER_CHECK(!y.requires_grad() && !(GradMode::is_enabled() && out.requires_grad()),
              "normalize: with `out` there is no derivative, so neither it nor the input may require grad; use "
              "NoGradGuard, or the result");
  TAPER_CHECK_TYPE(out.is_floating_point(), "normalize: `out` must be float32 or float64; got ", out.dtype());
  if (out.sizes() != y.sizes()) out.resize_(y.sizes());
  return out.copy_(y);
}
Tensor functional::layer_norm(const Tensor& input, const LayerNormFuncOptions& o) {
  return taper::layer_norm(input, o.normalized_shape(), o.weight(), o.bias(), o.eps());
}
Tensor functional::group_norm(const Tensor& input, const GroupNormFuncOptions& o) {
  return taper::group_norm(input, o.num_groups(), o.weight(), o.bias(), o.eps());
}

LayerNormImpl::LayerNormImpl(const LayerNormOptions& options_) : options(options_) { LayerNormImpl::reset(); }

void LayerNormImpl::reset() {
  const IntArrayRef shape = options.normalized_shape();
  TAPER_CHECK_VALUE(!shape.empty(), "LayerNorm: normalized_shape must name at least one dimension; got []");
  checked_numel("LayerNorm", shape);
  TAPER_CHECK_VALUE(options.eps() >= 0, "LayerNorm: eps must not be negative; got ", options.eps());
  const bool affine = options.elementwise_affine();
  weight = register_parameter("weight", affine ? ones(shape) : Tensor(), affine);
  bias = register_parameter("bias", affine ? zeros(shape) : Tensor(), affine);
}

void LayerNormImpl::reset_parameters() {
  const NoGradGuard no_grad;
  if (weight.defined()) weight.fill_(1);
  if (bias.defined()) bias.zero_();
}

void LayerNormImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::LayerNorm(" << IntArrayRef(options.normalized_shape()) << ", eps=" << options.eps()
         << ", elementwise_affine=" << (options.elementwise_affine() ? "true" : "false") << ")";
}

Tensor LayerNormImpl::forward(const Tensor& input) {
  return detail::call_module(
      *this, &input, [&] { return layer_norm(input, options.normalized_shape(), weight, bias, options.eps()); });
}

GroupNormImpl::GroupNormImpl(const GroupNormOptions& options_) : options(options_) { GroupNormImpl::reset(); }

void GroupNormImpl::reset() {
  const int64_t G = options.num_groups(), C = options.num_channels();
  TAPER_CHECK_VALUE(G > 0 && C >= 0 && C % G == 0, "GroupNorm: num_groups must divide num_channels; got ", G, " and ",
                    C);
  TAPER_CHECK_VALUE(options.eps() >= 0, "GroupNorm: eps must not be negative; got ", options.eps());
  const bool affine = options.affine();
  weight = register_parameter("weight", affine ? ones({C}) : Tensor(), affine);
  bias = register_parameter("bias", affine ? zeros({C}) : Tensor(), affine);
}

void GroupNormImpl::reset_parameters() {
  const NoGradGuard no_grad;
  if (weight.defined()) weight.fill_(1);
  if (bias.defined()) bias.zero_();
}

void GroupNormImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::GroupNorm(" << options.num_groups() << ", " << options.num_channels()
         << ", eps=" << options.eps() << ", affine=" << (options.affine() ? "true" : "false") << ")";
}

Tensor GroupNormImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input,
                             [&] { return group_norm(input, options.num_groups(), weight, bias, options.eps()); });
}

}  // namespace taper::nn
