#include <taper/layers/loss.h>

#include <taper/autograd/functions.h>

namespace taper::nn {

using enumtype::reduction_get_enum;

namespace functional {
namespace {

void check_same_sizes(const char* op, const Tensor& input, const Tensor& target) {
  TAPER_CHECK_VALUE(input.sizes() == target.sizes(), op, ": input and target must have the same sizes; got ",
                    input.sizes(), " and ", target.sizes(), "; reshape the target");
}

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
  return per_sample ? reduced / input.size(0) : reduced;  // kBatchMean is kSum above
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

namespace {

// A copy, so that a clone of the module has a buffer of its own.
Tensor own(const Tensor& weight) { return weight.defined() ? weight.detach().clone() : weight; }

}  // namespace

template <class Derived, class Options, Tensor (*kFunction)(const Tensor&, const Tensor&, const Options&)>
detail::WeightedLoss<Derived, Options, kFunction>::WeightedLoss(const Options& options_)
    : WeightedLoss::Layer(options_) {
  WeightedLoss::reset();
}
template <class Derived, class Options, Tensor (*kFunction)(const Tensor&, const Tensor&, const Options&)>
void detail::WeightedLoss<Derived, Options, kFunction>::reset() {
  weight = this->register_buffer("weight", own(this->options.weight()));
}
template <class Derived, class Options, Tensor (*kFunction)(const Tensor&, const Tensor&, const Options&)>
Tensor detail::WeightedLoss<Derived, Options, kFunction>::layer_forward(const Tensor& x, const Tensor& t) {
  return kFunction(x, t, Options(this->options).weight(weight));
}

template class detail::WeightedLoss<BCELossImpl, BCELossOptions, F::binary_cross_entropy>;
template class detail::WeightedLoss<NLLLossImpl, NLLLossOptions, F::nll_loss>;
template class detail::WeightedLoss<CrossEntropyLossImpl, CrossEntropyLossOptions, F::cross_entropy>;
BCELossImpl::~BCELossImpl() = default;
NLLLossImpl::~NLLLossImpl() = default;
CrossEntropyLossImpl::~CrossEntropyLossImpl() = default;

BCEWithLogitsLossImpl::BCEWithLogitsLossImpl(const BCEWithLogitsLossOptions& options_) : Layer(options_) {
  BCEWithLogitsLossImpl::reset();
}
void BCEWithLogitsLossImpl::reset() {
  weight = register_buffer("weight", own(options.weight()));
  pos_weight = register_buffer("pos_weight", own(options.pos_weight()));
}
Tensor BCEWithLogitsLossImpl::layer_forward(const Tensor& x, const Tensor& t) {
  const auto with_buffers = BCEWithLogitsLossOptions(options).weight(weight).pos_weight(pos_weight);
  return F::binary_cross_entropy_with_logits(x, t, with_buffers);
}

}  // namespace taper::nn
