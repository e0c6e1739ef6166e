#include <taper/layers/loss.h>

#include <taper/autograd/functions.h>

#include <ostream>

namespace taper::nn {

using enumtype::reduction_get_enum;

namespace {

void check_same_sizes(const char* op, const Tensor& input, const Tensor& target) {
  TAPER_CHECK_VALUE(input.sizes() == target.sizes(), op, ": input and target must have the same sizes; got ",
                    input.sizes(), " and ", target.sizes(), "; reshape the target");
}

}  // namespace

namespace functional {
namespace {

void warn_of_broadcast(const char* op, const Tensor& input, const Tensor& target) {
  if (input.sizes() == target.sizes()) return;
  warn(taper::detail::str(op, ": input and target should have the same sizes; got ", input.sizes(), " and ",
                          target.sizes(), ", which broadcast"));
}

}  // namespace

Tensor mse_loss(const Tensor& input, const Tensor& target, const MSELossFuncOptions& o) {
  warn_of_broadcast("mse_loss", input, target);
  return taper::mse_loss(input, target, reduction_get_enum(o.reduction()));
}

Tensor l1_loss(const Tensor& input, const Tensor& target, const L1LossFuncOptions& o) {
  warn_of_broadcast("l1_loss", input, target);
  return taper::l1_loss(input, target, reduction_get_enum(o.reduction()));
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& o) {
  return smooth_l1_loss(input, target, o, o.beta());
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& o, double beta) {
  warn_of_broadcast("smooth_l1_loss", input, target);
  return taper::smooth_l1_loss(input, target, reduction_get_enum(o.reduction()), beta);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossFuncOptions& o) {
  warn_of_broadcast("huber_loss", input, target);
  return taper::huber_loss(input, target, reduction_get_enum(o.reduction()), o.delta());
}

Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivFuncOptions& o) {
  const Tensor reduced = taper::kl_div(input, target, reduction_get_enum(o.reduction()), o.log_target());
  const bool per_sample = std::holds_alternative<enumtype::kBatchMean>(o.reduction()) && input.dim() > 0;
  return per_sample ? reduced / input.size(0) : reduced;  // kBatchMean counts as kSum above
}

Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, const PoissonNLLLossFuncOptions& o) {
  return taper::poisson_nll_loss(input, target, o.log_input(), o.full(), o.eps(), reduction_get_enum(o.reduction()));
}

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const BinaryCrossEntropyFuncOptions& o) {
  check_same_sizes("binary_cross_entropy", input, target);
  return taper::binary_cross_entropy(input, target, o.weight(), reduction_get_enum(o.reduction()));
}

Tensor nll_loss(const Tensor& input, const Tensor& target, const NLLLossFuncOptions& o) {
  return taper::nll_loss(input, target, o.weight(), reduction_get_enum(o.reduction()), o.ignore_index());
}

Tensor cross_entropy(const Tensor& input, const Tensor& target, const CrossEntropyFuncOptions& o) {
  return cross_entropy_loss(input, target, o.weight(), reduction_get_enum(o.reduction()), o.ignore_index(),
                            o.label_smoothing());
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const BinaryCrossEntropyWithLogitsFuncOptions& o) {
  check_same_sizes("binary_cross_entropy_with_logits", input, target);
  return taper::binary_cross_entropy_with_logits(input, target, o.weight(), o.pos_weight(),
                                                 reduction_get_enum(o.reduction()));
}

}  // namespace functional

namespace F = functional;

Tensor MSELossImpl::layer_forward(const Tensor& x, const Tensor& t) { return F::mse_loss(x, t, options); }
Tensor L1LossImpl::layer_forward(const Tensor& x, const Tensor& t) { return F::l1_loss(x, t, options); }
Tensor SmoothL1LossImpl::layer_forward(const Tensor& x, const Tensor& t) { return F::smooth_l1_loss(x, t, options); }
Tensor HuberLossImpl::layer_forward(const Tensor& x, const Tensor& t) { return F::huber_loss(x, t, options); }
Tensor KLDivLossImpl::layer_forward(const Tensor& x, const Tensor& t) { return F::kl_div(x, t, options); }
Tensor PoissonNLLLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  return F::poisson_nll_loss(x, t, options);
}

// Without parentheses, as libtorch prints these two.
void SmoothL1LossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::SmoothL1Loss"; }
void HuberLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::HuberLoss"; }

namespace {

// A copy, so that a clone of the module has a buffer of its own.
Tensor own(const Tensor& weight) { return weight.defined() ? weight.detach().clone() : weight; }

}  // namespace

BCELossImpl::BCELossImpl(const BCELossOptions& options_) : Layer(options_) { BCELossImpl::reset(); }
void BCELossImpl::reset() { weight = register_buffer("weight", own(options.weight())); }
Tensor BCELossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  check_same_sizes("BCELoss", x, t);
  return binary_cross_entropy(x, t, weight, reduction_get_enum(options.reduction()));
}

NLLLossImpl::NLLLossImpl(const NLLLossOptions& options_) : Layer(options_) { NLLLossImpl::reset(); }
void NLLLossImpl::reset() { weight = register_buffer("weight", own(options.weight())); }
Tensor NLLLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  return nll_loss(x, t, weight, reduction_get_enum(options.reduction()), options.ignore_index());
}

CrossEntropyLossImpl::CrossEntropyLossImpl(const CrossEntropyLossOptions& options_) : Layer(options_) {
  CrossEntropyLossImpl::reset();
}
void CrossEntropyLossImpl::reset() { weight = register_buffer("weight", own(options.weight())); }
Tensor CrossEntropyLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  return cross_entropy_loss(x, t, weight, reduction_get_enum(options.reduction()), options.ignore_index(),
                            options.label_smoothing());
}

BCEWithLogitsLossImpl::BCEWithLogitsLossImpl(const BCEWithLogitsLossOptions& options_) : Layer(options_) {
  BCEWithLogitsLossImpl::reset();
}
void BCEWithLogitsLossImpl::reset() {
  weight = register_buffer("weight", own(options.weight()));
  pos_weight = register_buffer("pos_weight", own(options.pos_weight()));
}
Tensor BCEWithLogitsLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  check_same_sizes("BCEWithLogitsLoss", x, t);
  return binary_cross_entropy_with_logits(x, t, weight, pos_weight, reduction_get_enum(options.reduction()));
}

}  // namespace taper::nn
