// Scalar: one number of any dtype, as PyTorch's. An integer stays an integer until it meets a floating-point tensor.
#pragma once

#include <taper/core/dtype.h>

namespace taper {

class TAPER_API Scalar {
 public:
  Scalar() : Scalar(int64_t{0}) {}
  template <class T>
  requires(std::is_arithmetic_v<T> || is_half_type<T>) Scalar(T value) {  // NOLINT: implicit as in PyTorch
    if constexpr (std::is_same_v<T, bool>) {
      kind_ = kBool;
      i_ = value;
    } else if constexpr (std::is_integral_v<T>) {
      kind_ = kInt64;
      i_ = static_cast<int64_t>(value);
    } else {
      kind_ = kFloat64;
      d_ = static_cast<double>(value);
    }
  }

  bool isFloatingPoint() const { return kind_ == kFloat64; }
  bool isIntegral(bool include_bool) const { return kind_ == kInt64 || (include_bool && kind_ == kBool); }
  bool isBoolean() const { return kind_ == kBool; }
  // float64, int64 or bool.
  ScalarType type() const { return kind_; }

  // The value as T. A number that T cannot hold is an error, except that floats lose their fraction on the way to
  // integers and floats narrow to the nearest (as in PyTorch).
  template <class T>
  T to() const {
    if constexpr (std::is_same_v<T, bool>) {
      return kind_ == kFloat64 ? d_ != 0 : i_ != 0;
    } else if constexpr (is_half_type<T>) {
      return to<float>();
    } else if constexpr (std::is_floating_point_v<T>) {
      return kind_ == kFloat64 ? static_cast<T>(d_) : static_cast<T>(i_);
    } else {
      return static_cast<T>(to_integer(element_size(dtype_of<T>), std::is_signed_v<T>));
    }
  }
  double toDouble() const { return to<double>(); }
  float toFloat() const { return to<float>(); }
  int64_t toLong() const { return to<int64_t>(); }
  int toInt() const { return to<int32_t>(); }
  bool toBool() const { return to<bool>(); }
  // TypeError for a bool; the lowest int64 stays what it is.
  Scalar operator-() const;

 private:
  int64_t to_integer(size_t bytes, bool is_signed) const;

  ScalarType kind_;
  union {
    int64_t i_;
    double d_;
  };
};

TAPER_API void append_to(std::string& out, const Scalar& value);

}  // namespace taper
