#include <taper/optim/schedulers/reduce_lr_on_plateau.h>

#include <taper/core/factories.h>
#include <taper/optim/schedulers/schedule_internal.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace taper::optim {

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, SchedulerMode mode, double factor, int patience,
                                     double threshold, ThresholdMode threshold_mode, int cooldown,
                                     const std::vector<double>& min_lr, double eps)
    : optimizer_(optimizer),
      mode_(mode),
      factor_(factor),
      patience_(patience),
      threshold_(threshold),
      threshold_mode_(threshold_mode),
      cooldown_(cooldown),
      min_lrs_(one_per_group("ReduceLROnPlateau: min_lr must be one value",
                             min_lr.empty() ? std::vector<double>{0} : min_lr, optimizer)),
      eps_(eps),
      best_(mode == min ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity()) {
  TAPER_CHECK_VALUE(factor >= 0 && factor < 1, "ReduceLROnPlateau: factor must be at least 0 and below 1; got ",
                    factor);
  TAPER_CHECK_VALUE(patience >= 0, "ReduceLROnPlateau: patience must be 0 or more; got ", patience);
  check_non_negative("ReduceLROnPlateau: threshold", threshold);
  TAPER_CHECK_VALUE(cooldown >= 0, "ReduceLROnPlateau: cooldown must be 0 or more; got ", cooldown);
  check_non_negative("ReduceLROnPlateau: eps", eps);
  for (double lr : min_lrs_) check_non_negative("ReduceLROnPlateau: min_lr", lr);
}

bool ReduceLROnPlateau::is_better(double metric) const {
  if (std::isinf(best_)) return mode_ == min ? metric < best_ : metric > best_;  // the first one; inf - inf is NaN
  const double sign = mode_ == min ? -1 : 1;
  const double bound = threshold_mode_ == rel ? best_ * (1 + sign * threshold_) : best_ + sign * threshold_;
  return mode_ == min ? metric < bound : metric > bound;
}

void ReduceLROnPlateau::step(double metric) {
  ++last_epoch_;
  if (is_better(metric)) {
    best_ = metric;
    bad_epochs_ = 0;
  } else {
    ++bad_epochs_;
  }
  if (cooldown_left_ > 0) {
    --cooldown_left_;
    bad_epochs_ = 0;
  }
  if (bad_epochs_ <= patience_) return;
  reduce();
  cooldown_left_ = cooldown_;
  bad_epochs_ = 0;
}

void ReduceLROnPlateau::reduce() {
  std::vector<OptimizerParamGroup>& groups = optimizer_.param_groups();
  TAPER_CHECK(groups.size() == min_lrs_.size(), "ReduceLROnPlateau: the optimiser must keep its ", min_lrs_.size(),
              " parameter groups; it has ", groups.size(), "; add groups before making the scheduler");
  for (size_t i = 0; i < groups.size(); ++i) {
    const double lr = groups[i].options().get_lr(), lower = std::max(lr * factor_, min_lrs_[i]);
    if (lr - lower > eps_) groups[i].options().set_lr(lower);
  }
}

std::vector<double> ReduceLROnPlateau::get_last_lr() const { return learning_rates(optimizer_); }

OrderedDict<std::string, Tensor> ReduceLROnPlateau::state_dict() const {
  OrderedDict<std::string, Tensor> state;
  state.insert("best", scalar_tensor(best_, kFloat64));
  state.insert("num_bad_epochs", scalar_tensor(bad_epochs_, kInt64));
  state.insert("cooldown_counter", scalar_tensor(cooldown_left_, kInt64));
  state.insert("last_epoch", scalar_tensor(last_epoch_, kInt64));
  state.insert("last_lr", tensor(get_last_lr(), kFloat64));
  return state;
}

void ReduceLROnPlateau::load_state_dict(const OrderedDict<std::string, Tensor>& state) {
  constexpr const char* op = "ReduceLROnPlateau::load_state_dict";
  TAPER_CHECK(state.size() == 5, op, ": the state must have best, num_bad_epochs, cooldown_counter, last_epoch and ",
              "last_lr; got ", state.size(), " entries");
  const auto count = [&](const char* name) {
    const auto n = state_entry(op, state, name, kInt64, {}).item<int64_t>();
    TAPER_CHECK_VALUE(n >= 0, op, ": ", name, " must be a number of steps; got ", n);
    return n;
  };
  const double best = state_entry(op, state, "best", kFloat64, {}).item<double>();
  const int64_t bad_epochs = count("num_bad_epochs"), cooldown = count("cooldown_counter"), epoch = count("last_epoch");
  const std::vector<double> lrs = state_values(op, state, "last_lr", optimizer_);
  for (size_t i = 0; i < lrs.size(); ++i) optimizer_.param_groups()[i].options().set_lr(lrs[i]);
  best_ = best;
  bad_epochs_ = bad_epochs;
  cooldown_left_ = cooldown;
  last_epoch_ = epoch;
}

}  // namespace taper::optim
