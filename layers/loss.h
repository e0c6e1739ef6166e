// Losses, as layers and as functions. Each is called with (input, target) and gives the mean of the single losses l, or
// their sum with reduction(taper::kSum), or all of them with reduction(taper::kNone).
// Inputs are of a floating-point type.
// The derivatives are in autograd/ops/loss.h. Losses of pairs and triplets are in loss_margin.h.
//
//   taper::nn::CrossEntropyLoss loss(taper::nn::CrossEntropyLossOptions().label_smoothing(0.1));
//   loss(net(x), labels).backward();
//   F::cross_entropy(net(x), labels, F::CrossEntropyFuncOptions().reduction(taper::kSum));
#pragma once

#include <taper/layers/enum.h>
#include <taper/layers/layer.h>

namespace taper::nn {

namespace detail {

// The option that all losses have, for the options' class Derived. Where that inherits the constructors, taper::kSum
// converts to it.
template <class Derived, class Tag = ReductionTag>
class ReductionArg {
 public:
  using reduction_t = Tag;
  ReductionArg() = default;
  template <class T>
  requires std::is_convertible_v<T, Tag> ReductionArg(T reduction) : reduction_(reduction) {}  // NOLINT
  Derived& reduction(Tag reduction) {
    reduction_ = reduction;
    return static_cast<Derived&>(*this);
  }
  const Tag& reduction() const noexcept { return reduction_; }
  Tag& reduction() noexcept { return reduction_; }

 private:
  Tag reduction_ = kMean;
};

}  // namespace detail

struct ReductionOptions : detail::ReductionArg<ReductionOptions> {
  using ReductionArg::ReductionArg;
};
using MSELossOptions = ReductionOptions;
using L1LossOptions = ReductionOptions;

struct SmoothL1LossOptions : detail::ReductionArg<SmoothL1LossOptions> {
  using ReductionArg::ReductionArg;
  // Where the parabola ends; 0 or more.
  TAPER_ARG(double, beta) = 1.0;

 public:
  void print(detail::FieldPrinter& out) const { out.name_only(); }
};

struct HuberLossOptions : detail::ReductionArg<HuberLossOptions> {
  using ReductionArg::ReductionArg;
  // Where the parabola ends; above 0.
  TAPER_ARG(double, delta) = 1.0;

 public:
  void print(detail::FieldPrinter& out) const { out.name_only(); }
};

// kMean divides by the number of all elements, kBatchMean by that of samples, as the divergence is defined.
struct KLDivLossOptions
    : detail::ReductionArg<KLDivLossOptions,
                           std::variant<enumtype::kNone, enumtype::kBatchMean, enumtype::kSum, enumtype::kMean>> {
  using ReductionArg::ReductionArg;
  // Whether the target holds logarithms.
  TAPER_ARG(bool, log_target) = false;
};

struct PoissonNLLLossOptions : detail::ReductionArg<PoissonNLLLossOptions> {
  // Whether the input is the logarithm of the mean.
  TAPER_ARG(bool, log_input) = true;
  // Adds Stirling's approximation of ln(target!) where target > 1.
  TAPER_ARG(bool, full) = false;
  // Added to an input that is no logarithm before taking it.
  TAPER_ARG(double, eps) = 1e-8;
};

struct TAPER_API BCELossOptions : detail::ReductionArg<BCELossOptions> {
  // Factor of each loss; broadcasts to the input.
  TAPER_ARG(Tensor, weight) = {};
};

struct TAPER_API NLLLossOptions : detail::ReductionArg<NLLLossOptions> {
  // [C], one factor for each class.
  TAPER_ARG(Tensor, weight) = {};
  // Samples of this class have a loss of 0 and do not count in the mean.
  TAPER_ARG(int64_t, ignore_index) = -100;
};

struct TAPER_API CrossEntropyLossOptions : detail::ReductionArg<CrossEntropyLossOptions> {
  // [C], one factor for each class.
  TAPER_ARG(Tensor, weight) = {};
  // Samples of this class have a loss of 0 and do not count in the mean.
  TAPER_ARG(int64_t, ignore_index) = -100;
  // The share of the target that is spread evenly over all classes, from 0 to 1.
  TAPER_ARG(double, label_smoothing) = 0.0;
};

struct BCEWithLogitsLossOptions : detail::ReductionArg<BCEWithLogitsLossOptions> {
  // Factor of each loss; broadcasts to the input.
  TAPER_ARG(Tensor, weight) = {};
  // Factor of the positive term; broadcasts to the input.
  TAPER_ARG(Tensor, pos_weight) = {};
};

namespace functional {

using MSELossFuncOptions = MSELossOptions;
using L1LossFuncOptions = L1LossOptions;
using SmoothL1LossFuncOptions = SmoothL1LossOptions;
using HuberLossFuncOptions = HuberLossOptions;
using KLDivFuncOptions = KLDivLossOptions;
using PoissonNLLLossFuncOptions = PoissonNLLLossOptions;
using BinaryCrossEntropyFuncOptions = BCELossOptions;
using NLLLossFuncOptions = NLLLossOptions;
using CrossEntropyFuncOptions = CrossEntropyLossOptions;
using BinaryCrossEntropyWithLogitsFuncOptions = BCEWithLogitsLossOptions;

// The formulas are those of the layers below. In the first four, input and target of different sizes broadcast, with a
// warning: that is rarely meant.
TAPER_API Tensor mse_loss(const Tensor& input, const Tensor& target, const MSELossFuncOptions& options = {});
TAPER_API Tensor l1_loss(const Tensor& input, const Tensor& target, const L1LossFuncOptions& options = {});
TAPER_API Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& options = {});
// beta takes the place of that of the options.
TAPER_API Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1LossFuncOptions& options,
                                double beta);
