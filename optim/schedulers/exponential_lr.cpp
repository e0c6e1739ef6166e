#include <taper/optim/schedulers/exponential_lr.h>
#include <taper/optim/schedulers/schedule_internal.h>

namespace taper::optim {

ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma) : LRScheduler(optimizer), gamma_(gamma) {
  check_non_negative("ExponentialLR: gamma", gamma);
}

std::vector<double> ExponentialLR::get_lrs() { return scaled(get_current_lrs(), gamma_); }

}  // namespace taper::optim
