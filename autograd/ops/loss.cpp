#include <taper/autograd/ops/loss.h>

#include <taper/autograd/autocast_internal.h>
#include <taper/autograd/ops/loss_reduction_internal.h>
#include <taper/core/kernels/cross_entropy.h>

namespace taper {

using namespace autograd;

// ---- regression -----------------------------------------------------------------------------------------------------

Tensor mse_loss(const Tensor& x, const Tensor& t, int64_t reduction) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::mse_loss, x, t, reduction);
  check_reduction("mse_loss", reduction);
  kernels::broadcast_sizes("mse_loss", x.sizes(), t.sizes());
  TAPER_CHECK_TYPE(x.is_floating_point() || t.is_floating_point(),
                   "mse_loss: input or target must be floating point; got ", x.dtype(), " and ", t.dtype(),
                   "; convert one, for example with .to(taper::kFloat32)");
  const Tensor losses = kernels::binary(kernels::BinaryOp::SquaredDifference, x, t);
  return reduce_losses(record("MseLossBackward0", {x, t}, losses,
                              [sx = save(x), st = save(t)](const Tensor& dl, const Needs& needs) {
                                const Tensor dx = dl * ((sx.get() - st.get()) * 2);
                                return Grads{needs[0] ? dx : Tensor(), needs[1] ? -dx : Tensor()};
                              }),
                       reduction);
}

Tensor l1_loss(const Tensor& x, const Tensor& t, int64_t reduction) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::l1_loss, x, t, reduction);
  check_reduction("l1_loss", reduction);
  kernels::broadcast_sizes("l1_loss", x.sizes(), t.sizes());
  return reduce_losses((x - t).abs(), reduction);
}

// ---- two classes ----------------------------------------------------------------------------------------------------

Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& t, const Tensor& weight,
                                        const Tensor& pos_weight, int64_t reduction) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32(taper::binary_cross_entropy_with_logits, x, t, weight, pos_weight, reduction);
  constexpr const char* op = "binary_cross_entropy_with_logits";
  check_reduction(op, reduction);
  check_floating(op, x);
  TAPER_CHECK_TYPE(t.is_floating_point(), op, ": the target must hold probabilities in floating point; got ", t.dtype(),
                   "; convert it with .to(input.dtype())");
  TAPER_CHECK(t.sizes() == IntArrayRef(kernels::broadcast_sizes(op, x.sizes(), t.sizes())), op,
              ": input and target must have the same sizes, or the input broadcast to the target; got ", x.sizes(),
              " and ", t.sizes());
  for (const Tensor* w : {&weight, &pos_weight}) {
    TAPER_CHECK(!w->defined() || t.sizes() == IntArrayRef(kernels::broadcast_sizes(op, t.sizes(), w->sizes())), op,
                ": ", w == &weight ? "weight" : "pos_weight", " must broadcast to the target; got ", w->sizes(),
                " and ", t.sizes());
  }
  // Two terms, none of which cancels in the derivative: (1 - t) sigmoid(x) - pos_weight t sigmoid(-x). The threshold,
  // above which softplus(x) = x, is where that is exact in double too.
  constexpr double kThreshold = 40;
  const Tensor positive = t * softplus(-x, 1, kThreshold);
  const Tensor losses =
      (pos_weight.defined() ? pos_weight * positive : positive) + (1 - t) * softplus(x, 1, kThreshold);
  return reduce_losses(weight.defined() ? weight * losses : losses, reduction);
}

// ---- many classes ---------------------------------------------------------------------------------------------------

