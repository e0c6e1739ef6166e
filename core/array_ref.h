// ArrayRef: a view of consecutive values owned by somebody else; DimVector: a small vector for sizes and strides.
// An ArrayRef made from a braced list lives until the end of the full expression: pass it on, do not keep it.
#pragma once

#include <taper/core/error.h>

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <type_traits>
#include <vector>

namespace taper {

using std::nullopt;
using std::nullopt_t;
using std::optional;

// Loops instead of <algorithm>, which every program that includes a tensor would pay for.
namespace detail {
template <class T>
constexpr bool same_values(const T* a, size_t n, const T* b, size_t m) {
  for (size_t i = 0; n == m && i < n; ++i) {
    if (!(a[i] == b[i])) return false;
  }
  return n == m;
}
}  // namespace detail

// Up to kInline values without a heap block; tensors of more dimensions still work.
class DimVector {
 public:
  static constexpr size_t kInline = 6;
  using value_type = int64_t;

  DimVector() = default;
  explicit DimVector(size_t n, int64_t value = 0) { resize(n, value); }
  DimVector(std::initializer_list<int64_t> values) { assign(values.begin(), values.end()); }
  DimVector(const int64_t* first, const int64_t* last) { assign(first, last); }
  DimVector(const DimVector& other) { assign(other.begin(), other.end()); }
  DimVector(DimVector&& other) noexcept { steal(other); }
  DimVector& operator=(const DimVector& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  DimVector& operator=(DimVector&& other) noexcept {
    if (this != &other) {
      release();
      steal(other);
    }
    return *this;
  }
  ~DimVector() { release(); }

  int64_t* begin() { return data_; }
  int64_t* end() { return data_ + size_; }
  const int64_t* begin() const { return data_; }
  const int64_t* end() const { return data_ + size_; }
  int64_t* data() { return data_; }
  const int64_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t& operator[](size_t i) { return data_[i]; }
  int64_t operator[](size_t i) const { return data_[i]; }
  int64_t& back() { return data_[size_ - 1]; }
  int64_t back() const { return data_[size_ - 1]; }

  void clear() { size_ = 0; }
  void push_back(int64_t value) {
    if (size_ == capacity_) grow(size_ + 1);
    data_[size_++] = value;
  }
  void resize(size_t n, int64_t value = 0) {
    if (n > capacity_) grow(n);
    for (size_t i = size_; i < n; ++i) data_[i] = value;
    size_ = n;
  }
  void insert(size_t at, int64_t value) {
    push_back(value);
    for (size_t i = size_ - 1; i > at; --i) data_[i] = data_[i - 1];
    data_[at] = value;
  }
  void erase(size_t at) {
    --size_;
    for (size_t i = at; i < size_; ++i) data_[i] = data_[i + 1];
  }
  template <class It>
  void assign(It first, It last) {
    size_ = 0;
    const size_t n = static_cast<size_t>(last - first);
    if (n > capacity_) grow(n);
    for (; first != last; ++first) data_[size_++] = *first;
  }
  friend bool operator==(const DimVector& a, const DimVector& b) {
    return detail::same_values(a.data_, a.size_, b.data_, b.size_);
  }

 private:
  void grow(size_t at_least) {
    const size_t capacity = at_least > 2 * capacity_ ? at_least : 2 * capacity_;
    int64_t* data = new int64_t[capacity];
    for (size_t i = 0; i < size_; ++i) data[i] = data_[i];
    release();
    data_ = data;
    capacity_ = capacity;
  }
  void release() {
    if (data_ != inline_) delete[] data_;
    data_ = inline_;
    capacity_ = kInline;
  }
  void steal(DimVector& other) {
    size_ = other.size_;
    if (other.data_ == other.inline_) {
      for (size_t i = 0; i < size_; ++i) inline_[i] = other.inline_[i];
    } else {
      data_ = other.data_;
      capacity_ = other.capacity_;
      other.data_ = other.inline_;
      other.capacity_ = kInline;
    }
    other.size_ = 0;
  }

  int64_t inline_[kInline];
  int64_t* data_ = inline_;
  size_t size_ = 0;
  size_t capacity_ = kInline;
};

template <class T>
class ArrayRef {
 public:
  using value_type = T;
  constexpr ArrayRef() = default;
  constexpr ArrayRef(const T& one) : data_(&one), size_(1) {}  // NOLINT: libtorch's callers write x.sum(1)
  constexpr ArrayRef(const T* data, size_t size) : data_(data), size_(size) {}
  constexpr ArrayRef(const T* first, const T* last) : data_(first), size_(static_cast<size_t>(last - first)) {}
  ArrayRef(const std::vector<T>& values) : data_(values.data()), size_(values.size()) {}  // NOLINT
  constexpr ArrayRef(const std::initializer_list<T>& values)                              // NOLINT
      : data_(std::data(values)), size_(values.size()) {}
  template <size_t N>
  constexpr ArrayRef(const T (&values)[N]) : data_(values), size_(N) {}  // NOLINT
  ArrayRef(const DimVector& values)                                      // NOLINT
      requires std::is_same_v<T, int64_t> : data_(values.data()),
                                            size_(values.size()) {}

  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }
  constexpr const T* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T& operator[](size_t i) const { return data_[i]; }
  constexpr const T& front() const { return data_[0]; }
  constexpr const T& back() const { return data_[size_ - 1]; }
  const T& at(size_t i) const {
    TAPER_CHECK_INDEX(i < size_, "ArrayRef: the index must be below the length; got index ", i, " and length ", size_);
    return data_[i];
  }
  // n values, or all, from position `from` on.
  constexpr ArrayRef slice(size_t from, size_t n) const {
    TAPER_CHECK_INDEX(from <= size_ && n <= size_ - from, "ArrayRef: a slice must lie within the list; got ", n,
                      " values from ", from, " on of ", size_);
    return ArrayRef(data_ + from, n);
  }
  constexpr ArrayRef slice(size_t from) const { return slice(from, size_ - (from < size_ ? from : size_)); }
  std::vector<T> vec() const { return std::vector<T>(begin(), end()); }
  operator std::vector<T>() const { return vec(); }  // NOLINT
  constexpr bool equals(ArrayRef other) const { return detail::same_values(data_, size_, other.data_, other.size_); }
  friend bool operator==(ArrayRef a, ArrayRef b) { return a.equals(b); }
  // One value is no list here: x.sizes() == 3 is meant for x.dim() or x.size(0).
  template <class U>
  requires std::is_arithmetic_v<U>
  friend bool operator==(ArrayRef, U) = delete;

 private:
  const T* data_ = nullptr;
  size_t size_ = 0;
};

using IntArrayRef = ArrayRef<int64_t>;

template <detail::TextStream Stream>
Stream& operator<<(Stream& stream, IntArrayRef values) {
  return detail::write(stream, values);
}

}  // namespace taper
