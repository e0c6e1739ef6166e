// Element types. Names and numbering follow PyTorch's ScalarType, so that saved values and messages agree.
#pragma once

#include <taper/core/error.h>
#include <taper/core/float_types.h>
#include <taper/core/half_types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace taper {

enum class ScalarType : int8_t {
  Byte,
  Char,
  Short,
  Int,
  Long,
  Half,
  Float,
  Double,
  Undefined,
  Bool = 11,
  BFloat16 = 15
};
using Dtype = ScalarType;

constexpr ScalarType kUInt8 = ScalarType::Byte, kByte = ScalarType::Byte;
constexpr ScalarType kInt8 = ScalarType::Char, kChar = ScalarType::Char;
constexpr ScalarType kInt16 = ScalarType::Short, kShort = ScalarType::Short;
constexpr ScalarType kInt32 = ScalarType::Int, kInt = ScalarType::Int;
constexpr ScalarType kInt64 = ScalarType::Long, kLong = ScalarType::Long;
constexpr ScalarType kFloat32 = ScalarType::Float, kFloat = ScalarType::Float;
constexpr ScalarType kFloat64 = ScalarType::Double, kDouble = ScalarType::Double;
constexpr ScalarType kFloat16 = ScalarType::Half, kHalf = ScalarType::Half;
constexpr ScalarType kBFloat16 = ScalarType::BFloat16;
constexpr ScalarType kBool = ScalarType::Bool;

// The types that loops compute in, as X(C++ type, ScalarType name), ...
#define TAPER_FOR_EACH_COMPUTE_DTYPE(X) \
  X(uint8_t, Byte)                      \
  X(int8_t, Char)                       \
  X(int16_t, Short)                     \
  X(int32_t, Int)                       \
  X(int64_t, Long)                      \
  TAPER_FOR_EACH_FLOAT(X)               \
  X(bool, Bool)
// ... and the ten that a tensor can have. The floating-point types of 16 bits are computed in float32
// (core/kernels/halves.h).
#define TAPER_FOR_EACH_DTYPE(X)   \
  TAPER_FOR_EACH_COMPUTE_DTYPE(X) \
  TAPER_FOR_EACH_HALF(X)

template <class T>
struct CppTypeToScalarType;
#define TAPER_DEFINE(T, Name) \
  template <>                 \
  struct CppTypeToScalarType<T> : std::integral_constant<ScalarType, ScalarType::Name> {};
TAPER_FOR_EACH_DTYPE(TAPER_DEFINE)
#undef TAPER_DEFINE
template <class T>
constexpr ScalarType dtype_of = CppTypeToScalarType<std::remove_cv_t<T>>::value;

// In bytes; 0 for Undefined.
constexpr size_t element_size(ScalarType type) {
  switch (type) {
#define TAPER_CASE(T, Name) \
  case ScalarType::Name: return sizeof(T);
    TAPER_FOR_EACH_DTYPE(TAPER_CASE)
#undef TAPER_CASE
    default: return 0;
  }
}

constexpr bool isReducedFloatingType(ScalarType type) { return type == kFloat16 || type == kBFloat16; }
constexpr bool is_floating_point(ScalarType type) {
  return type == kFloat32 || type == kFloat64 || isReducedFloatingType(type);
}
// What a loop over elements of `type` computes in: float32 for those of 16 bits, else the type itself.
constexpr ScalarType compute_dtype(ScalarType type) { return isReducedFloatingType(type) ? kFloat32 : type; }
constexpr bool is_integral(ScalarType type, bool include_bool) {
  return (type >= ScalarType::Byte && type <= ScalarType::Long) || (include_bool && type == kBool);
}

// "Float", "Long", ...: the name in error messages and printed tensors.
TAPER_API const char* to_string(ScalarType type);
inline const char* toString(ScalarType type) { return to_string(type); }
inline void append_to(std::string& out, ScalarType type) { out.append(to_string(type)); }
template <detail::TextStream Stream>
Stream& operator<<(Stream& stream, ScalarType type) {
  return stream << to_string(type), stream;
}

// The smallest type both convert to without losing their kind (bool < integers < floats); PyTorch's table. Of float16
// and bfloat16 that is float32.
TAPER_API ScalarType promote_types(ScalarType a, ScalarType b);
inline ScalarType promoteTypes(ScalarType a, ScalarType b) { return promote_types(a, b); }

// The type of factories called without one, of numbers with a fraction, and of what integers become in division, exp
// and the like; float32 unless changed. While it is an integer type, as in libtorch, the last of these are errors.
TAPER_API ScalarType get_default_dtype();
TAPER_API void set_default_dtype(ScalarType type);
inline ScalarType get_default_dtype_as_scalartype() { return get_default_dtype(); }
// libtorch's other type of a dtype is the same one here.
constexpr ScalarType scalarTypeToTypeMeta(ScalarType type) { return type; }
constexpr ScalarType typeMetaToScalarType(ScalarType type) { return type; }

// Runs f(T{}) for the C++ type T behind `type`, one that loops compute in.
template <class F>
decltype(auto) dispatch(ScalarType type, F&& f) {
  switch (type) {
#define TAPER_CASE(T, Name) \
  case ScalarType::Name: return f(T{});
    TAPER_FOR_EACH_COMPUTE_DTYPE(TAPER_CASE)
#undef TAPER_CASE
    default: throw TypeError(detail::str("dtype: no kernel for ", type));
  }
}

// The same for every type that tensors have: for what reads, writes and converts elements.
template <class F>
decltype(auto) dispatch_stored(ScalarType type, F&& f) {
  switch (type) {
#define TAPER_CASE(T, Name) \
  case ScalarType::Name: return f(T{});
    TAPER_FOR_EACH_DTYPE(TAPER_CASE)
#undef TAPER_CASE
    default: throw TypeError(detail::str("dtype: no tensors of dtype ", type));
  }
}

// Runs f(U{}) for the unsigned integer U that is as wide as the elements of `type`: for loops that only move them.
template <class F>
decltype(auto) dispatch_size(ScalarType type, F&& f) {
  switch (element_size(type)) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    default: return f(uint64_t{});
  }
}

// As dispatch, for floating-point types alone; `op` names the caller in the error.
template <class F>
decltype(auto) dispatch_floating(ScalarType type, const char* op, F&& f) {
  switch (type) {
#define TAPER_CASE(T, Name) \
  case ScalarType::Name: return f(T{});
    TAPER_FOR_EACH_FLOAT(TAPER_CASE)
#undef TAPER_CASE
    default:
      throw TypeError(detail::str(op, ": the input must be float32 or float64; got ", type,
                                  "; convert it first, for example with .to(taper::kFloat32)"));
  }
}

}  // namespace taper
