// Embedding against libtorch: initial values, results, gradients, renormalised weights, text.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

namespace {

using bridge::to_torch;
using compare::relative_difference;
namespace tn = taper::nn;
namespace on = torch::nn;

struct Case {
  std::optional<int64_t> padding_idx = {};
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool by_freq = false;
};

}  // namespace

TEST_CASE("Embedding equals libtorch's") {
  for (const Case& c :
       {Case{}, Case{2}, Case{-1}, Case{{}, 1.5}, Case{0, 2.0, 1.0}, Case{{}, {}, 2, true}, Case{3, 1.0, 3.0, true}}) {
    bridge::seed(3);
    tn::Embedding ours(tn::EmbeddingOptions(9, 4)
                           .padding_idx(c.padding_idx)
                           .max_norm(c.max_norm)
                           .norm_type(c.norm_type)
                           .scale_grad_by_freq(c.by_freq));
    on::EmbeddingOptions options(9, 4);
    if (c.padding_idx) options.padding_idx(*c.padding_idx);
    if (c.max_norm) options.max_norm(*c.max_norm);
    on::Embedding theirs(options.norm_type(c.norm_type).scale_grad_by_freq(c.by_freq));
    CHECK(relative_difference(ours->weight, theirs->weight) < 1e-6);  // logarithms round apart
    compare::check_printed(std::pair(ours, theirs));
    const taper::Tensor words = taper::randint(9, {5, 6}, taper::kInt64);
    const taper::Tensor y = ours(words);
    const at::Tensor ty = theirs(to_torch(words));
    CHECK(relative_difference(y, ty) < 1e-6);
    CHECK(relative_difference(ours->weight, theirs->weight) < 1e-6);
    const taper::Tensor dy = taper::randn(y.sizes());
    y.backward(dy);
    ty.backward(to_torch(dy));
    CHECK(relative_difference(ours->weight.grad(), theirs->weight.grad()) < 1e-6);
  }
}
