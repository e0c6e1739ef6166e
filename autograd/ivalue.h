// IValue: a value of one of several kinds, as ctx->saved_data keeps them (autograd/function.h).
//
//   taper::IValue v = x;  // of a Tensor, say
//   if (v.isTensor()) use(v.toTensor());
#pragma once

#include <taper/core/tensor.h>

#include <string>
#include <variant>
#include <vector>

namespace taper {

class TAPER_API IValue {
 public:
  IValue() = default;
  IValue(nullopt_t) {}                 // NOLINT: implicit as in libtorch, like the others
  IValue(const Tensor& v);             // NOLINT
  IValue(const Scalar& v);             // NOLINT
  IValue(bool v);                      // NOLINT
  IValue(int v);                       // NOLINT
  IValue(int64_t v);                   // NOLINT
  IValue(double v);                    // NOLINT
  IValue(const char* v);               // NOLINT
  IValue(std::string v);               // NOLINT
  IValue(std::vector<int64_t> v);      // NOLINT
  IValue(std::vector<double> v);       // NOLINT
  IValue(const std::vector<bool>& v);  // NOLINT
  IValue(std::vector<Tensor> v);       // NOLINT
  template <class T>
  IValue(const optional<T>& v) {  // NOLINT
    if (v) *this = *v;
  }

  bool isNone() const { return is<std::monostate>(); }
  bool isTensor() const { return is<Tensor>(); }
  bool isBool() const { return is<bool>(); }
  bool isInt() const { return is<int64_t>(); }
  bool isDouble() const { return is<double>(); }
  bool isScalar() const { return isInt() || isDouble() || isBool(); }
  bool isString() const { return is<std::string>(); }
  bool isIntList() const { return is<std::vector<int64_t>>(); }
  bool isDoubleList() const { return is<std::vector<double>>(); }
  bool isBoolList() const { return is<std::vector<bool>>(); }
  bool isTensorList() const { return is<std::vector<Tensor>>(); }
  bool isList() const { return isIntList() || isDoubleList() || isBoolList() || isTensorList(); }
  // "Int", "Tensor", "GenericList", ...
  std::string tagKind() const;

  // The value; an error when it is of another kind.
  Tensor toTensor() const;
  Scalar toScalar() const;
  bool toBool() const;
  int64_t toInt() const;
  double toDouble() const;
  std::string toStringRef() const;
  std::vector<int64_t> toIntVector() const;
  std::vector<double> toDoubleVector() const;
  std::vector<Tensor> toTensorVector() const;
  template <class T>
  T to() const {
    if constexpr (std::is_same_v<T, Tensor>) {
      return toTensor();
    } else if constexpr (std::is_same_v<T, bool>) {
      return toBool();
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(toInt());
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(toDouble());
    } else if constexpr (std::is_same_v<T, std::string>) {
      return toStringRef();
    } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
      return toIntVector();
    } else if constexpr (std::is_same_v<T, std::vector<double>>) {
      return toDoubleVector();
    } else {
      static_assert(std::is_same_v<T, std::vector<Tensor>>, "IValue: there is no such kind");
      return toTensorVector();
    }
  }

  // "None", "True", "3", "0.5", "text", "[1, 2]", or the tensor as it prints. Friends that are declared nowhere else:
  // everything converts to an IValue.
  TAPER_API friend std::string to_string(const IValue& value);
  template <class Stream>
  requires requires(Stream& s, const char* text) { s.write(text, 1); }
  friend Stream& operator<<(Stream& stream, const IValue& value) { return stream << to_string(value), stream; }

 private:
  template <class T>
  bool is() const {
    return std::holds_alternative<T>(value_);
  }
  template <class T>
  const T& as(const char* wanted) const;

  std::variant<std::monostate, Tensor, bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
               std::vector<bool>, std::vector<Tensor>>
      value_;
};

}  // namespace taper
