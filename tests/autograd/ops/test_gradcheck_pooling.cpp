// Pooling: every kind, and the operations that its derivatives are.
#include <taper/autograd/functions.h>

#include "autograd/gradcheck_table.h"

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
  const Tensor image = leaf({1, 2, 4, 5}), line = leaf({2, 2, 7});
  const char* const max = "MaxPool2DWithIndicesBackward0";
  const char* const avg = "AvgPool2DBackward0";
  const char* const adaptive_max = "AdaptiveMaxPool2DBackward0";
  const char* const adaptive_avg = "AdaptiveAvgPool2DBackward0";
  const auto row = [](const char* name, const char* node, auto f, const Tensor& x) {
    return Row{name, node, [f](const List& in) { return List{f(in[0])}; }, {x}};
  };
  const auto pool = [](const Tensor& x) { return max_pool2d(x, {2, 2}); };
  const auto mean = [](const Tensor& x) { return avg_pool2d(x, {2, 2}); };
  const auto overlapping = [](const Tensor& x) { return max_pool2d(x, {3, 2}, {1, 1}, {1, 1}, {1, 2}); };
  const auto padded = [](const Tensor& x) { return avg_pool2d(x, {3, 2}, {2, 1}, {1, 1}, true); };
  const auto fit_max = [](const Tensor& x) { return std::get<0>(adaptive_max_pool2d(x, {3, 2})); };
  const auto fit_mean = [](const Tensor& x) { return adaptive_avg_pool2d(x, {3, 2}); };
  return {
      row("max_pool2d", max, pool, image),
      row("max_pool2d, overlapping, padded, dilated", max, overlapping, image),
      row(
          "max_pool2d, ceil_mode", max, [](const Tensor& x) { return max_pool2d(x, 2, 2, 0, 1, true); }, image),
      row(
          "max_pool2d, a huge window", max,
          [](const Tensor& x) {
            return max_pool2d(x, {17, 18}, {}, {8, 9});
          },
          image),
      row(
          "max_pool1d", nullptr, [](const Tensor& x) { return max_pool1d(x, 3, 2, 1); }, line),
      derivative("max_pool2d, derivative", "MaxPool2DWithIndicesBackwardBackward0", pool, image),
      derivative("max_pool2d, overlapping, derivative", "MaxPool2DWithIndicesBackwardBackward0", overlapping, image),
      row("avg_pool2d", avg, mean, image),
      row("avg_pool2d, padded, ceil_mode", avg, padded, image),
      row(
          "avg_pool2d, padding not counted", avg, [](const Tensor& x) { return avg_pool2d(x, 3, 2, 1, false, false); },
          image),
      row(
          "avg_pool2d, own divisor", avg, [](const Tensor& x) { return avg_pool2d(x, 2, {}, 0, false, true, 3); },
          image),
      row(
          "avg_pool2d of everything", avg,
          [](const Tensor& x) {
            return avg_pool2d(x, {4, 5});
          },
          image),
      row(
          "avg_pool1d", nullptr, [](const Tensor& x) { return avg_pool1d(x, 3, 2, 1); }, line),
      derivative("avg_pool2d, derivative", "AvgPool2DBackwardBackward0", mean, image),
      derivative("avg_pool2d, padded, derivative", "AvgPool2DBackwardBackward0", padded, image),
      row("adaptive_max_pool2d", adaptive_max, fit_max, image),
      row(
          "adaptive_max_pool1d", nullptr, [](const Tensor& x) { return std::get<0>(adaptive_max_pool1d(x, 3)); }, line),
      derivative("adaptive_max_pool2d, derivative", "AdaptiveMaxPool2DBackwardBackward0", fit_max, image),
      row("adaptive_avg_pool2d", adaptive_avg, fit_mean, image),
      row(
          "adaptive_avg_pool2d to one", adaptive_avg, [](const Tensor& x) { return adaptive_avg_pool2d(x, 1); }, image),
      row(
          "adaptive_avg_pool1d", nullptr, [](const Tensor& x) { return adaptive_avg_pool1d(x, 3); }, line),
      derivative("adaptive_avg_pool2d, derivative", "AdaptiveAvgPool2DBackwardBackward0", fit_mean, image),
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of pooling, first and second") { table.check(); }
