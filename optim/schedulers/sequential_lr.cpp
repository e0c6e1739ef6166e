#include <taper/optim/schedulers/schedule_internal.h>
#include <taper/optim/schedulers/sequential_lr.h>

#include <algorithm>

namespace taper::optim {
namespace {

using State = OrderedDict<std::string, Tensor>;

// The entries of `state` with the prefix "schedulers.i.", without it.
State part_of(const State& state, size_t i) {
  const std::string prefix = taper::detail::str("schedulers.", i, ".");
  State part;
  for (const auto& item : state) {
    if (item.key().starts_with(prefix)) part.insert(item.key().substr(prefix.size()), item.value());
  }
  return part;
}

}  // namespace

SequentialLR::SequentialLR(Optimizer& optimizer, std::vector<LRScheduler*> schedulers, std::vector<int64_t> milestones)
    : LRScheduler(optimizer), schedulers_(std::move(schedulers)), milestones_(std::move(milestones)) {
  TAPER_CHECK_VALUE(!schedulers_.empty() && milestones_.size() + 1 == schedulers_.size(),
                    "SequentialLR: there must be one milestone fewer than schedules; got ", milestones_.size(),
                    " milestones for ", schedulers_.size(), " schedules");
  for (const LRScheduler* scheduler : schedulers_) {
    TAPER_CHECK_VALUE(scheduler && scheduler->is_for(optimizer),
                      "SequentialLR: every schedule must be one of the same optimiser; got ",
                      scheduler ? "one of another" : "a null pointer");
  }
  int64_t last = 0;
  for (int64_t milestone : milestones_) {
    TAPER_CHECK_VALUE(milestone > last, "SequentialLR: milestones must be positive and rise; got ", milestone,
                      " after ", last);
    last = milestone;
  }
  SequentialLR::restart();
}

void SequentialLR::step() {
  const int64_t k = int64_t{step_count_} + 1;
  if (std::binary_search(milestones_.begin(), milestones_.end(), k)) {
    schedulers_[active_at(k)]->restart();
  } else {
    schedulers_[active_at(k)]->step();
  }
  ++step_count_;
}

size_t SequentialLR::active_at(int64_t k) const {
  return static_cast<size_t>(std::upper_bound(milestones_.begin(), milestones_.end(), k) - milestones_.begin());
}

void SequentialLR::restart() {
  schedulers_[0]->restart();
  step_count_ = 0;
}

State SequentialLR::state_dict() const {
  State state = LRScheduler::state_dict();
  for (size_t i = 0; i < schedulers_.size(); ++i) {
    for (const auto& item : schedulers_[i]->state_dict()) {
      state.insert(taper::detail::str("schedulers.", i, ".", item.key()), item.value());
    }
  }
  return state;
}

void SequentialLR::load_state_dict(const State& state) {
  State own;
  for (const auto& item : state) {
    if (!item.key().starts_with("schedulers.")) own.insert(item.key(), item.value());
  }
  const State before = state_dict();
  const auto load = [&](const State& from, int64_t k) {  // the active one last, which sets the momentum
    const size_t active = active_at(k);
    for (size_t i = 0; i < schedulers_.size(); ++i) {
      if (i != active) schedulers_[i]->load_state_dict(part_of(from, i));
    }
    schedulers_[active]->load_state_dict(part_of(from, active));
  };
  try {
    size_t known = own.size();
    for (size_t i = 0; i < schedulers_.size(); ++i) known += part_of(state, i).size();
    TAPER_CHECK(known == state.size(), "SequentialLR::load_state_dict: the state must be that of ", schedulers_.size(),
                " schedules; got one of more");
    load(state, state_entry("SequentialLR::load_state_dict", own, "last_epoch", kInt64, {}).item<int64_t>());
    LRScheduler::load_state_dict(own);
  } catch (...) {  // all or nothing
    load(before, step_count_);
    set_optimizer_lrs(state_values("", before, "last_lr", optimizer_));
    throw;
  }
}

}  // namespace taper::optim
