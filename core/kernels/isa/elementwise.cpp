// The rows of core/elementwise.def whose unit is isa, and what their values are made of beside isa/math.h.
#include <taper/core/kernels/isa/division.h>
#include <taper/core/kernels/isa/elementwise.h>
#include <taper/core/kernels/isa/elementwise_loops.h>
#include <taper/core/kernels/isa/math.h>
#include <taper/core/kernels/isa/wide_math.h>

namespace taper::kernels {
namespace {

using namespace TAPER_ISA;

#define TAPER_BUILTIN(name)                                          \
  inline float name##_of(float x) { return __builtin_##name##f(x); } \
  inline double name##_of(double x) { return __builtin_##name(x); }
TAPER_BUILTIN(floor)
TAPER_BUILTIN(ceil)
TAPER_BUILTIN(trunc)
TAPER_BUILTIN(sqrt)
#undef TAPER_BUILTIN

// a + weight (b - a), exact at weights 0 and 1.
template <class T>
inline T lerp_of(T a, T b, T weight) {
  return abs_of(weight) < T(0.5) ? a + weight * (b - a) : b - (b - a) * (1 - weight);
}
template <class T>
inline T twice_times(T dy, T factor) {
  return dy * factor * factor;
}

// ---- activations ----------------------------------------------------------------------------------------------------

// z^2 / 2 up to |z| = delta, linear beyond: with r = clamp(z, -delta, delta) it is r (z - r / 2).
template <class T>
inline T huber_of(T z, T delta) {
  const T r = clamp_of(z, -delta, delta);
  return r * (z - r / 2);
}

// ln(1 + exp(-a)) for a >= 0
inline float log1p_exp_minus(float a) {
  return static_cast<float>(wide::ln1p_of_fraction(wide::exp(-static_cast<double>(a))));
}
inline double log1p_exp_minus(double a) { return __builtin_log1p(__builtin_exp(-a)); }

// ln(1 + exp(beta x)) / beta; max(z, 0) + ln(1 + exp(-|z|)) never overflows.
template <class T>
inline T softplus_of(T x, T beta, T threshold) {
  const T z = beta * x, y = ((z < 0 ? T(0) : z) + log1p_exp_minus(abs_of(z))) / beta;
  return z > threshold ? x : y;
}
template <class T>
inline T softplus_slope(T x, T beta, T threshold) {
  const T slope = sigmoid_of(beta * x);
  return beta * x > threshold ? T(1) : slope;
}

// -ln(1 + exp(-x))
template <class T>
inline T log_sigmoid_of(T x) {
  return (x > 0 ? T(0) : x) - log1p_exp_minus(abs_of(x));
}

// t = tanh(ln(1 + exp x)) = ((1 + exp x)^2 - 1) / ((1 + exp x)^2 + 1); for x > 0 both are divided by exp(2x), so that
// nothing overflows. `rest` receives 1 - t^2 without cancellation.
template <class T>
inline T tanh_of_softplus(T x, T& rest) {
  const T e = exp_of(-abs_of(x));
  const T top = x > 0 ? 1 + 2 * e : e * (e + 2);
  const T gap = x > 0 ? 2 * e * e : T(2);  // bottom - top
  const T bottom = top + gap;
  rest = gap * (bottom + top) / (bottom * bottom);
  return top / bottom;
}
template <class T>
inline T mish_of(T x) {
  T rest;
  return x * tanh_of_softplus(x, rest);
}
template <class T>
inline T mish_slope(T x) {
  T rest;
  const T t = tanh_of_softplus(x, rest);
  return t + x * sigmoid_of(x) * rest;
}

template <class T>
inline T softshrink_of(T x, T lambd) {
  const T y = x > lambd ? x - lambd : x + lambd;
  return abs_of(x) <= lambd ? T(0) : y;
}

// ---- the rows -------------------------------------------------------------------------------------------------------

#define TAPER_UNIT_isa TAPER_VALUE
#define TAPER_UNIT_libm(...)
#define TAPER_UNIT_rest(...)
#define TAPER_UNIT_none(...)
#define TAPER_UNARY_LOOP(Name, name, dtype, cost, unit, value, ...) TAPER_UNIT_##unit(UnaryOp::Name, TAPER_X, value)
#define TAPER_ACTIVATION_LOOP(Name, name, dtype, cost, value, integers, derivative_cost, derivative) \
  TAPER_VALUE(UnaryOp::Name, TAPER_X, value)                                                         \
  TAPER_DERIVATIVE(UnaryOp::Name, derivative)
#define TAPER_BINARY_LOOP(Name, name, dtype, cost, unit, value, ...) TAPER_UNIT_##unit(BinaryOp::Name, TAPER_A_B, value)
#define TAPER_TERNARY_LOOP(Name, name, dtype, cost, unit, value, ...) \
  TAPER_UNIT_##unit(TernaryOp::Name, TAPER_X_A_B, value)
#define TAPER_COMPARE_LOOP(Name, name, value) TAPER_VALUE(CompareOp::Name, TAPER_A_B, value)
#define TAPER_PREDICATE_LOOP(Name, name, value, ...) TAPER_VALUE(PredicateOp::Name, TAPER_X, value)
#include <taper/core/elementwise.def>

// ---- block by block -------------------------------------------------------------------------------------------------

// `count` elements of an operand, copied unless they are neighbours.
template <class T>
const T* neighbours(const char* data, int64_t stride, int64_t count, T* buffer) {
  if (stride == sizeof(T)) return reinterpret_cast<const T*>(data);
  for (int64_t i = 0; i < count; ++i) buffer[i] = at<T>(data + i * stride);
  return buffer;
}

// f(in, count, y) for each block of the row: all neighbours.
template <class T, int kOperands, class F>
void each_block(int64_t n, char* const* data, const int64_t* strides, const F& f) {
  constexpr int64_t kBlock = 128;
  T buffer[kOperands + 1][kBlock];
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t count = n - begin < kBlock ? n - begin : kBlock;
    const T* in[kOperands];
    for (int k = 0; k < kOperands; ++k) {
      in[k] = neighbours(data[k + 1] + begin * strides[k + 1], strides[k + 1], count, buffer[k]);
    }
    char* const out = data[0] + begin * strides[0];
    if (strides[0] == sizeof(T)) {
      f(in, count, reinterpret_cast<T*>(out));
    } else {
      T* const y = buffer[kOperands];
      f(in, count, y);
      for (int64_t i = 0; i < count; ++i) *reinterpret_cast<T*>(out + i * strides[0]) = y[i];
    }
  }
}

// ---- quotients by the rest of the division --------------------------------------------------------------------------

// T y = F(T a, T b, T rest), where rest is a - b trunc(a / b)
template <class F, class T>
void rest_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  each_block<T, 2>(n, data, strides, [](const T* const(&in)[2], int64_t count, T* y) {
    T rest[128];
    rests(in[0], in[1], count, rest);
    TAPER_VECTORISE for (int64_t i = 0; i < count; ++i) y[i] = F::f(in[0][i], in[1][i], rest[i]);
  });
}

