// Functions that make tensors, row-major and without gradient unless the options ask for one. Names, defaults and
// promotion follow libtorch; dtype defaults to get_default_dtype() except where the values say otherwise (integers in
// arange, full, tensor), and for those that end in _like to that of `like`. A negative size, and sizes beyond what
// memory can address, are a ValueError; a dtype that no tensor has (Half, Undefined) is a TypeError.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// Uninitialised values. Strides are in elements, 0 or more.
TAPER_API Tensor empty(IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor empty_like(const Tensor& like, const TensorOptions& options = {});
TAPER_API Tensor empty_strided(IntArrayRef sizes, IntArrayRef strides, const TensorOptions& options = {});
// All 0, all 1, all `value`: of the dtype of its kind (bool, int64 or the default float) unless given.
TAPER_API Tensor zeros(IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor zeros_like(const Tensor& like, const TensorOptions& options = {});
TAPER_API Tensor ones(IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor ones_like(const Tensor& like, const TensorOptions& options = {});
TAPER_API Tensor full(IntArrayRef sizes, const Scalar& value, const TensorOptions& options = {});
TAPER_API Tensor full_like(const Tensor& like, const Scalar& value, const TensorOptions& options = {});
// A zero-dim tensor of the default dtype.
TAPER_API Tensor scalar_tensor(const Scalar& value, const TensorOptions& options = {});
// start (0), start + step (1), ... below end, or above it for a negative step; int64 where all are integers. ValueError
// for a step of 0, one that leads away from end, and numbers that are not finite.
TAPER_API Tensor arange(const Scalar& end, const TensorOptions& options = {});
TAPER_API Tensor arange(const Scalar& start, const Scalar& end, const TensorOptions& options = {});
TAPER_API Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step, const TensorOptions& options = {});
// `steps` evenly spaced values from start to end, both included
TAPER_API Tensor linspace(const Scalar& start, const Scalar& end, int64_t steps = 100,
                          const TensorOptions& options = {});
// base to the power of such values
TAPER_API Tensor logspace(const Scalar& start, const Scalar& end, int64_t steps = 100, double base = 10,
                          const TensorOptions& options = {});
// n x n, or n x m: 1 on the diagonal, 0 elsewhere
TAPER_API Tensor eye(int64_t n, const TensorOptions& options = {});
TAPER_API Tensor eye(int64_t n, int64_t m, const TensorOptions& options = {});

// Random values by PyTorch's stream (core/random.h), of the default generator: uniform on [0, 1), standard normal, and
// integers of [low, high), low = 0 and int64 unless given. ValueError for low >= high and where the dtype does not hold
// every integer of the range.
TAPER_API Tensor rand(IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor rand_like(const Tensor& like, const TensorOptions& options = {});
TAPER_API Tensor randn(IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor randn_like(const Tensor& like, const TensorOptions& options = {});
TAPER_API Tensor randint(int64_t high, IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor randint(int64_t low, int64_t high, IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor randint_like(const Tensor& like, int64_t high, const TensorOptions& options = {});
TAPER_API Tensor randint_like(const Tensor& like, int64_t low, int64_t high, const TensorOptions& options = {});
// A permutation of 0, ..., n - 1. ValueError where the dtype does not hold them all.
TAPER_API Tensor randperm(int64_t n, const TensorOptions& options = kInt64);

// A tensor on memory that stays the caller's, row-major unless strides (in elements) are given; `deleter` runs when the
// last tensor on it is gone.
TAPER_API Tensor from_blob(void* data, IntArrayRef sizes, const TensorOptions& options = {});
TAPER_API Tensor from_blob(void* data, IntArrayRef sizes, IntArrayRef strides, const TensorOptions& options = {});
TAPER_API Tensor from_blob(void* data, IntArrayRef sizes, std::function<void(void*)> deleter,
                           const TensorOptions& options = {});
TAPER_API Tensor from_blob(void* data, IntArrayRef sizes, IntArrayRef strides, std::function<void(void*)> deleter,
                           const TensorOptions& options = {});

namespace detail {

// Values in nested braces: {{1, 2}, {3, 4}}. Every list of one level must have the same length. Integers make int64,
// floating-point numbers the default dtype, bools bool.
class TAPER_API TensorDataContainer {
 public:
  TensorDataContainer() : sizes_{0}, dtype_(get_default_dtype()) {}  // tensor({}): no elements
  template <class T>
  requires std::is_arithmetic_v<T> TensorDataContainer(T value)
      : TensorDataContainer(Scalar(value), kind_of<T>()) {}              // NOLINT
  TensorDataContainer(std::initializer_list<TensorDataContainer> rows);  // NOLINT
  template <class T>
  requires std::is_arithmetic_v<T> TensorDataContainer(ArrayRef<T> values)
      : sizes_{static_cast<int64_t>(values.size())}, dtype_(kind_of<T>()) {  // NOLINT
    for (const T& value : values) values_.push_back(Scalar(value));
  }
  template <class T>
  requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) TensorDataContainer(const std::vector<T>& values)
      : TensorDataContainer(ArrayRef<T>(values)) {}  // NOLINT

  Tensor to_tensor(const TensorOptions& options) const;
  const std::vector<int64_t>& sizes() const { return sizes_; }
  ScalarType scalar_type() const { return dtype_; }
  // "{{1, 2}, {3, 4.5}}"
  TAPER_API friend void append_to(std::string& out, const TensorDataContainer& values);
  template <TextStream Stream>
  friend Stream& operator<<(Stream& stream, const TensorDataContainer& values) {
    return stream << str(values), stream;
  }

 private:
  TensorDataContainer(const Scalar& value, ScalarType dtype) : values_{value}, dtype_(dtype) {}
  template <class T>
  static ScalarType kind_of() {
    // A float literal asks for the default dtype; a double too, as in PyTorch.
    return std::is_floating_point_v<T> ? get_default_dtype() : std::is_same_v<T, bool> ? kBool : kInt64;
  }

  std::vector<int64_t> sizes_;
  std::vector<Scalar> values_;
  ScalarType dtype_;
};

}  // namespace detail

// taper::tensor({{1., 2.}, {3., 4.}}), taper::tensor(5), taper::tensor(std::vector<float>{...})
inline Tensor tensor(const detail::TensorDataContainer& values, const TensorOptions& options = {}) {
  return values.to_tensor(options);
}

}  // namespace taper
