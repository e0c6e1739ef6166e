// ExpandingArray<D>: D values, or one that counts for all D: what kernel sizes, strides and paddings are given as.
//
//   ExpandingArray<2> kernel = 3;        // {3, 3}
//   ExpandingArray<2> stride = {1, 2};   // a list must have D values, or ValueError
//   (*kernel)[0] == 3; kernel->at(1) == 3;
//
// ExpandingArrayWithOptionalElem<D>: the same of optional values, nullopt for "as the input is".
#pragma once

#include <taper/core/array_ref.h>

#include <array>

namespace taper {

template <size_t D, class T = int64_t>
class ExpandingArray {
 public:
  ExpandingArray(T one) {  // NOLINT: implicit, as the others, so that options take plain numbers and lists
    for (T& value : values_) value = one;
  }
  ExpandingArray(std::initializer_list<T> list) : ExpandingArray(ArrayRef<T>(list)) {}   // NOLINT
  ExpandingArray(const std::vector<T>& values) : ExpandingArray(ArrayRef<T>(values)) {}  // NOLINT
  ExpandingArray(ArrayRef<T> values) { assign(values); }                                 // NOLINT
  ExpandingArray(const std::array<T, D>& values) : values_(values) {}                    // NOLINT

  std::array<T, D>& operator*() { return values_; }
  const std::array<T, D>& operator*() const { return values_; }
  std::array<T, D>* operator->() { return &values_; }
  const std::array<T, D>* operator->() const { return &values_; }
  operator ArrayRef<T>() const { return ArrayRef<T>(values_.data(), D); }  // NOLINT
  size_t size() const noexcept { return D; }

 protected:
  ExpandingArray() = default;
  template <class U>
  void assign(ArrayRef<U> values) {
    TAPER_CHECK_VALUE(values.size() == D, "ExpandingArray: a list must have ", D, D == 1 ? " value" : " values",
                      "; got ", values.size());
    for (size_t i = 0; i < D; ++i) values_[i] = values[i];
  }

  std::array<T, D> values_{};
};

template <size_t D, class T = int64_t>
class ExpandingArrayWithOptionalElem : public ExpandingArray<D, optional<T>> {
  using Base = ExpandingArray<D, optional<T>>;

 public:
  using Base::Base;
  ExpandingArrayWithOptionalElem(T one) : Base(optional<T>(one)) {}   // NOLINT
  ExpandingArrayWithOptionalElem(nullopt_t) : Base(optional<T>()) {}  // NOLINT
  ExpandingArrayWithOptionalElem(std::initializer_list<T> list) {     // NOLINT
    this->assign(ArrayRef<T>(list));
  }
  ExpandingArrayWithOptionalElem(const std::vector<T>& values) {  // NOLINT
    this->assign(ArrayRef<T>(values));
  }
  ExpandingArrayWithOptionalElem(ArrayRef<T> values) { this->assign(values); }  // NOLINT
  ExpandingArrayWithOptionalElem(const std::array<T, D>& values) {              // NOLINT
    this->assign(ArrayRef<T>(values.data(), D));
  }
};

// "3" for D = 1, else "[3, 3]"; "None" for nullopt.
template <size_t D, class T>
void append_to(std::string& out, const ExpandingArray<D, T>& values) {
  if constexpr (D == 1) {
    detail::append_any(out, (*values)[0]);
  } else {
    detail::append_any(out, *values);
  }
}
template <detail::TextStream Stream, size_t D, class T>
Stream& operator<<(Stream& stream, const ExpandingArray<D, T>& values) {
  return detail::write(stream, values);
}

}  // namespace taper
