// What tests ask of tensors: made quickly, read as lists, compared.
#pragma once

#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace support {

// A function of the tensor x: OF_X(x.view({4, 2}))
#define OF_X(...) [](const taper::Tensor& x) { return __VA_ARGS__; }

using Values = std::vector<double>;

// A leaf that requires grad, in double: normally distributed, or of given values.
inline taper::Tensor leaf(taper::IntArrayRef sizes) { return taper::randn(sizes, taper::kFloat64).requires_grad_(); }
inline taper::Tensor leaf_of(const taper::Tensor& values) {
  return values.to(taper::kFloat64).clone().requires_grad_();
}
inline taper::Tensor leaf_of(const Values& values) { return taper::tensor(values, taper::kFloat64).requires_grad_(); }

// The elements in order, as double.
inline Values values(const taper::Tensor& t) {
  const taper::Tensor c = t.detach().to(taper::kFloat64).contiguous();
  return {c.data_ptr<double>(), c.data_ptr<double>() + c.numel()};
}

// A double tensor of exactly these elements.
inline bool holds(const taper::Tensor& t, const Values& elements) {
  return t.equal(taper::tensor(elements, taper::kFloat64));
}

// Sizes, dtype and every bit; or neither is defined.
inline bool same_bits(const taper::Tensor& a, const taper::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  const taper::Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return x.dtype() == y.dtype() && x.sizes() == y.sizes() &&
         (x.numel() == 0 || std::memcmp(x.data_ptr(), y.data_ptr(), x.nbytes()) == 0);
}

// The largest |a - b|, infinity where there is a NaN or not as many elements.
inline double largest_difference(const Values& a, const Values& b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = std::isnan(difference) ? INFINITY : difference;
  }
  return largest;
}
inline double largest_difference(const taper::Tensor& a, const Values& b) { return largest_difference(values(a), b); }
inline double largest_difference(const taper::Tensor& a, const taper::Tensor& b) {
  return a.sizes() == b.sizes() ? largest_difference(values(a), values(b)) : INFINITY;
}

}  // namespace support
