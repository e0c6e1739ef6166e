// ExponentialLR: after k steps every learning rate is base gamma^k.
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

class TAPER_API ExponentialLR : public LRScheduler {
 public:
  // ValueError for a gamma that is negative or not finite.
  ExponentialLR(Optimizer& optimizer, double gamma);

 private:
  std::vector<double> get_lrs() override;

  const double gamma_;
};

}  // namespace taper::optim
