#include <taper/core/factories.h>
#include <taper/optim/schedulers/lr_scheduler.h>
#include <taper/optim/schedulers/schedule_internal.h>

#include <climits>
#include <cmath>

namespace taper::optim {

LRScheduler::LRScheduler(Optimizer& optimizer) : optimizer_(optimizer) {
  for (OptimizerParamGroup& group : optimizer.param_groups()) {
    if (!group.initial_lr()) {
      group.set_initial_lr(group.options().get_lr());
      set_initial_lrs_ = true;
    }
    base_lrs_.push_back(*group.initial_lr());
  }
}

std::vector<double> LRScheduler::get_current_lrs() const { return learning_rates(optimizer_); }

void LRScheduler::check_groups(size_t rates) const {
  const size_t groups = optimizer_.param_groups().size();
  TAPER_CHECK(rates == groups, "LRScheduler: there must be one learning rate for each parameter group; got ", rates,
              " for ", groups, " groups; add groups before making the scheduler");
}

void LRScheduler::set_optimizer_lrs(const std::vector<double>& lrs) {
  check_groups(lrs.size());
  std::vector<OptimizerParamGroup>& groups = optimizer_.param_groups();
  for (size_t i = 0; i < groups.size(); ++i) groups[i].options().set_lr(lrs[i]);
}

void LRScheduler::step() {
  check_groups(base_lrs_.size());
  set_optimizer_lrs(get_lrs());
  ++step_count_;
}

void LRScheduler::restart() {
  set_optimizer_lrs(get_first_lrs());
  step_count_ = 0;
  position_changed();
}

OrderedDict<std::string, Tensor> LRScheduler::state_dict() const {
  OrderedDict<std::string, Tensor> state;
  state.insert("last_epoch", scalar_tensor(static_cast<int64_t>(step_count_), kInt64));
  state.insert("base_lrs", tensor(base_lrs_, kFloat64));
  state.insert("last_lr", tensor(get_current_lrs(), kFloat64));
  return state;
}

void LRScheduler::load_state_dict(const OrderedDict<std::string, Tensor>& state) {
  check_groups(base_lrs_.size());
  for (const auto& item : state) {
    TAPER_CHECK(item.key() == "last_epoch" || item.key() == "base_lrs" || item.key() == "last_lr",
                "LRScheduler::load_state_dict: the state must have last_epoch, base_lrs and last_lr; got ", item.key());
  }
  constexpr const char* op = "LRScheduler::load_state_dict";
  const int64_t last_epoch = state_entry(op, state, "last_epoch", kInt64, {}).item<int64_t>();
  TAPER_CHECK_VALUE(last_epoch >= 0 && last_epoch <= UINT_MAX,
                    "LRScheduler::load_state_dict: last_epoch must be a number of steps; got ", last_epoch);
  for (const char* name : {"base_lrs", "last_lr"}) {
    for (double lr : state_values(op, state, name, optimizer_)) {
      TAPER_CHECK_VALUE(lr >= 0 && std::isfinite(lr), op, ": ", name, " must be finite numbers, 0 or more; got ", lr);
    }
  }
  std::vector<double> base_lrs = state_values(op, state, "base_lrs", optimizer_);
  set_optimizer_lrs(state_values(op, state, "last_lr", optimizer_));
  for (size_t i = 0; i < base_lrs.size(); ++i) {
    // An optimiser from an older file has no initial_lr: the schedule took the current rate instead.
    OptimizerParamGroup& group = optimizer_.param_groups()[i];
    if (set_initial_lrs_ && group.initial_lr() == base_lrs_[i]) group.set_initial_lr(base_lrs[i]);
  }
  base_lrs_ = std::move(base_lrs);
  step_count_ = static_cast<unsigned>(last_epoch);
  position_changed();
}

}  // namespace taper::optim
