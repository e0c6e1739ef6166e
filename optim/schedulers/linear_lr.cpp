#include <taper/optim/schedulers/linear_lr.h>

#include <algorithm>

namespace taper::optim {

LinearLR::LinearLR(Optimizer& optimizer, double start_factor, double end_factor, int64_t total_iters)
    : LRScheduler(optimizer), start_factor_(start_factor), end_factor_(end_factor), total_iters_(total_iters) {
  TAPER_CHECK_VALUE(start_factor > 0 && start_factor <= 1, "LinearLR: start_factor must be above 0 and at most 1; got ",
                    start_factor);
  TAPER_CHECK_VALUE(end_factor >= 0 && end_factor <= 1, "LinearLR: end_factor must be from 0 to 1; got ", end_factor);
  TAPER_CHECK_VALUE(total_iters >= 1, "LinearLR: total_iters must be at least 1; got ", total_iters);
  LRScheduler::restart();
}

std::vector<double> LinearLR::lrs_at(int64_t k) const {
  const double part = static_cast<double>(std::min(k, total_iters_)) / static_cast<double>(total_iters_);
  std::vector<double> lrs = base_lrs_;
  for (double& lr : lrs) lr *= start_factor_ + (end_factor_ - start_factor_) * part;
  return lrs;
}

}  // namespace taper::optim
