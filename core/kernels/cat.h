// Concatenation, without autograd.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// The tensors one after the other along dim: equal sizes in the other dims, of the promoted dtype. Tensors of sizes [0]
// are skipped.
TAPER_API Tensor cat(TensorList tensors, int64_t dim);

}  // namespace taper::kernels
