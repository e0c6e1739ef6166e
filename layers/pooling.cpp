#include <taper/layers/pooling.h>

#include <taper/autograd/functions.h>

namespace taper::nn {

// ---- functions ------------------------------------------------------------------------------------------------------

namespace functional {
namespace {

// With the input's size for nullopt.
DimVector wanted_size(const Tensor& input, const ExpandingArrayWithOptionalElem<2>& output_size) {
  DimVector size;
  for (int64_t d = 0; d < 2; ++d) {
    const optional<int64_t>& wanted = (*output_size)[static_cast<size_t>(d)];
    // an input of fewer dimensions is an error in the function
    size.push_back(wanted || input.dim() < 2 ? wanted.value_or(1) : input.size(d - 2));
  }
  return size;
}

template <class Function, class Options>
auto max_pool(const Function& function, const Tensor& x, const Options& o) {
  return function(x, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode());
}

}  // namespace

Tensor max_pool1d(const Tensor& x, const MaxPool1dFuncOptions& o) { return max_pool(taper::max_pool1d, x, o); }
Tensor max_pool2d(const Tensor& x, const MaxPool2dFuncOptions& o) { return max_pool(taper::max_pool2d, x, o); }
std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, const MaxPool1dFuncOptions& o) {
  return max_pool(taper::max_pool1d_with_indices, x, o);
}
std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, const MaxPool2dFuncOptions& o) {
  return max_pool(taper::max_pool2d_with_indices, x, o);
}

Tensor avg_pool1d(const Tensor& x, const AvgPool1dFuncOptions& o) {
  return taper::avg_pool1d(x, o.kernel_size(), o.stride(), o.padding(), o.ceil_mode(), o.count_include_pad());
}
Tensor avg_pool2d(const Tensor& x, const AvgPool2dFuncOptions& o) {
  return taper::avg_pool2d(x, o.kernel_size(), o.stride(), o.padding(), o.ceil_mode(), o.count_include_pad(),
                           o.divisor_override());
}

std::tuple<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& x, const AdaptiveMaxPool1dFuncOptions& o) {
  return taper::adaptive_max_pool1d(x, o.output_size());
}
std::tuple<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& x, const AdaptiveMaxPool2dFuncOptions& o) {
  return taper::adaptive_max_pool2d(x, wanted_size(x, o.output_size()));
}
Tensor adaptive_max_pool1d(const Tensor& x, const AdaptiveMaxPool1dFuncOptions& o) {
  return std::get<0>(adaptive_max_pool1d_with_indices(x, o));
}
Tensor adaptive_max_pool2d(const Tensor& x, const AdaptiveMaxPool2dFuncOptions& o) {
  return std::get<0>(adaptive_max_pool2d_with_indices(x, o));
}
Tensor adaptive_avg_pool1d(const Tensor& x, const AdaptiveAvgPool1dFuncOptions& o) {
  return taper::adaptive_avg_pool1d(x, o.output_size());
}
Tensor adaptive_avg_pool2d(const Tensor& x, const AdaptiveAvgPool2dFuncOptions& o) {
  return taper::adaptive_avg_pool2d(x, wanted_size(x, o.output_size()));
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
