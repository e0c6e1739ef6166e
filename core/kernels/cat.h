// Joining tensors along a dim that exists, without autograd.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// Of the promoted dtype; [0] fits everything.
TAPER_API Tensor cat(TensorList tensors, int64_t dim);

}  // namespace taper::kernels
