// A step of an optimiser over a list of parameters, in one parallel pass over all of them.
#pragma once

#include <taper/core/array_ref.h>
#include <taper/core/dtype.h>
#include <taper/core/kernels/isa/optim.h>

#include <cstring>

namespace taper::kernels {

// One parameter: p, g and state are [n] of `dtype`, row-major; states that the rule does not use are null.
struct OptimItem {
  static constexpr int kStates = 3;

  ScalarType dtype;
  int64_t n;
  void* p;
  const void* g;
  void* state[kStates];
  // Updates elements [begin, end) by the rule, whose numbers are in `rule`.
  void (*update)(const OptimItem& item, int64_t begin, int64_t end);
  alignas(double) std::byte rule[64];

  template <class Rule>
  void set_rule(const Rule& numbers) {
    static_assert(std::is_trivially_copyable_v<Rule> && sizeof(Rule) <= sizeof rule);
    std::memcpy(rule, &numbers, sizeof numbers);
    update = update_by<Rule>;
  }

 private:
  template <class Rule>
  static void update_by(const OptimItem& item, int64_t begin, int64_t end) {
    Rule numbers;
    std::memcpy(&numbers, item.rule, sizeof numbers);
    if (item.dtype == kBFloat16) return update_halves<BFloat16>(numbers, item, begin, end);
    if (item.dtype == kHalf) return update_halves<Half>(numbers, item, begin, end);
    dispatch_floating(item.dtype, "Optimizer::step", [&]<class T>(T) {
      T* at[kStates];
      for (int i = 0; i < kStates; ++i) at[i] = item.state[i] ? static_cast<T*>(item.state[i]) + begin : nullptr;
      loops<OptimLoops<Rule, T>>().update(numbers, static_cast<T*>(item.p) + begin,
                                          static_cast<const T*>(item.g) + begin, at, end - begin);
    });
  }

  // The loop of float32, on as many elements at a time as fit its scratch memory.
  template <class T, class Rule>
  static void update_halves(const Rule& numbers, const OptimItem& item, int64_t begin, int64_t end) {
    constexpr int64_t kBlock = 512;
    float p[kBlock], g[kBlock], states[kStates][kBlock];
    for (; begin < end; begin += kBlock) {
      const int64_t n = end - begin < kBlock ? end - begin : kBlock;
      const auto widen = [&](float* to, const void* from) {
        for (int64_t i = 0; i < n; ++i) to[i] = static_cast<const T*>(from)[begin + i];
      };
      const auto narrow = [&](void* to, const float* from) {
        for (int64_t i = 0; i < n; ++i) static_cast<T*>(to)[begin + i] = from[i];
      };
      float* at[kStates] = {};
      widen(p, item.p);
      widen(g, item.g);
      for (int i = 0; i < kStates; ++i) {
        if (!item.state[i]) continue;
        at[i] = states[i];
        widen(at[i], item.state[i]);
      }
      loops<OptimLoops<Rule, float>>().update(numbers, p, g, at, n);
      narrow(item.p, p);
      for (int i = 0; i < kStates; ++i) {
        if (at[i]) narrow(item.state[i], at[i]);
      }
    }
  }
};

// Updates p and state of every item. The memory of different items must not overlap.
void optim_step(ArrayRef<OptimItem> items);

}  // namespace taper::kernels
