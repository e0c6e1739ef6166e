#include <taper/layers/conv.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/layers/init.h>

#include <cmath>
#include <ostream>

namespace taper::nn {
namespace {

template <size_t D, class Options>
Tensor conv_function(const Tensor& x, const Tensor& weight, const Tensor& bias, const Options& options) {
  const auto call = [&](const auto& padding) {
    if constexpr (D == 1) {
      return taper::conv1d(x, weight, bias, options.stride(), padding, options.dilation(), options.groups());
    } else {
      return taper::conv2d(x, weight, bias, options.stride(), padding, options.dilation(), options.groups());
    }
  };
  if (std::holds_alternative<enumtype::kSame>(options.padding())) return call("same");
  if (std::holds_alternative<enumtype::kValid>(options.padding())) return call("valid");
  return call(IntArrayRef(std::get<ExpandingArray<D>>(options.padding())));
}

template <size_t D>
Tensor conv_transpose_function(const Tensor& x, const Tensor& weight, const Tensor& bias, IntArrayRef stride,
                               IntArrayRef padding, IntArrayRef output_padding, int64_t groups, IntArrayRef dilation) {
  if constexpr (D == 1) {
    return taper::conv_transpose1d(x, weight, bias, stride, padding, output_padding, groups, dilation);
  } else {
    return taper::conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation);
  }
}

template <size_t D>
detail::ConvNdOptions<D> conv_options(const ConvOptions<D>& o) {
  detail::ConvNdOptions<D> all(o.in_channels(), o.out_channels(), o.kernel_size());
  all.stride(o.stride()).padding(o.padding()).dilation(o.dilation()).groups(o.groups()).bias(o.bias());
  return all.padding_mode(o.padding_mode());
}

template <size_t D>
detail::ConvNdOptions<D> conv_options(const ConvTransposeOptions<D>& o) {
  detail::ConvNdOptions<D> all(o.in_channels(), o.out_channels(), o.kernel_size());
  all.stride(o.stride()).padding(o.padding()).dilation(o.dilation()).groups(o.groups()).bias(o.bias());
  return all.padding_mode(o.padding_mode()).output_padding(o.output_padding()).transposed(true);
}

template <size_t D>
std::string conv_name(const detail::ConvNdOptions<D>& o) {
  return taper::detail::str(o.transposed() ? "ConvTranspose" : "Conv", D, "d");
}

template <size_t D>
void conv_check_at_least(const detail::ConvNdOptions<D>& o, const char* what, const ExpandingArray<D>& values,
                         int64_t least) {
  for (int64_t value : *values) {
    TAPER_CHECK_VALUE(value >= least, conv_name(o), ": ", what, " must be at least ", least, "; got ", values);
  }
}

template <size_t D>
void conv_check_options(const detail::ConvNdOptions<D>& o) {
  TAPER_CHECK_VALUE(o.in_channels() >= 0 && o.out_channels() >= 0, conv_name(o),
                    ": in_channels and out_channels must not be negative; got ", o.in_channels(), " and ",
                    o.out_channels());
  TAPER_CHECK_VALUE(o.groups() >= 1, conv_name(o), ": groups must be at least 1; got ", o.groups());
  TAPER_CHECK_VALUE(o.in_channels() % o.groups() == 0 && o.out_channels() % o.groups() == 0, conv_name(o),
                    ": groups must divide in_channels and out_channels; got groups = ", o.groups(),
                    ", in_channels = ", o.in_channels(), " and out_channels = ", o.out_channels());
  conv_check_at_least(o, "kernel_size", o.kernel_size(), 1);
  conv_check_at_least(o, "stride", o.stride(), 1);
  conv_check_at_least(o, "dilation", o.dilation(), 1);
  conv_check_at_least(o, "output_padding", o.output_padding(), 0);
  if (const auto* padding = std::get_if<ExpandingArray<D>>(&o.padding())) {
    conv_check_at_least(o, "padding", *padding, 0);
  } else {
    TAPER_CHECK_VALUE(!o.transposed(), conv_name(o),
                      ": padding must be numbers; kSame and kValid are for plain convolutions");
  }
  if (std::holds_alternative<enumtype::kSame>(o.padding())) {
    for (int64_t stride : *o.stride()) {
      TAPER_CHECK_VALUE(stride == 1, conv_name(o), ": padding kSame must come with a stride of 1; got stride ",
                        o.stride());
    }
  }
  TAPER_CHECK_VALUE(!o.transposed() || std::holds_alternative<enumtype::kZeros>(o.padding_mode()), conv_name(o),
                    ": padding_mode must be kZeros; got ", enumtype::get_enum_name(o.padding_mode()));
}

// What pad() takes: before and after of the last dimension, then of the one before it.
template <size_t D>
std::vector<int64_t> conv_border(const detail::ConvNdOptions<D>& o) {
  std::vector<int64_t> border;
  for (size_t d = D; d-- > 0;) {
    int64_t before = 0, after = 0;
    if (const auto* padding = std::get_if<ExpandingArray<D>>(&o.padding())) {
      before = after = (*padding)->at(d);
    } else if (std::holds_alternative<enumtype::kSame>(o.padding())) {
      const int64_t both = o.dilation()->at(d) * (o.kernel_size()->at(d) - 1);
      before = both / 2;
      after = both - before;
    }
    border.push_back(before);
    border.push_back(after);
  }
  return border;
}

}  // namespace

