#include <taper/core/factories.h>
#include <taper/optim/schedulers/lr_scheduler.h>

#include <climits>

namespace taper::optim {
namespace {

// The tensor of that name, checked.
Tensor entry(const OrderedDict<std::string, Tensor>& state, const char* name, ScalarType dtype, IntArrayRef sizes) {
  const Tensor* t = state.find(name);
  TAPER_CHECK(t && t->defined(), "LRScheduler::load_state_dict: the state must have last_epoch, base_lrs and last_lr; ",
              name, " is missing");
  TAPER_CHECK(t->dtype() == dtype && t->sizes().equals(sizes), "LRScheduler::load_state_dict: ", name, " must be ",
              dtype, " of sizes ", sizes, "; got ", t->dtype(), " of sizes ", t->sizes());
  return t->contiguous();
}

std::vector<double> values(const Tensor& t) {
  const double* data = t.data_ptr<double>();
  return std::vector<double>(data, data + t.numel());
}

}  // namespace

LRScheduler::LRScheduler(Optimizer& optimizer) : optimizer_(optimizer) { base_lrs_ = get_current_lrs(); }

std::vector<double> LRScheduler::get_current_lrs() const {
  std::vector<double> lrs;
  for (const OptimizerParamGroup& group : optimizer_.param_groups()) lrs.push_back(group.options().get_lr());
  return lrs;
}

void LRScheduler::set_optimizer_lrs(const std::vector<double>& lrs) {
  std::vector<OptimizerParamGroup>& groups = optimizer_.param_groups();
  TAPER_CHECK(lrs.size() == groups.size(),
              "LRScheduler: there must be one learning rate for each parameter group; got ", lrs.size(), " for ",
              groups.size(), " groups; add groups before making the scheduler");
  for (size_t i = 0; i < groups.size(); ++i) groups[i].options().set_lr(lrs[i]);
}

void LRScheduler::step() {
  set_optimizer_lrs(get_lrs());
  ++step_count_;
}

OrderedDict<std::string, Tensor> LRScheduler::state_dict() const {
  OrderedDict<std::string, Tensor> state;
  state.insert("last_epoch", scalar_tensor(static_cast<int64_t>(step_count_), kInt64));
  state.insert("base_lrs", tensor(base_lrs_, kFloat64));
  state.insert("last_lr", tensor(get_current_lrs(), kFloat64));
  return state;
}

void LRScheduler::load_state_dict(const OrderedDict<std::string, Tensor>& state) {
  for (const auto& item : state) {
    TAPER_CHECK(item.key() == "last_epoch" || item.key() == "base_lrs" || item.key() == "last_lr",
                "LRScheduler::load_state_dict: the state must have last_epoch, base_lrs and last_lr; got ", item.key());
  }
  const auto groups = static_cast<int64_t>(optimizer_.param_groups().size());
  const int64_t last_epoch = entry(state, "last_epoch", kInt64, {}).item<int64_t>();
  TAPER_CHECK_VALUE(last_epoch >= 0 && last_epoch <= UINT_MAX,
                    "LRScheduler::load_state_dict: last_epoch must be a number of steps; got ", last_epoch);
  std::vector<double> base_lrs = values(entry(state, "base_lrs", kFloat64, {groups}));
  set_optimizer_lrs(values(entry(state, "last_lr", kFloat64, {groups})));
  base_lrs_ = std::move(base_lrs);
  step_count_ = static_cast<unsigned>(last_epoch);
  state_loaded();
}

}  // namespace taper::optim
