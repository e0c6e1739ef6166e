#include <taper/optim/schedulers/exponential_lr.h>

#include <cmath>

namespace taper::optim {

ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma) : LRScheduler(optimizer), gamma_(gamma) {
  TAPER_CHECK_VALUE(gamma >= 0 && std::isfinite(gamma), "ExponentialLR: gamma must be a finite number, 0 or more; got ",
                    gamma);
}

std::vector<double> ExponentialLR::get_lrs() {
  std::vector<double> lrs = get_current_lrs();
  for (double& lr : lrs) lr *= gamma_;
  return lrs;
}

}  // namespace taper::optim
