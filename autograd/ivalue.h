// IValue: a value of one of several kinds, as ctx->saved_data keeps them (autograd/function.h).
#pragma once

#include <taper/core/tensor.h>

#include <string>
#include <variant>
#include <vector>

namespace taper::autograd {

class TAPER_API IValue {
 public:
  IValue() = default;
  IValue(const Tensor& v);         // NOLINT: implicit as in libtorch, like the others
  IValue(bool v);                  // NOLINT
  IValue(int v);                   // NOLINT
  IValue(int64_t v);               // NOLINT
  IValue(double v);                // NOLINT
  IValue(const char* v);           // NOLINT
  IValue(std::string v);           // NOLINT
  IValue(std::vector<int64_t> v);  // NOLINT
  bool isNone() const { return value_.index() == 0; }
  Tensor toTensor() const;
  bool toBool() const;
  int64_t toInt() const;
  double toDouble() const;
  std::string toStringRef() const;
  std::vector<int64_t> toIntVector() const;

 private:
  template <class T>
  const T& as(const char* wanted) const;
  std::variant<std::monostate, Tensor, bool, int64_t, double, std::string, std::vector<int64_t>> value_;
};

}  // namespace taper::autograd
