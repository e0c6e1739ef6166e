// The loops of elementwise operations, for any types and any instruction set; core/elementwise.def says what an
// operation computes. Everything here is local to the including file, which says whose loops it has:
//
//   namespace taper::kernels { namespace {
//   #define TAPER_UNARY_LOOP(Name, name, dtype, cost, unit, value, ...) TAPER_VALUE(UnaryOp::Name, (T x, P p), value)
//   #include <taper/core/elementwise.def>
//   }}
//   constexpr ElementwiseLoops loops_of_float = make_loops<float>();
#pragma once

#include <cstdint>

#include <taper/core/kernels/elementwise_ops.h>
#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {
namespace {

// ---- the loops: contiguous and constant operands vectorise, anything else goes element by element ------------------

template <class T>
T at(const char* p) {
  return *reinterpret_cast<const T*>(p);
}

template <class T>
constexpr bool kIsFloat = T(1) / 2 != 0;

// R y = f(T x)
template <class R, class T, class F>
void loop1(int64_t n, char* const* data, const int64_t* strides, F f) {
  if (strides[0] == sizeof(R) && strides[1] == sizeof(T)) {
    R* y = reinterpret_cast<R*>(data[0]);
    const T* x = reinterpret_cast<const T*>(data[1]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(x[i]);
    return;
  }
  char* y = data[0];
  const char* x = data[1];
  for (int64_t i = 0; i < n; ++i, y += strides[0], x += strides[1]) *reinterpret_cast<R*>(y) = f(at<T>(x));
}

// R y = f(T a, T b). To keep the library small, not every operation has loops for constant operands.
template <class R, class T, bool kConstantA, bool kConstantB, class F>
void loop2(int64_t n, char* const* data, const int64_t* strides, F f) {
  constexpr int64_t kT = sizeof(T);
  if (strides[0] == sizeof(R)) {
    R* y = reinterpret_cast<R*>(data[0]);
    const T* a = reinterpret_cast<const T*>(data[1]);
    const T* b = reinterpret_cast<const T*>(data[2]);
    if (strides[1] == kT && strides[2] == kT) {
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
      return;
    }
    if (kConstantB && strides[1] == kT && strides[2] == 0) {
      const T s = *b;
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], s);
      return;
    }
    if (kConstantA && strides[1] == 0 && strides[2] == kT) {
      const T s = *a;
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(s, b[i]);
      return;
    }
  }
  char* y = data[0];
  const char* a = data[1];
  const char* b = data[2];
  for (int64_t i = 0; i < n; ++i, y += strides[0], a += strides[1], b += strides[2]) {
    *reinterpret_cast<R*>(y) = f(at<T>(a), at<T>(b));
  }
}

// T y = f(T x, T a, T b)
template <class T, class F>
void loop3(int64_t n, char* const* data, const int64_t* strides, F f) {
  constexpr int64_t kT = sizeof(T);
  if (kIsFloat<T> && strides[0] == kT && strides[2] == kT) {
    T* y = reinterpret_cast<T*>(data[0]);
    const T* x = reinterpret_cast<const T*>(data[1]);
    const T* a = reinterpret_cast<const T*>(data[2]);
    const T* b = reinterpret_cast<const T*>(data[3]);
    if (strides[1] == kT && strides[3] == kT) {
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(x[i], a[i], b[i]);
      return;
    }
    if (strides[1] == 0 && strides[3] == 0) {  // a shift and a scale
      const T shift = *x, scale = *b;
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = f(shift, a[i], scale);
      return;
    }
  }
  char* y = data[0];
  const char* x = data[1];
  const char* a = data[2];
  const char* b = data[3];
  for (int64_t i = 0; i < n; ++i, y += strides[0], x += strides[1], a += strides[2], b += strides[3]) {
    *reinterpret_cast<T*>(y) = f(at<T>(x), at<T>(a), at<T>(b));
  }
}

// ---- values that floats and integers share --------------------------------------------------------------------------

template <class T>
inline T clamp_of(T x, T min, T max) {
  const T y = x < min ? min : x;
  return y > max ? max : y;
}
// Whether a quotient rounded down is one below the same rounded towards 0, by what the latter leaves.
template <class T>
inline bool is_lower(T rest, T b) {
  return (rest != 0) & ((rest < 0) != (b < 0));
}

// ---- what an operation computes: Value<op>::f, here nothing, in the including file a row of the table ---------------

struct None {};
constexpr None none;
template <class>
constexpr bool kExists = true;
template <>
constexpr bool kExists<None> = false;

