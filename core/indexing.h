// What goes between the brackets of tensor.index({...}): as in libtorch.
//   x.index({0, Slice(1, None, 2), "...", mask, None})
#pragma once

#include <taper/core/tensor.h>

#include <cstdint>
#include <string>

namespace taper::indexing {

constexpr int64_t INDEX_MAX = INT64_MAX, INDEX_MIN = INT64_MIN;

enum class TensorIndexType { None, Ellipsis, Integer, Boolean, Slice, Tensor };

struct EllipsisIndexType {};
inline constexpr EllipsisIndexType Ellipsis{};
inline constexpr nullopt_t None = nullopt;

// start:stop:step; an absent bound runs to the end it stands at. A step must be positive to index with it.
class TAPER_API Slice {
 public:
  Slice(optional<int64_t> start = nullopt, optional<int64_t> stop = nullopt,
        optional<int64_t> step = nullopt);  // NOLINT
  int64_t start() const { return start_; }
  int64_t stop() const { return stop_; }
  int64_t step() const { return step_; }

 private:
  int64_t start_, stop_, step_;
};

class TAPER_API TensorIndex {
 public:
  using Kind = TensorIndexType;

  TensorIndex(nullopt_t) : kind_(Kind::None) {}              // NOLINT
  TensorIndex(EllipsisIndexType) : kind_(Kind::Ellipsis) {}  // NOLINT
  TensorIndex(const char* text);                             // NOLINT: "..."
  template <class T>
  requires std::is_integral_v<T> TensorIndex(T value)  // NOLINT
      : kind_(std::is_same_v<T, bool> ? Kind::Boolean : Kind::Integer), integer_(static_cast<int64_t>(value)) {}
  TensorIndex(Slice value) : kind_(Kind::Slice), slice_(value) {}            // NOLINT
  TensorIndex(const Tensor& value) : kind_(Kind::Tensor), tensor_(value) {}  // NOLINT

  Kind kind() const { return kind_; }
  bool is_none() const { return kind_ == Kind::None; }
  bool is_ellipsis() const { return kind_ == Kind::Ellipsis; }
  bool is_integer() const { return kind_ == Kind::Integer; }
  bool is_boolean() const { return kind_ == Kind::Boolean; }
  bool is_slice() const { return kind_ == Kind::Slice; }
  bool is_tensor() const { return kind_ == Kind::Tensor; }
  int64_t integer() const { return integer_; }
  bool boolean() const { return integer_ != 0; }
  const Slice& slice() const { return slice_; }
  const Tensor& tensor() const { return tensor_; }

 private:
  Kind kind_;
  int64_t integer_ = 0;
  Slice slice_;
  Tensor tensor_;
};

// "1:3:1", with the largest or smallest number for a bound that is absent; "None", "...", "3", "true", "1:3:1" or the
// tensor as it prints; "(None, 3)".
TAPER_API std::string to_string(const Slice& slice);
TAPER_API std::string to_string(const TensorIndex& index);
TAPER_API std::string to_string(const std::vector<TensorIndex>& indices);
template <taper::detail::TextStream Stream, class T>
requires(std::is_same_v<T, Slice> || std::is_same_v<T, TensorIndex> ||
         std::is_same_v<T, std::vector<TensorIndex>>) Stream&
operator<<(Stream& stream, const T& index) {
  return stream << to_string(index), stream;
}

}  // namespace taper::indexing