Tensor functional::conv1d(const Tensor& x, const Tensor& weight, const Conv1dFuncOptions& options) {
  return conv_function<1>(x, weight, options.bias(), options);
}
Tensor functional::conv2d(const Tensor& x, const Tensor& weight, const Conv2dFuncOptions& options) {
  return conv_function<2>(x, weight, options.bias(), options);
}
Tensor functional::conv_transpose1d(const Tensor& x, const Tensor& weight, const ConvTranspose1dFuncOptions& options) {
  return conv_transpose_function<1>(x, weight, options.bias(), options.stride(), options.padding(),
                                    options.output_padding(), options.groups(), options.dilation());
}
Tensor functional::conv_transpose2d(const Tensor& x, const Tensor& weight, const ConvTranspose2dFuncOptions& options) {
  return conv_transpose_function<2>(x, weight, options.bias(), options.stride(), options.padding(),
                                    options.output_padding(), options.groups(), options.dilation());
}

template <size_t D, class Derived>
ConvNdImpl<D, Derived>::ConvNdImpl(const detail::ConvNdOptions<D>& options_) : options(options_) {
  ConvNdImpl::reset();
}

template <size_t D, class Derived>
void ConvNdImpl<D, Derived>::reset() {
  conv_check_options(options);
  const int64_t rows = options.transposed() ? options.in_channels() : options.out_channels();
  const int64_t columns = options.transposed() ? options.out_channels() : options.in_channels();
  DimVector sizes{rows, columns / options.groups()};
  for (int64_t size : *options.kernel_size()) sizes.push_back(size);
  weight = this->register_parameter("weight", empty(sizes));
  bias = this->register_parameter("bias", options.bias() ? empty({options.out_channels()}) : Tensor(), options.bias());
  reset_parameters();
}

template <size_t D, class Derived>
void ConvNdImpl<D, Derived>::reset_parameters() {
  if (weight.numel() > 0) init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (bias.defined()) {
    int64_t fan_in = weight.size(1);
    for (int64_t size : *options.kernel_size()) fan_in *= size;
    const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
    init::uniform_(bias, -bound, bound);
  }
}

template <size_t D, class Derived>
void ConvNdImpl<D, Derived>::pretty_print(std::ostream& stream) const {
  stream << "taper::nn::" << conv_name(options) << "(" << options.in_channels() << ", " << options.out_channels()
         << ", kernel_size=" << options.kernel_size() << ", stride=" << options.stride();
  const auto unless = [&](const char* name, const ExpandingArray<D>& values, int64_t usual) {
    if (*values != *ExpandingArray<D>(usual)) stream << ", " << name << "=" << values;
  };
  if (const auto* padding = std::get_if<ExpandingArray<D>>(&options.padding())) {
    unless("padding", *padding, 0);
  } else {
    stream << ", padding='" << (std::holds_alternative<enumtype::kSame>(options.padding()) ? "same" : "valid") << "'";
  }
  unless("dilation", options.dilation(), 1);
  unless("output_padding", options.output_padding(), 0);
  if (options.groups() != 1) stream << ", groups=" << options.groups();
  if (!options.bias()) stream << ", bias=false";
  if (!std::holds_alternative<enumtype::kZeros>(options.padding_mode())) {
    stream << ", padding_mode=" << enumtype::get_enum_name(options.padding_mode());
  }
  stream << ")";
}

template <size_t D, class Derived>
Tensor ConvNdImpl<D, Derived>::convolve(const Tensor& input) {
  return detail::call_module(*this, &input, [&] {
    if (std::holds_alternative<enumtype::kZeros>(options.padding_mode())) {
      return conv_function<D>(input, weight, bias, options);
    }
    // Mirror images and copies need room of their own.
    const char* const mode = std::holds_alternative<enumtype::kReflect>(options.padding_mode())     ? "reflect"
                             : std::holds_alternative<enumtype::kReplicate>(options.padding_mode()) ? "replicate"
                                                                                                    : "circular";
    detail::ConvNdOptions<D> inner = options;
    inner.padding(detail::conv_padding_t<D>(kValid));
    return conv_function<D>(taper::pad(input, conv_border(options), mode), weight, bias, inner);
  });
}