template <auto op>
struct Value {
  template <class... Operands>
  static None f(Operands...);
};
template <auto op>
struct Derivative {
  template <class... Operands>
  static None f(Operands...);
};
#define TAPER_VALUE(op, operands, value) TAPER_FUNCTION(Value, op, operands, value)
#define TAPER_DERIVATIVE(op, value) TAPER_FUNCTION(Derivative, op, TAPER_OPERANDS(T dy, [[maybe_unused]] T x), value)
#define TAPER_FUNCTION(Of, op, operands, value) \
  template <>                                   \
  struct Of<op> {                               \
    template <class T>                          \
    static auto f operands {                    \
      return value;                             \
    }                                           \
  };
#define TAPER_OPERANDS(...) ([[maybe_unused]] __VA_ARGS__, [[maybe_unused]] Params<T> p)
#define TAPER_X TAPER_OPERANDS(T x)
#define TAPER_A_B TAPER_OPERANDS(T a, [[maybe_unused]] T b)
#define TAPER_X_A_B TAPER_OPERANDS(T x, [[maybe_unused]] T a, [[maybe_unused]] T b)

// The loops of an operation on values of type T, whose results are of type R. In memory values are of type S, which is
// uint8_t for bool. Null where there is no value.
template <class T>
Params<T> params(const void* param) {
  return param ? *static_cast<const Params<T>*>(param) : Params<T>{};
}
template <class F, class R, class T, class S>
constexpr Loop unary_loop() {
  if constexpr (kExists<decltype(F::f(T(), Params<T>()))>) {
    return [](int64_t n, char* const* data, const int64_t* strides, const void* param) {
      loop1<R, S>(n, data, strides, [p = params<T>(param)](S x) { return static_cast<R>(F::f(T(x), p)); });
    };
  }
  return nullptr;
}
template <class F, class R, class T, class S, bool kConstantA, bool kConstantB>
constexpr Loop binary_loop() {
  if constexpr (kExists<decltype(F::f(T(), T(), Params<T>()))>) {
    return [](int64_t n, char* const* data, const int64_t* strides, const void* param) {
      loop2<R, S, kConstantA, kConstantB>(
          n, data, strides, [p = params<T>(param)](S a, S b) { return static_cast<R>(F::f(T(a), T(b), p)); });
    };
  }
  return nullptr;
}
template <class F, class T, class S>
constexpr Loop ternary_loop() {
  if constexpr (kExists<decltype(F::f(T(), T(), T(), Params<T>()))>) {
    return [](int64_t n, char* const* data, const int64_t* strides, const void* param) {
      loop3<S>(n, data, strides,
               [p = params<T>(param)](S x, S a, S b) { return static_cast<S>(F::f(T(x), T(a), T(b), p)); });
    };
  }
  return nullptr;
}

// The loops of all rows that the including file has values for.
template <class T, class S = T>
constexpr ElementwiseLoops make_loops() {
  ElementwiseLoops loops{};
#define TAPER_UNARY_LOOP(Name, ...) \
  loops.unary[static_cast<int>(UnaryOp::Name)] = unary_loop<Value<UnaryOp::Name>, S, T, S>();
#define TAPER_ACTIVATION_LOOP(Name, ...) \
  TAPER_UNARY_LOOP(Name)                 \
  loops.derivative[static_cast<int>(UnaryOp::Name)] = binary_loop<Derivative<UnaryOp::Name>, S, T, S, true, false>();
#define TAPER_BINARY_LOOP(Name, ...) \
  loops.binary[static_cast<int>(BinaryOp::Name)] = binary_loop<Value<BinaryOp::Name>, S, T, S, kIsFloat<T>, true>();
#define TAPER_COMBINATION_LOOP(Name, ...) \
  loops.binary[static_cast<int>(BinaryOp::Name)] = binary_loop<Value<BinaryOp::Name>, S, T, S, false, false>();
#define TAPER_TERNARY_LOOP(Name, ...) \
  loops.ternary[static_cast<int>(TernaryOp::Name)] = ternary_loop<Value<TernaryOp::Name>, T, S>();
#define TAPER_COMPARE_LOOP(Name, ...)                \
  loops.compare[static_cast<int>(CompareOp::Name)] = \
      binary_loop<Value<CompareOp::Name>, bool, S, S, kIsFloat<T>, true>();
#define TAPER_PREDICATE_LOOP(Name, ...) \
  loops.predicate[static_cast<int>(PredicateOp::Name)] = unary_loop<Value<PredicateOp::Name>, bool, S, S>();
#include <taper/core/elementwise.def>
  return loops;
}

}  // namespace
}  // namespace taper::kernels
