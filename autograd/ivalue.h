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
  bool isTensor() const { return std::holds_alternative<Tensor>(value_); }
  bool isBool() const { return std::holds_alternative<bool>(value_); }
  bool isInt() const { return std::holds_alternative<int64_t>(value_); }
  bool isDouble() const { return std::holds_alternative<double>(value_); }
  bool isString() const { return std::holds_alternative<std::string>(value_); }
  bool isIntList() const { return std::holds_alternative<std::vector<int64_t>>(value_); }
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
