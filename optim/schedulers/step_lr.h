// StepLR: after k steps every learning rate is base gamma^(k / step_size), with the quotient rounded down.
//
// As PyTorch's Python. libtorch's StepLR lowers the rate one step() later, the first time after step_size + 1.
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

class TAPER_API StepLR : public LRScheduler {
 public:
  // ValueError for a step_size of 0 and a gamma that is negative or NaN.
  StepLR(Optimizer& optimizer, unsigned step_size, double gamma = 0.1);

 private:
  std::vector<double> get_lrs() override;

  const unsigned step_size_;
  const double gamma_;
};

}  // namespace taper::optim
