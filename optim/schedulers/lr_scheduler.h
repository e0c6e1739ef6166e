// LRScheduler: changes the learning rates of an optimiser's groups from step to step.
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
// Schedules can be stepped together, as PyTorch's can: StepLR, MultiStepLR, ExponentialLR, LinearLR, CosineAnnealingLR
// and ReduceLROnPlateau change the rate that they find, by the factor by which their formula changes, so that what
// several of them do multiplies, and a rate that the program sets itself is what they go on from. The formulas in their
// headers are what comes out where nothing else changes the rate. LambdaLR and OneCycleLR compute the rate from k
// alone, and so does a SequentialLR where the next of its schedules begins: they replace what they find.
//
// The optimiser must outlive the scheduler and stay where it is; groups are added before the scheduler is made.
//
// A schedule of one's own derives from LRScheduler and overrides get_lrs().
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
  // The learning rates of the groups, as they are now.
  std::vector<double> get_current_lrs() const;
  std::vector<double> get_last_lr() const { return get_current_lrs(); }  // PyTorch's name

  //   last_epoch   the number of calls of step(), int64
  //   base_lrs     float64, one a group
  //   last_lr      get_current_lrs(), float64
  // The settings of the schedule (step size and the like) are the program's own and not saved.
  virtual OrderedDict<std::string, Tensor> state_dict() const;
  // Goes on from a saved state, and sets the optimiser's rates to those of that moment. A state that does not fit is an
  // error that changes nothing.
  virtual void load_state_dict(const OrderedDict<std::string, Tensor>& state);

 protected:
  // The rates after the step() being made, one a group. step_count_ is the number of calls before it; what
  // get_current_lrs() gives, changed, is chainable.
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