template <size_t D, class Derived>
ConvTransposeNdImpl<D, Derived>::ConvTransposeNdImpl(const detail::ConvNdOptions<D>& options_)
    : ConvNdImpl<D, Derived>(options_) {}

template <size_t D, class Derived>
Tensor ConvTransposeNdImpl<D, Derived>::convolve_transposed(const Tensor& input,
                                                            const optional<IntArrayRef>& output_size) {
  return detail::call_module(*this, &input, [&] {
    const auto& o = this->options;
    const auto& padding = std::get<ExpandingArray<D>>(o.padding());
    ExpandingArray<D> extra = o.output_padding();
    if (output_size) {
      const auto rank = static_cast<size_t>(input.dim());
      TAPER_CHECK_VALUE(rank == D + 1 || rank == D + 2, conv_name(o), ": the input must have ", D + 2,
                        " dimensions, or one less without a batch; got sizes ", input.sizes());
      TAPER_CHECK_VALUE(output_size->size() == D || output_size->size() == rank, conv_name(o),
                        ": output_size must be the ", D, " spatial sizes, or all ", rank, "; got ", *output_size);
      for (size_t d = 0; d < D; ++d) {
        const int64_t least = (input.sizes()[rank - D + d] - 1) * o.stride()->at(d) - 2 * padding->at(d) +
                              o.dilation()->at(d) * (o.kernel_size()->at(d) - 1) + 1;
        const int64_t wanted = (*output_size)[output_size->size() - D + d];
        TAPER_CHECK_VALUE(wanted >= least && wanted < least + o.stride()->at(d), conv_name(o), ": output_size must be ",
                          "from ", least, " to ", least + o.stride()->at(d) - 1, " in dimension ", d,
                          " for input sizes ", input.sizes(), "; got ", *output_size);
        extra->at(d) = wanted - least;
      }
    }
    return conv_transpose_function<D>(input, this->weight, this->bias, o.stride(), padding, extra, o.groups(),
                                      o.dilation());
  });
}

Conv1dImpl::Conv1dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<1> kernel_size)
    : Conv1dImpl(Conv1dOptions(in_channels, out_channels, kernel_size)) {}
Conv1dImpl::Conv1dImpl(const Conv1dOptions& options_) : ConvNdImpl(conv_options(options_)) {}
Tensor Conv1dImpl::forward(const Tensor& input) { return convolve(input); }

Conv2dImpl::Conv2dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<2> kernel_size)
    : Conv2dImpl(Conv2dOptions(in_channels, out_channels, kernel_size)) {}
Conv2dImpl::Conv2dImpl(const Conv2dOptions& options_) : ConvNdImpl(conv_options(options_)) {}
Tensor Conv2dImpl::forward(const Tensor& input) { return convolve(input); }

ConvTranspose1dImpl::ConvTranspose1dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<1> kernel_size)
    : ConvTranspose1dImpl(ConvTranspose1dOptions(in_channels, out_channels, kernel_size)) {}
ConvTranspose1dImpl::ConvTranspose1dImpl(const ConvTranspose1dOptions& options_)
    : ConvTransposeNdImpl(conv_options(options_)) {}
Tensor ConvTranspose1dImpl::forward(const Tensor& input, const optional<IntArrayRef>& output_size) {
  return convolve_transposed(input, output_size);
}

ConvTranspose2dImpl::ConvTranspose2dImpl(int64_t in_channels, int64_t out_channels, ExpandingArray<2> kernel_size)
    : ConvTranspose2dImpl(ConvTranspose2dOptions(in_channels, out_channels, kernel_size)) {}
ConvTranspose2dImpl::ConvTranspose2dImpl(const ConvTranspose2dOptions& options_)
    : ConvTransposeNdImpl(conv_options(options_)) {}
Tensor ConvTranspose2dImpl::forward(const Tensor& input, const optional<IntArrayRef>& output_size) {
  return convolve_transposed(input, output_size);
}

template class ConvNdImpl<1, Conv1dImpl>;
template class ConvNdImpl<2, Conv2dImpl>;
template class ConvNdImpl<1, ConvTranspose1dImpl>;
template class ConvNdImpl<2, ConvTranspose2dImpl>;
template class ConvTransposeNdImpl<1, ConvTranspose1dImpl>;
template class ConvTransposeNdImpl<2, ConvTranspose2dImpl>;

}  // namespace taper::nn
