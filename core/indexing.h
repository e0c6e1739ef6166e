// What goes between the brackets of tensor.index({...}): as in libtorch.
//   x.index({0, Slice(1, None, 2), "...", mask, None})
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {
namespace indexing {

struct EllipsisIndexType {};
inline constexpr EllipsisIndexType Ellipsis{};
inline constexpr nullopt_t None = nullopt;

// start:stop:step; an absent bound runs to the end it stands at. step must be positive.
struct Slice {
  Slice(optional<int64_t> start = nullopt, optional<int64_t> stop = nullopt,
        optional<int64_t> step = nullopt)  // NOLINT
      : start_(start), stop_(stop), step_(step.value_or(1)) {}
  optional<int64_t> start() const { return start_; }
  optional<int64_t> stop() const { return stop_; }
  int64_t step() const { return step_; }

 private:
  optional<int64_t> start_, stop_;
  int64_t step_;
};

}  // namespace indexing

struct TAPER_API TensorIndex {
  enum class Kind { None, Ellipsis, Integer, Boolean, Slice, Tensor };

  TensorIndex(nullopt_t) : kind(Kind::None) {}                        // NOLINT
  TensorIndex(indexing::EllipsisIndexType) : kind(Kind::Ellipsis) {}  // NOLINT
  TensorIndex(const char* text);                                      // NOLINT: "..."
  template <class T>
  requires std::is_integral_v<T> TensorIndex(T value)  // NOLINT
      : kind(std::is_same_v<T, bool> ? Kind::Boolean : Kind::Integer), integer(static_cast<int64_t>(value)) {}
  TensorIndex(indexing::Slice value) : kind(Kind::Slice), slice(value) {}  // NOLINT
  TensorIndex(const Tensor& value) : kind(Kind::Tensor), tensor(value) {}  // NOLINT

  Kind kind;
  int64_t integer = 0;
  indexing::Slice slice;
  Tensor tensor;
};

}  // namespace taper
