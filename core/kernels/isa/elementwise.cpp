// The elementwise loops: one functor an operation, one loop a number of operands, a table of all combinations.
#include <taper/core/kernels/isa/division.h>
#include <taper/core/kernels/isa/elementwise.h>
#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// ---- the loops: contiguous and constant operands vectorise, anything else goes element by element ------------------

template <class T>
T at(const char* p) {
  return *reinterpret_cast<const T*>(p);
}

// R y = F(T a)
template <class F, class T, class R>
void loop1(int64_t n, char* const* data, const int64_t* strides, const void*) {
  if (strides[0] == sizeof(R) && strides[1] == sizeof(T)) {
    R* y = reinterpret_cast<R*>(data[0]);
    const T* a = reinterpret_cast<const T*>(data[1]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(a[i]);
    return;
  }
  char* y = data[0];
  const char* a = data[1];
  for (int64_t i = 0; i < n; ++i, y += strides[0], a += strides[1]) *reinterpret_cast<R*>(y) = F::f(at<T>(a));
}

// R y = F(T a, T b)
template <class F, class T, class R>
void loop2(int64_t n, char* const* data, const int64_t* strides, const void*) {
  constexpr int64_t kT = sizeof(T);
  if (strides[0] == sizeof(R)) {
    R* y = reinterpret_cast<R*>(data[0]);
    const T* a = reinterpret_cast<const T*>(data[1]);
    const T* b = reinterpret_cast<const T*>(data[2]);
    if (strides[1] == kT && strides[2] == kT) {
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(a[i], b[i]);
      return;
    }
    if (strides[1] == kT && strides[2] == 0) {
      const T s = *b;
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(a[i], s);
      return;
    }
    if (strides[1] == 0 && strides[2] == kT) {
      const T s = *a;
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(s, b[i]);
      return;
    }
  }
  char* y = data[0];
  const char* a = data[1];
  const char* b = data[2];
  for (int64_t i = 0; i < n; ++i, y += strides[0], a += strides[1], b += strides[2]) {
    *reinterpret_cast<R*>(y) = F::f(at<T>(a), at<T>(b));
  }
}

// `count` elements of an operand, copied unless they are neighbours.
template <class T>
const T* neighbours(const char* data, int64_t stride, int64_t count, T* room) {
  if (stride == sizeof(T)) return reinterpret_cast<const T*>(data);
  for (int64_t i = 0; i < count; ++i) room[i] = at<T>(data + i * stride);
  return room;
}

// T y = F(T a, T b, T rest), where rest is a - b trunc(a / b)
template <class F, class T>
void loop2_rest(int64_t n, char* const* data, const int64_t* strides, const void*) {
  constexpr int64_t kBlock = 128;
  T rest[kBlock], room_a[kBlock], room_b[kBlock];
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t count = n - begin < kBlock ? n - begin : kBlock;
    const T* const a = neighbours(data[1] + begin * strides[1], strides[1], count, room_a);
    const T* const b = neighbours(data[2] + begin * strides[2], strides[2], count, room_b);
    rests(a, b, count, rest);
    char* const out = data[0] + begin * strides[0];
    if (strides[0] == sizeof(T)) {
      T* const y = reinterpret_cast<T*>(out);
      TAPER_VECTORISE for (int64_t i = 0; i < count; ++i) y[i] = F::f(a[i], b[i], rest[i]);
    } else {
      for (int64_t i = 0; i < count; ++i) *reinterpret_cast<T*>(out + i * strides[0]) = F::f(a[i], b[i], rest[i]);
    }
  }
}

