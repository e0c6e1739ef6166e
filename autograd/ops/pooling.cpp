// Pooling. 1d is 2d over planes of height 1. Max and average pooling are linear once the maxima are known, so the
// derivative of each is an operation whose own derivative is the pooling again.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/pooling.h>

namespace taper {

using namespace autograd;

namespace {

using kernels::PoolAxis;
using kernels::PoolPlan;

// What a graph calls a kind of pool and its derivative.
struct PoolNodes {
  const char *forward, *backward;
};
constexpr PoolNodes kMaxPool{"MaxPool2DWithIndicesBackward0", "MaxPool2DWithIndicesBackwardBackward0"};
constexpr PoolNodes kAvgPool{"AvgPool2DBackward0", "AvgPool2DBackwardBackward0"};
constexpr PoolNodes kAdaptiveMaxPool{"AdaptiveMaxPool2DBackward0", "AdaptiveMaxPool2DBackwardBackward0"};
constexpr PoolNodes kAdaptiveAvgPool{"AdaptiveAvgPool2DBackward0", "AdaptiveAvgPool2DBackwardBackward0"};

// ---- from arguments to a plan ---------------------------------------------------------------------------------------

void check_pool_input(const char* op, const Tensor& x, size_t axes) {
  check_floating(op, x);
  const auto rank = static_cast<size_t>(x.dim());
  TAPER_CHECK_VALUE(rank == axes + 1 || rank == axes + 2, op, ": the input must be ",
                    axes == 1 ? "[N, C, L] or [C, L]" : "[N, C, H, W] or [C, H, W]", "; got sizes ", x.sizes());
  for (size_t d = rank - axes; d < rank; ++d) {
    TAPER_CHECK_VALUE(x.sizes()[d] > 0, op, ": only the batch may be empty; got input sizes ", x.sizes());
  }
}

// The number for axis `i` of a list that has one per axis, or one for all.
int64_t pool_argument(const char* op, const char* name, IntArrayRef values, size_t axes, size_t i, int64_t lowest) {
  TAPER_CHECK_VALUE(values.size() == 1 || values.size() == axes, op, ": ", name, " must be one number",
                    axes == 1 ? "" : " or two", "; got ", values);
  const int64_t value = values[values.size() == 1 ? 0 : i];
  TAPER_CHECK_VALUE(value >= lowest && value <= INT32_MAX, op, ": ", name, " must be from ", lowest,
                    " to 2^31 - 1; got ", values);
  return value;
}

struct SlidingPool {
  IntArrayRef kernel_size, stride, padding, dilation;
  bool ceil_mode, count_include_pad;
};

PoolPlan sliding_plan(const char* op, const Tensor& x, size_t axes, const SlidingPool& s) {
  check_pool_input(op, x, axes);
  const auto axis = [&](size_t i) {
    const int64_t in = x.size(-static_cast<int64_t>(axes - i));
    const int64_t kernel = pool_argument(op, "kernel_size", s.kernel_size, axes, i, 1);
    const int64_t stride = s.stride.empty() ? kernel : pool_argument(op, "stride", s.stride, axes, i, 1);
    const int64_t padding = pool_argument(op, "padding", s.padding, axes, i, 0);
    const int64_t dilation = pool_argument(op, "dilation", s.dilation, axes, i, 1);
    TAPER_CHECK_VALUE(padding <= kernel / 2, op, ": padding must be at most half of kernel_size; got ", padding,
                      " and ", kernel);
    const int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1;  // for the first position of a window
    int64_t out = room < 0 ? 0 : (s.ceil_mode ? (room + stride - 1) / stride : room / stride) + 1;
    if (s.ceil_mode && (out - 1) * stride >= in + padding) --out;  // it would start after the input
    TAPER_CHECK_VALUE(out > 0, op, ": the window must fit into the input and its padding; got input sizes ", x.sizes(),
                      ", kernel_size ", s.kernel_size, ", padding ", s.padding, " and dilation ", s.dilation);
    const PoolAxis result{in, out, kernel, stride, padding, dilation, s.count_include_pad};
    for (int64_t o = 0; dilation > 1 && padding > 0 && o < out; ++o) {
      const kernels::PoolWindow window = result.window(o);
      TAPER_CHECK_VALUE(window.begin < window.end, op, ": every window must reach the input; got input sizes ",
                        x.sizes(), ", over which a window of kernel_size ", s.kernel_size, " with padding ", s.padding,
                        " and dilation ", s.dilation, " steps");
    }
    return result;
  };
  return axes == 1 ? PoolPlan{{1, 1, 1, 1}, axis(0)} : PoolPlan{axis(0), axis(1)};
}

PoolPlan adaptive_plan(const char* op, const Tensor& x, size_t axes, IntArrayRef output_size) {
  check_pool_input(op, x, axes);
  const auto axis = [&](size_t i) -> PoolAxis {
    const int64_t in = x.size(-static_cast<int64_t>(axes - i));
    const int64_t out = pool_argument(op, "output_size", output_size, axes, i, 0);
    if (out > 0 && in % out == 0) return {in, out, in / out, in / out};  // slides, and may have a fast loop
    return {in, out, out == 0 ? 1 : in / out + 2, 0};
  };
  return axes == 1 ? PoolPlan{{1, 1, 1, 1}, axis(0)} : PoolPlan{axis(0), axis(1)};
}

// [..., L] as [..., 1, L], and back.
Tensor to_planes(const Tensor& x, size_t axes) { return axes == 1 ? x.unsqueeze(-2) : x; }
Tensor from_planes(const Tensor& y, size_t axes) { return axes == 1 ? y.squeeze(-2) : y; }

// ---- max ------------------------------------------------------------------------------------------------------------

Tensor max_pool_backward(const Tensor& dy, const Tensor& codes, const PoolPlan& plan, const PoolNodes& nodes);

// y = x at the codes                       dx = dy summed at the codes
Tensor record_maxima(const Tensor& x, const Tensor& y, const Tensor& codes, const PoolPlan& plan,
                     const PoolNodes& nodes) {
  return record(nodes.forward, {x}, y, [=](const Tensor& dy) { return max_pool_backward(dy, codes, plan, nodes); });
}
Tensor max_pool_backward(const Tensor& dy, const Tensor& codes, const PoolPlan& plan, const PoolNodes& nodes) {
  return record(nodes.backward, {dy}, kernels::max_pool_scatter(dy, codes, plan), [=](const Tensor& d) {
    return record_maxima(d, kernels::max_pool_gather(d, codes, plan), codes, plan, nodes);
  });
}

std::tuple<Tensor, Tensor> max_pool(const PoolNodes& nodes, const Tensor& x, size_t axes, const PoolPlan& plan,
                                    bool with_indices) {
  const Tensor planes = to_planes(x, axes);
  const bool needs_codes = with_indices || autograd::detail::should_record({x});
  const kernels::MaxPoolResult result = kernels::max_pool(planes, plan, needs_codes);
  const Tensor y = record_maxima(planes, result.y, result.codes, plan, nodes);
  return {from_planes(y, axes),
          with_indices ? from_planes(kernels::max_pool_indices(result.codes, plan), axes) : Tensor()};
}

// ---- mean -----------------------------------------------------------------------------------------------------------

Tensor avg_pool_backward(const Tensor& dy, const PoolPlan& plan, const PoolNodes& nodes);

// y = the mean of each window              dx = the sum over windows of dy / their divisor
Tensor avg_pool_forward(const Tensor& x, const PoolPlan& plan, const PoolNodes& nodes) {
  return record(nodes.forward, {x}, kernels::avg_pool(x, plan),
                [=](const Tensor& dy) { return avg_pool_backward(dy, plan, nodes); });
}
Tensor avg_pool_backward(const Tensor& dy, const PoolPlan& plan, const PoolNodes& nodes) {
  return record(nodes.backward, {dy}, kernels::avg_pool_backward(dy, plan),
                [=](const Tensor& d) { return avg_pool_forward(d, plan, nodes); });
}

Tensor avg_pool(const PoolNodes& nodes, const Tensor& x, size_t axes, const PoolPlan& plan) {
  return from_planes(avg_pool_forward(to_planes(x, axes), plan, nodes), axes);
}

}  // namespace

// ---- the functions --------------------------------------------------------------------------------------------------

Tensor max_pool1d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding,
                  IntArrayRef dilation, bool ceil_mode) {
  const PoolPlan plan = sliding_plan("max_pool1d", x, 1, {kernel_size, stride, padding, dilation, ceil_mode, false});
  return std::get<0>(max_pool(kMaxPool, x, 1, plan, false));
}
Tensor max_pool2d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding,
                  IntArrayRef dilation, bool ceil_mode) {
  const PoolPlan plan = sliding_plan("max_pool2d", x, 2, {kernel_size, stride, padding, dilation, ceil_mode, false});
  return std::get<0>(max_pool(kMaxPool, x, 2, plan, false));
}

