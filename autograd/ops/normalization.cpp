// layer_norm, group_norm, instance_norm. Elements that share statistics are rows, with a kernel of their own, or one
// channel of a view of the input, for batch normalisation.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/layer_norm.h>

namespace taper {

using namespace autograd;

namespace {

void check_norm_input(const char* op, const Tensor& x, double eps) {
  check_floating(op, x);
  TAPER_CHECK_VALUE(eps >= 0, op, ": eps must not be negative; got ", eps);
}

void check_norm_parameter(const char* op, const char* what, const Tensor& t, IntArrayRef sizes, const Tensor& x) {
  if (!t.defined()) return;
  TAPER_CHECK(t.sizes() == sizes, op, ": ", what, " must have sizes ", sizes, "; got ", t.sizes(),
              " for input of sizes ", x.sizes());
  TAPER_CHECK_TYPE(t.dtype() == x.dtype(), op, ": input and ", what, " must have one dtype; got ", x.dtype(), " and ",
                   t.dtype(), "; convert the layer or the input with .to()");
}

// An input of 16 bits beside float32 parameters, as under autocast: computed in float32, with a result of 16 bits.
bool is_mixed(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const auto wide = [](const Tensor& t) { return t.defined() && t.dtype() == kFloat32; };
  return isReducedFloatingType(x.dtype()) && (wide(weight) || wide(bias));
}

// Longer rows are cut for threads, which batch normalisation does.
constexpr int64_t kLongestRow = 1 << 16;

// y = h weight + bias with h = (x - mean) invstd of each row of n elements, invstd = 1 / sqrt(var + eps); weight and
// bias [n], or undefined. With g = dy weight:
//   dx = invstd (g - mean of g - h mean of g h), dweight = sum of dy h, dbias = sum of dy
Tensor layer_norm_rows(const Tensor& x, int64_t n, const Tensor& weight, const Tensor& bias, double eps) {
  kernels::LayerNormResult result = kernels::layer_norm(x, n, weight, bias, eps);
  return record("NativeLayerNormBackward0", {x, weight, bias}, result.y,
                [n, eps, sx = save(x), sw = save(weight), stats = result.stats](const Tensor& dy, const Needs& needs) {
                  const Tensor v = sx.get(), w = sw.get();
                  const bool needs_dparams = needs[1] || needs[2];
                  if (!GradMode::is_enabled()) {
                    kernels::LayerNormGrads d =
                        kernels::layer_norm_backward(dy, v, n, w, stats, needs[0], needs_dparams);
                    return Grads{d.dx, needs[1] ? d.dweight : Tensor(), needs[2] ? d.dbias : Tensor()};
                  }
                  const Tensor rows = v.reshape({-1, n}), g = dy.reshape({-1, n});
                  const Tensor centred = rows - rows.mean(1, true);
                  const Tensor invstd = (centred.square().mean(1, true) + eps).rsqrt(), h = centred * invstd;
                  const Tensor gw = w.defined() ? g * w : g;
                  Grads grads(3);
                  const auto less_mean = [](const Tensor& t) { return t - t.mean(1, true); };
                  if (needs[0]) grads[0] = (invstd * (less_mean(gw) - h * (gw * h).mean(1, true))).reshape(v.sizes());
                  if (needs[1]) grads[1] = (g * h).sum(0);
                  if (needs[2]) grads[2] = g.sum(0);
                  return grads;
                });
}

// x - mean over sqrt(var + eps), each of the `rows` equal parts of x by its own.
Tensor normalise_rows(const Tensor& x, int64_t rows, double eps) {
  if (x.numel() == 0) return x;
  if (x.numel() == rows) return x - x;  // one value each is its own mean
  if (x.numel() / rows <= kLongestRow) return layer_norm_rows(x, x.numel() / rows, {}, {}, eps);
  return batch_norm(x.reshape({1, rows, x.numel() / rows}), {}, {}, {}, {}, true, 0, eps).reshape(x.sizes());
}

// xhat weight + bias
Tensor scale_and_shift(const Tensor& xhat, const Tensor& weight, const Tensor& bias) {
  if (weight.defined() && bias.defined()) return addcmul(bias, xhat, weight);
  if (weight.defined()) return xhat * weight;
  return bias.defined() ? xhat + bias : xhat;
}

// [C] as it broadcasts to x [N, C, ...]
Tensor along_channels(const Tensor& t, const Tensor& x) { return t.defined() ? broadcast_along(t, x, 1) : t; }

// [C] once for each sample: [N C]
Tensor for_each_sample(const Tensor& t, int64_t samples) {
  return t.defined() ? t.unsqueeze(0).expand({samples, t.size(0)}).reshape({samples * t.size(0)}) : t;
}

}  // namespace

Tensor layer_norm(const Tensor& x, IntArrayRef normalized_shape, const Tensor& weight, const Tensor& bias, double eps,
                  bool) {
  check_norm_input("layer_norm", x, eps);
  if (is_mixed(x, weight, bias)) {
    return layer_norm(x.to(kFloat32), normalized_shape, weight, bias, eps).to(x.scalar_type());
  }
  const size_t n = normalized_shape.size(), rank = x.sizes().size();
  TAPER_CHECK_VALUE(n > 0, "layer_norm: normalized_shape must name at least one dimension; got []");
  TAPER_CHECK_VALUE(n <= rank && x.sizes().slice(rank - n) == normalized_shape,
                    "layer_norm: the last dimensions of the input must be normalized_shape; got input sizes ",
                    x.sizes(), " and normalized_shape ", normalized_shape);
  check_norm_parameter("layer_norm", "weight", weight, normalized_shape, x);
  check_norm_parameter("layer_norm", "bias", bias, normalized_shape, x);
  const int64_t rows = numel_of(x.sizes().slice(0, rank - n)), width = numel_of(normalized_shape);
  if (x.numel() > rows && width <= kLongestRow) {
    const auto as_row = [width](const Tensor& t) { return t.defined() ? t.reshape({width}) : t; };
    return layer_norm_rows(x, width, as_row(weight), as_row(bias), eps);
  }
  return scale_and_shift(normalise_rows(x, rows, eps), weight, bias);
}

Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps, bool) {
  check_norm_input("group_norm", x, eps);
  if (is_mixed(x, weight, bias)) {
    return group_norm(x.to(kFloat32), num_groups, weight, bias, eps).to(x.scalar_type());
  }
  TAPER_CHECK_VALUE(x.dim() >= 2, "group_norm: the input must be [N, C] or [N, C, ...]; got sizes ", x.sizes());
  TAPER_CHECK_VALUE(num_groups > 0 && x.size(1) % num_groups == 0,
                    "group_norm: num_groups must divide the channels (dim 1) of the input; got ", num_groups,
                    " and input sizes ", x.sizes());
  check_norm_parameter("group_norm", "weight", weight, x.size(1), x);
  check_norm_parameter("group_norm", "bias", bias, x.size(1), x);
  const Tensor xhat = normalise_rows(x, x.size(0) * num_groups, eps);
  return scale_and_shift(xhat, along_channels(weight, x), along_channels(bias, x));
}

