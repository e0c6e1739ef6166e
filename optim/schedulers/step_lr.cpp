#include <taper/optim/schedulers/step_lr.h>

#include <cmath>

namespace taper::optim {

StepLR::StepLR(Optimizer& optimizer, unsigned step_size, double gamma)
    : LRScheduler(optimizer), step_size_(step_size), gamma_(gamma) {
  TAPER_CHECK_VALUE(step_size >= 1, "StepLR: step_size must be at least 1; got ", step_size);
  TAPER_CHECK_VALUE(gamma >= 0 && std::isfinite(gamma), "StepLR: gamma must be a finite number, 0 or more; got ",
                    gamma);
}

std::vector<double> StepLR::get_lrs() {
  std::vector<double> lrs = get_current_lrs();
  if ((int64_t{step_count_} + 1) % step_size_ != 0) return lrs;
  for (double& lr : lrs) lr *= gamma_;
  return lrs;
}

}  // namespace taper::optim
