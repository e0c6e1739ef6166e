#include <taper/core/dtype.h>

#include <atomic>

namespace taper {

const char* to_string(ScalarType type) {
  switch (type) {
#define TAPER_CASE(T, Name) \
  case ScalarType::Name: return #Name;
    TAPER_FOR_EACH_DTYPE(TAPER_CASE)
#undef TAPER_CASE
    default: return "Undefined";
  }
}

// Floats beat integers beat bool; within a kind the wider wins, and uint8 beside a signed type needs the next signed
// one.
ScalarType promote_types(ScalarType a, ScalarType b) {
  if (a == b) return a;
  if (a == ScalarType::Undefined || b == ScalarType::Undefined) return ScalarType::Undefined;
  if (a == kBool) return b;
  if (b == kBool) return a;
  if (is_floating_point(a) != is_floating_point(b)) return is_floating_point(a) ? a : b;
  if (isReducedFloatingType(a)) return isReducedFloatingType(b) ? kFloat32 : b;
  if (isReducedFloatingType(b)) return a;
  const ScalarType low = a < b ? a : b, high = a < b ? b : a;  // Byte < Char < Short < Int < Long, Float < Double
  return low == kUInt8 && high == kInt8 ? kInt16 : high;
}

namespace {
std::atomic<ScalarType> default_dtype{kFloat32};
}

ScalarType get_default_dtype() { return default_dtype.load(std::memory_order_relaxed); }

void set_default_dtype(ScalarType type) {
  TAPER_CHECK_TYPE(is_floating_point(type) || is_integral(type, true),
                   "set_default_dtype: the dtype must be one that tensors can have; got ", type);
  default_dtype.store(type, std::memory_order_relaxed);
}

}  // namespace taper