Tensor instance_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                     const Tensor& running_var, bool use_input_stats, double momentum, double eps, bool) {
  check_norm_input("instance_norm", x, eps);
  if (is_mixed(x, weight, bias)) {
    return instance_norm(x.to(kFloat32), weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true)
        .to(x.scalar_type());
  }
  TAPER_CHECK_VALUE(x.dim() >= 3, "instance_norm: the input must be [N, C, L] or [N, C, ...]; got sizes ", x.sizes());
  const int64_t N = x.size(0), C = x.size(1);
  check_norm_parameter("instance_norm", "weight", weight, C, x);
  check_norm_parameter("instance_norm", "bias", bias, C, x);
  for (const Tensor* t : {&running_mean, &running_var}) {
    const char* const name = t == &running_mean ? "running_mean" : "running_var";
    TAPER_CHECK(!t->defined() || t->sizes() == IntArrayRef(C), "instance_norm: ", name,
                " must have one value for each channel (dim 1) of the input; got sizes ",
                t->defined() ? t->sizes() : IntArrayRef(), " and input of sizes ", x.sizes());
    TAPER_CHECK(use_input_stats || t->defined(), "instance_norm: without use_input_stats, ", name, " must be given");
  }
  if (!use_input_stats) return batch_norm(x, weight, bias, running_mean, running_var, false, momentum, eps);
  TAPER_CHECK_VALUE(x.numel() == 0 || x.numel() > N * C, "instance_norm: a channel of a sample needs more than one ",
                    "value, or the variance is 0 and every output is the bias; got input of sizes ", x.sizes());
  if (x.numel() == 0) return scale_and_shift(x, along_channels(weight, x), along_channels(bias, x));

  Tensor mean, var;  // a copy of the running statistics for each sample, whose average is the new value
  {
    const NoGradGuard no_grad;
    mean = for_each_sample(running_mean, N);
    var = for_each_sample(running_var, N);
  }
  taper::detail::BatchStatistics statistics;
  Tensor y = taper::detail::batch_norm(x.reshape({1, N * C, x.numel() / (N * C)}), for_each_sample(weight, N),
                                       for_each_sample(bias, N), mean, var, true, momentum, eps, statistics)
                 .reshape(x.sizes());
  if (statistics.state == taper::detail::BatchStatistics::Finite && momentum != 0) {
    const NoGradGuard no_grad;
    if (mean.defined()) running_mean.copy_(mean.view({N, C}).mean(IntArrayRef(0)));
    if (var.defined()) running_var.copy_(var.view({N, C}).mean(IntArrayRef(0)));
  }
  return y;
}

}  // namespace taper
