// RMSprop (Hinton 2012, lecture 6.5; centered: Graves 2013), for each parameter p with gradient g:
//
//   d = g + weight_decay p
//   v = alpha v + (1 - alpha) d^2
//   u = d / (sqrt(v) + eps)            centered: sqrt(v - m^2), with m = alpha m + (1 - alpha) d
//   p = p - lr u                       with momentum: b = momentum b + u, p = p - lr b
//
// v, m and b are 0 before the first step. ValueError, in construction and in step(), for settings outside their
// domains. One pass over memory for all parameters together, with the same bits for any number of threads.
//
//   taper::optim::RMSprop optimizer(net->parameters(), taper::optim::RMSpropOptions(1e-3).momentum(0.9));
#pragma once

#include <taper/core/arg.h>
#include <taper/optim/optimizer.h>

namespace taper::optim {

struct TAPER_API RMSpropOptions : public OptimizerCloneableOptions<RMSpropOptions> {
  RMSpropOptions(double lr = 1e-2) : lr_(lr) {}  // NOLINT: as libtorch
  // The learning rate, 0 or more.
  TAPER_ARG(double, lr);
  // Decay rate of v and m, from 0 to 1.
  TAPER_ARG(double, alpha) = 0.99;
  // Added to the denominator; 0 or more.
  TAPER_ARG(double, eps) = 1e-8;
  // L2 penalty, 0 or more.
  TAPER_ARG(double, weight_decay) = 0;
  // The factor of the buffer b, 0 or more.
  TAPER_ARG(double, momentum) = 0;
  // Divides by the standard deviation of the gradient instead of its root mean square.
  TAPER_ARG(bool, centered) = false;

 public:
  double get_lr() const override { return lr_; }
  void set_lr(double lr) override { lr_ = lr; }
  double get_momentum() const override { return momentum_; }
  void set_momentum(double momentum) override { momentum_ = momentum; }
  void check() const override { check_fields("RMSprop"); }
  void visit(FieldVisitor& visitor) override;
};

struct TAPER_API RMSpropParamState : public OptimizerCloneableParamState<RMSpropParamState> {
  // Steps taken.
  TAPER_ARG(int64_t, step) = 0;
  // v, b and m; undefined before the first step that uses them.
  TAPER_ARG(Tensor, square_avg);
  TAPER_ARG(Tensor, momentum_buffer);
  TAPER_ARG(Tensor, grad_avg);

 public:
  void visit(FieldVisitor& visitor) override;
};

class TAPER_API RMSprop : public detail::FusedOptimizer<RMSpropOptions, RMSpropParamState> {
 public:
  using FusedOptimizer::FusedOptimizer;
  Tensor step(LossClosure closure = nullptr) override;
};

}  // namespace taper::optim
