#include <taper/layers/pooling.h>

#include <taper/autograd/functions.h>

namespace taper::nn {

// ---- functions ------------------------------------------------------------------------------------------------------

namespace functional {
namespace {

// nullopt is the input's own size.
DimVector wanted_size(const Tensor& input, const ExpandingArrayWithOptionalElem<2>& output_size) {
  DimVector size;
  for (int64_t d = 0; d < 2; ++d) {
    const optional<int64_t>& wanted = (*output_size)[static_cast<size_t>(d)];
    // what has fewer dimensions is refused later
    size.push_back(wanted || input.dim() < 2 ? wanted.value_or(1) : input.size(d - 2));
  }
  return size;
}

}  // namespace

Tensor max_pool1d(const Tensor& input, const MaxPool1dFuncOptions& o) {
  return taper::max_pool1d(input, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode());
}
Tensor max_pool2d(const Tensor& input, const MaxPool2dFuncOptions& o) {
  return taper::max_pool2d(input, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode());
}
std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& input, const MaxPool1dFuncOptions& o) {
  return taper::max_pool1d_with_indices(input, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode());
}
std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& input, const MaxPool2dFuncOptions& o) {
  return taper::max_pool2d_with_indices(input, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode());
}

Tensor avg_pool1d(const Tensor& input, const AvgPool1dFuncOptions& o) {
  return taper::avg_pool1d(input, o.kernel_size(), o.stride(), o.padding(), o.ceil_mode(), o.count_include_pad());
}
Tensor avg_pool2d(const Tensor& input, const AvgPool2dFuncOptions& o) {
  return taper::avg_pool2d(input, o.kernel_size(), o.stride(), o.padding(), o.ceil_mode(), o.count_include_pad(),
                           o.divisor_override());
}

std::tuple<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& input,
                                                            const AdaptiveMaxPool1dFuncOptions& o) {
  return taper::adaptive_max_pool1d(input, o.output_size());
}
std::tuple<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& input,
                                                            const AdaptiveMaxPool2dFuncOptions& o) {
  return taper::adaptive_max_pool2d(input, wanted_size(input, o.output_size()));
}
Tensor adaptive_max_pool1d(const Tensor& input, const AdaptiveMaxPool1dFuncOptions& o) {
  return std::get<0>(adaptive_max_pool1d_with_indices(input, o));
}
Tensor adaptive_max_pool2d(const Tensor& input, const AdaptiveMaxPool2dFuncOptions& o) {
  return std::get<0>(adaptive_max_pool2d_with_indices(input, o));
}
Tensor adaptive_avg_pool1d(const Tensor& input, const AdaptiveAvgPool1dFuncOptions& o) {
  return taper::adaptive_avg_pool1d(input, o.output_size());
}
Tensor adaptive_avg_pool2d(const Tensor& input, const AdaptiveAvgPool2dFuncOptions& o) {
  return taper::adaptive_avg_pool2d(input, wanted_size(input, o.output_size()));
}

}  // namespace functional

// ---- layers ---------------------------------------------------------------------------------------------------------

namespace F = functional;

Tensor MaxPool1dImpl::layer_forward(const Tensor& x) { return F::max_pool1d(x, options); }
Tensor MaxPool2dImpl::layer_forward(const Tensor& x) { return F::max_pool2d(x, options); }
Tensor AvgPool1dImpl::layer_forward(const Tensor& x) { return F::avg_pool1d(x, options); }
Tensor AvgPool2dImpl::layer_forward(const Tensor& x) { return F::avg_pool2d(x, options); }
Tensor AdaptiveMaxPool1dImpl::layer_forward(const Tensor& x) { return F::adaptive_max_pool1d(x, options); }
Tensor AdaptiveMaxPool2dImpl::layer_forward(const Tensor& x) { return F::adaptive_max_pool2d(x, options); }
Tensor AdaptiveAvgPool1dImpl::layer_forward(const Tensor& x) { return F::adaptive_avg_pool1d(x, options); }
Tensor AdaptiveAvgPool2dImpl::layer_forward(const Tensor& x) { return F::adaptive_avg_pool2d(x, options); }

std::tuple<Tensor, Tensor> MaxPool1dImpl::forward_with_indices(const Tensor& x) {
  return detail::call_module(*this, &x, [&] { return F::max_pool1d_with_indices(x, options); });
}
std::tuple<Tensor, Tensor> MaxPool2dImpl::forward_with_indices(const Tensor& x) {
  return detail::call_module(*this, &x, [&] { return F::max_pool2d_with_indices(x, options); });
}
std::tuple<Tensor, Tensor> AdaptiveMaxPool1dImpl::forward_with_indices(const Tensor& x) {
  return detail::call_module(*this, &x, [&] { return F::adaptive_max_pool1d_with_indices(x, options); });
}
std::tuple<Tensor, Tensor> AdaptiveMaxPool2dImpl::forward_with_indices(const Tensor& x) {
  return detail::call_module(*this, &x, [&] { return F::adaptive_max_pool2d_with_indices(x, options); });
}

}  // namespace taper::nn
