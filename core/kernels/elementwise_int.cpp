#include <taper/core/kernels/elementwise_int.h>

#include <taper/core/kernels/isa/isa.h>

#include <type_traits>

namespace taper::kernels {
namespace {

// Arithmetic is done in an unsigned type, where overflow is defined, at least as wide as int (narrower ones would be
// promoted to int, and uint16 * uint16 overflows it).
template <class T>
using Wide = std::conditional_t<(sizeof(T) < sizeof(unsigned)), unsigned, std::make_unsigned_t<T>>;

template <class T>
T at(const char* p) {
  return *reinterpret_cast<const T*>(p);
}

template <class T, class R, class F>
void run1(int64_t n, char* const* data, const int64_t* strides, F f) {
  if (strides[0] == sizeof(R) && strides[1] == sizeof(T)) {
    R* y = reinterpret_cast<R*>(data[0]);
    const T* a = reinterpret_cast<const T*>(data[1]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(a[i]);
    return;
  }
  for (int64_t i = 0; i < n; ++i) *reinterpret_cast<R*>(data[0] + i * strides[0]) = f(at<T>(data[1] + i * strides[1]));
}

template <class T, class R, class F>
void run2(int64_t n, char* const* data, const int64_t* strides, F f) {
  constexpr int64_t kT = sizeof(T);
  R* y = reinterpret_cast<R*>(data[0]);
  const T* a = reinterpret_cast<const T*>(data[1]);
  const T* b = reinterpret_cast<const T*>(data[2]);
  if (strides[0] == sizeof(R) && strides[1] == kT && strides[2] == kT) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
  } else if (strides[0] == sizeof(R) && strides[1] == kT && strides[2] == 0) {
    const T s = *b;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], s);
  } else {
    for (int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<R*>(data[0] + i * strides[0]) =
          f(at<T>(data[1] + i * strides[1]), at<T>(data[2] + i * strides[2]));
    }
  }
}

// a^b by squaring. A negative exponent rounds 1 / a^-b towards zero: 0 but for a = 1 and a = -1.
template <class T>
T power(T a, T b) {
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

template <UnaryOp op, class T>
T apply(T x) {
  using W = Wide<T>;
  if constexpr (op == UnaryOp::Neg) return static_cast<T>(W(0) - static_cast<W>(x));
  if constexpr (op == UnaryOp::Abs) return x < 0 ? static_cast<T>(W(0) - static_cast<W>(x)) : x;
  if constexpr (op == UnaryOp::Sign) return static_cast<T>((x > 0) - (x < 0));
  if constexpr (op == UnaryOp::Square) return static_cast<T>(static_cast<W>(x) * static_cast<W>(x));
  if constexpr (op == UnaryOp::Relu) return x < 0 ? T(0) : x;
  if constexpr (op == UnaryOp::BitNot) return static_cast<T>(~x);
  return x;  // Floor, Ceil, Round, Trunc
}

template <BinaryOp op, class T>
T apply(T a, T b) {
  using W = Wide<T>;
  if constexpr (op == BinaryOp::Add) return static_cast<T>(static_cast<W>(a) + static_cast<W>(b));
  if constexpr (op == BinaryOp::Sub) return static_cast<T>(static_cast<W>(a) - static_cast<W>(b));
  if constexpr (op == BinaryOp::Mul) return static_cast<T>(static_cast<W>(a) * static_cast<W>(b));
  if constexpr (op == BinaryOp::Pow) return power(a, b);
  if constexpr (op == BinaryOp::BitAnd) return static_cast<T>(a & b);
  if constexpr (op == BinaryOp::BitOr) return static_cast<T>(a | b);
  if constexpr (op == BinaryOp::BitXor) return static_cast<T>(a ^ b);
  // The caller has refused b = 0. By -1 there is no remainder, and the lowest number divides to itself.
  constexpr bool divides = op == BinaryOp::TruncDivide || op == BinaryOp::FloorDivide;
  if constexpr (divides || op == BinaryOp::Fmod || op == BinaryOp::Remainder) {
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return divides ? static_cast<T>(W(0) - static_cast<W>(a)) : T(0);
    }
    const T quotient = static_cast<T>(a / b), rest = static_cast<T>(a % b);
    const bool between = (rest != 0) & ((rest < 0) != (b < 0));  // floor and trunc differ
    if constexpr (op == BinaryOp::Fmod) return rest;
    // Without a branch, as the signs of numbers cannot be predicted.
    if constexpr (op == BinaryOp::Remainder) return static_cast<T>(rest + (b & -static_cast<T>(between)));
    return static_cast<T>(quotient - static_cast<T>(op == BinaryOp::FloorDivide && between));
  }
  if constexpr (op == BinaryOp::Maximum || op == BinaryOp::Fmax) return a > b ? a : b;
  return a < b ? a : b;  // Minimum, Fmin
}

