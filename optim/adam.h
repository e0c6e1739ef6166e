// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), for each parameter p with gradient g, at step t:
//
//   Adam:  d = g + weight_decay p                  AdamW: d = g, and first p = p - lr weight_decay p
//   m = beta1 m + (1 - beta1) d
//   v = beta2 v + (1 - beta2) d^2
//   p = p - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
//
// with m = v = 0 before the first step. With amsgrad (Reddi et al. 2018) the last line uses the largest v so far
// instead of v. ValueError, in construction and in step(), for settings outside their domains. One pass over memory for
// all parameters together, with the same bits for any number of threads.
//
//   taper::optim::Adam optimizer(net->parameters(), taper::optim::AdamOptions(1e-3).betas({0.9, 0.98}));
#pragma once

#include <taper/core/arg.h>
#include <taper/optim/optimizer.h>

#include <tuple>

namespace taper::optim {

struct TAPER_API AdamOptions : public OptimizerCloneableOptions<AdamOptions> {
  AdamOptions(double lr = 1e-3) : lr_(lr) {}  // NOLINT: as libtorch
  // The learning rate, 0 or more.
  TAPER_ARG(double, lr);
  // Decay rates of m and v: at least 0 and below 1.
  typedef std::tuple<double, double> betas_t;
  TAPER_ARG(betas_t, betas) = std::make_tuple(0.9, 0.999);
  // Added to the denominator; 0 or more.
  TAPER_ARG(double, eps) = 1e-8;
  // L2 penalty (Adam) or decoupled weight decay (AdamW), 0 or more.
  TAPER_ARG(double, weight_decay) = 0;
  // Uses the largest v so far.
  TAPER_ARG(bool, amsgrad) = false;

 public:
  double get_lr() const override { return lr_; }
  void set_lr(double lr) override { lr_ = lr; }
  // beta1, the momentum that schedules cycle.
  double get_momentum() const override { return std::get<0>(betas_); }
  void set_momentum(double momentum) override { std::get<0>(betas_) = momentum; }
  void check() const override { check("Adam"); }
  void visit(FieldVisitor& visitor) override;

 protected:
  void check(const char* name) const;
};

// The same with a weight_decay of 0.01 by default.
struct TAPER_API AdamWOptions : public AdamOptions {
  AdamWOptions(double lr = 1e-3) : AdamOptions(lr) { weight_decay(1e-2); }  // NOLINT: as libtorch
  AdamWOptions(const AdamOptions& options) : AdamOptions(options) {}        // NOLINT: what the setters return
  std::unique_ptr<OptimizerOptions> clone() const override { return std::make_unique<AdamWOptions>(*this); }
  void check() const override { AdamOptions::check("AdamW"); }
};

struct TAPER_API AdamParamState : public OptimizerCloneableParamState<AdamParamState> {
  // Steps taken.
  TAPER_ARG(int64_t, step) = 0;
  // m, v, and for amsgrad the largest v; undefined before the first step.
  TAPER_ARG(Tensor, exp_avg);
  TAPER_ARG(Tensor, exp_avg_sq);
  TAPER_ARG(Tensor, max_exp_avg_sq);

 public:
  void visit(FieldVisitor& visitor) override;
};
using AdamWParamState = AdamParamState;

class TAPER_API Adam : public detail::FusedOptimizer<AdamOptions, AdamParamState> {
 public:
  using FusedOptimizer::FusedOptimizer;
  Tensor step(LossClosure closure = nullptr) override;
};

class TAPER_API AdamW : public detail::FusedOptimizer<AdamWOptions, AdamParamState> {
 public:
  using FusedOptimizer::FusedOptimizer;
  Tensor step(LossClosure closure = nullptr) override;
};

}  // namespace taper::optim
