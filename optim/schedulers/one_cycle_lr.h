// OneCycleLR (Smith and Topin 2018): one cycle of the learning rate up to max_lr and far down again, with the momentum
// in the opposite direction.
// step() is called after every batch.
//
//   initial = max_lr / div_factor,  min = initial / final_div_factor,  e = pct_start total_steps - 1
//   phase (last step)         learning rate          momentum
//   1 (e)                     initial -> max_lr      max_momentum -> base_momentum
//   2 (total_steps - 1)       max_lr  -> min         base_momentum -> max_momentum
// and with three_phase:
//   2 (2 e)                   max_lr  -> initial     base_momentum -> max_momentum
//   3 (total_steps - 1)       initial -> min         max_momentum
//
// With x from 0 at a phase's start to 1 at its last step, a -> b is b + (a - b) (1 + cos(pi x)) / 2, or a + (b - a) x
// for AnnealStrategy::Linear. Formulas and defaults are PyTorch's. The optimiser has the values of k = 0 when the
// scheduler is made, those of k = total_steps - 1 for the last batch and also after the step() that follows it; one
// more step() is an Error.
//
//   taper::optim::OneCycleLR scheduler(optimizer, 0.1, epochs * batches_per_epoch);
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

enum class AnnealStrategy : int8_t { Cos, Linear };

class TAPER_API OneCycleLR : public LRScheduler {
 public:
  // max_lr: one for all groups, or one for each. With cycle_momentum the options must have a momentum (SGD's do).
  // ValueError for a value outside its domain: max_lr and the factors above 0, total_steps at least 1, pct_start from 0
  // to 1, momenta from 0 to 1.
  OneCycleLR(Optimizer& optimizer, ArrayRef<double> max_lr, int64_t total_steps, double pct_start = 0.3,
             AnnealStrategy anneal_strategy = AnnealStrategy::Cos, bool cycle_momentum = true,
             double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25,
             double final_div_factor = 1e4, bool three_phase = false);

  // With cycle_momentum also last_momentum, the current momenta: float64, one per group.
  OrderedDict<std::string, Tensor> state_dict() const override;
  void load_state_dict(const OrderedDict<std::string, Tensor>& state) override;

 private:
  struct Phase {
    double last_step;
    double start_lr, end_lr;  // as fractions of max_lr
    double start_momentum, end_momentum;
  };
  struct Values {
    double lr, momentum;  // lr as a fraction of max_lr
  };

  std::vector<double> get_lrs() override;
  void position_changed() override;
  Values values_at(int64_t step) const;
  void set_momentum(double momentum);

  std::vector<double> max_lrs_;  // one per group
  const int64_t total_steps_;
  const AnnealStrategy anneal_strategy_;
  const bool cycle_momentum_;
  std::vector<Phase> phases_;
};

}  // namespace taper::optim
