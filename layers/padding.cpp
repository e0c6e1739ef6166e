#include <taper/layers/padding.h>

#include <taper/autograd/functions.h>

#include <ostream>

namespace taper::nn {

Tensor functional::pad(const Tensor& input, const PadFuncOptions& options) {
  const char* const names[] = {"constant", "reflect", "replicate", "circular"};  // in the order of mode_t
  return taper::pad(input, options.pad(), names[options.mode().index()], options.value());
}

template <size_t D, class Derived>
void ReflectionPadImpl<D, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ReflectionPad" << D << "d(padding=" << options.padding() << ")";
}
template <size_t D, class Derived>
Tensor ReflectionPadImpl<D, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    return D == 1 ? reflection_pad1d(input, options.padding()) : reflection_pad2d(input, options.padding());
  });
}
template class ReflectionPadImpl<1, ReflectionPad1dImpl>;
template class ReflectionPadImpl<2, ReflectionPad2dImpl>;

template <size_t D, class Derived>
void ReplicationPadImpl<D, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ReplicationPad" << D << "d(padding=" << options.padding() << ")";
}
template <size_t D, class Derived>
Tensor ReplicationPadImpl<D, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    return D == 1 ? replication_pad1d(input, options.padding()) : replication_pad2d(input, options.padding());
  });
}
template class ReplicationPadImpl<1, ReplicationPad1dImpl>;
template class ReplicationPadImpl<2, ReplicationPad2dImpl>;

void ZeroPad2dImpl::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ZeroPad2d(padding=" << options.padding() << ")";
}
Tensor ZeroPad2dImpl::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return constant_pad_nd(input, options.padding(), 0); });
}

template <size_t D, class Derived>
void ConstantPadImpl<D, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::ConstantPad" << D << "d(padding=" << options.padding() << ", value=" << options.value() << ")";
}
template <size_t D, class Derived>
Tensor ConstantPadImpl<D, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] { return constant_pad_nd(input, options.padding(), options.value()); });
}
template class ConstantPadImpl<1, ConstantPad1dImpl>;
template class ConstantPadImpl<2, ConstantPad2dImpl>;

}  // namespace taper::nn
