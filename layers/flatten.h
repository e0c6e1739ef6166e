// Flatten: joins the dimensions start_dim to end_dim (both included) into one; by default all but the batch dimension.
//
//   taper::nn::Flatten()(taper::ones({8, 1, 28, 28}))  // [8, 784]
#pragma once

#include <taper/core/arg.h>
#include <taper/layers/cloneable.h>

namespace taper::nn {

struct FlattenOptions {
  TAPER_ARG(int64_t, start_dim) = 1;
  TAPER_ARG(int64_t, end_dim) = -1;
};

class TAPER_API FlattenImpl : public Cloneable<FlattenImpl> {
 public:
  explicit FlattenImpl(const FlattenOptions& options_ = {});
  void reset() override {}
  void pretty_print(std::ostream& stream) const override;
  Tensor forward(const Tensor& input);

  FlattenOptions options;
};
TAPER_MODULE(Flatten);

}  // namespace taper::nn
