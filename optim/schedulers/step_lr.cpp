#include <taper/optim/schedulers/schedule_internal.h>
#include <taper/optim/schedulers/step_lr.h>

namespace taper::optim {

StepLR::StepLR(Optimizer& optimizer, unsigned step_size, double gamma)
    : LRScheduler(optimizer), step_size_(step_size), gamma_(gamma) {
  TAPER_CHECK_VALUE(step_size >= 1, "StepLR: step_size must be at least 1; got ", step_size);
  check_non_negative("StepLR: gamma", gamma);
}

std::vector<double> StepLR::get_lrs() {
  const bool lowers = (int64_t{step_count_} + 1) % step_size_ == 0;
  return lowers ? scaled(get_current_lrs(), gamma_) : get_current_lrs();
}

}  // namespace taper::optim
