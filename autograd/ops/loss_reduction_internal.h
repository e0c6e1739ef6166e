// What losses check, and the way from single losses to the result. Internal.
#pragma once

#include <taper/autograd/ops/ops_internal.h>

namespace taper::autograd {

inline void check_reduction(const char* op, int64_t reduction) {
  TAPER_CHECK_VALUE(reduction >= Reduction::None && reduction <= Reduction::Sum, op,
                    ": reduction must be Reduction::None (0), Mean (1) or Sum (2); got ", reduction);
}

// Of an input and a target that broadcast.
inline void check_loss(const char* op, const Tensor& x, const Tensor& t, int64_t reduction) {
  check_reduction(op, reduction);
  check_floating(op, x);
  kernels::broadcast_sizes(op, x.sizes(), t.sizes());
}

inline Tensor reduce_losses(const Tensor& losses, int64_t reduction) {
  if (reduction == Reduction::None) return losses;
  return reduction == Reduction::Mean ? losses.mean() : losses.sum();
}

}  // namespace taper::autograd
