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
  std::vector<double> lrs = base_lrs_;
  const double scale = std::pow(gamma_, (step_count_ + 1) / step_size_);
  for (double& lr : lrs) lr *= scale;
  return lrs;
}

}  // namespace taper::optim