// T y = F(T a, T b, T param)
template <class F, class T>
void loop2_param(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  constexpr int64_t kT = sizeof(T);
  const T p = *static_cast<const T*>(param);
  if (strides[0] == kT && strides[1] == kT && strides[2] == kT) {
    T* y = reinterpret_cast<T*>(data[0]);
    const T* a = reinterpret_cast<const T*>(data[1]);
    const T* b = reinterpret_cast<const T*>(data[2]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(a[i], b[i], p);
    return;
  }
  char* y = data[0];
  const char* a = data[1];
  const char* b = data[2];
  for (int64_t i = 0; i < n; ++i, y += strides[0], a += strides[1], b += strides[2]) {
    *reinterpret_cast<T*>(y) = F::f(at<T>(a), at<T>(b), p);
  }
}

// T y = F(T x, T a, T b, T param)
template <class F, class T>
void loop3_param(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  constexpr int64_t kT = sizeof(T);
  const T p = *static_cast<const T*>(param);
  if (strides[0] == kT && strides[1] == kT && strides[2] == kT && strides[3] == kT) {
    T* y = reinterpret_cast<T*>(data[0]);
    const T* x = reinterpret_cast<const T*>(data[1]);
    const T* a = reinterpret_cast<const T*>(data[2]);
    const T* b = reinterpret_cast<const T*>(data[3]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(x[i], a[i], b[i], p);
    return;
  }
  if (strides[0] == kT && strides[1] == 0 && strides[2] == kT && strides[3] == 0) {  // a shift and a scale
    T* y = reinterpret_cast<T*>(data[0]);
    const T x = at<T>(data[1]), b = at<T>(data[3]);
    const T* a = reinterpret_cast<const T*>(data[2]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(x, a[i], b, p);
    return;
  }
  char* y = data[0];
  const char* x = data[1];
  const char* a = data[2];
  const char* b = data[3];
  for (int64_t i = 0; i < n; ++i, y += strides[0], x += strides[1], a += strides[2], b += strides[3]) {
    *reinterpret_cast<T*>(y) = F::f(at<T>(x), at<T>(a), at<T>(b), p);
  }
}

// T y = F(T x, T first, T second), with the parameters first and second
template <class F, class T>
void loop1_params(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const T first = static_cast<const T*>(param)[0], second = static_cast<const T*>(param)[1];
  if (strides[0] == sizeof(T) && strides[1] == sizeof(T)) {
    T* y = reinterpret_cast<T*>(data[0]);
    const T* x = reinterpret_cast<const T*>(data[1]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(x[i], first, second);
    return;
  }
  char* y = data[0];
  const char* x = data[1];
  for (int64_t i = 0; i < n; ++i, y += strides[0], x += strides[1])
    *reinterpret_cast<T*>(y) = F::f(at<T>(x), first, second);
}

// ---- the operations -------------------------------------------------------------------------------------------------

#define TAPER_UNARY(Name, expression) \
  struct Name {                       \
    template <class T>                \
    static T f(T x) {                 \
      return expression;              \
    }                                 \
  };
#define TAPER_LIBM(Name, function)                                 \
  struct Name {                                                    \
    static float f(float x) { return __builtin_##function##f(x); } \
    static double f(double x) { return __builtin_##function(x); }  \
  };
#define TAPER_BINARY(Name, expression) \
  struct Name {                        \
    template <class T>                 \
    static T f(T a, T b) {             \
      return expression;               \
    }                                  \
  };
#define TAPER_PREDICATE1(Name, expression) \
  struct Name {                            \
    template <class T>                     \
    static bool f(T x) {                   \
      return expression;                   \
    }                                      \
  };
#define TAPER_PREDICATE2(Name, expression) \
  struct Name {                            \
    template <class T>                     \
    static bool f(T a, T b) {              \
      return expression;                   \
    }                                      \
  };

TAPER_UNARY(Neg, -x)
TAPER_UNARY(Abs, abs_of(x))
TAPER_UNARY(Sign, static_cast<T>(x > 0) - static_cast<T>(x < 0))
TAPER_UNARY(Square, x* x)
TAPER_UNARY(Relu, x < 0 ? T(0) : x)  // NaN stays
TAPER_LIBM(Floor, floor)
TAPER_LIBM(Ceil, ceil)
TAPER_UNARY(Round, round_even(x))
TAPER_UNARY(Exp, exp_of(x))
TAPER_LIBM(Expm1, expm1)
TAPER_UNARY(Log, log_of(x))
TAPER_UNARY(Log1p, log1p_of(x))
TAPER_LIBM(Sqrt, sqrt)
TAPER_UNARY(Rsqrt, 1 / Sqrt::f(x))
TAPER_UNARY(Reciprocal, 1 / x)
TAPER_LIBM(Sin, sin)
TAPER_LIBM(Cos, cos)
TAPER_UNARY(Tanh, tanh_of(x))
TAPER_UNARY(Sigmoid, sigmoid_of(x))
TAPER_UNARY(Erf, erf_of(x))
TAPER_UNARY(Gelu, gelu_of(x))
TAPER_UNARY(Silu, silu_of(x))

TAPER_BINARY(Add, a + b)
TAPER_BINARY(Sub, a - b)
TAPER_BINARY(Mul, a* b)
TAPER_BINARY(Div, a / b)
struct Pow {
  static float f(float a, float b) { return __builtin_powf(a, b); }
  static double f(double a, double b) { return __builtin_pow(a, b); }
};
TAPER_BINARY(Maximum, a > b || a != a ? a : b)  // NaN wins
TAPER_BINARY(Minimum, a < b || a != a ? a : b)
// In these a is the cotangent dy.
TAPER_BINARY(ReluGrad, b <= 0 ? T(0) : a)  // a NaN does not stop the gradient
TAPER_BINARY(SigmoidGrad, a* b*(1 - b))
TAPER_BINARY(TanhGrad, a*(1 - b * b))
TAPER_BINARY(GeluGrad, a* gelu_slope(b))
TAPER_BINARY(SiluGrad, a* silu_slope(b))

TAPER_LIBM(Trunc, trunc)
TAPER_BINARY(TruncDivide, Trunc::f(a / b))
struct Fmod {
  template <class T>
  static T f(T, T, T rest) {
    return rest;
  }
};
// Whether the quotient rounded down is one below the one rounded towards 0.
template <class T>
bool is_lower(T rest, T b) {
  return (rest != 0) & ((b < 0) != (rest < 0));
}
struct Remainder {
  template <class T>
  static T f(T, T b, T rest) {
    return is_lower(rest, b) ? rest + b : rest;
  }
};
// From the rest: a / b rounded first could be an integer too high.
struct FloorDivide {
  template <class T>
  static T f(T a, T b, T rest) {
    const T quotient = (a - rest) / b, lower = is_lower(rest, b) ? quotient - 1 : quotient;
    const T whole = Floor::f(lower), nearest = lower - whole > T(0.5) ? whole + 1 : whole;
    return b == 0 ? a / b : lower == 0 ? copy_sign(T(0), a / b) : nearest;
  }
};

TAPER_PREDICATE2(Eq, a == b)
TAPER_PREDICATE2(Ne, a != b)
TAPER_PREDICATE2(Lt, a < b)
TAPER_PREDICATE2(Le, a <= b)
TAPER_PREDICATE2(Gt, a > b)
TAPER_PREDICATE2(Ge, a >= b)
TAPER_PREDICATE2(And, (a != 0) & (b != 0))
TAPER_PREDICATE2(Or, (a != 0) | (b != 0))
TAPER_PREDICATE2(Xor, (a != 0) != (b != 0))
TAPER_PREDICATE1(Not, x == 0)
TAPER_PREDICATE1(IsNan, x != x)
TAPER_PREDICATE1(IsInf, abs_of(x) == T(__builtin_inf()))
TAPER_PREDICATE1(IsFinite, abs_of(x) < T(__builtin_inf()))
TAPER_PREDICATE1(SignBit, __builtin_signbit(x) != 0)

struct AddScaled {
  template <class T>
  static T f(T a, T b, T alpha) {
    return a + alpha * b;
  }
};
struct Lerp {
  template <class T>
  static T f(T a, T b, T weight) {
    return abs_of(weight) < T(0.5) ? a + weight * (b - a) : b - (b - a) * (1 - weight);
  }
};
struct LerpEach {
  template <class T>
  static T f(T x, T end, T weight, T) {
    return Lerp::f(x, end, weight);
  }
};
struct Addcmul {
  template <class T>
  static T f(T x, T a, T b, T alpha) {
    return x + alpha * (a * b);
  }
};
struct Addcdiv {
  template <class T>
  static T f(T x, T a, T b, T alpha) {
    return x + alpha * (a / b);
  }
};
struct Clamp {
  template <class T>
  static T f(T x, T min, T max) {
    const T y = x < min ? min : x;
    return y > max ? max : y;
  }
};
struct LeakyRelu {
  template <class T>
  static T f(T x, T slope, T) {
    return x > 0 ? x : slope * x;
  }
};

// ---- the table, in the order of the enumerations ----------------------------------------------------------------

template <class... F>
struct Ops {
  static constexpr int kCount = sizeof...(F);
  template <class T, class R>
  static constexpr void fill1(Loop* row) {
    ((*row++ = loop1<F, T, R>), ...);
  }
  template <class T, class R>
  static constexpr void fill2(Loop* row) {
    ((*row++ = loop2<F, T, R>), ...);
  }
  template <class T>
  static constexpr void fill_rest(Loop* row) {
    ((*row++ = loop2_rest<F, T>), ...);
  }
};
using UnaryOps = Ops<Neg, Abs, Sign, Square, Relu, Floor, Ceil, Round, Exp, Expm1, Log, Log1p, Sqrt, Rsqrt, Reciprocal,
                     Sin, Cos, Tanh, Sigmoid, Erf, Gelu, Silu>;
using BinaryOps =
    Ops<Add, Sub, Mul, Div, Pow, Maximum, Minimum, ReluGrad, SigmoidGrad, TanhGrad, GeluGrad, SiluGrad, TruncDivide>;
using RestOps = Ops<Fmod, Remainder, FloorDivide>;
using CompareOps = Ops<Eq, Ne, Lt, Le, Gt, Ge, And, Or, Xor>;
using TestOps = Ops<Not, IsNan, IsInf, IsFinite, SignBit>;
static_assert(UnaryOps::kCount == kIsaUnaryOps && TestOps::kCount == static_cast<int>(TestOp::Count));
static_assert(BinaryOps::kCount + RestOps::kCount == kIsaBinaryOps);
static_assert(CompareOps::kCount == static_cast<int>(CompareOp::Count));

template <class T>
constexpr void fill(ElementwiseLoops& loops, int row) {
  UnaryOps::fill1<T, T>(loops.unary[row]);
  BinaryOps::fill2<T, T>(loops.binary[row]);
  RestOps::fill_rest<T>(loops.binary[row] + BinaryOps::kCount);
  CompareOps::fill2<T, bool>(loops.compare[row]);
  TestOps::fill1<T, bool>(loops.test[row]);
  loops.add_scaled[row] = loop2_param<AddScaled, T>;
  loops.lerp[row] = loop2_param<Lerp, T>;
  loops.lerp_each[row] = loop3_param<LerpEach, T>;
  loops.addcmul[row] = loop3_param<Addcmul, T>;
  loops.addcdiv[row] = loop3_param<Addcdiv, T>;
  loops.clamp[row] = loop1_params<Clamp, T>;
  loops.leaky_relu[row] = loop1_params<LeakyRelu, T>;
}
constexpr ElementwiseLoops make_loops() {
  ElementwiseLoops loops{};
  fill<float>(loops, 0);
  fill<double>(loops, 1);
  return loops;
}

}  // namespace

extern constexpr ElementwiseLoops elementwise_loops = make_loops();

}  // namespace taper::kernels::TAPER_ISA
