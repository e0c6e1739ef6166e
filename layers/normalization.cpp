#include <taper/layers/normalization.h>

#include <taper/autograd/functions.h>
#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/layers/channel_norm.h>

namespace taper::nn {

Tensor functional::normalize(const Tensor& input, const NormalizeFuncOptions& o) {
  Tensor y = input / input.norm(o.p(), o.dim(), true).clamp_min(o.eps());
  if (!o.out()) return y;
  const Tensor& out = *o.out();
  TAPER_CHECK(!y.requires_grad() && !(GradMode::is_enabled() && out.requires_grad()),
              "normalize: with `out` there is no derivative, so neither it nor the input may require grad; use "
              "NoGradGuard, or the result");
  TAPER_CHECK_TYPE(out.is_floating_point(), "normalize: `out` must be " TAPER_FLOATS "; got ", out.dtype());
  if (out.sizes() != y.sizes()) out.resize_(y.sizes());
  return out.copy_(y);
}
Tensor functional::layer_norm(const Tensor& input, const LayerNormFuncOptions& o) {
  return taper::layer_norm(input, o.normalized_shape(), o.weight(), o.bias(), o.eps());
}
Tensor functional::group_norm(const Tensor& input, const GroupNormFuncOptions& o) {
  return taper::group_norm(input, o.num_groups(), o.weight(), o.bias(), o.eps());
}

LayerNormImpl::LayerNormImpl(const LayerNormOptions& options_) : Layer(options_) { LayerNormImpl::reset(); }

void LayerNormImpl::reset() {
  const IntArrayRef shape = options.normalized_shape();
  TAPER_CHECK_VALUE(!shape.empty(), "LayerNorm: normalized_shape must name at least one dimension; got []");
  checked_numel("LayerNorm", shape);
  TAPER_CHECK_VALUE(options.eps() >= 0, "LayerNorm: eps must not be negative; got ", options.eps());
  const bool affine = options.elementwise_affine();
  weight = register_parameter("weight", affine ? ones(shape) : Tensor(), affine);
  bias = register_parameter("bias", affine ? zeros(shape) : Tensor(), affine);
}

GroupNormImpl::GroupNormImpl(const GroupNormOptions& options_) : Layer(options_) { GroupNormImpl::reset(); }

void GroupNormImpl::reset() {
  const int64_t G = options.num_groups(), C = options.num_channels();
  TAPER_CHECK_VALUE(G > 0 && C >= 0 && C % G == 0, "GroupNorm: num_groups must divide num_channels; got ", G, " and ",
                    C);
  TAPER_CHECK_VALUE(options.eps() >= 0, "GroupNorm: eps must not be negative; got ", options.eps());
  const bool affine = options.affine();
  weight = register_parameter("weight", affine ? ones({C}) : Tensor(), affine);
  bias = register_parameter("bias", affine ? zeros({C}) : Tensor(), affine);
}

void LayerNormImpl::reset_parameters() { detail::reset_affine(weight, bias); }
void GroupNormImpl::reset_parameters() { detail::reset_affine(weight, bias); }

Tensor LayerNormImpl::layer_forward(const Tensor& x) {
  return layer_norm(x, options.normalized_shape(), weight, bias, options.eps());
}
Tensor GroupNormImpl::layer_forward(const Tensor& x) {
  return group_norm(x, options.num_groups(), weight, bias, options.eps());
}

}  // namespace taper::nn
