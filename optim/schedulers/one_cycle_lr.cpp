#include <taper/optim/schedulers/one_cycle_lr.h>

#include <taper/core/factories.h>
#include <taper/optim/schedulers/schedule_internal.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace taper::optim {
namespace {

void check_positive(const char* name, double value) {
  TAPER_CHECK_VALUE(value > 0 && std::isfinite(value), "OneCycleLR: ", name, " must be a finite number above 0; got ",
                    value);
}

void check_unit(const char* name, double value) {
  TAPER_CHECK_VALUE(value >= 0 && value <= 1, "OneCycleLR: ", name, " must be from 0 to 1; got ", value);
}

}  // namespace

OneCycleLR::OneCycleLR(Optimizer& optimizer, ArrayRef<double> max_lr, int64_t total_steps, double pct_start,
                       AnnealStrategy anneal_strategy, bool cycle_momentum, double base_momentum, double max_momentum,
                       double div_factor, double final_div_factor, bool three_phase)
    : LRScheduler(optimizer),
      max_lrs_(one_per_group("OneCycleLR: max_lr must be one value", max_lr.vec(), optimizer)),
      total_steps_(total_steps),
      anneal_strategy_(anneal_strategy),
      cycle_momentum_(cycle_momentum) {
  for (double lr : max_lrs_) check_positive("max_lr", lr);
  TAPER_CHECK_VALUE(total_steps >= 1, "OneCycleLR: total_steps must be at least 1; got ", total_steps);
  check_unit("pct_start", pct_start);
  check_positive("div_factor", div_factor);
  check_positive("final_div_factor", final_div_factor);
  check_unit("base_momentum", base_momentum);
  check_unit("max_momentum", max_momentum);
  if (cycle_momentum) {
    for (const OptimizerParamGroup& group : optimizer.param_groups()) {
      try {
        group.options().get_momentum();
      } catch (const NotImplementedError&) {
        throw ValueError(
            "OneCycleLR: the optimiser must have a momentum to cycle; its options have none; "
            "pass cycle_momentum = false");
      }
    }
  }

  const double initial = 1 / div_factor, min = initial / final_div_factor;
  const double peak = pct_start * static_cast<double>(total_steps) - 1, last = static_cast<double>(total_steps) - 1;
  phases_.push_back({peak, initial, 1, max_momentum, base_momentum});
  if (three_phase) {
    phases_.push_back({2 * peak, 1, initial, base_momentum, max_momentum});
    phases_.push_back({last, initial, min, max_momentum, max_momentum});
  } else {
    phases_.push_back({last, 1, min, base_momentum, max_momentum});
  }
  base_lrs_ = scaled(max_lrs_, values_at(0).lr);
  for (size_t i = 0; i < base_lrs_.size(); ++i) optimizer.param_groups()[i].set_initial_lr(base_lrs_[i]);
  LRScheduler::restart();
}

OneCycleLR::Values OneCycleLR::values_at(int64_t step) const {
  const double k = static_cast<double>(step);
  size_t i = 0;
  while (i + 1 < phases_.size() && k > phases_[i].last_step) ++i;
  const Phase& phase = phases_[i];
  const double first = i == 0 ? 0 : phases_[i - 1].last_step;
  // A phase without steps ends at once.
  const double x = phase.last_step > first ? std::min((k - first) / (phase.last_step - first), 1.0) : 1;
  const auto between = [&](double a, double b) {
    if (anneal_strategy_ == AnnealStrategy::Linear) return a + (b - a) * x;
    return b + (a - b) / 2 * (1 + std::cos(std::numbers::pi * x));
  };
  return {between(phase.start_lr, phase.end_lr), between(phase.start_momentum, phase.end_momentum)};
}

void OneCycleLR::set_momentum(double momentum) {
  if (!cycle_momentum_) return;
  for (OptimizerParamGroup& group : optimizer_.param_groups()) group.options().set_momentum(momentum);
}

std::vector<double> OneCycleLR::get_lrs() {
  const int64_t step = int64_t{step_count_} + 1;
  TAPER_CHECK(step <= total_steps_, "OneCycleLR::step: there must be at most total_steps steps; got step ", step,
              " of ", total_steps_, "; total_steps counts batches, not epochs");
  const Values values = values_at(step);
  set_momentum(values.momentum);
  return scaled(max_lrs_, values.lr);
}

void OneCycleLR::position_changed() { set_momentum(values_at(step_count_).momentum); }

OrderedDict<std::string, Tensor> OneCycleLR::state_dict() const {
  OrderedDict<std::string, Tensor> state = LRScheduler::state_dict();
  if (cycle_momentum_) {
    std::vector<double> momenta;
    for (const OptimizerParamGroup& group : optimizer_.param_groups())
      momenta.push_back(group.options().get_momentum());
    state.insert("last_momentum", tensor(momenta, kFloat64));
  }
  return state;
}

void OneCycleLR::load_state_dict(const OrderedDict<std::string, Tensor>& state) {
  constexpr const char* op = "OneCycleLR::load_state_dict";
  std::vector<OptimizerParamGroup>& groups = optimizer_.param_groups();
  if (!cycle_momentum_ || !state.contains("last_momentum")) return LRScheduler::load_state_dict(state);
  const std::vector<double> momenta = state_values(op, state, "last_momentum", optimizer_);
  for (double momentum : momenta) {
    TAPER_CHECK_VALUE(momentum >= 0 && std::isfinite(momentum), op,
                      ": last_momentum must be finite numbers, 0 or more; got ", momentum);
  }
  OrderedDict<std::string, Tensor> rest = state;
  rest.erase("last_momentum");
  LRScheduler::load_state_dict(rest);
  for (size_t i = 0; i < groups.size(); ++i) groups[i].options().set_momentum(momenta[i]);
}

}  // namespace taper::optim
