// Pooling, and the operations that its derivatives are.
#include <taper/autograd/functions.h>

#include "autograd/gradcheck_table.h"
#include "ops/pooling.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

// The derivative of f at x as an operation on dy, in which it is linear.
template <class F>
Row derivative(const char* name, const char* node, F f, const Tensor& x) {
  const auto dx = [f, x](const List& in) {
    const AutoGradMode on(true);
    return List{autograd::grad({f(x)}, {x}, {in[0]}, true, true)[0]};
  };
  return {name, node, dx, {leaf(f(x).sizes())}};
}

std::vector<Row> make_rows() {
  const Tensor image = leaf({1, 2, 4, 5});
  const auto pool = [](const Tensor& x) { return max_pool2d(x, 2); };
  const auto overlapping = [](const Tensor& x) { return max_pool2d(x, {3, 2}, {1, 1}, {1, 1}, {1, 2}); };
  const auto mean = [](const Tensor& x) { return avg_pool2d(x, 2); };
  const auto padded = [](const Tensor& x) { return avg_pool2d(x, {3, 2}, {2, 1}, {1, 1}, true); };
  const auto fit_max = [](const Tensor& x) { return std::get<0>(adaptive_max_pool2d(x, {3, 2})); };
  const auto fit_mean = [](const Tensor& x) { return adaptive_avg_pool2d(x, {3, 2}); };
  return {
      derivative("max_pool2d", "MaxPool2DWithIndicesBackwardBackward0", pool, image),
      derivative("max_pool2d, overlapping", "MaxPool2DWithIndicesBackwardBackward0", overlapping, image),
      derivative("avg_pool2d", "AvgPool2DBackwardBackward0", mean, image),
      derivative("avg_pool2d, padded", "AvgPool2DBackwardBackward0", padded, image),
      derivative("adaptive_max_pool2d", "AdaptiveMaxPool2DBackwardBackward0", fit_max, image),
      derivative("adaptive_avg_pool2d", "AdaptiveAvgPool2DBackwardBackward0", fit_mean, image),
  };
}
const gradcheck_table::Table pooling([] { return rows_of(ops::pooling<ops::Ours>()); });
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of pooling, first and second") {
  pooling.check();
  table.check();
}
