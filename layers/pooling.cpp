#include <taper/layers/pooling.h>

#include <taper/autograd/functions.h>
#include <taper/layers/functional_pooling.h>

#include <ostream>

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

// ---- modules --------------------------------------------------------------------------------------------------------

namespace F = functional;

template <size_t D, class Derived>
void MaxPoolImpl<D, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::MaxPool" << D << "d(kernel_size=" << options.kernel_size() << ", stride=" << options.stride()
         << ", padding=" << options.padding() << ", dilation=" << options.dilation()
         << ", ceil_mode=" << (options.ceil_mode() ? "true" : "false") << ")";
}
template <size_t D, class Derived>
Tensor MaxPoolImpl<D, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    if constexpr (D == 1)
      return F::max_pool1d(input, options);
    else
      return F::max_pool2d(input, options);
  });
}
template <size_t D, class Derived>
std::tuple<Tensor, Tensor> MaxPoolImpl<D, Derived>::forward_with_indices(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    if constexpr (D == 1)
      return F::max_pool1d_with_indices(input, options);
    else
      return F::max_pool2d_with_indices(input, options);
  });
}
template class MaxPoolImpl<1, MaxPool1dImpl>;
template class MaxPoolImpl<2, MaxPool2dImpl>;

template <size_t D, class Derived>
void AvgPoolImpl<D, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::AvgPool" << D << "d(kernel_size=" << options.kernel_size() << ", stride=" << options.stride()
         << ", padding=" << options.padding() << ")";
}
template <size_t D, class Derived>
Tensor AvgPoolImpl<D, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    if constexpr (D == 1)
      return F::avg_pool1d(input, options);
    else
      return F::avg_pool2d(input, options);
  });
}
template class AvgPoolImpl<1, AvgPool1dImpl>;
template class AvgPoolImpl<2, AvgPool2dImpl>;

template <size_t D, class Size, class Derived>
void AdaptiveMaxPoolImpl<D, Size, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::AdaptiveMaxPool" << D << "d(output_size=" << options.output_size() << ")";
}
template <size_t D, class Size, class Derived>
Tensor AdaptiveMaxPoolImpl<D, Size, Derived>::forward(const Tensor& input) {
  return std::get<0>(forward_with_indices(input));
}
template <size_t D, class Size, class Derived>
std::tuple<Tensor, Tensor> AdaptiveMaxPoolImpl<D, Size, Derived>::forward_with_indices(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    if constexpr (D == 1)
      return F::adaptive_max_pool1d_with_indices(input, options);
    else
      return F::adaptive_max_pool2d_with_indices(input, options);
  });
}
template class AdaptiveMaxPoolImpl<1, ExpandingArray<1>, AdaptiveMaxPool1dImpl>;
template class AdaptiveMaxPoolImpl<2, ExpandingArrayWithOptionalElem<2>, AdaptiveMaxPool2dImpl>;

template <size_t D, class Size, class Derived>
void AdaptiveAvgPoolImpl<D, Size, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::AdaptiveAvgPool" << D << "d(output_size=" << options.output_size() << ")";
}
template <size_t D, class Size, class Derived>
Tensor AdaptiveAvgPoolImpl<D, Size, Derived>::forward(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    if constexpr (D == 1)
      return F::adaptive_avg_pool1d(input, options);
    else
      return F::adaptive_avg_pool2d(input, options);
  });
}
template class AdaptiveAvgPoolImpl<1, ExpandingArray<1>, AdaptiveAvgPool1dImpl>;
template class AdaptiveAvgPoolImpl<2, ExpandingArrayWithOptionalElem<2>, AdaptiveAvgPool2dImpl>;

}  // namespace taper::nn
