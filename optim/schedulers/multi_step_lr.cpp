#include <taper/optim/schedulers/multi_step_lr.h>
#include <taper/optim/schedulers/schedule_internal.h>

#include <algorithm>
#include <cmath>

namespace taper::optim {

MultiStepLR::MultiStepLR(Optimizer& optimizer, std::vector<int64_t> milestones, double gamma)
    : LRScheduler(optimizer), milestones_(std::move(milestones)), gamma_(gamma) {
  for (int64_t milestone : milestones_) {
    TAPER_CHECK_VALUE(milestone >= 1, "MultiStepLR: every milestone must be at least 1; got ", milestone);
  }
  check_non_negative("MultiStepLR: gamma", gamma);
}

std::vector<double> MultiStepLR::get_lrs() {
  const int64_t k = int64_t{step_count_} + 1;
  return scaled(get_current_lrs(), std::pow(gamma_, std::count(milestones_.begin(), milestones_.end(), k)));
}

}  // namespace taper::optim
