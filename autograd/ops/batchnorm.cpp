#include <taper/autograd/ops/batchnorm.h>

#include <taper/autograd/anomaly.h>
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/kernels/batchnorm.h>

namespace taper {

using namespace autograd;

namespace {

void check_channels(const char* what, const Tensor& t, const Tensor& x) {
  if (!t.defined()) return;
  TAPER_CHECK(t.dim() == 1 && t.size(0) == x.size(1), "batch_norm: ", what,
              " must have one value for each channel (dim 1) of the input; got ", what, " of sizes ", t.sizes(),
              " and input of sizes ", x.sizes());
}

void check(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
           const Tensor& running_var, bool training, double momentum, double eps) {
  check_floating("batch_norm", x);
  TAPER_CHECK(x.dim() >= 2, "batch_norm: the input must be [N, C] or [N, C, ...]; got sizes ", x.sizes());
  for (const Tensor* p : {&weight, &bias}) {
    check_channels(p == &weight ? "weight" : "bias", *p, x);
    const bool wide = isReducedFloatingType(x.dtype()) && p->defined() && p->dtype() == kFloat32;
    TAPER_CHECK_TYPE(!p->defined() || p->dtype() == x.dtype() || wide, "batch_norm: input and ",
                     p == &weight ? "weight" : "bias", " must have one dtype; got ", x.dtype(), " and ", p->dtype(),
                     "; convert the layer or the input with .to()");
  }
  for (const Tensor* r : {&running_mean, &running_var}) {
    const char* const name = r == &running_mean ? "running_mean" : "running_var";
    check_channels(name, *r, x);
    TAPER_CHECK_TYPE(!r->defined() || r->is_floating_point(), "batch_norm: ", name, " must be " TAPER_FLOATS "; got ",
                     r->dtype());
    TAPER_CHECK(training || r->defined(), "batch_norm: without training, ", name, " must be given; got an undefined ",
                "tensor; pass it, or training = true to use the batch's own statistics");
  }
  TAPER_CHECK_VALUE(eps >= 0, "batch_norm: eps must not be negative; got ", eps);
  TAPER_CHECK_VALUE(!training || (momentum >= 0 && momentum <= 1), "batch_norm: momentum must be from 0 to 1; got ",
                    momentum);
  TAPER_CHECK_VALUE(!training || x.numel() != x.size(1) || x.numel() == 0, "batch_norm: training needs more than one ",
                    "value for each channel, or the variance is 0 and every output is the bias; got input of sizes ",
                    x.sizes(), "; use a larger batch, drop the last one, or call eval()");
}

// The derivative from elementary operations, in double: differentiable in dy, x and weight.
Grads composed_backward(const Tensor& dy, const Tensor& x_, const Tensor& weight, const Tensor& stats, double eps,
                        bool training, const Needs& needs) {
  const Tensor x = x_.to(kFloat64), g = dy.to(kFloat64);
  DimVector dims{0};  // all but the channels
  for (int64_t d = 2; d < x.dim(); ++d) dims.push_back(d);

  Tensor deviation, invstd;
  if (training) {
    deviation = x - x.mean(dims, true);
    invstd = (deviation.square().mean(dims, true) + eps).rsqrt();
  } else {
    deviation = x - broadcast_along(stats[0], x, 1);
    invstd = broadcast_along(stats[1], x, 1);
  }
  const Tensor xhat = deviation * invstd;
  const Tensor scale = weight.defined() ? broadcast_along(weight, x, 1) * invstd : invstd;
  Grads grads(3);
  if (needs[0]) grads[0] = training ? scale * (g - g.mean(dims, true) - xhat * (g * xhat).mean(dims, true)) : scale * g;
  if (needs[1]) grads[1] = (g * xhat).sum(dims);
  if (needs[2]) grads[2] = g.sum(dims);
  return grads;
}

}  // namespace

Tensor taper::detail::batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                                 const Tensor& running_var, bool training, double momentum, double eps,
                                 BatchStatistics& statistics) {
  check(x, weight, bias, running_mean, running_var, training, momentum, eps);
  statistics = {};
  Tensor y, stats;
  if (x.numel() == 0) {
    y = empty(x.sizes(), x.dtype());
  } else if (training) {
    kernels::BatchNormResult result = kernels::batch_norm_train(x, weight, bias, eps);
    y = std::move(result.y);
    stats = std::move(result.stats);
    const int64_t M = x.numel() / x.size(1);
    const bool ok = kernels::batch_norm_is_finite(stats, M, running_mean, running_var);
    TAPER_CHECK(ok || !AnomalyMode::is_enabled(), "batch_norm: the batch must be finite; a channel of the input has a ",
                "mean or variance that is NaN or infinite (found in anomaly mode); got input of sizes ", x.sizes());
    statistics = {ok ? BatchStatistics::Finite : BatchStatistics::NotFinite, M, stats};
    if (ok && momentum != 0) kernels::batch_norm_update(running_mean, running_var, stats, M, momentum);
  } else {
    stats = kernels::batch_norm_constants(running_mean, running_var, eps);
    y = kernels::batch_norm_apply(x, weight, bias, stats);
  }
  return record("NativeBatchNormBackward0", {x, weight, bias}, y,
                [x = save(x), w = save(weight), stats, eps, training](const Tensor& dy, const Needs& needs) {
                  const Tensor input = x.get();
                  if (GradMode::is_enabled() || input.numel() == 0) {
                    return composed_backward(dy, input, w.get(), stats, eps, training, needs);
                  }
                  kernels::BatchNormGrads g =
                      kernels::batch_norm_backward(dy, input, w.get(), stats, training, needs[0], needs[1] || needs[2]);
                  return Grads{g.dx, g.dweight, g.dbias};
                });
}

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, bool training, double momentum, double eps, bool) {
  taper::detail::BatchStatistics ignored;
  return taper::detail::batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps, ignored);
}

}  // namespace taper
