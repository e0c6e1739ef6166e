// SGD: stochastic gradient descent with momentum, for each parameter p with gradient g:
//
//   d = g + weight_decay p                          maximize: -g instead of g
//   b = momentum b + (1 - dampening) d              at the first step b = d
//   d = b                                           nesterov: d + momentum b instead
//   p = p - lr d
//
// (Sutskever et al. 2013 with PyTorch's convention: lr scales the buffer b, it is not part of it.) Without momentum
// there is no b. ValueError, in construction and in step(), for settings outside their domains. One pass over memory
// for all parameters together, with the same bits for any number of threads.
//
//   taper::optim::SGD optimizer(net->parameters(), taper::optim::SGDOptions(0.1).momentum(0.9).weight_decay(1e-4));
#pragma once

#include <taper/core/arg.h>
#include <taper/optim/optimizer.h>

namespace taper::optim {

struct TAPER_API SGDOptions : public OptimizerCloneableOptions<SGDOptions> {
  SGDOptions(double lr) : lr_(lr) {}  // NOLINT: as libtorch
  // The learning rate, 0 or more.
  TAPER_ARG(double, lr);
  // The factor of the buffer b: 0 or more, usually below 1.
  TAPER_ARG(double, momentum) = 0;
  // Reduces the gradient's part in b; any finite number, usually from 0 to 1.
  TAPER_ARG(double, dampening) = 0;
  // L2 penalty, 0 or more.
  TAPER_ARG(double, weight_decay) = 0;
  // Nesterov's momentum; needs a momentum above 0 and no dampening.
  TAPER_ARG(bool, nesterov) = false;
  // Gradient ascent; in PyTorch, but not in libtorch.
  TAPER_ARG(bool, maximize) = false;

 public:
  double get_lr() const override { return lr_; }
  void set_lr(double lr) override { lr_ = lr; }
  double get_momentum() const override { return momentum_; }
  void set_momentum(double momentum) override { momentum_ = momentum; }
  void check() const override;
  void visit(FieldVisitor& visitor) override;
};

struct TAPER_API SGDParamState : public OptimizerCloneableParamState<SGDParamState> {
  // b; undefined before the first step with momentum.
  TAPER_ARG(Tensor, momentum_buffer);

 public:
  void visit(FieldVisitor& visitor) override { visitor("momentum_buffer", momentum_buffer_); }
};

class TAPER_API SGD : public detail::FusedOptimizer<SGDOptions, SGDParamState> {
 public:
  using FusedOptimizer::FusedOptimizer;
  Tensor step(LossClosure closure = nullptr) override;
};

}  // namespace taper::optim
