#include <taper/layers/conv.h>

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/layers/init.h>

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

template <size_t D, class Options>
Tensor conv_transpose_function(const Tensor& x, const Tensor& weight, const Tensor& bias, const Options& options,
                               const ExpandingArray<D>& padding, const ExpandingArray<D>& output_padding) {
  const auto function = D == 1 ? taper::conv_transpose1d : taper::conv_transpose2d;
  return function(x, weight, bias, options.stride(), padding, output_padding, options.groups(), options.dilation());
}

// The options of a plain or a transposed layer.
template <size_t D, class Options>
detail::ConvNdOptions<D> conv_options(const Options& o) {
  detail::ConvNdOptions<D> all(o.in_channels(), o.out_channels(), o.kernel_size());
  all.stride(o.stride()).padding(o.padding()).dilation(o.dilation()).groups(o.groups()).bias(o.bias());
  if constexpr (requires { o.output_padding(); }) all.output_padding(o.output_padding()).transposed(true);
  return all.padding_mode(o.padding_mode());
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

// As pad() takes it: before and after the last dimension, then the one before it.
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
  return conv_transpose_function<1>(x, weight, options.bias(), options, options.padding(), options.output_padding());
}
Tensor functional::conv_transpose2d(const Tensor& x, const Tensor& weight, const ConvTranspose2dFuncOptions& options) {
  return conv_transpose_function<2>(x, weight, options.bias(), options, options.padding(), options.output_padding());
}

template <size_t D, class Derived, class... Inputs>
ConvNdImpl<D, Derived, Inputs...>::ConvNdImpl(const detail::ConvNdOptions<D>& options_)
    : Layer<Derived, detail::ConvNdOptions<D>, Inputs...>(options_) {
  ConvNdImpl::reset();
}

template <size_t D, class Derived, class... Inputs>
void ConvNdImpl<D, Derived, Inputs...>::reset() {
  conv_check_options(this->options);
  const int64_t rows = this->options.transposed() ? this->options.in_channels() : this->options.out_channels();
  const int64_t columns = this->options.transposed() ? this->options.out_channels() : this->options.in_channels();
  DimVector sizes{rows, columns / this->options.groups()};
  for (int64_t size : *this->options.kernel_size()) sizes.push_back(size);
  weight = this->register_parameter("weight", empty(sizes));
  bias = this->register_parameter("bias", this->options.bias() ? empty({this->options.out_channels()}) : Tensor(),
                                  this->options.bias());
  reset_parameters();
}

template <size_t D, class Derived, class... Inputs>
void ConvNdImpl<D, Derived, Inputs...>::reset_parameters() {
  detail::init_weight_and_bias(weight, bias);
}

template <size_t D>
void detail::ConvNdOptions<D>::print(FieldPrinter& out) const {
  out("", {in_channels_, out_channels_})("kernel_size, stride", {kernel_size_, stride_});
  const auto unless = [&](const char* name, const ExpandingArray<D>& values, int64_t usual) {
    if (*values != *ExpandingArray<D>(usual)) out(name, {values});
  };
  if (const auto* padding = std::get_if<ExpandingArray<D>>(&padding_)) {
    unless("padding", *padding, 0);
  } else {
    out("padding", {std::string(std::holds_alternative<enumtype::kSame>(padding_) ? "'same'" : "'valid'")});
  }
  unless("dilation", dilation_, 1);
  unless("output_padding", output_padding_, 0);
  if (groups_ != 1) out("groups", {groups_});
  if (!bias_) out("bias", {bias_});
  if (!std::holds_alternative<enumtype::kZeros>(padding_mode_)) {
    out("padding_mode", {enumtype::get_enum_name(padding_mode_)});
  }
}
template void detail::ConvNdOptions<1>::print(FieldPrinter&) const;
template void detail::ConvNdOptions<2>::print(FieldPrinter&) const;

namespace {

// The forward of a plain layer, with any padding_mode.
template <size_t D>
Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias, const detail::ConvNdOptions<D>& o) {
  if (std::holds_alternative<enumtype::kZeros>(o.padding_mode())) return conv_function<D>(x, weight, bias, o);
  // Other borders than zeros are built in a copy of the input.
  const char* const mode = std::holds_alternative<enumtype::kReflect>(o.padding_mode())     ? "reflect"
                           : std::holds_alternative<enumtype::kReplicate>(o.padding_mode()) ? "replicate"
                                                                                            : "circular";
  detail::ConvNdOptions<D> inner = o;
  inner.padding(detail::conv_padding_t<D>(kValid));
  return conv_function<D>(taper::pad(x, conv_border(o), mode), weight, bias, inner);
}

template <size_t D>
Tensor convolve_transposed(const Tensor& input, const Tensor& weight, const Tensor& bias,
                           const detail::ConvNdOptions<D>& o, const optional<IntArrayRef>& output_size) {
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
                        "from ", least, " to ", least + o.stride()->at(d) - 1, " in dimension ", d, " for input sizes ",
                        input.sizes(), "; got ", *output_size);
      extra->at(d) = wanted - least;
    }
  }
  return conv_transpose_function<D>(input, weight, bias, o, padding, extra);
}

}  // namespace

template <size_t D, class Derived>
detail::ConvImpl<D, Derived>::ConvImpl(const ConvOptions<D>& options_)
    : ConvImpl::ConvNdImpl(conv_options<D>(options_)) {}
template <size_t D, class Derived>
Tensor detail::ConvImpl<D, Derived>::layer_forward(const Tensor& x) {
  return convolve(x, this->weight, this->bias, this->options);
}

template <size_t D, class Derived>
detail::ConvTransposeImpl<D, Derived>::ConvTransposeImpl(const ConvTransposeOptions<D>& options_)
    : ConvTransposeImpl::ConvNdImpl(conv_options<D>(options_)) {}
template <size_t D, class Derived>
Tensor detail::ConvTransposeImpl<D, Derived>::layer_forward(const Tensor& x, const optional<IntArrayRef>& output_size) {
  return convolve_transposed(x, this->weight, this->bias, this->options, output_size);
}

template class ConvNdImpl<1, Conv1dImpl, const Tensor&>;
template class ConvNdImpl<2, Conv2dImpl, const Tensor&>;
template class ConvNdImpl<1, ConvTranspose1dImpl, const Tensor&, const optional<IntArrayRef>&>;
template class ConvNdImpl<2, ConvTranspose2dImpl, const Tensor&, const optional<IntArrayRef>&>;
template class detail::ConvImpl<1, Conv1dImpl>;
template class detail::ConvImpl<2, Conv2dImpl>;
template class detail::ConvTransposeImpl<1, ConvTranspose1dImpl>;
template class detail::ConvTransposeImpl<2, ConvTranspose2dImpl>;
Conv1dImpl::~Conv1dImpl() = default;
Conv2dImpl::~Conv2dImpl() = default;
ConvTranspose1dImpl::~ConvTranspose1dImpl() = default;
ConvTranspose2dImpl::~ConvTranspose2dImpl() = default;

}  // namespace taper::nn