std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride,
                                                   IntArrayRef padding, IntArrayRef dilation, bool ceil_mode) {
  return max_pool(kMaxPool, x, 1,
                  sliding_plan("max_pool1d", x, 1, {kernel_size, stride, padding, dilation, ceil_mode, false}), true);
}
std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride,
                                                   IntArrayRef padding, IntArrayRef dilation, bool ceil_mode) {
  return max_pool(kMaxPool, x, 2,
                  sliding_plan("max_pool2d", x, 2, {kernel_size, stride, padding, dilation, ceil_mode, false}), true);
}

Tensor avg_pool1d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding, bool ceil_mode,
                  bool count_include_pad) {
  return avg_pool(kAvgPool, x, 1,
                  sliding_plan("avg_pool1d", x, 1, {kernel_size, stride, padding, 1, ceil_mode, count_include_pad}));
}
Tensor avg_pool2d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding, bool ceil_mode,
                  bool count_include_pad, optional<int64_t> divisor_override) {
  TAPER_CHECK_VALUE(!divisor_override || *divisor_override != 0, "avg_pool2d: divisor_override must not be 0");
  PoolPlan plan = sliding_plan("avg_pool2d", x, 2, {kernel_size, stride, padding, 1, ceil_mode, count_include_pad});
  plan.divisor = divisor_override;
  return avg_pool(kAvgPool, x, 2, plan);
}

Tensor adaptive_avg_pool1d(const Tensor& x, IntArrayRef output_size) {
  return avg_pool(kAdaptiveAvgPool, x, 1, adaptive_plan("adaptive_avg_pool1d", x, 1, output_size));
}
Tensor adaptive_avg_pool2d(const Tensor& x, IntArrayRef output_size) {
  return avg_pool(kAdaptiveAvgPool, x, 2, adaptive_plan("adaptive_avg_pool2d", x, 2, output_size));
}

std::tuple<Tensor, Tensor> adaptive_max_pool1d(const Tensor& x, IntArrayRef output_size) {
  return max_pool(kAdaptiveMaxPool, x, 1, adaptive_plan("adaptive_max_pool1d", x, 1, output_size), true);
}
std::tuple<Tensor, Tensor> adaptive_max_pool2d(const Tensor& x, IntArrayRef output_size) {
  return max_pool(kAdaptiveMaxPool, x, 2, adaptive_plan("adaptive_max_pool2d", x, 2, output_size), true);
}

}  // namespace taper
