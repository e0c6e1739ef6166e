// Flatten: joins the dimensions start_dim to end_dim (both included) into one; by default all but the batch dimension.
//
//   taper::nn::Flatten()(taper::ones({8, 1, 28, 28}))  // [8, 784]
#pragma once

#include <taper/layers/layer.h>

namespace taper::nn {

struct FlattenOptions {
  TAPER_ARG(int64_t, start_dim) = 1;
  TAPER_ARG(int64_t, end_dim) = -1;
  TAPER_PRINTED(start_dim_, end_dim_);
};

TAPER_STATELESS(Flatten, FlattenOptions, const Tensor&);

}  // namespace taper::nn
