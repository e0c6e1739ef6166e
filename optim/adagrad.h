// Adagrad (Duchi, Hazan and Singer 2011), for each parameter p with gradient g, at step t:
//
//   d = g + weight_decay p
//   s = s + d^2                                               s = initial_accumulator_value before the first step
//   p = p - lr / (1 + (t - 1) lr_decay) d / (sqrt(s) + eps)
//
// ValueError, in construction and in step(), for settings outside their domains. One pass over memory for all
// parameters together, with the same bits for any number of threads.
//
//   taper::optim::Adagrad optimizer(net->parameters(), taper::optim::AdagradOptions(0.05));
#pragma once

#include <taper/core/arg.h>
#include <taper/optim/optimizer.h>

namespace taper::optim {

struct TAPER_API AdagradOptions : public OptimizerCloneableOptions<AdagradOptions> {
  AdagradOptions(double lr = 1e-2) : lr_(lr) {}  // NOLINT: as libtorch
  // The learning rate. All settings are 0 or more.
  TAPER_ARG(double, lr);
  TAPER_ARG(double, lr_decay) = 0;
  // L2 penalty.
  TAPER_ARG(double, weight_decay) = 0;
  TAPER_ARG(double, initial_accumulator_value) = 0;
  // Added to the denominator.
  TAPER_ARG(double, eps) = 1e-10;

 public:
  double get_lr() const override { return lr_; }
  void set_lr(double lr) override { lr_ = lr; }
  void check() const override { check_fields("Adagrad"); }
  void visit(FieldVisitor& visitor) override;
};

struct TAPER_API AdagradParamState : public OptimizerCloneableParamState<AdagradParamState> {
  // s; undefined before the first step.
  TAPER_ARG(Tensor, sum);
  // Steps taken.
  TAPER_ARG(int64_t, step) = 0;

 public:
  void visit(FieldVisitor& visitor) override;
};

class TAPER_API Adagrad : public detail::FusedOptimizer<AdagradOptions, AdagradParamState> {
 public:
  using FusedOptimizer::FusedOptimizer;
  Tensor step(LossClosure closure = nullptr) override;
};

}  // namespace taper::optim
