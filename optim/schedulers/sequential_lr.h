// SequentialLR: one schedule after another. The first runs from k = 0, schedule i from step milestones[i - 1] on, where
// its own k is 0.
//
//   taper::optim::LinearLR warm_up(optimizer, 0.1, 1, 5);
//   taper::optim::CosineAnnealingLR rest(optimizer, 95);
//   taper::optim::SequentialLR scheduler(optimizer, {&warm_up, &rest}, {5});  // 100 epochs
//
// The schedules must outlive this one, which calls their step(): call scheduler.step() alone.
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

class TAPER_API SequentialLR : public LRScheduler {
 public:
  // ValueError unless there is at least one schedule, all are of this optimiser, and the milestones, one fewer than
  // schedules, are positive and increase.
  SequentialLR(Optimizer& optimizer, std::vector<LRScheduler*> schedulers, std::vector<int64_t> milestones);

  void step() override;
  void restart() override;
  // Also the state of each schedule, as schedulers.0.last_epoch and so on.
  OrderedDict<std::string, Tensor> state_dict() const override;
  void load_state_dict(const OrderedDict<std::string, Tensor>& state) override;

 private:
  std::vector<double> get_lrs() override { return get_current_lrs(); }  // step() leaves the rates to the schedules
  size_t active_at(int64_t k) const;  // the index of the schedule that sets the rates of step k

  std::vector<LRScheduler*> schedulers_;
  std::vector<int64_t> milestones_;
};

}  // namespace taper::optim
