// Convolutions. Output, gradient of the input and gradient of the weight are three products, each of them linear in
// both operands, whose derivatives are the other two:
//
//   y  = convolve(x, w)                dx = convolve_input(dy, w)       dw = convolve_weight(dy, x)
//
// A transposed convolution is convolve_input with the roles of x and dy exchanged.
#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/conv.h>

#include <climits>

namespace taper {

using namespace autograd;

namespace {

using kernels::ConvGeometry;

Tensor convolve_input(const Tensor& dy, const Tensor& w, const Tensor& bias, const ConvGeometry& g, IntArrayRef sizes);
Tensor convolve_weight(const Tensor& dy, const Tensor& x, const ConvGeometry& g, IntArrayRef sizes);

// The gradient of a bias: the sum over all but the channels.
Tensor channel_sums(const Tensor& dy) {
  return dy.dim() == 3 ? dy.sum(IntArrayRef{0, 2}) : dy.sum(IntArrayRef{0, 2, 3});
}

Tensor convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const ConvGeometry& g, IntArrayRef sizes) {
  return record("ConvolutionBackward0", {x, w, bias}, kernels::conv(x, w, bias, g, sizes),
                [x = save(x, w.requires_grad()), w = save(w, x.requires_grad()), g, x_sizes = x.impl()->sizes(),
                 w_sizes = w.impl()->sizes()](const Tensor& dy, const Needs& needs) {
                  return Grads{needs[0] ? convolve_input(dy, w.get(), {}, g, x_sizes) : Tensor(),
                               needs[1] ? convolve_weight(dy, x.get(), g, w_sizes) : Tensor(),
                               needs[2] ? channel_sums(dy) : Tensor()};
                });
}

Tensor convolve_input(const Tensor& dy, const Tensor& w, const Tensor& bias, const ConvGeometry& g, IntArrayRef sizes) {
  return record("ConvolutionBackward0", {dy, w, bias}, kernels::conv_input(dy, w, bias, g, sizes),
                [dy = save(dy, w.requires_grad()), w = save(w, dy.requires_grad()), g, dy_sizes = dy.impl()->sizes(),
                 w_sizes = w.impl()->sizes()](const Tensor& ddx, const Needs& needs) {
                  return Grads{needs[0] ? convolve(ddx, w.get(), {}, g, dy_sizes) : Tensor(),
                               needs[1] ? convolve_weight(dy.get(), ddx, g, w_sizes) : Tensor(),
                               needs[2] ? channel_sums(ddx) : Tensor()};
                });
}

Tensor convolve_weight(const Tensor& dy, const Tensor& x, const ConvGeometry& g, IntArrayRef sizes) {
  return record("ConvolutionBackwardBackward0", {dy, x}, kernels::conv_weight(dy, x, g, sizes),
                [dy = save(dy, x.requires_grad()), x = save(x, dy.requires_grad()), g, dy_sizes = dy.impl()->sizes(),
                 x_sizes = x.impl()->sizes()](const Tensor& ddw, const Needs& needs) {
                  return Grads{needs[0] ? convolve(x.get(), ddw, {}, g, dy_sizes) : Tensor(),
                               needs[1] ? convolve_input(dy.get(), ddw, {}, g, x_sizes) : Tensor()};
                });
}

// ---- arguments ------------------------------------------------------------------------------------------------------

constexpr int64_t kConvLimit = INT_MAX;  // of sizes, strides and so on: the product of two does not overflow

// One value for each spatial dim, or one for all: [height, width]. The height of 1d stays as it is.
void set_conv_values(int64_t (&result)[2], const char* op, const char* name, size_t dims, IntArrayRef values,
                     int64_t least) {
  TAPER_CHECK_VALUE(values.size() == 1 || values.size() == dims, op, ": ", name, " must be one number or ", dims,
                    dims == 1 ? " value" : " values", "; got ", values);
  for (int64_t value : values) {
    TAPER_CHECK_VALUE(value >= least && value <= kConvLimit, op, ": ", name, " must be ",
                      least > 0 ? "at least 1" : "at least 0", " and below 2^31; got ", values);
  }
  if (dims == 2) result[0] = values[0];
  result[1] = values.back();
}

// Checks what all have in common; afterwards x is [N, C, ...].
void check_conv(const char* op, size_t dims, const Tensor& x, const Tensor& w, const Tensor& bias, int64_t groups,
                bool transposed) {
  const char* const shape = dims == 1 ? "L]" : "H, W]";
  TAPER_CHECK(x.defined() && w.defined(), op, ": input and weight must be given; got an undefined ",
              x.defined() ? "weight" : "input");
  check_floating(op, x);
  TAPER_CHECK_TYPE(w.dtype() == x.dtype() && (!bias.defined() || bias.dtype() == x.dtype()), op,
                   ": input, weight and bias must have one dtype; got ", x.dtype(), ", ", w.dtype(), " and ",
                   bias.defined() ? to_string(bias.dtype()) : "no bias", "; convert the layer or the input with .to()");
  const auto rank = static_cast<int64_t>(dims) + 2;
  TAPER_CHECK(w.dim() == rank, op, ": the weight must be ",
              transposed ? "[in_channels, out_channels / groups, " : "[out_channels, in_channels / groups, ",
              dims == 1 ? "kernel]" : "kernel height, kernel width]", "; got sizes ", w.sizes());
  TAPER_CHECK(x.dim() == rank || x.dim() == rank - 1, op, ": the input must be [N, C, ", shape, " or [C, ", shape,
              "; got sizes ", x.sizes());
  TAPER_CHECK_VALUE(groups >= 1 && groups <= kConvLimit, op, ": groups must be at least 1 and below 2^31; got ",
                    groups);
  const int64_t channels = x.size(x.dim() - rank + 1);
  TAPER_CHECK(w.size(0) % groups == 0, op, ": groups must divide the ", transposed ? "in" : "out",
              "_channels of the weight; got groups = ", groups, " and weight sizes ", w.sizes());
  const int64_t wanted = transposed ? w.size(0) : w.size(1) * groups;
  TAPER_CHECK(channels == wanted, op, ": the input must have ", wanted, wanted == 1 ? " channel" : " channels",
              ", as weight ", w.sizes(), " and groups = ", groups, " say; got ", channels, " in input sizes ",
              x.sizes());
  const int64_t out = transposed ? w.size(1) * groups : w.size(0);
  TAPER_CHECK(!bias.defined() || (bias.dim() == 1 && bias.size(0) == out), op, ": the bias must be [", out,
              "], one value for each output channel; got sizes ", bias.defined() ? bias.sizes() : IntArrayRef());
  for (size_t d = 2; d < w.sizes().size(); ++d) {
    TAPER_CHECK_VALUE(w.sizes()[d] >= 1 && w.sizes()[d] <= kConvLimit, op,
                      ": the kernel must have a size of at least 1; got weight sizes ", w.sizes());
  }
  for (size_t d = x.sizes().size() - dims; d < x.sizes().size(); ++d) {
    TAPER_CHECK_VALUE(x.sizes()[d] <= kConvLimit, op, ": the input must be below 2^31 in each dimension; got sizes ",
                      x.sizes());
  }
}

// Padding before and after: a number for each dim, or `same`.
struct ConvPadding {
  IntArrayRef values;
  bool same = false;
};

Tensor conv_nd(const char* op, size_t dims, const Tensor& input, const Tensor& w, const Tensor& bias,
               IntArrayRef stride, const ConvPadding& padding, IntArrayRef dilation, int64_t groups) {
  check_conv(op, dims, input, w, bias, groups, false);
  ConvGeometry g;
  g.groups = groups;
  set_conv_values(g.stride, op, "stride", dims, stride, 1);
  set_conv_values(g.dilation, op, "dilation", dims, dilation, 1);
  if (!padding.same) set_conv_values(g.padding, op, "padding", dims, padding.values, 0);
  TAPER_CHECK_VALUE(!padding.same || (g.stride[0] == 1 && g.stride[1] == 1), op,
                    ": padding 'same' must come with a stride of 1; got stride ", stride);
  const bool single = input.dim() < w.dim();
  const Tensor x = single ? input.unsqueeze(0) : input;
  DimVector sizes{x.size(0), w.size(0)};
  for (size_t d = 2 - dims; d < 2; ++d) {
    const size_t at = d + dims;  // in the sizes of x and w
    const int64_t reach = g.dilation[d] * (w.sizes()[at] - 1), both = padding.same ? reach : 2 * g.padding[d];
    const int64_t room = x.sizes()[at] + both - reach - 1;
    TAPER_CHECK_VALUE(room >= 0, op, ": the kernel must fit into the padded input; got input sizes ", input.sizes(),
                      ", kernel ", w.sizes().slice(2), ", padding ", both / 2, " and dilation ", dilation);
    g.padding[d] = both / 2;
    sizes.push_back(room / g.stride[d] + 1);
  }
  const Tensor y = convolve(x, w, bias, g, sizes);
  return single ? y.squeeze(0) : y;
}

Tensor conv_transpose_nd(const char* op, size_t dims, const Tensor& input, const Tensor& w, const Tensor& bias,
                         IntArrayRef stride, IntArrayRef padding, IntArrayRef output_padding, int64_t groups,
                         IntArrayRef dilation) {
  check_conv(op, dims, input, w, bias, groups, true);
  ConvGeometry g;
  g.groups = groups;
  int64_t extra[2] = {0, 0};
  set_conv_values(g.stride, op, "stride", dims, stride, 1);
  set_conv_values(g.dilation, op, "dilation", dims, dilation, 1);
  set_conv_values(g.padding, op, "padding", dims, padding, 0);
  set_conv_values(extra, op, "output_padding", dims, output_padding, 0);
  const bool single = input.dim() < w.dim();
  const Tensor x = single ? input.unsqueeze(0) : input;
  DimVector sizes{x.size(0), w.size(1) * groups};
  for (size_t d = 2 - dims; d < 2; ++d) {
    const size_t at = d + dims;
    TAPER_CHECK_VALUE(extra[d] < g.stride[d] || extra[d] < g.dilation[d], op,
                      ": output_padding must be smaller than stride or dilation; got output_padding ", output_padding,
                      ", stride ", stride, " and dilation ", dilation);
    const int64_t reach = g.dilation[d] * (w.sizes()[at] - 1);
    const int64_t size = (x.sizes()[at] - 1) * g.stride[d] - 2 * g.padding[d] + reach + extra[d] + 1;
    TAPER_CHECK_VALUE(x.sizes()[at] >= 1 && size >= 1, op, ": the output must have a size of at least 1; got input ",
                      input.sizes(), ", kernel ", w.sizes().slice(2), ", stride ", stride, ", padding ", padding,
                      " and output_padding ", output_padding, ", which give ", size);
    sizes.push_back(size);
  }
  const Tensor y = convolve_input(x, w, bias, g, sizes);
  return single ? y.squeeze(0) : y;
}

ConvPadding conv_padding(const char* op, std::string_view name) {
  TAPER_CHECK_VALUE(name == "same" || name == "valid", op, ": padding must be numbers, \"same\" or \"valid\"; got \"",
                    name, "\"");
  static constexpr int64_t kZero = 0;
  return {IntArrayRef(kZero), name == "same"};
}

}  // namespace

Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride, IntArrayRef padding,
              IntArrayRef dilation, int64_t groups) {
  if (autocast::is_cpu_enabled())
    return autocast::in_lower_precision([](const auto&... each) { return taper::conv1d(each...); }, input, weight, bias,
                                        stride, padding, dilation, groups);
  return conv_nd("conv1d", 1, input, weight, bias, stride, {padding}, dilation, groups);
}
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride, IntArrayRef padding,
              IntArrayRef dilation, int64_t groups) {
  if (autocast::is_cpu_enabled())
    return autocast::in_lower_precision([](const auto&... each) { return taper::conv2d(each...); }, input, weight, bias,
                                        stride, padding, dilation, groups);
  return conv_nd("conv2d", 2, input, weight, bias, stride, {padding}, dilation, groups);
}
Tensor taper::detail::conv_named(int64_t dims, const Tensor& input, const Tensor& weight, const Tensor& bias,
                                 IntArrayRef stride, std::string_view padding, IntArrayRef dilation, int64_t groups) {
  if (autocast::is_cpu_enabled()) {
    return autocast::in_lower_precision(
        [&](const Tensor& x, const Tensor& w, const Tensor& b) {
          return conv_named(dims, x, w, b, stride, padding, dilation, groups);
        },
        input, weight, bias);
  }
  const char* const op = dims == 1 ? "conv1d" : "conv2d";
  return conv_nd(op, static_cast<size_t>(dims), input, weight, bias, stride, conv_padding(op, padding), dilation,
                 groups);
}
Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride,
                        IntArrayRef padding, IntArrayRef output_padding, int64_t groups, IntArrayRef dilation) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32([](const auto&... each) { return taper::conv_transpose1d(each...); }, input, weight,
                                bias, stride, padding, output_padding, groups, dilation);
  return conv_transpose_nd("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups,
                           dilation);
}
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias, IntArrayRef stride,
                        IntArrayRef padding, IntArrayRef output_padding, int64_t groups, IntArrayRef dilation) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32([](const auto&... each) { return taper::conv_transpose2d(each...); }, input, weight,
                                bias, stride, padding, output_padding, groups, dilation);
  return conv_transpose_nd("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups,
                           dilation);
}

}  // namespace taper