namespace {

// The dimension of x that is one of classes, for [C] and [N, C, ...].
int64_t class_dim_of(const char* op, const Tensor& x) {
  check_floating(op, x);
  TAPER_CHECK(x.dim() >= 1, op, ": the input must be [C] or [N, C, ...]; got sizes ", x.sizes());
  return x.dim() == 1 ? 0 : 1;
}

void check_class_weight(const char* op, const Tensor& weight, int64_t C) {
  TAPER_CHECK(!weight.defined() || (weight.dim() == 1 && weight.size(0) == C), op,
              ": weight must have one value for each class; got sizes ", weight.sizes(), " for ", C, " classes");
}

// Class indices and weights that have been checked against x: [N, C, ...] and [N, ...], or [C] and [].
// Returns the indices as int64.
Tensor checked_targets(const char* op, const Tensor& x, const Tensor& t, const Tensor& weight, int64_t ignore_index) {
  const int64_t class_dim = class_dim_of(op, x), C = x.size(class_dim);
  DimVector expected = x.impl()->sizes();
  expected.erase(static_cast<size_t>(class_dim));
  TAPER_CHECK(t.sizes() == IntArrayRef(expected), op, ": the target must hold one class for each sample, sizes ",
              expected, "; got input ", x.sizes(), " and target ", t.sizes());
  TAPER_CHECK_TYPE(t.dtype() == kInt64 || t.dtype() == kInt32 || t.dtype() == kUInt8, op,
                   ": class indices must be int64 (int32 and uint8 are fine too); got ", t.dtype(),
                   "; convert them with .to(taper::kInt64)");
  check_class_weight(op, weight, C);
  TAPER_CHECK_TYPE(!weight.defined() || weight.is_floating_point(), op, ": weight must be floating point; got ",
                   weight.dtype());

  TAPER_CHECK(C > 0 || t.numel() == 0, op, ": there must be at least one class; got input of sizes ", x.sizes());
  const NoGradGuard no_grad;
  Tensor target = kernels::contiguous(t.dtype() == kInt64 ? t : t.to(kInt64));
  const int64_t* const classes = target.data_ptr<int64_t>();
  for (int64_t i = 0; i < target.numel(); ++i) {
    if (classes[i] == ignore_index || (classes[i] >= 0 && classes[i] < C)) continue;
    DimVector position(expected.size());
    int64_t rest = i;
    for (size_t d = expected.size(); d-- > 0; rest /= expected[d]) position[d] = rest % expected[d];
    throw IndexError(taper::detail::str(op, ": every target must be a class from 0 to C - 1, or ignore_index (",
                                        ignore_index, "); got class ", classes[i], " at position ", position,
                                        " for C = ", C, " classes"));
  }
  return target;
}

// As rows: x [R, C]; the samples of [N, C, d1, ...] in the order of their targets.
Tensor as_rows(const Tensor& x) {
  if (x.dim() == 2) return x;
  if (x.dim() == 1) return x.unsqueeze(0);
  return x.flatten(2).transpose(1, 2).flatten(0, 1);
}

// One node for [R, C]. Result: [R], or the reduced number.
Tensor cross_entropy_rows(const Tensor& x, const kernels::CrossEntropyTargets& targets, int64_t reduction) {
  kernels::CrossEntropyResult result = kernels::cross_entropy(x, targets);
  Tensor l = result.losses;
  double factor = 1;
  if (reduction != Reduction::None) {
    const bool mean = reduction == Reduction::Mean;
    l = full({}, mean ? result.sum / result.total_weight : result.sum, x.dtype());
    // All ignored: the mean is NaN (0 / 0), the derivative 0.
    if (mean) factor = result.total_weight == 0 ? 0 : 1 / result.total_weight;
  }
  return record("CrossEntropyBackward0", {x}, l,
                [x = save(x), t = save(targets.target), w = save(targets.weight), ignore_index = targets.ignore_index,
                 smoothing = targets.smoothing, max = result.max, inverse = result.inverse, factor](const Tensor& dl) {
                  const Tensor input = x.get();
                  const kernels::CrossEntropyTargets saved{t.get(), w.get(), ignore_index, smoothing};
                  if (!GradMode::is_enabled())
                    return kernels::cross_entropy_backward(dl, factor, input, saved, max, inverse);
                  const Tensor q = kernels::cross_entropy_probabilities(saved, input.size(1), input.dtype());
                  const Tensor cotangent = dl.dim() == 0 ? dl * factor : dl.unsqueeze(1);
                  return cotangent * (q.sum(1, true) * softmax(input, 1) - q);
                });
}

}  // namespace

Tensor nll_loss(const Tensor& x, const Tensor& t, const Tensor& weight, int64_t reduction, int64_t ignore_index) {
  if (autocast::is_cpu_enabled()) return autocast::in_float32(taper::nll_loss, x, t, weight, reduction, ignore_index);
  check_reduction("nll_loss", reduction);
  const Tensor target = checked_targets("nll_loss", x, t, weight, ignore_index);
  const int64_t class_dim = class_dim_of("nll_loss", x);
  const Tensor ignored = target == ignore_index;
  const Tensor safe = masked_fill(target, ignored, 0);
  const Tensor w = weight.defined() ? weight.to(x.dtype()).index_select(0, safe.flatten()).reshape(target.sizes())
                                    : ones(target.sizes(), x.dtype());
  const Tensor counted = masked_fill(w, ignored, 0);
  // masked last: an ignored sample counts as 0 even where its log-probability is infinite
  const Tensor losses =
      masked_fill(-w * gather(x, class_dim, safe.unsqueeze(class_dim)).squeeze(class_dim), ignored, 0);
  if (reduction == Reduction::Mean) return losses.sum() / counted.sum();
  return reduce_losses(losses, reduction);
}

Tensor cross_entropy_loss(const Tensor& x, const Tensor& t, const Tensor& weight, int64_t reduction,
                          int64_t ignore_index, double label_smoothing) {
  if (autocast::is_cpu_enabled())
    return autocast::in_float32(taper::cross_entropy_loss, x, t, weight, reduction, ignore_index, label_smoothing);
  constexpr const char* op = "cross_entropy";
  check_reduction(op, reduction);
  TAPER_CHECK_VALUE(label_smoothing >= 0 && label_smoothing <= 1, op, ": label_smoothing must be from 0 to 1; got ",
                    label_smoothing);
  if (t.sizes() != x.sizes()) {
    const Tensor target = checked_targets(op, x, t, weight, ignore_index);
    const Tensor l = cross_entropy_rows(
        as_rows(x), {target.reshape({target.numel()}), weight, ignore_index, label_smoothing}, reduction);
    return reduction == Reduction::None ? l.reshape(t.sizes()) : l;
  }

  // Class probabilities.
  const int64_t class_dim = class_dim_of(op, x), C = x.size(class_dim);
  TAPER_CHECK_TYPE(t.is_floating_point(), op, ": a target of the input's sizes ", x.sizes(),
                   " holds class probabilities and must be floating point; got ", t.dtype(),
                   "; convert it, or give class indices without the class dimension");
  TAPER_CHECK_VALUE(ignore_index < 0, op, ": ignore_index has no meaning for class probabilities; got ", ignore_index,
                    "; use weight, or class indices");
  Tensor q = t;
  if (label_smoothing > 0) q = q * (1 - label_smoothing) + label_smoothing / static_cast<double>(C);
  check_class_weight(op, weight, C);
  if (weight.defined()) q = q * broadcast_along(weight, x, class_dim);
  return reduce_losses(-(q * log_softmax(x, class_dim)).sum(class_dim), reduction);  // the mean over all samples
}

}  // namespace taper
