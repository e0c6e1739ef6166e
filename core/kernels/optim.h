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
    dispatch_floating(item.dtype, "Optimizer::step", [&]<class T>(T) {
      T* at[kStates];
      for (int i = 0; i < kStates; ++i) at[i] = item.state[i] ? static_cast<T*>(item.state[i]) + begin : nullptr;
      loops<OptimLoops<Rule, T>>().update(numbers, static_cast<T*>(item.p) + begin,
                                          static_cast<const T*>(item.g) + begin, at, end - begin);
    });
  }
};

// Updates p and state of every item. The memory of different items must not overlap.
void optim_step(ArrayRef<OptimItem> items);

}  // namespace taper::kernels
