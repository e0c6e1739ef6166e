// Tensors across the border between taper and libtorch, always as copies.
#pragma once

#include <taper/core/factories.h>
#include <taper/core/random.h>

#include "libtorch.h"
#include "support/text.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bridge {

// Both enums are numbered alike.
inline at::ScalarType counterpart(taper::ScalarType type) { return static_cast<at::ScalarType>(type); }
inline taper::ScalarType counterpart(at::ScalarType type) { return static_cast<taper::ScalarType>(type); }

inline at::Tensor to_torch(const taper::Tensor& x) {
  const taper::Tensor copy = x.detach().contiguous();
  at::Tensor result =
      torch::empty(std::vector<int64_t>(copy.sizes().begin(), copy.sizes().end()), counterpart(copy.dtype()));
  if (copy.numel() > 0) std::memcpy(result.data_ptr(), copy.data_ptr(), copy.nbytes());
  return result;
}

inline taper::Tensor to_taper(const at::Tensor& x) {
  const at::Tensor copy = x.detach().contiguous();
  taper::Tensor result = taper::empty(copy.sizes().vec(), counterpart(copy.scalar_type()));
  if (copy.numel() > 0) std::memcpy(result.data_ptr(), copy.data_ptr(), copy.nbytes());
  return result;
}

// The largest |a - b|, infinity when sizes or dtypes differ or a NaN stands against a number.
inline double max_difference(const taper::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined() ? 0 : INFINITY;
  if (counterpart(a.dtype()) != b.scalar_type() || a.sizes().vec() != b.sizes().vec()) return INFINITY;
  const at::Tensor x = to_torch(a).to(torch::kDouble).reshape(-1), y = b.detach().to(torch::kDouble).reshape(-1);
  double largest = 0;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double p = x.data_ptr<double>()[i], q = y.data_ptr<double>()[i];
    if (p == q || (std::isnan(p) && std::isnan(q))) continue;
    if (std::isnan(p) || std::isnan(q)) return INFINITY;
    largest = std::max(largest, std::abs(p - q));
  }
  return largest;
}

// The text of a module of libtorch, with taper's name.
std::string printed_as_taper(const auto& theirs) { return "taper" + support::printed(theirs).substr(5); }

inline void seed(uint64_t value) {
  taper::manual_seed(value);
  torch::manual_seed(value);
}

}  // namespace bridge
