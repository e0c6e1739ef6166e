#include <taper/core/kernels/isa/sgd.h>

// Five streams through memory: vectors of half a cache line wait for one another less (a fifth faster on Zen 4, where
// the arrays begin at the same offset in a page, as large blocks do).
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=256")
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

// Of two products in a sum, gcc fuses the first one into the addition. Written in this order, that is the one that is
// fused in PyTorch's kernels, too, and the results are the same to the last bit.
template <class T, bool kDecay, bool kMomentum, bool kNesterov>
void loop(const SgdRule& rule, T* p, const T* g, T* buffer, int64_t n) {
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
void update(const SgdRule& rule, T* p, const T* g, T* buffer, int64_t n) {
  const bool decay = rule.weight_decay != 0;
  if (!buffer) return (decay ? loop<T, true, false, false> : loop<T, false, false, false>)(rule, p, g, buffer, n);
  if (rule.nesterov) return (decay ? loop<T, true, true, true> : loop<T, false, true, true>)(rule, p, g, buffer, n);
  return (decay ? loop<T, true, true, false> : loop<T, false, true, false>)(rule, p, g, buffer, n);
}

}  // namespace

extern const SgdLoops<float> sgd_f32{update<float>};
extern const SgdLoops<double> sgd_f64{update<double>};

}  // namespace taper::kernels::TAPER_ISA
