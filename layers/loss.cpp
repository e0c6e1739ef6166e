#include <taper/layers/loss.h>

#include <taper/layers/functional_loss.h>

#include <ostream>

namespace taper::nn {

MSELossImpl::MSELossImpl(const MSELossOptions& options_) : options(options_) {}
L1LossImpl::L1LossImpl(const L1LossOptions& options_) : options(options_) {}
SmoothL1LossImpl::SmoothL1LossImpl(const SmoothL1LossOptions& options_) : options(options_) {}
HuberLossImpl::HuberLossImpl(const HuberLossOptions& options_) : options(options_) {}
KLDivLossImpl::KLDivLossImpl(const KLDivLossOptions& options_) : options(options_) {}
PoissonNLLLossImpl::PoissonNLLLossImpl(const PoissonNLLLossOptions& options_) : options(options_) {}
BCELossImpl::BCELossImpl(const BCELossOptions& options_) : options(options_) { reset(); }
NLLLossImpl::NLLLossImpl(const NLLLossOptions& options_) : options(options_) { reset(); }
CrossEntropyLossImpl::CrossEntropyLossImpl(const CrossEntropyLossOptions& options_) : options(options_) { reset(); }
BCEWithLogitsLossImpl::BCEWithLogitsLossImpl(const BCEWithLogitsLossOptions& options_) : options(options_) { reset(); }

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

Tensor mse_loss(const Tensor& input, const Tensor& target, const MSELossFuncOptions& options) {
  warn_of_broadcast("mse_loss", input, target);
  return taper::mse_loss(input, target, reduction_get_enum(options.reduction()));
}

Tensor l1_loss(const Tensor& input, const Tensor& target, const L1LossFuncOptions& options) {
  warn_of_broadcast("l1_loss", input, target);
  return taper::l1_loss(input, target, reduction_get_enum(options.reduction()));
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& options) {
  return smooth_l1_loss(input, target, options, options.beta());
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& options, double beta) {
  warn_of_broadcast("smooth_l1_loss", input, target);
  return taper::smooth_l1_loss(input, target, reduction_get_enum(options.reduction()), beta);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossFuncOptions& options) {
  warn_of_broadcast("huber_loss", input, target);
  return taper::huber_loss(input, target, reduction_get_enum(options.reduction()), options.delta());
}

Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivFuncOptions& options) {
  const Tensor reduced = taper::kl_div(input, target, reduction_get_enum(options.reduction()), options.log_target());
  const bool per_sample = std::holds_alternative<enumtype::kBatchMean>(options.reduction()) && input.dim() > 0;
  return per_sample ? reduced / input.size(0) : reduced;  // kBatchMean counts as kSum above
}

Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, const PoissonNLLLossFuncOptions& options) {
  return taper::poisson_nll_loss(input, target, options.log_input(), options.full(), options.eps(),
                                 reduction_get_enum(options.reduction()));
}

Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const BinaryCrossEntropyFuncOptions& options) {
  check_same_sizes("binary_cross_entropy", input, target);
  return taper::binary_cross_entropy(input, target, options.weight(), reduction_get_enum(options.reduction()));
}

Tensor nll_loss(const Tensor& input, const Tensor& target, const NLLLossFuncOptions& options) {
  return taper::nll_loss(input, target, options.weight(), reduction_get_enum(options.reduction()),
                         options.ignore_index());
}

Tensor cross_entropy(const Tensor& input, const Tensor& target, const CrossEntropyFuncOptions& options) {
  return cross_entropy_loss(input, target, options.weight(), reduction_get_enum(options.reduction()),
                            options.ignore_index(), options.label_smoothing());
}

Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const BinaryCrossEntropyWithLogitsFuncOptions& options) {
  check_same_sizes("binary_cross_entropy_with_logits", input, target);
  return taper::binary_cross_entropy_with_logits(input, target, options.weight(), options.pos_weight(),
                                                 reduction_get_enum(options.reduction()));
}

}  // namespace functional

namespace {

// A copy, so that a clone of the module has a buffer of its own.
Tensor own(const Tensor& weight) { return weight.defined() ? weight.detach().clone() : weight; }

}  // namespace

Tensor MSELossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::mse_loss(input, target, options); });
}
void MSELossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::MSELoss()"; }

Tensor L1LossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::l1_loss(input, target, options); });
}
void L1LossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::L1Loss()"; }

// Without parentheses, as libtorch prints these two.
Tensor SmoothL1LossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::smooth_l1_loss(input, target, options); });
}
void SmoothL1LossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::SmoothL1Loss"; }

Tensor HuberLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::huber_loss(input, target, options); });
}
void HuberLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::HuberLoss"; }

Tensor KLDivLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::kl_div(input, target, options); });
}
void KLDivLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::KLDivLoss()"; }

Tensor PoissonNLLLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] { return functional::poisson_nll_loss(input, target, options); });
}
void PoissonNLLLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::PoissonNLLLoss()"; }

void BCELossImpl::reset() { weight = register_buffer("weight", own(options.weight())); }
Tensor BCELossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] {
    check_same_sizes("BCELoss", input, target);
    return binary_cross_entropy(input, target, weight, reduction_get_enum(options.reduction()));
  });
}
void BCELossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::BCELoss()"; }

void NLLLossImpl::reset() { weight = register_buffer("weight", own(options.weight())); }
Tensor NLLLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] {
    return nll_loss(input, target, weight, reduction_get_enum(options.reduction()), options.ignore_index());
  });
}
void NLLLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::NLLLoss()"; }

void CrossEntropyLossImpl::reset() { weight = register_buffer("weight", own(options.weight())); }
Tensor CrossEntropyLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] {
    return cross_entropy_loss(input, target, weight, reduction_get_enum(options.reduction()), options.ignore_index(),
                              options.label_smoothing());
  });
}
void CrossEntropyLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::CrossEntropyLoss()"; }

void BCEWithLogitsLossImpl::reset() {
  weight = register_buffer("weight", own(options.weight()));
  pos_weight = register_buffer("pos_weight", own(options.pos_weight()));
}
Tensor BCEWithLogitsLossImpl::forward(const Tensor& input, const Tensor& target) {
  return detail::call_module(*this, &input, [&] {
    check_same_sizes("BCEWithLogitsLoss", input, target);
    return binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction_get_enum(options.reduction()));
  });
}
void BCEWithLogitsLossImpl::pretty_print(std::ostream& stream) const { stream << "taper::nn::BCEWithLogitsLoss()"; }

}  // namespace taper::nn
