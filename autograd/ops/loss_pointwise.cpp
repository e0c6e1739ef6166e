// Losses of one value and its target each.
#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/loss_reduction_internal.h>

namespace taper {

using namespace autograd;

namespace {

// z^2 / (2 unit) up to |z| = limit unit, linear beyond: with r = clamp(z / unit, -limit, limit) it is
// r (z - r unit / 2), whose derivative is r. Keeps x and t alone.
Tensor bounded_square(const char* node, const Tensor& x, const Tensor& t, double unit, double limit) {
  const auto value = [&] {
    const NoGradGuard no_grad;
    if (unit == 1) return kernels::binary(kernels::BinaryOp::Huber, x, t, limit);
    const Tensor z = x - t, r = (z / unit).clamp(-limit, limit);
    return r * (z - r * (unit / 2));
  };
  return record(node, {x, t}, value(), [unit, limit, sx = save(x), st = save(t)](const Tensor& dl, const Needs& needs) {
    const Tensor dx = dl * ((sx.get() - st.get()) / unit).clamp(-limit, limit);
    return Grads{needs[0] ? dx : Tensor(), needs[1] ? -dx : Tensor()};
  });
}

}  // namespace

Tensor smooth_l1_loss(const Tensor& x, const Tensor& t, int64_t reduction, double beta) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::smooth_l1_loss, x, t, reduction, beta);
  check_loss("smooth_l1_loss", x, t, reduction);
  TAPER_CHECK_VALUE(beta >= 0, "smooth_l1_loss: beta must be 0 or more; got ", beta);
  // The part of a square that is too small to show; z / beta would overflow.
  if (beta < (promote_types(x.dtype(), t.dtype()) == kFloat64 ? 1e-300 : 1e-36)) return l1_loss(x, t, reduction);
  return reduce_losses(bounded_square("SmoothL1LossBackward0", x, t, beta, 1), reduction);
}

Tensor huber_loss(const Tensor& x, const Tensor& t, int64_t reduction, double delta) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::huber_loss, x, t, reduction, delta);
  check_loss("huber_loss", x, t, reduction);
  TAPER_CHECK_VALUE(delta > 0, "huber_loss: delta must be above 0; got ", delta);
  return reduce_losses(bounded_square("HuberLossBackward0", x, t, 1, delta), reduction);
}

// t ln t is 0 at 0, and so is what it adds to dt there.
Tensor kl_div(const Tensor& x, const Tensor& t, int64_t reduction, bool log_target) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::kl_div, x, t, reduction, log_target);
  check_loss("kl_div", x, t, reduction);
  if (log_target) return reduce_losses(t.exp() * (t - x), reduction);
  const Tensor log_t = masked_fill(t, t == 0, 1).log();
  return reduce_losses(t * log_t - t * x, reduction);
}

Tensor poisson_nll_loss(const Tensor& x, const Tensor& t, bool log_input, bool full, double eps, int64_t reduction) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32(taper::poisson_nll_loss, x, t, log_input, full, eps, reduction);
  check_loss("poisson_nll_loss", x, t, reduction);
  Tensor losses = log_input ? x.exp() - t * x : x - t * (x + eps).log();
  if (full) {
    constexpr double kTwoPi = 6.28318530717958647693;
    const Tensor small = t <= 1, safe = masked_fill(t, small, 1);
    losses = losses + masked_fill(safe * safe.log() - safe + (safe * kTwoPi).log() * 0.5, small, 0);
  }
  return reduce_losses(losses, reduction);
}

// ---- binary_cross_entropy -------------------------------------------------------------------------------------------

namespace {

constexpr double kLeastLog = -100;

void check_probabilities(const Tensor& x) {
  const NoGradGuard no_grad;
  if (x.numel() == 0) return;
  const double least = x.min().item<double>(), largest = x.max().item<double>();
  TAPER_CHECK_VALUE(least >= 0 && largest <= 1,
                    "binary_cross_entropy: the input must hold probabilities, from 0 to 1; got values from ", least,
                    " to ", largest, "; binary_cross_entropy_with_logits takes any scores");
}

// t in x's sizes: dimensions of size 1 do not count, the others broadcast.
Tensor fitted_target(const char* op, const Tensor& x, const Tensor& t) {
  if (t.sizes() == x.sizes()) return t;
  DimVector wide;
  for (const int64_t size : x.sizes()) {
    if (size != 1) wide.push_back(size);
  }
  const Tensor bare = t.squeeze();
  TAPER_CHECK(kernels::broadcast_sizes(op, wide, bare.sizes()) == wide, op,
              ": but for dimensions of size 1 the target must broadcast to the input; got input ", x.sizes(),
              " and target ", t.sizes());
  return bare.expand(wide).reshape(x.sizes());
}

}  // namespace

// l = -(t ln x + (1 - t) ln(1 - x))                        dx = dl (x - t) / (x (1 - x)), dt = dl (ln(1 - x) - ln x)
Tensor binary_cross_entropy(const Tensor& x, const Tensor& target, const Tensor& weight, int64_t reduction) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32(taper::binary_cross_entropy, x, target, weight, reduction);
  constexpr const char* op = "binary_cross_entropy";
  check_reduction(op, reduction);
  check_floating(op, x);
  TAPER_CHECK_TYPE(target.dtype() == x.dtype(), op, ": input and target must have the same dtype; got ", x.dtype(),
                   " and ", target.dtype(), "; convert the target with .to(input.dtype())");
  const Tensor t = fitted_target(op, x, target);
  TAPER_CHECK(!weight.defined() ||
                  IntArrayRef(kernels::broadcast_sizes(op, x.sizes(), weight.sizes())) == IntArrayRef(x.sizes()),
              op, ": weight must broadcast to the input; got ", weight.sizes(), " and ", x.sizes());
  check_probabilities(x);

  const auto log_of = [](const Tensor& p) { return p.log().clamp_min(kLeastLog); };
  const auto log_of_rest = [](const Tensor& p) { return (-p).log1p().clamp_min(kLeastLog); };
  const auto value = [&] {
    const NoGradGuard no_grad;
    return (t - 1) * log_of_rest(x) - t * log_of(x);
  };
  const Tensor losses =
      record("BinaryCrossEntropyBackward0", {x, t}, value(),
             [log_of, log_of_rest, sx = save(x), st = save(t)](const Tensor& dl, const Needs& needs) {
               const Tensor p = sx.get();
               return Grads{needs[0] ? dl * (p - st.get()) / (p * (1 - p)).clamp_min(1e-12) : Tensor(),
                            needs[1] ? dl * (log_of_rest(p) - log_of(p)) : Tensor()};
             });
  return reduce_losses(weight.defined() ? weight * losses : losses, reduction);
}

}  // namespace taper
