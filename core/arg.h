// TAPER_ARG(T, name): a member of an options class with a chained setter and a getter of the same name.
//
//   struct LinearOptions { TAPER_ARG(int64_t, in_features); TAPER_ARG(bool, bias) = true; };
//   LinearOptions(...).bias(false).bias() == false
#pragma once

#include <utility>

#define TAPER_ARG(T, name)                                  \
 public:                                                    \
  inline auto name(const T& value)->decltype(*this) {       \
    this->name##_ = value;                                  \
    return *this;                                           \
  }                                                         \
  inline auto name(T&& value)->decltype(*this) {            \
    this->name##_ = std::move(value);                       \
    return *this;                                           \
  }                                                         \
  inline const T& name() const noexcept { return name##_; } \
  inline T& name() noexcept { return name##_; }             \
                                                            \
 private:                                                   \
  T name##_
