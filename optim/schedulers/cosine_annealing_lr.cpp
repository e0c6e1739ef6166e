#include <taper/optim/schedulers/cosine_annealing_lr.h>
#include <taper/optim/schedulers/schedule_internal.h>

#include <cmath>
#include <numbers>

namespace taper::optim {

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, int64_t T_max, double eta_min)
    : LRScheduler(optimizer), T_max_(T_max), eta_min_(eta_min) {
  TAPER_CHECK_VALUE(T_max >= 1, "CosineAnnealingLR: T_max must be at least 1; got ", T_max);
  check_non_negative("CosineAnnealingLR: eta_min", eta_min);
}

std::vector<double> CosineAnnealingLR::get_lrs() {
  // 1 + cos x as 2 cos^2(x / 2) and 1 - cos x as 2 sin^2(x / 2), which are accurate where they are small.
  const auto half_angle = [&](int64_t k) {
    return std::numbers::pi / 2 * static_cast<double>(k) / static_cast<double>(T_max_);
  };
  const auto at_the_bottom = [&](int64_t k) { return k % T_max_ == 0 && k / T_max_ % 2 == 1; };
  const int64_t k = int64_t{step_count_} + 1;
  std::vector<double> lrs = get_current_lrs();
  for (size_t i = 0; i < lrs.size(); ++i) {
    if (at_the_bottom(k)) {
      lrs[i] = eta_min_;
    } else if (at_the_bottom(k - 1)) {  // the current rate is eta_min and has no ratio
      const double rise = std::sin(half_angle(1));
      lrs[i] += (base_lrs_[i] - eta_min_) * rise * rise;
    } else {
      const double ratio = std::cos(half_angle(k)) / std::cos(half_angle(k - 1));
      lrs[i] = eta_min_ + (lrs[i] - eta_min_) * ratio * ratio;
    }
  }
  return lrs;
}

}  // namespace taper::optim
