#include <taper/layers/padding.h>

#include <taper/autograd/functions.h>

namespace taper::nn {

Tensor functional::pad(const Tensor& input, const PadFuncOptions& options) {
  const char* const names[] = {"constant", "reflect", "replicate", "circular"};  // in the order of mode_t
  return taper::pad(input, options.pad(), names[options.mode().index()], options.value());
}

Tensor ReflectionPad1dImpl::layer_forward(const Tensor& x) { return reflection_pad1d(x, options.padding()); }
Tensor ReflectionPad2dImpl::layer_forward(const Tensor& x) { return reflection_pad2d(x, options.padding()); }
Tensor ReplicationPad1dImpl::layer_forward(const Tensor& x) { return replication_pad1d(x, options.padding()); }
Tensor ReplicationPad2dImpl::layer_forward(const Tensor& x) { return replication_pad2d(x, options.padding()); }
Tensor ZeroPad2dImpl::layer_forward(const Tensor& x) { return constant_pad_nd(x, options.padding(), 0); }
Tensor ConstantPad1dImpl::layer_forward(const Tensor& x) {
  return constant_pad_nd(x, options.padding(), options.value());
}
Tensor ConstantPad2dImpl::layer_forward(const Tensor& x) {
  return constant_pad_nd(x, options.padding(), options.value());
}

}  // namespace taper::nn
