#include <taper/core/kernels/isa/optim.h>

// Up to six streams through memory: vectors of half a cache line wait for one another less (a fifth faster on Zen 4,
// where the arrays begin at the same offset in a page, as large blocks do).
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=256")
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

inline float root(float x) { return __builtin_sqrtf(x); }
inline double root(double x) { return __builtin_sqrt(x); }

// Of two products in a sum, gcc fuses the first one into the addition. Written in this order, that is the one that is
// fused in PyTorch's kernels, too, and the results of SGD are the same to the last bit.
template <class T, bool kDecay, bool kMomentum, bool kNesterov>
void sgd_loop(const SgdRule& rule, T* p, const T* g, T* buffer, int64_t n) {
  const T lr = static_cast<T>(rule.lr), momentum = static_cast<T>(rule.momentum);
  const T decay = static_cast<T>(rule.weight_decay), fresh = static_cast<T>(rule.fresh);
  const T sign = rule.maximize ? T(-1) : T(1);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    T d;
    if constexpr (kDecay) {
      d = decay * p[i] + sign * g[i];
    } else {
      d = sign * g[i];
    }
    if constexpr (kMomentum) {
      const T b = fresh * d + momentum * buffer[i];
      buffer[i] = b;
      d = kNesterov ? momentum * b + d : b;
    }
    p[i] -= lr * d;
  }
}

template <class T>
void sgd(const OptimRuleValues& values, T* p, const T* g, T* const* state, int64_t n) {
  const SgdRule& rule = values.sgd;
  T* const b = state[0];
  const bool decay = rule.weight_decay != 0;
  if (!b) return (decay ? sgd_loop<T, true, false, false> : sgd_loop<T, false, false, false>)(rule, p, g, b, n);
  if (rule.nesterov) {
    return (decay ? sgd_loop<T, true, true, true> : sgd_loop<T, false, true, true>)(rule, p, g, b, n);
  }
  return (decay ? sgd_loop<T, true, true, false> : sgd_loop<T, false, true, false>)(rule, p, g, b, n);
}

template <class T, bool kDecay, bool kShrink, bool kAmsgrad>
void adam_loop(const AdamRule& rule, T* p, const T* g, T* m, T* v, T* largest, int64_t n) {
  const T beta1 = static_cast<T>(rule.beta1), fresh1 = static_cast<T>(1 - rule.beta1);
  const T beta2 = static_cast<T>(rule.beta2), fresh2 = static_cast<T>(1 - rule.beta2);
  const T step_size = static_cast<T>(rule.step_size), eps = static_cast<T>(rule.eps);
  const T scale = static_cast<T>(1 / rule.root), decay = static_cast<T>(rule.weight_decay);
  const T keep = static_cast<T>(1 - rule.shrink);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    T w = p[i], d = g[i];
    if constexpr (kShrink) w *= keep;
    if constexpr (kDecay) d += decay * w;
    m[i] = beta1 * m[i] + fresh1 * d;
    T second = beta2 * v[i] + fresh2 * d * d;
    v[i] = second;
    if constexpr (kAmsgrad) {
      const T before = largest[i];
      second = before > second || before != before ? before : second;  // NaN wins
      largest[i] = second;
    }
    p[i] = w - step_size * m[i] / (root(second) * scale + eps);
  }
}

template <class T, bool kAmsgrad>
void adam_of(const AdamRule& rule, T* p, const T* g, T* const* state, int64_t n) {
  const bool decay = rule.weight_decay != 0;
  if (rule.shrink != 0) return adam_loop<T, false, true, kAmsgrad>(rule, p, g, state[0], state[1], state[2], n);
  (decay ? adam_loop<T, true, false, kAmsgrad> : adam_loop<T, false, false, kAmsgrad>)(rule, p, g, state[0], state[1],
                                                                                       state[2], n);
}

template <class T>
void adam(const OptimRuleValues& values, T* p, const T* g, T* const* state, int64_t n) {
  (state[2] ? adam_of<T, true> : adam_of<T, false>)(values.adam, p, g, state, n);
}

template <class T, bool kMomentum, bool kCentered>
void rms_prop_loop(const RmsPropRule& rule, T* p, const T* g, T* v, T* b, T* m, int64_t n) {
  const T lr = static_cast<T>(rule.lr), alpha = static_cast<T>(rule.alpha), fresh = static_cast<T>(1 - rule.alpha);
  const T eps = static_cast<T>(rule.eps), momentum = static_cast<T>(rule.momentum);
  const T decay = static_cast<T>(rule.weight_decay);
  const bool decays = rule.weight_decay != 0;
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const T d = decays ? g[i] + decay * p[i] : g[i];
    T second = alpha * v[i] + fresh * d * d;
    v[i] = second;
    if constexpr (kCentered) {
      const T first = alpha * m[i] + fresh * d;
      m[i] = first;
      second -= first * first;
    }
    T u = d / (root(second) + eps);
    if constexpr (kMomentum) {
      u += momentum * b[i];
      b[i] = u;
    }
    p[i] -= lr * u;
  }
}

template <class T>
void rms_prop(const OptimRuleValues& values, T* p, const T* g, T* const* state, int64_t n) {
  const auto loop = state[1] ? (state[2] ? rms_prop_loop<T, true, true> : rms_prop_loop<T, true, false>)
                             : (state[2] ? rms_prop_loop<T, false, true> : rms_prop_loop<T, false, false>);
  loop(values.rms_prop, p, g, state[0], state[1], state[2], n);
}

template <class T>
void adagrad(const OptimRuleValues& values, T* p, const T* g, T* const* state, int64_t n) {
  const AdagradRule& rule = values.adagrad;
  const T lr = static_cast<T>(rule.lr), eps = static_cast<T>(rule.eps), decay = static_cast<T>(rule.weight_decay);
  const bool decays = rule.weight_decay != 0;
  T* const s = state[0];
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const T d = decays ? g[i] + decay * p[i] : g[i];
    const T sum = s[i] + d * d;
    s[i] = sum;
    p[i] -= lr * d / (root(sum) + eps);
  }
}

}  // namespace

extern const OptimLoops<float> optim_f32{{sgd<float>, adam<float>, rms_prop<float>, adagrad<float>}};
extern const OptimLoops<double> optim_f64{{sgd<double>, adam<double>, rms_prop<double>, adagrad<double>}};

}  // namespace taper::kernels::TAPER_ISA
