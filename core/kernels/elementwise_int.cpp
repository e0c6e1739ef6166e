// The elementwise loops of integers and bool.
#include <taper/core/kernels/elementwise_select.h>
#include <taper/core/kernels/isa/elementwise_loops.h>

#include <type_traits>

namespace taper::kernels {
namespace {

// Arithmetic is done in an unsigned type, where overflow is defined, at least as wide as int (narrower ones would be
// promoted to int, and uint16 * uint16 overflows it).
template <class T>
using Wide = std::conditional_t<(sizeof(T) > sizeof(unsigned)), uint64_t, unsigned>;

// a^b by squaring. A negative exponent rounds 1 / a^-b towards zero: 0 but for a = 1 and a = -1.
template <class T>
inline T power(T a, T b) {
  if constexpr (std::is_signed_v<T>) {
    if (b < 0) return a == 1 ? T(1) : a == -1 ? (b % 2 == 0 ? T(1) : T(-1)) : T(0);
  }
  Wide<T> result = 1, base = static_cast<Wide<T>>(a);
  for (auto rest = static_cast<std::make_unsigned_t<T>>(b); rest != 0; rest = static_cast<decltype(rest)>(rest >> 1)) {
    if (rest & 1) result *= base;
    base *= base;
  }
  return static_cast<T>(result);
}

// Quotients and rests. The caller has refused b = 0. By -1 there is no rest, and the lowest number divides to itself.
template <class T>
inline bool is_minus_one(T b) {
  return std::is_signed_v<T> && b == static_cast<T>(-1);
}
template <class T>
inline T negated(T a) {
  return static_cast<T>(Wide<T>(0) - static_cast<Wide<T>>(a));
}
template <class T>
inline T trunc_quotient(T a, T b) {
  return is_minus_one(b) ? negated(a) : static_cast<T>(a / b);
}
template <class T>
inline T trunc_rest(T a, T b) {
  return is_minus_one(b) ? T(0) : static_cast<T>(a % b);
}
template <class T>
inline T floor_quotient(T a, T b) {
  if (is_minus_one(b)) return negated(a);
  return static_cast<T>(a / b - T(is_lower(static_cast<T>(a % b), b)));
}
template <class T>
inline T floor_rest(T a, T b) {
  const T rest = trunc_rest(a, b);
  return static_cast<T>(rest + (b & -static_cast<T>(is_lower(rest, b))));  // no branch: signs cannot be predicted
}

// ---- the rows -------------------------------------------------------------------------------------------------------

#define TAPER_INTEGER_VALUE(op, operands, integers, bools) \
  template <>                                              \
  struct Value<op> {                                       \
    template <class T, class W = Wide<T>>                  \
    static auto f operands {                               \
      if constexpr (std::is_same_v<T, bool>) {             \
        return bools;                                      \
      } else {                                             \
        return integers;                                   \
      }                                                    \
    }                                                      \
  };
#define TAPER_UNARY_LOOP(Name, name, dtype, cost, unit, value, integers, bools) \
  TAPER_INTEGER_VALUE(UnaryOp::Name, TAPER_X, integers, bools)
#define TAPER_BINARY_LOOP(Name, name, dtype, cost, unit, value, integers, bools) \
  TAPER_INTEGER_VALUE(BinaryOp::Name, TAPER_A_B, integers, bools)
#define TAPER_TERNARY_LOOP(Name, name, dtype, cost, unit, value, integers, bools) \
  TAPER_INTEGER_VALUE(TernaryOp::Name, TAPER_X_A_B, integers, bools)
#define TAPER_COMPARE_LOOP(Name, name, value) TAPER_VALUE(CompareOp::Name, TAPER_A_B, value)
#define TAPER_PREDICATE_LOOP(Name, name, value, integers) TAPER_VALUE(PredicateOp::Name, TAPER_X, integers)
#include <taper/core/elementwise.def>

}  // namespace

const ElementwiseLoops& integer_loops(ScalarType dtype) {
  static constexpr ElementwiseLoops kLoops[] = {make_loops<uint8_t>(), make_loops<int8_t>(), make_loops<int16_t>(),
                                                make_loops<int32_t>(), make_loops<int64_t>()};
  static constexpr ElementwiseLoops kBoolLoops = make_loops<bool, uint8_t>();
  static_assert(static_cast<int>(kUInt8) == 0 && static_cast<int>(kInt64) == 4);
  return dtype == kBool ? kBoolLoops : kLoops[static_cast<int>(dtype)];
}

}  // namespace taper::kernels
