#include <taper/optim/schedulers/cosine_annealing_lr.h>

#include <cmath>
#include <numbers>

namespace taper::optim {

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, int64_t T_max, double eta_min)
    : LRScheduler(optimizer), T_max_(T_max), eta_min_(eta_min) {
  TAPER_CHECK_VALUE(T_max >= 1, "CosineAnnealingLR: T_max must be at least 1; got ", T_max);
  TAPER_CHECK_VALUE(eta_min >= 0 && std::isfinite(eta_min),
                    "CosineAnnealingLR: eta_min must be a finite number, 0 or more; got ", eta_min);
}

std::vector<double> CosineAnnealingLR::get_lrs() {
  std::vector<double> lrs = base_lrs_;
  const double k = step_count_ + 1.0;
  const double rest = (1 + std::cos(std::numbers::pi * k / static_cast<double>(T_max_))) / 2;
  for (double& lr : lrs) lr = eta_min_ + (lr - eta_min_) * rest;
  return lrs;
}

}  // namespace taper::optim
