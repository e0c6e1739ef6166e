#include <taper/optim/schedulers/lambda_lr.h>
#include <taper/optim/schedulers/schedule_internal.h>

#include <cmath>

namespace taper::optim {

LambdaLR::LambdaLR(Optimizer& optimizer, std::vector<Function> lr_lambdas)
    : LRScheduler(optimizer),
      lambdas_(one_per_group("LambdaLR: there must be one function", std::move(lr_lambdas), optimizer)) {
  for (const Function& f : lambdas_) TAPER_CHECK_VALUE(f, "LambdaLR: the function must not be empty");
  LRScheduler::restart();
}

std::vector<double> LambdaLR::lrs_at(int64_t k) const {
  std::vector<double> lrs = base_lrs_;
  for (size_t i = 0; i < lrs.size(); ++i) {
    const double factor = lambdas_[i](k);
    TAPER_CHECK_VALUE(factor >= 0 && std::isfinite(factor),
                      "LambdaLR: the function must return a finite number, 0 or more; got ", factor, " for step ", k);
    lrs[i] *= factor;
  }
  return lrs;
}

}  // namespace taper::optim
