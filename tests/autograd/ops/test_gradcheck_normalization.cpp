// The relatives of batch normalisation.
#include <taper/autograd/functions.h>

#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({2, 4, 3}), w = leaf({4}), b = leaf({4}), wide = leaf({4, 3}), shift = leaf({4, 3});
  const Tensor mean = randn({4}, kFloat64), var = rand({4}, kFloat64) + 0.5;
  return {
      {"layer_norm", nullptr, OF(layer_norm(in[0], 3)), {x}},
      {"layer_norm, affine", nullptr, OF(layer_norm(in[0], {4, 3}, in[1], in[2], 0.1)), {x, wide, shift}},
      {"layer_norm, weight alone", nullptr, OF(layer_norm(in[0], {4, 3}, in[1])), {x, wide}},
      {"layer_norm, bias alone", nullptr, OF(layer_norm(in[0], {4, 3}, {}, in[1])), {x, shift}},
      {"group_norm", nullptr, OF(group_norm(in[0], 2, in[1], in[2], 0.1)), {x, w, b}},
      {"group_norm without affine", nullptr, OF(group_norm(in[0], 4)), {x}},
      {"instance_norm", nullptr, OF(instance_norm(in[0], in[1], in[2], {}, {}, true, 0.1, 0.1)), {x, w, b}},
      {"instance_norm by running statistics",
       nullptr,
       OF(instance_norm(in[0], in[1], in[2], mean, var, false, 0.1, 0.1)),
       {x, w, b}},
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of layer, group and instance normalisation, first and second") { table.check(); }