TAPER_API Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossFuncOptions& options = {});
TAPER_API Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivFuncOptions& options = {});
TAPER_API Tensor poisson_nll_loss(const Tensor& input, const Tensor& target,
                                  const PoissonNLLLossFuncOptions& options = {});
TAPER_API Tensor binary_cross_entropy(const Tensor& input, const Tensor& target,
                                      const BinaryCrossEntropyFuncOptions& options = {});
TAPER_API Tensor nll_loss(const Tensor& input, const Tensor& target, const NLLLossFuncOptions& options = {});
TAPER_API Tensor cross_entropy(const Tensor& input, const Tensor& target, const CrossEntropyFuncOptions& options = {});
TAPER_API Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                                  const BinaryCrossEntropyWithLogitsFuncOptions& options = {});

}  // namespace functional

// In the formulas x is the input and t the target.

// l = (x - t)^2. x and t should have the same sizes; others broadcast, with a warning.
TAPER_STATELESS(MSELoss, MSELossOptions, const Tensor&, const Tensor&);

// l = |x - t|. x and t should have the same sizes; others broadcast, with a warning.
TAPER_STATELESS(L1Loss, L1LossOptions, const Tensor&, const Tensor&);

// l = (x - t)^2 / (2 beta) where |x - t| < beta, |x - t| - beta / 2 elsewhere; L1Loss for beta = 0. Sizes as
// for L1Loss. ValueError for a negative beta. Girshick 2015 (Fast R-CNN), equation 3.
TAPER_STATELESS(SmoothL1Loss, SmoothL1LossOptions, const Tensor&, const Tensor&);

// l = (x - t)^2 / 2 where |x - t| < delta, delta (|x - t| - delta / 2) elsewhere. Sizes as for L1Loss.
// ValueError for a delta that is not above 0. Huber 1964.
TAPER_STATELESS(HuberLoss, HuberLossOptions, const Tensor&, const Tensor&);

// The Kullback-Leibler divergence of distributions: l = t (ln t - x) for log-probabilities x and probabilities t, or
// exp(t) (t - x) with log_target. x and t broadcast. Kullback and Leibler 1951.
TAPER_STATELESS(KLDivLoss, KLDivLossOptions, const Tensor&, const Tensor&);

// Minus the log-likelihood of counts t under Poisson distributions of mean exp(x), up to a constant: l = exp(x) - t x,
// or x - t ln(x + eps) for means x, without log_input. x and t broadcast.
TAPER_STATELESS(PoissonNLLLoss, PoissonNLLLossOptions, const Tensor&, const Tensor&);

namespace detail {
// A loss with a buffer `weight`, undefined without one: a copy of options.weight().
template <class Derived, class Options, Tensor (*kFunction)(const Tensor&, const Tensor&, const Options&)>
class TAPER_API WeightedLoss : public Layer<Derived, Options, const Tensor&, const Tensor&> {
 public:
  explicit WeightedLoss(const Options& options_ = {});
  void reset() override;

  Tensor weight;

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
}  // namespace detail

// Binary cross-entropy of probabilities: l = -weight (t ln x + (1 - t) ln(1 - x)), with logarithms of at least -100.
// x and t have the same sizes, else a ValueError, as for an x outside [0, 1].
TAPER_LAYER(BCELoss, detail::WeightedLoss<BCELossImpl, BCELossOptions, functional::binary_cross_entropy>);

// Negative log-likelihood of the target class: l_i = -weight[t_i] x[i, t_i], 0 where t_i is ignore_index. The mean is
// that weighted by weight[t_i].
//
//   x  log-probabilities, [N, C], [C] or [N, C, d1, ...]
//   t  class indices, int64 (int32 and uint8 are fine too), [N], [] or [N, d1, ...]; IndexError for one outside [0, C)
TAPER_LAYER(NLLLoss, detail::WeightedLoss<NLLLossImpl, NLLLossOptions, functional::nll_loss>);

// Cross-entropy of the target and p = softmax(x) over the classes: l = -sum over classes c of weight[c] q[c] ln p[c].
//
//   x  scores (logits), [N, C], [C] or [N, C, d1, ...]
//   t  class indices as in NLLLoss: q = 1 for the class t_i, 0 for the others;
//      or class probabilities of x's sizes: q = t
//
// label_smoothing s turns q into (1 - s) q + s / C (Szegedy et al. 2016, section 7). The mean is as in NLLLoss; that of
// class probabilities divides by the number of samples.
TAPER_LAYER(CrossEntropyLoss,
            detail::WeightedLoss<CrossEntropyLossImpl, CrossEntropyLossOptions, functional::cross_entropy>);

// Binary cross-entropy of scores (logits): l = weight (pos_weight t softplus(-x) + (1 - t) softplus(x)), which does not
// overflow. t is the probability of the positive class, of x's sizes, else a ValueError.
class TAPER_API BCEWithLogitsLossImpl
    : public Layer<BCEWithLogitsLossImpl, BCEWithLogitsLossOptions, const Tensor&, const Tensor&> {
 public:
  explicit BCEWithLogitsLossImpl(const BCEWithLogitsLossOptions& options_ = {});
  void reset() override;

  Tensor weight, pos_weight;  // buffers: copies of those of the options

 protected:
  Tensor layer_forward(const Tensor& input, const Tensor& target) override;
};
TAPER_MODULE(BCEWithLogitsLoss);

}  // namespace taper::nn
