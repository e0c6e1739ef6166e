#include <taper/layers/flatten.h>

namespace taper::nn {

Tensor FlattenImpl::layer_forward(const Tensor& x) { return x.flatten(options.start_dim(), options.end_dim()); }

}  // namespace taper::nn
