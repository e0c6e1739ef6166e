// Each activation: f, its value, and g, its derivative times dy. NaN is passed on; where the slope is 0 nothing of dy
// is left, be it infinite.
#include <taper/core/kernels/isa/activation.h>
#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// exp(x) - 1 = tanh(x / 2) (exp(x) + 1), which vectorises.
float expm1_of(float x) { return tanh_of(0.5f * x) * (exp_of(x) + 1); }
double expm1_of(double x) { return __builtin_expm1(x); }

template <class T>
struct Elu {
  static T f(T x, T a, T b, T c) { return x > 0 ? b * x : a * expm1_of(c * x); }
  static T g(T dy, T x, T a, T b, T c) { return dy * (x > 0 ? b : a * c * exp_of(c * x)); }
};

// max(z, 0) + ln(1 + exp(-|z|)) never overflows.
template <class T>
struct Softplus {
  static T f(T x, T a, T b, T) {
    const T z = a * x, y = ((z < 0 ? T(0) : z) + log1p_of(exp_of(-abs_of(z)))) / a;
    return z > b ? x : y;
  }
  static T g(T dy, T x, T a, T b, T) {
    const T slope = sigmoid_of(a * x);
    return dy * (a * x > b ? T(1) : slope);
  }
};

template <class T>
struct LogSigmoid {
  static T f(T x, T, T, T) { return (x > 0 ? T(0) : x) - log1p_of(exp_of(-abs_of(x))); }
  static T g(T dy, T x, T, T, T) { return dy * sigmoid_of(-x); }
};

// t = tanh(ln(1 + exp x)) = ((1 + exp x)^2 - 1) / ((1 + exp x)^2 + 1); for x > 0 both are divided by exp(2x), so that
// nothing overflows. `rest` receives 1 - t^2 without cancellation.
template <class T>
struct Mish {
  static T t(T x, T& rest) {
    const T e = exp_of(-abs_of(x));
    const T top = x > 0 ? 1 + 2 * e : e * (e + 2);
    const T gap = x > 0 ? 2 * e * e : T(2);  // bottom - top
    const T bottom = top + gap;
    rest = gap * (bottom + top) / (bottom * bottom);
    return top / bottom;
  }
  static T f(T x, T, T, T) {
    T rest;
    return x * t(x, rest);
  }
  static T g(T dy, T x, T, T, T) {
    T rest;
    const T y = t(x, rest);
    return dy * (y + x * sigmoid_of(x) * rest);
  }
};

template <class T>
struct Tanhshrink {
  static T f(T x, T, T, T) { return x - tanh_of(x); }
  static T g(T dy, T x, T, T, T) {
    const T t = tanh_of(x);
    return dy * t * t;
  }
};

template <class T>
struct Softsign {
  static T f(T x, T, T, T) { return x / (1 + abs_of(x)); }
  static T g(T dy, T x, T, T, T) {
    const T scale = 1 / (1 + abs_of(x));
    return dy * scale * scale;
  }
};

template <class T>
struct Hardtanh {
  static T f(T x, T a, T b, T) {
    const T y = x < a ? a : x;
    return y > b ? b : y;
  }
  static T g(T dy, T x, T a, T b, T) { return ((x <= a) | (x >= b)) ? T(0) : dy; }
};

template <class T>
struct Threshold {
  static T f(T x, T a, T b, T) { return x <= a ? b : x; }
  static T g(T dy, T x, T a, T, T) { return x <= a ? T(0) : dy; }
};

template <class T>
struct Hardshrink {
  static T f(T x, T a, T, T) { return abs_of(x) <= a ? T(0) : x; }
  static T g(T dy, T x, T a, T, T) { return abs_of(x) <= a ? T(0) : dy; }
};

template <class T>
struct Softshrink {
  static T f(T x, T a, T, T) {
    const T y = x > a ? x - a : x + a;
    return abs_of(x) <= a ? T(0) : y;
  }
  static T g(T dy, T x, T a, T, T) { return abs_of(x) <= a ? T(0) : dy; }
};

template <class F, class T>
void forward(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const T a = static_cast<const T*>(param)[0], b = static_cast<const T*>(param)[1], c = static_cast<const T*>(param)[2];
  if (strides[0] == sizeof(T) && strides[1] == sizeof(T)) {
    T* y = reinterpret_cast<T*>(data[0]);
    const T* x = reinterpret_cast<const T*>(data[1]);
    TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = F::f(x[i], a, b, c);
    return;
  }
  char* y = data[0];
  const char* x = data[1];
  for (int64_t i = 0; i < n; ++i, y += strides[0], x += strides[1]) {
    *reinterpret_cast<T*>(y) = F::f(*reinterpret_cast<const T*>(x), a, b, c);
  }
}

template <class F, class T>
void backward(int64_t n, char* const* data, const int64_t* strides, const void* param) {
  const T a = static_cast<const T*>(param)[0], b = static_cast<const T*>(param)[1], c = static_cast<const T*>(param)[2];
  if (strides[0] == sizeof(T) && strides[2] == sizeof(T) && (strides[1] == sizeof(T) || strides[1] == 0)) {
    T* dx = reinterpret_cast<T*>(data[0]);
    const T* dy = reinterpret_cast<const T*>(data[1]);
    const T* x = reinterpret_cast<const T*>(data[2]);
    if (strides[1] == 0) {
      const T same = *dy;
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) dx[i] = F::g(same, x[i], a, b, c);
    } else {
      TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) dx[i] = F::g(dy[i], x[i], a, b, c);
    }
    return;
  }
  char* dx = data[0];
  const char* dy = data[1];
  const char* x = data[2];
  for (int64_t i = 0; i < n; ++i, dx += strides[0], dy += strides[1], x += strides[2]) {
    *reinterpret_cast<T*>(dx) = F::g(*reinterpret_cast<const T*>(dy), *reinterpret_cast<const T*>(x), a, b, c);
  }
}

// In the order of the enumeration.
template <template <class> class... F>
struct Activations {
  static_assert(sizeof...(F) == static_cast<int>(Activation::Count));
  template <class T>
  static constexpr void fill(ActivationLoops& loops, int row) {
    int i = 0;
    ((loops.forward[row][i] = forward<F<T>, T>, loops.backward[row][i] = backward<F<T>, T>, ++i), ...);
  }
};
constexpr ActivationLoops make_loops() {
  using All =
      Activations<Elu, Softplus, LogSigmoid, Mish, Tanhshrink, Softsign, Hardtanh, Threshold, Hardshrink, Softshrink>;
  ActivationLoops loops{};
  All::fill<float>(loops, 0);
  All::fill<double>(loops, 1);
  return loops;
}

}  // namespace

extern constexpr ActivationLoops activation_loops = make_loops();

}  // namespace taper::kernels::TAPER_ISA
