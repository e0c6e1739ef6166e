// LRScheduler: the base of learning-rate schedules, which change the rates of an optimiser's groups from step to step.
//
//   taper::optim::StepLR scheduler(optimizer, 30);
//   for (int epoch = 0; epoch < 90; ++epoch) {
//     train(net, optimizer);  // optimizer.step() for each batch
//     scheduler.step();       // after the epoch, or after each batch for schedules that count batches
//   }
//
// k counts the calls of step(). The base rates are those the optimiser had when the first schedule was made
// (OptimizerParamGroup::initial_lr), as in PyTorch.
//
// Schedules can be chained, as in PyTorch: StepLR, MultiStepLR, ExponentialLR, LinearLR, CosineAnnealingLR and
// ReduceLROnPlateau multiply the current rate by the ratio of their formula from one step to the next, so that the
// factors of several of them multiply, and they continue from a rate that the program sets. The formulas in their
// headers hold where nothing else changes the rate. LambdaLR and OneCycleLR compute the rate from k alone, and so does
// a SequentialLR where the next of its schedules begins: they replace the current rate.
//
// The optimiser must outlive the scheduler and not be moved; groups are added before the scheduler is made.
//
// A custom schedule derives from LRScheduler and overrides get_lrs().
#pragma once

#include <taper/optim/optimizer.h>

namespace taper::optim {

class TAPER_API LRScheduler {
 public:
  explicit LRScheduler(Optimizer& optimizer);
  virtual ~LRScheduler() = default;
  LRScheduler(const LRScheduler&) = delete;

  virtual void step();
  // Back to k = 0: sets the rates of the beginning.
  virtual void restart();
  bool is_for(const Optimizer& optimizer) const { return &optimizer == &optimizer_; }
  // The current learning rates, one per group.
  std::vector<double> get_current_lrs() const;
  std::vector<double> get_last_lr() const { return get_current_lrs(); }  // PyTorch's name

  //   last_epoch   the number of calls of step(), int64
  //   base_lrs     float64, one per group
  //   last_lr      get_current_lrs(), float64
  // The settings of the schedule (step size and the like) are not saved.
  virtual OrderedDict<std::string, Tensor> state_dict() const;
  // Continues from a saved state, and sets the optimiser's rates to its last_lr. An Error for a state that does not fit
  // changes nothing.
  virtual void load_state_dict(const OrderedDict<std::string, Tensor>& state);

 protected:
  // The rates after this step(), one per group. step_count_ is the number of calls before it. A schedule that changes
  // get_current_lrs() can be chained.
  virtual std::vector<double> get_lrs() = 0;
  // The rates of k = 0, for restart().
  virtual std::vector<double> get_first_lrs() { return base_lrs_; }
  // Called after restart() and load_state_dict(), for schedules that set more than the rate.
  virtual void position_changed() {}
  void set_optimizer_lrs(const std::vector<double>& lrs);

  unsigned step_count_ = 0;
  std::vector<double> base_lrs_;
  Optimizer& optimizer_;

 private:
  void check_groups(size_t rates) const;

  bool set_initial_lrs_ = false;  // the groups had none when this was made
};

}  // namespace taper::optim
