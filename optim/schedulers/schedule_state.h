// What the schedules share to read their state. Internal.
#pragma once

#include <taper/core/ordered_dict.h>
#include <taper/core/tensor.h>

namespace taper::optim {

// The tensor of that name, row-major; an error unless it is there with that dtype and those sizes.
inline Tensor state_entry(const char* op, const OrderedDict<std::string, Tensor>& state, const char* name,
                          ScalarType dtype, IntArrayRef sizes) {
  const Tensor* t = state.find(name);
  TAPER_CHECK(t && t->defined(), op, ": the state must have ", name, "; it is missing");
  TAPER_CHECK(t->dtype() == dtype && t->sizes().equals(sizes), op, ": ", name, " must be ", dtype, " of sizes ", sizes,
              "; got ", t->dtype(), " of sizes ", t->sizes());
  return t->contiguous();
}

inline std::vector<double> state_values(const Tensor& t) {
  const double* data = t.data_ptr<double>();
  return std::vector<double>(data, data + t.numel());
}

}  // namespace taper::optim
