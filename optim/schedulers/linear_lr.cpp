#include <taper/optim/schedulers/linear_lr.h>
#include <taper/optim/schedulers/schedule_internal.h>

namespace taper::optim {

LinearLR::LinearLR(Optimizer& optimizer, double start_factor, double end_factor, int64_t total_iters)
    : LRScheduler(optimizer), start_factor_(start_factor), end_factor_(end_factor), total_iters_(total_iters) {
  TAPER_CHECK_VALUE(start_factor > 0 && start_factor <= 1, "LinearLR: start_factor must be above 0 and at most 1; got ",
                    start_factor);
  TAPER_CHECK_VALUE(end_factor >= 0 && end_factor <= 1, "LinearLR: end_factor must be from 0 to 1; got ", end_factor);
  TAPER_CHECK_VALUE(total_iters >= 1, "LinearLR: total_iters must be at least 1; got ", total_iters);
  set_optimizer_lrs(scaled(get_current_lrs(), start_factor_));
}

double LinearLR::factor(int64_t k) const {
  const double part = static_cast<double>(k) / static_cast<double>(total_iters_);
  return start_factor_ + (end_factor_ - start_factor_) * part;
}

std::vector<double> LinearLR::get_lrs() {
  const int64_t k = int64_t{step_count_} + 1;
  if (k > total_iters_) return get_current_lrs();
  return scaled(get_current_lrs(), factor(k) / factor(k - 1));  // which is above 0: only factor(total_iters) can be 0
}

std::vector<double> LinearLR::get_first_lrs() { return scaled(base_lrs_, start_factor_); }

}  // namespace taper::optim
