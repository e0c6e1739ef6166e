// LambdaLR: after k steps every learning rate is base f(k); f(0) is set when the scheduler is made.
//
//   taper::optim::LambdaLR scheduler(optimizer, [](int64_t k) { return 1 / std::sqrt(k + 1.0); });
#pragma once

#include <taper/optim/schedulers/lr_scheduler.h>

#include <functional>

namespace taper::optim {

class TAPER_API LambdaLR : public LRScheduler {
 public:
  using Function = std::function<double(int64_t k)>;

  LambdaLR(Optimizer& optimizer, Function lr_lambda) : LambdaLR(optimizer, std::vector{std::move(lr_lambda)}) {}
  // One function for all groups, or one for each. ValueError for another number of them and for an empty function; in
  // step(), for a factor that is negative or not finite.
  LambdaLR(Optimizer& optimizer, std::vector<Function> lr_lambdas);

 private:
  std::vector<double> get_lrs() override { return lrs_at(int64_t{step_count_} + 1); }
  std::vector<double> get_first_lrs() override { return lrs_at(0); }
  std::vector<double> lrs_at(int64_t k) const;

  std::vector<Function> lambdas_;
};

}  // namespace taper::optim
