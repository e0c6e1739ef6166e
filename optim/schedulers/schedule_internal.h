// What the schedules share: checks of their settings, learning rates, reading their state.
#pragma once

#include <taper/optim/optimizer.h>

#include <cmath>
#include <vector>

namespace taper::optim {

// ValueError for a negative or non-finite value; `what` is its name, "StepLR: gamma".
inline void check_non_negative(const char* what, double value) {
  TAPER_CHECK_VALUE(value >= 0 && std::isfinite(value), what, " must be a finite number, 0 or more; got ", value);
}

// One value per group, of one for all groups or one for each; ValueError for another number of them, which begins with
// `must`, "OneCycleLR: max_lr must be one value".
template <class T>
std::vector<T> one_per_group(const char* must, std::vector<T> values, const Optimizer& optimizer) {
  const size_t groups = optimizer.param_groups().size();
  if (values.size() == 1) values.resize(groups, values[0]);
  TAPER_CHECK_VALUE(values.size() == groups, must, ", or one for each parameter group; got ", values.size(), " for ",
                    groups, " groups");
  return values;
}

// One per group.
inline std::vector<double> learning_rates(const Optimizer& optimizer) {
  std::vector<double> rates;
  for (const OptimizerParamGroup& group : optimizer.param_groups()) rates.push_back(group.options().get_lr());
  return rates;
}

inline std::vector<double> scaled(std::vector<double> rates, double factor) {
  for (double& rate : rates) rate *= factor;
  return rates;
}

// The tensor of that name, row-major; an Error unless there is one with that dtype and those sizes.
inline Tensor state_entry(const char* op, const OrderedDict<std::string, Tensor>& state, const char* name,
                          ScalarType dtype, IntArrayRef sizes) {
  const Tensor* t = state.find(name);
  TAPER_CHECK(t && t->defined(), op, ": the state must have ", name, "; it is missing");
  TAPER_CHECK(t->dtype() == dtype && t->sizes().equals(sizes), op, ": ", name, " must be ", dtype, " of sizes ", sizes,
              "; got ", t->dtype(), " of sizes ", t->sizes());
  return t->contiguous();
}

// The float64 tensor of that name, one element per group.
inline std::vector<double> state_values(const char* op, const OrderedDict<std::string, Tensor>& state, const char* name,
                                        const Optimizer& optimizer) {
  const auto groups = static_cast<int64_t>(optimizer.param_groups().size());
  const Tensor t = state_entry(op, state, name, kFloat64, {groups});
  return std::vector<double>(t.data_ptr<double>(), t.data_ptr<double>() + groups);
}

}  // namespace taper::optim