template <CompareOp op, class T>
bool apply_compare(T a, T b) {
  if constexpr (op == CompareOp::Eq) return a == b;
  if constexpr (op == CompareOp::Ne) return a != b;
  if constexpr (op == CompareOp::Lt) return a < b;
  if constexpr (op == CompareOp::Le) return a <= b;
  if constexpr (op == CompareOp::Gt) return a > b;
  if constexpr (op == CompareOp::Ge) return a >= b;
  if constexpr (op == CompareOp::And) return (a != 0) & (b != 0);
  if constexpr (op == CompareOp::Xor) return (a != 0) != (b != 0);
  return (a != 0) | (b != 0);  // Or
}

template <UnaryOp op, class T>
void unary_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run1<T, T>(n, data, strides, [](T x) { return apply<op>(x); });
}
template <BinaryOp op, class T>
void binary_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run2<T, T>(n, data, strides, [](T a, T b) { return apply<op>(a, b); });
}
// Bool: Add and Maximum are `or`, Mul and Minimum are `and`.
template <bool is_or>
void bool_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run2<uint8_t, uint8_t>(n, data, strides, [](uint8_t a, uint8_t b) {
    return static_cast<uint8_t>(is_or ? (a != 0) | (b != 0) : (a != 0) & (b != 0));
  });
}
void bool_xor_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run2<uint8_t, uint8_t>(n, data, strides,
                         [](uint8_t a, uint8_t b) { return static_cast<uint8_t>((a != 0) != (b != 0)); });
}
void bool_not_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run1<uint8_t, uint8_t>(n, data, strides, [](uint8_t x) { return static_cast<uint8_t>(x == 0); });
}
template <CompareOp op, class T>
void compare_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run2<T, bool>(n, data, strides, [](T a, T b) { return apply_compare<op>(a, b); });
}
template <TestOp op, class T>
void test_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  run1<T, bool>(n, data, strides, [](T x) {
    return op == TestOp::Not ? x == 0 : op == TestOp::SignBit ? x < 0 : op == TestOp::IsFinite;
  });
}
template <class T>
void add_scaled_loop(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const auto alpha = static_cast<Wide<T>>(*static_cast<const T*>(param));
  run2<T, T>(n, data, strides,
             [alpha](T a, T b) { return static_cast<T>(static_cast<Wide<T>>(a) + alpha * static_cast<Wide<T>>(b)); });
}
void bool_add_scaled_loop(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const bool alpha = *static_cast<const bool*>(param);
  run2<uint8_t, uint8_t>(n, data, strides,
                         [alpha](uint8_t a, uint8_t b) { return static_cast<uint8_t>((a != 0) | (alpha & (b != 0))); });
}
template <class T>
void addcmul_loop(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  using W = Wide<T>;
  const auto alpha = static_cast<W>(*static_cast<const T*>(param));
  for (int64_t i = 0; i < n; ++i) {
    const auto x = static_cast<W>(at<T>(data[1] + i * strides[1]));
    const auto a = static_cast<W>(at<T>(data[2] + i * strides[2])), b = static_cast<W>(at<T>(data[3] + i * strides[3]));
    *reinterpret_cast<T*>(data[0] + i * strides[0]) = static_cast<T>(x + alpha * (a * b));
  }
}
template <class T>
void clamp_loop(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const T min = static_cast<const T*>(param)[0], max = static_cast<const T*>(param)[1];
  run1<T, T>(n, data, strides, [=](T x) {
    const T y = x < min ? min : x;
    return y > max ? max : y;
  });
}

