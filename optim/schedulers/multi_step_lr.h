// MultiStepLR: after k steps every learning rate is base gamma^m, where m of the milestones are at most k.
//
//   taper::optim::MultiStepLR scheduler(optimizer, {30, 80});  // a tenth from epoch 30, a hundredth from epoch 80
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

class TAPER_API MultiStepLR : public LRScheduler {
 public:
  // Milestones in any order; one that is listed twice counts twice. ValueError for one below 1 and for a gamma that is
  // negative or not finite.
  MultiStepLR(Optimizer& optimizer, std::vector<int64_t> milestones, double gamma = 0.1);

 private:
  std::vector<double> get_lrs() override;

  const std::vector<int64_t> milestones_;
  const double gamma_;
};

}  // namespace taper::optim