struct Fmod {
  template <class T>
  static T f(T, T, T rest) {
    return rest;
  }
};
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
    const T whole = floor_of(lower), nearest = lower - whole > T(0.5) ? whole + 1 : whole;
    return b == 0 ? a / b : lower == 0 ? copy_sign(T(0), a / b) : nearest;
  }
};

// ---- functions of float that vectorise for most numbers, and call the C library for the rest ------------------------
// `is_far` says which those are. The calls are out of line as libm_rest in division.h.

struct Turn {
  static bool is_far(float x) { return abs_of(x) >= kMostTurned; }
};
struct Sin : Turn {
  static float f(float x) { return sin_of(x); }
  __attribute__((noinline)) static float far(float x) { return __builtin_sinf(x); }
};
struct Cos : Turn {
  static float f(float x) { return cos_of(x); }
  __attribute__((noinline)) static float far(float x) { return __builtin_cosf(x); }
};
struct Tan : Turn {
  static float f(float x) { return tan_of(x); }
  __attribute__((noinline)) static float far(float x) { return __builtin_tanf(x); }
};
struct Pow {
  static bool is_far(float a, float b) {
    return !(static_cast<int>(a > 0) & static_cast<int>(a < __builtin_inff()) &
             static_cast<int>(abs_of(b) < __builtin_inff()));
  }
  static float f(float a, float b) { return pow_of(a, b); }
  __attribute__((noinline)) static float far(float a, float b) { return __builtin_powf(a, b); }
};

template <class F, int... k>
void guarded_loop(int64_t n, char* const* data, const int64_t* strides, const void*) {
  each_block<float, sizeof...(k)>(n, data, strides, [](const float* const(&in)[sizeof...(k)], int64_t count, float* y) {
    int far = 0;
    TAPER_VECTORISE for (int64_t i = 0; i < count; ++i) far |= F::is_far(in[k][i]...) ? 1 : 0;
    if (!far) {
      TAPER_VECTORISE for (int64_t i = 0; i < count; ++i) y[i] = F::f(in[k][i]...);
    } else {
      for (int64_t i = 0; i < count; ++i) y[i] = F::is_far(in[k][i]...) ? F::far(in[k][i]...) : F::f(in[k][i]...);
    }
  });
}

template <class T>
constexpr FloatElementwiseLoops<T> make_isa_loops() {
  ElementwiseLoops loops = make_loops<T>();
  loops.binary[static_cast<int>(BinaryOp::Fmod)] = rest_loop<Fmod, T>;
  loops.binary[static_cast<int>(BinaryOp::Remainder)] = rest_loop<Remainder, T>;
  loops.binary[static_cast<int>(BinaryOp::FloorDivide)] = rest_loop<FloorDivide, T>;
  if constexpr (sizeof(T) == sizeof(float)) {
    loops.unary[static_cast<int>(UnaryOp::Sin)] = guarded_loop<Sin, 0>;
    loops.unary[static_cast<int>(UnaryOp::Cos)] = guarded_loop<Cos, 0>;
    loops.unary[static_cast<int>(UnaryOp::Tan)] = guarded_loop<Tan, 0>;
    loops.unary[static_cast<int>(UnaryOp::Erfinv)] = [](int64_t n, char* const* data, const int64_t* strides,
                                                        const void*) {
      loop1<T, T>(n, data, strides, [](T x) { return erfinv_of(x); });
    };
    loops.binary[static_cast<int>(BinaryOp::Pow)] = guarded_loop<Pow, 0, 1>;
  }
  return {loops};
}
template <class T>
constexpr FloatElementwiseLoops<T> kLoops = make_isa_loops<T>();

}  // namespace

namespace TAPER_ISA {
TAPER_DEFINE_FLOAT_LOOPS(FloatElementwiseLoops, kLoops)
}

}  // namespace taper::kernels