template <class T>
void where_rows(int64_t n, char* const* data, const int64_t* strides, const void*) {
  constexpr int64_t kT = sizeof(T);
  T* y = reinterpret_cast<T*>(data[0]);
  const uint8_t* c = reinterpret_cast<const uint8_t*>(data[1]);
  const T* a = reinterpret_cast<const T*>(data[2]);
  const T* b = reinterpret_cast<const T*>(data[3]);
  const bool flat = strides[0] == kT && strides[1] == 1;
  if (flat && strides[2] == kT && strides[3] == kT) {
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = c[i] ? a[i] : b[i];
  } else if (flat && strides[2] == kT && strides[3] == 0) {
    const T s = *b;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = c[i] ? a[i] : s;
  } else if (flat && strides[2] == 0 && strides[3] == kT) {
    const T s = *a;
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = c[i] ? s : b[i];
  } else {
    for (int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<T*>(data[0] + i * strides[0]) =
          at<uint8_t>(data[1] + i * strides[1]) ? at<T>(data[2] + i * strides[2]) : at<T>(data[3] + i * strides[3]);
    }
  }
}

// f(T{}) for the integer type behind `dtype`.
template <class F>
Loop for_integer(ScalarType dtype, F f) {
  switch (dtype) {
    case ScalarType::Byte: return f(uint8_t{});
    case ScalarType::Char: return f(int8_t{});
    case ScalarType::Short: return f(int16_t{});
    case ScalarType::Int: return f(int32_t{});
    case ScalarType::Long: return f(int64_t{});
    default: return nullptr;
  }
}
// The same with bool as its byte, for what needs only its values 0 and 1.
template <class F>
Loop for_integer_or_bool(ScalarType dtype, F f) {
  return dtype == kBool ? f(uint8_t{}) : for_integer(dtype, f);
}

}  // namespace

Loop integer_loop(UnaryOp op, ScalarType dtype) {
  if (dtype == kBool && (op == UnaryOp::Neg || op == UnaryOp::Relu)) return nullptr;
  if (dtype == kBool && op == UnaryOp::BitNot) return bool_not_loop;
  return for_integer_or_bool(dtype, [op]<class T>(T) -> Loop {
    switch (op) {
      case UnaryOp::Neg: return unary_loop<UnaryOp::Neg, T>;
      case UnaryOp::Abs: return unary_loop<UnaryOp::Abs, T>;
      case UnaryOp::Sign: return unary_loop<UnaryOp::Sign, T>;
      case UnaryOp::Square: return unary_loop<UnaryOp::Square, T>;
      case UnaryOp::Relu: return unary_loop<UnaryOp::Relu, T>;
      case UnaryOp::BitNot: return unary_loop<UnaryOp::BitNot, T>;
      case UnaryOp::Floor:
      case UnaryOp::Ceil:
      case UnaryOp::Trunc:
      case UnaryOp::Round: return unary_loop<UnaryOp::Floor, T>;
      default: return nullptr;
    }
  });
}

