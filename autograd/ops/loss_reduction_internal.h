// From single losses to the result. Internal.
#pragma once

#include <taper/autograd/functions.h>
#include <taper/autograd/ops/loss.h>

namespace taper::autograd {

inline void check_reduction(const char* op, int64_t reduction) {
  TAPER_CHECK_VALUE(reduction >= Reduction::None && reduction <= Reduction::Sum, op,
                    ": reduction must be Reduction::None (0), Mean (1) or Sum (2); got ", reduction);
}

inline Tensor reduce_losses(const Tensor& losses, int64_t reduction) {
  if (reduction == Reduction::None) return losses;
  return reduction == Reduction::Mean ? losses.mean() : losses.sum();
}

}  // namespace taper::autograd
