// The floating-point types that loops compute in. Those of 16 bits are only stored (core/half_types.h).
#pragma once

// As X(C++ type, ScalarType name, ...).
#define TAPER_FOR_EACH_FLOAT(X, ...)         \
  X(float, Float __VA_OPT__(, ) __VA_ARGS__) \
  X(double, Double __VA_OPT__(, ) __VA_ARGS__)

// As messages name them: "... must be " TAPER_FLOATS "; got ...".
#define TAPER_FLOATS "of a floating-point type"

namespace taper {

// Whether T is one of them.
template <class T>
inline constexpr bool is_float_type = false;
#define TAPER_DEFINE(T, Name) \
  template <>                 \
  inline constexpr bool is_float_type<T> = true;
TAPER_FOR_EACH_FLOAT(TAPER_DEFINE)
#undef TAPER_DEFINE

}  // namespace taper
