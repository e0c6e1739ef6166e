// A step of an optimiser over a list of parameters, in one parallel pass over all of them.
#pragma once

#include <taper/core/array_ref.h>
#include <taper/core/dtype.h>
#include <taper/core/kernels/isa/optim.h>

namespace taper::kernels {

// One parameter: p, g and state are [n] of `dtype`, float32 or float64, row-major; states that the rule does not use
// are null.
struct OptimItem {
  static constexpr int kStates = 3;

  ScalarType dtype;
  OptimRule rule;
  int64_t n;
  void* p;
  const void* g;
  void* state[kStates];
  OptimRuleValues values;
};

// Updates p and state of every item (the formulas are in isa/optim.h). The memory of different items must not overlap.
void optim_step(ArrayRef<OptimItem> items);

}  // namespace taper::kernels
