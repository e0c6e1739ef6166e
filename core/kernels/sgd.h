// The step of stochastic gradient descent over a list of parameters, in one parallel pass over all of them.
#pragma once

#include <taper/core/array_ref.h>
#include <taper/core/dtype.h>
#include <taper/core/kernels/isa/sgd.h>

namespace taper::kernels {

// One parameter: p, g and buffer are [n] of `dtype`, float32 or float64, row-major; buffer is null without momentum.
struct SgdItem {
  ScalarType dtype;
  int64_t n;
  void* p;
  const void* g;
  void* buffer;
  SgdRule rule;
};

// Updates p and buffer of every item (the formula is in isa/sgd.h). The memory of different items must not overlap.
void sgd_step(ArrayRef<SgdItem> items);

}  // namespace taper::kernels
