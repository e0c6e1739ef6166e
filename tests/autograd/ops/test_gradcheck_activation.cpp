// Derivatives of the activations, first and second.
#include <taper/autograd/functions.h>

#include "autograd/gradcheck_table.h"
#include "ops/activation.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

using Function = Tensor (*)(const Tensor&);

// What the comparison with libtorch has no row for. Values lie away from the kinks, on both sides.
std::vector<Row> make_rows() {
  std::vector<Row> rows = rows_of(ops::activation<ops::Ours>());
  const Tensor x = tensor({{-1.7, -0.8, -0.3, 0.2}, {0.45, 0.9, 1.6, -2.3}}, kFloat64).requires_grad_();
  const auto add = [&](const char* name, const char* node, Function f) {
    rows.push_back({name, node, [f](const List& in) { return List{f(in[0])}; }, {x}});
  };
  add("elu, negative alpha", "EluBackward0", [](const Tensor& v) { return elu(v, -0.7); });
  add("softplus, beta below 0", "SoftplusBackward0", [](const Tensor& v) { return softplus(v, -0.5); });
  add("tanhshrink", "TanhshrinkBackward0", [](const Tensor& v) { return tanhshrink(v); });
  add("softsign", "SoftsignBackward0", [](const Tensor& v) { return softsign(v); });
  add("glu of rows", "GluBackward0", [](const Tensor& v) { return glu(v, 0); });
  add("rrelu, training", nullptr, [](const Tensor& v) {
    manual_seed(2);
    return rrelu(v, 0.1, 0.6, true);
  });
  add("rrelu_, training", nullptr, [](const Tensor& v) {
    manual_seed(2);
    Tensor y = v * 1;
    return rrelu_(y, 0.1, 0.6, true);
  });
  add("rrelu_, evaluation", nullptr, [](const Tensor& v) {
    Tensor y = v * 1;
    return rrelu_(y);
  });
  const auto channels = [](const List& in) { return List{prelu(in[0], in[1])}; };
  rows.push_back({"prelu, zero-dim slope", "PreluBackward0", channels, {x, leaf({})}});
  rows.push_back({"prelu of channels", "PreluBackward0", channels, {x, leaf({4})}});
  rows.push_back({"prelu of images", "PreluBackward0", channels, {leaf({2, 3, 2, 2}), leaf({3})}});
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of activations with parameters, first and second") { table.check(); }

TEST_CASE("the fused derivatives equal the composed ones, of every layout") {
  manual_seed(4);
  for (const Row& row : table.rows()) {
    if (row.inputs.size() > 1 || row.inputs[0].dim() != 2 || row.inputs[0].numel() == 0) continue;
    INFO(row.name);
    const Tensor wide = randn({37, 46}, kFloat64) * 3;
    for (const Tensor& x : {wide, wide.t(), wide.slice(1, 0, 46, 3).slice(1, 0, 14), wide.select(0, 0).unsqueeze(0)}) {
      if (x.size(0) % 2 != 0 && row.name.find("glu of rows") == 0) continue;
      if (x.size(1) % 2 != 0 && row.name.find("glu of [") == 0) continue;
      const Tensor leaf_x = x.detach().requires_grad_();
      const auto slope = [&](bool composed, bool ones) {
        const Tensor y = row.f({leaf_x})[0];
        manual_seed(5);
        const Tensor dy = ones ? tensor(0.7, kFloat64).expand(y.sizes()) : randn(y.sizes(), kFloat64);
        return autograd::grad({y}, {leaf_x}, {dy}, true, composed)[0].detach();
      };
      for (const bool ones : {false, true}) CHECK(slope(false, ones).allclose(slope(true, ones), 1e-11, 1e-13));
    }
  }
}
