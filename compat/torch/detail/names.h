// Names of libtorch, at and c10 that taper has no use for itself.
#pragma once

#include <taper/taper.h>

#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace taper {

using IntList = IntArrayRef;
using std::get;
using std::get_if;
using std::holds_alternative;
using std::make_optional;
using std::make_unique;
using std::monostate;
using std::string_view;
using std::variant;
using std::visit;

// for (const auto i : c10::irange(n)), or irange(first, last)
template <class T>
class IntegerRange {
 public:
  struct Iterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = T;
    T operator*() const { return value; }
    Iterator& operator++() { return ++value, *this; }
    Iterator operator++(int) { return {value++}; }
    bool operator==(const Iterator& other) const { return value == other.value; }
    T value;
  };
  IntegerRange(T first, T last) : first_{first}, last_{last < first ? first : last} {}
  Iterator begin() const { return first_; }
  Iterator end() const { return last_; }

 private:
  Iterator first_, last_;
};
template <class T>
IntegerRange<T> irange(T last) {
  return {T(), last};
}
template <class T, class U>
IntegerRange<U> irange(T first, U last) {
  return {static_cast<U>(first), last};
}

template <class T>
std::string to_string(const T& value) requires std::is_arithmetic_v<T> {
  return std::to_string(value);
}

inline bool isFloatingType(ScalarType type) { return is_floating_point(type); }
inline bool isIntegralType(ScalarType type, bool include_bool = false) { return is_integral(type, include_bool); }
inline size_t elementSize(ScalarType type) { return element_size(type); }

// Both undefined, or equal.
inline bool equal_if_defined(const Tensor& a, const Tensor& b) {
  return a.defined() ? b.defined() && equal(a, b) : !b.defined();
}

namespace detail {
inline const Generator& getDefaultCPUGenerator() { return default_generator(); }
inline Generator createCPUGenerator(uint64_t seed = Generator::kDefaultSeed) { return Generator(seed); }
}  // namespace detail

class Context {
 public:
  const Generator& defaultGenerator(Device) const { return default_generator(); }
};
inline Context& globalContext() {
  static Context context;
  return context;
}

inline void init_num_threads() {}  // threads are there when they are needed

namespace autograd {
// A leaf on the same data.
inline Variable make_variable(const Tensor& data, bool requires_grad = false, bool = true) {
  return data.defined() ? data.detach().set_requires_grad(requires_grad) : Variable();
}
}  // namespace autograd

namespace cuda {
inline bool cudnn_is_available() { return false; }
inline void manual_seed(uint64_t) {}
inline void manual_seed_all(uint64_t) {}
inline void synchronize(int64_t = -1) {
  throw Error("cuda: there must be a GPU to wait for; taper's only device is the CPU");
}
}  // namespace cuda

}  // namespace taper
