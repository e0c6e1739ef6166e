// Derivatives of the activations with parameters, first and second. Values lie away from the kinks, on both sides.
#include <taper/autograd/functions.h>

#include <cmath>

#include "autograd/gradcheck_table.h"

using namespace taper;
using gradcheck_table::leaf;
using gradcheck_table::List;
using gradcheck_table::Row;

namespace {

using Function = Tensor (*)(const Tensor&);

std::vector<Row> make_rows() {
  std::vector<Row> rows;
  const Tensor x = tensor({{-1.7, -0.8, -0.3, 0.2}, {0.45, 0.9, 1.6, -2.3}}, kFloat64).requires_grad_();
  const auto add = [&](const char* name, const char* node, Function f) {
    rows.push_back({name, node, [f](const List& in) { return List{f(in[0])}; }, {x}});
  };
  add("elu", "EluBackward0", [](const Tensor& v) { return elu(v, 0.7, 1.3, 0.9); });
  add("elu, negative alpha", "EluBackward0", [](const Tensor& v) { return elu(v, -0.7); });
  add("selu", "EluBackward0", [](const Tensor& v) { return selu(v); });
  add("celu", "EluBackward0", [](const Tensor& v) { return celu(v, 1.5); });
  add("softplus", "SoftplusBackward0", [](const Tensor& v) { return softplus(v, 2, 2.5); });
  add("softplus, beta below 0", "SoftplusBackward0", [](const Tensor& v) { return softplus(v, -0.5); });
  add("log_sigmoid", "LogSigmoidBackward0", [](const Tensor& v) { return log_sigmoid(v); });
  add("mish", "MishBackward0", [](const Tensor& v) { return mish(v); });
  add("tanhshrink", "TanhshrinkBackward0", [](const Tensor& v) { return tanhshrink(v); });
  add("softsign", "SoftsignBackward0", [](const Tensor& v) { return softsign(v); });
  add("hardtanh", "HardtanhBackward0", [](const Tensor& v) { return hardtanh(v, -1, 0.5); });
  add("relu6", "HardtanhBackward0", [](const Tensor& v) { return relu6(4 * v); });
  add("threshold", "ThresholdBackward0", [](const Tensor& v) { return threshold(v, 0.3, 7); });
  add("hardshrink", "HardshrinkBackward0", [](const Tensor& v) { return hardshrink(v); });
  add("softshrink", "SoftshrinkBackward0", [](const Tensor& v) { return softshrink(v, 0.4); });
  add("glu", "GluBackward0", [](const Tensor& v) { return glu(v); });
  add("glu of rows", "GluBackward0", [](const Tensor& v) { return glu(v, 0); });
  add("rrelu, evaluation", "LeakyReluBackward0", [](const Tensor& v) { return rrelu(v); });
  add("rrelu, training", nullptr, [](const Tensor& v) {
    manual_seed(2);
    return rrelu(v, 0.1, 0.6, true);
  });
  add("in place", nullptr, [](const Tensor& v) {
    Tensor a = v * 1, b = v * 1, c = v * 1, d = v * 1, e = v * 1, f = v * 1, g = v * 1, h = v * 1;
    manual_seed(2);
    return elu_(a, 0.7) * selu_(b) * celu_(c, 1.5) + mish_(d) * hardtanh_(e, -1, 0.5) * relu6_(f) +
           threshold_(g, 0.3, 7) * rrelu_(h, 0.1, 0.6, true);
  });
  add("leaky, in place", nullptr, [](const Tensor& v) {
    Tensor a = v * 1, b = v * 1;
    return leaky_relu_(a, 0.2) * rrelu_(b);
  });
  const auto channels = [](const List& in) { return List{prelu(in[0], in[1])}; };
  rows.push_back({"prelu", "PreluBackward0", channels, {x, leaf({1})}});
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
    if (row.inputs.size() > 1) continue;
    INFO(row.name);
    const Tensor wide = randn({37, 46}, kFloat64) * 3;
    for (const Tensor& x : {wide, wide.t(), wide.slice(1, 0, 46, 3).slice(1, 0, 14), wide.select(0, 0).unsqueeze(0)}) {
      if (x.size(0) % 2 != 0 && row.name == "glu of rows") continue;
      if (x.size(1) % 2 != 0 && row.name == "glu") continue;
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
