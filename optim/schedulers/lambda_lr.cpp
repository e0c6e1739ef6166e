#include <taper/optim/schedulers/lambda_lr.h>

#include <cmath>

namespace taper::optim {

LambdaLR::LambdaLR(Optimizer& optimizer, std::vector<Function> lr_lambdas)
    : LRScheduler(optimizer), lambdas_(std::move(lr_lambdas)) {
  const size_t groups = base_lrs_.size();
  if (lambdas_.size() == 1) lambdas_.resize(groups, lambdas_[0]);
  TAPER_CHECK_VALUE(lambdas_.size() == groups,
                    "LambdaLR: there must be one function, or one for each parameter group; got ", lambdas_.size(),
                    " for ", groups, " groups");
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