Loop integer_loop(BinaryOp op, ScalarType dtype) {
  if (dtype == kBool) {
    switch (op) {
      case BinaryOp::Add:
      case BinaryOp::BitOr:
      case BinaryOp::Fmax:
      case BinaryOp::Maximum: return bool_loop<true>;
      case BinaryOp::Mul:
      case BinaryOp::BitAnd:
      case BinaryOp::Fmin:
      case BinaryOp::Minimum: return bool_loop<false>;
      case BinaryOp::BitXor: return bool_xor_loop;
      default: return nullptr;
    }
  }
  return for_integer(dtype, [op]<class T>(T) -> Loop {
    switch (op) {
      case BinaryOp::Add: return binary_loop<BinaryOp::Add, T>;
      case BinaryOp::Sub: return binary_loop<BinaryOp::Sub, T>;
      case BinaryOp::Mul: return binary_loop<BinaryOp::Mul, T>;
      case BinaryOp::Pow: return binary_loop<BinaryOp::Pow, T>;
      case BinaryOp::Maximum: return binary_loop<BinaryOp::Maximum, T>;
      case BinaryOp::Minimum: return binary_loop<BinaryOp::Minimum, T>;
      case BinaryOp::Fmax: return binary_loop<BinaryOp::Fmax, T>;
      case BinaryOp::Fmin: return binary_loop<BinaryOp::Fmin, T>;
      case BinaryOp::Fmod: return binary_loop<BinaryOp::Fmod, T>;
      case BinaryOp::Remainder: return binary_loop<BinaryOp::Remainder, T>;
      case BinaryOp::TruncDivide: return binary_loop<BinaryOp::TruncDivide, T>;
      case BinaryOp::FloorDivide: return binary_loop<BinaryOp::FloorDivide, T>;
      case BinaryOp::BitAnd: return binary_loop<BinaryOp::BitAnd, T>;
      case BinaryOp::BitOr: return binary_loop<BinaryOp::BitOr, T>;
      case BinaryOp::BitXor: return binary_loop<BinaryOp::BitXor, T>;
      default: return nullptr;
    }
  });
}

Loop integer_loop(CompareOp op, ScalarType dtype) {
  return for_integer_or_bool(dtype, [op]<class T>(T) -> Loop {
    switch (op) {
      case CompareOp::Eq: return compare_loop<CompareOp::Eq, T>;
      case CompareOp::Ne: return compare_loop<CompareOp::Ne, T>;
      case CompareOp::Lt: return compare_loop<CompareOp::Lt, T>;
      case CompareOp::Le: return compare_loop<CompareOp::Le, T>;
      case CompareOp::Gt: return compare_loop<CompareOp::Gt, T>;
      case CompareOp::Ge: return compare_loop<CompareOp::Ge, T>;
      case CompareOp::And: return compare_loop<CompareOp::And, T>;
      case CompareOp::Or: return compare_loop<CompareOp::Or, T>;
      case CompareOp::Xor: return compare_loop<CompareOp::Xor, T>;
      default: return nullptr;
    }
  });
}

Loop integer_loop(TestOp op, ScalarType dtype) {
  return for_integer_or_bool(dtype, [op]<class T>(T) -> Loop {
    switch (op) {
      case TestOp::Not: return test_loop<TestOp::Not, T>;
      case TestOp::IsNan:
      case TestOp::IsInf: return test_loop<TestOp::IsNan, T>;
      case TestOp::IsFinite: return test_loop<TestOp::IsFinite, T>;
      case TestOp::SignBit: return test_loop<TestOp::SignBit, T>;
      default: return nullptr;
    }
  });
}

Loop integer_add_scaled(ScalarType dtype) {
  if (dtype == kBool) return bool_add_scaled_loop;
  return for_integer(dtype, []<class T>(T) -> Loop { return add_scaled_loop<T>; });
}
Loop integer_addcmul(ScalarType dtype) {
  return for_integer(dtype, []<class T>(T) -> Loop { return addcmul_loop<T>; });
}
Loop integer_clamp(ScalarType dtype) {
  return for_integer(dtype, []<class T>(T) -> Loop { return clamp_loop<T>; });
}

Loop where_loop(ScalarType dtype) {
  if (dtype == kFloat32) return where_rows<float>;
  if (dtype == kFloat64) return where_rows<double>;
  return for_integer_or_bool(dtype, []<class T>(T) -> Loop { return where_rows<T>; });
}

}  // namespace taper::kernels
