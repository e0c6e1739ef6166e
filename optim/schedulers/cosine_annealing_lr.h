// CosineAnnealingLR (Loshchilov and Hutter 2017, without restarts): after k steps every learning rate is
//
//   eta_min + (base - eta_min) (1 + cos(pi k / T_max)) / 2
//
// eta_min after T_max steps, from where it rises again (base after 2 T_max), as PyTorch's does.
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

class TAPER_API CosineAnnealingLR : public LRScheduler {
 public:
  // ValueError for a T_max below 1 and an eta_min that is negative or NaN.
  CosineAnnealingLR(Optimizer& optimizer, int64_t T_max, double eta_min = 0);

 private:
  std::vector<double> get_lrs() override;

  const int64_t T_max_;
  const double eta_min_;
};

}  // namespace taper::optim
