// The loops of the optimisers. Each stands in its optimiser's source, optim/<name>.cpp, of which a part is compiled for
// every instruction set; this header is for both parts.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// Rule: what all elements of a parameter have in common in a step, plain numbers.
template <class Rule, class T>
struct OptimLoops {
  // n elements side by side: p of the parameter, g of its gradient, state[i] of what the optimiser keeps for it, null
  // where it keeps none; all are [n] and apart. Terms with a factor of 0 are left out, not computed: a parameter may be
  // infinite.
  void (*update)(const Rule& rule, T* p, const T* g, T* const* state, int64_t n);
};

}  // namespace taper::kernels

#if defined(TAPER_ISA)

// Up to six streams through memory: vectors of half a cache line wait for one another less (a fifth faster on Zen 4,
// where the arrays begin at the same offset in a page, as large blocks do).
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=256")
#endif

namespace taper::kernels::TAPER_ISA {
namespace {

[[maybe_unused]] inline float root(float x) { return __builtin_sqrtf(x); }
[[maybe_unused]] inline double root(double x) { return __builtin_sqrt(x); }

}  // namespace
}  // namespace taper::kernels::TAPER_ISA

#endif
