// LinearLR, a warm-up: after k steps every learning rate is
//
//   base (start_factor + (end_factor - start_factor) min(k, total_iters) / total_iters)
//
// The rate of k = 0 is set when the scheduler is made.
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

namespace taper::optim {

class TAPER_API LinearLR : public LRScheduler {
 public:
  // ValueError for a start_factor outside ]0, 1], an end_factor outside [0, 1] and total_iters below 1.
  LinearLR(Optimizer& optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int64_t total_iters = 5);

 private:
  std::vector<double> get_lrs() override;
  std::vector<double> get_first_lrs() override;
  double factor(int64_t k) const;  // for k up to total_iters

  const double start_factor_, end_factor_;
  const int64_t total_iters_;
};

}  // namespace taper::optim
