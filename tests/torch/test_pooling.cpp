// Pooling against libtorch: results, gradients and indices, of ordinary values, ties, NaN and infinities.
// `taper_torch_tests "[figures]"` prints the largest differences.
#include "catch.h"
#include "compare.h"

#include <taper/layers/nn.h>

#include <sstream>

namespace {

using namespace compare;

inline auto first(const std::tuple<taper::Tensor, taper::Tensor>& t) { return std::get<0>(t); }
inline auto first(const std::tuple<at::Tensor, at::Tensor>& t) { return std::get<0>(t); }
inline auto second(const std::tuple<taper::Tensor, taper::Tensor>& t) { return std::get<1>(t); }
inline auto second(const std::tuple<at::Tensor, at::Tensor>& t) { return std::get<1>(t); }
using taper::adaptive_avg_pool1d;
using taper::adaptive_avg_pool2d;
using taper::adaptive_max_pool1d;
using taper::adaptive_max_pool2d;
using taper::avg_pool1d;
using taper::avg_pool2d;
using taper::max_pool1d;
using taper::max_pool1d_with_indices;
using taper::max_pool2d;
using taper::max_pool2d_with_indices;

const std::vector<Operands> kImages = {{{2, 3, 8, 10}}, {{3, 9, 7}}, {{2, 1, 28, 28}}, {{1, 2, 5, 33}}, {{0, 2, 8, 8}}};
const std::vector<Operands> kLines = {{{2, 3, 9}}, {{3, 40}}, {{0, 2, 8}}};

const Row kRows[] = {
    {"max_pool2d 2", OP(max_pool2d(x[0], 2)), kImages},
    {"max_pool2d 2, its indices", OP(second(max_pool2d_with_indices(x[0], 2))), kImages},
    {"max_pool2d 3/2, padded", OP(max_pool2d(x[0], 3, 2, 1)), kImages},
    {"max_pool2d 3/2, padded, its indices", OP(second(max_pool2d_with_indices(x[0], 3, 2, 1))), kImages},
    {"max_pool2d 3/1", OP(max_pool2d(x[0], {3, 2}, {1, 1})), kImages},
    {"max_pool2d 2/3", OP(max_pool2d(x[0], 2, 3)), kImages},
    {"max_pool2d, dilated", OP(max_pool2d(x[0], {2, 3}, {1, 2}, {1, 1}, {3, 2})), kImages},
    {"max_pool2d, dilated, its indices", OP(second(max_pool2d_with_indices(x[0], {2, 3}, {1, 2}, {1, 1}, {3, 2}))),
     kImages},
    {"max_pool2d, ceil_mode", OP(max_pool2d(x[0], 2, 2, 0, 1, true)), kImages},
    {"max_pool2d, ceil_mode, padded", OP(max_pool2d(x[0], {3, 2}, {2, 3}, 1, 1, true)), kImages},
    {"max_pool2d, a huge window, its indices", OP(second(max_pool2d_with_indices(x[0], {18, 34}, {2, 3}, {9, 17}))),
     kImages},
    {"max_pool1d", OP(max_pool1d(x[0], 2)), kLines},
    {"max_pool1d, padded", OP(max_pool1d(x[0], 3, 1, 1)), kLines},
    {"max_pool1d, its indices", OP(second(max_pool1d_with_indices(x[0], 3, 2, 1, 2))), kLines},
    {"avg_pool2d 2", OP(avg_pool2d(x[0], 2)), kImages},
    {"avg_pool2d 3/1, padded", OP(avg_pool2d(x[0], 3, 1, 1)), kImages},
    {"avg_pool2d, ceil_mode", OP(avg_pool2d(x[0], {3, 2}, {2, 3}, 1, true)), kImages},
    {"avg_pool2d, padding not counted", OP(avg_pool2d(x[0], {3, 2}, {2, 3}, 1, true, false)), kImages},
    {"avg_pool2d, own divisor", OP(avg_pool2d(x[0], 2, 2, 0, false, true, 3)), kImages},
    {"avg_pool1d", OP(avg_pool1d(x[0], 3, 2, 1)), kLines},
    {"avg_pool1d, ceil_mode", OP(avg_pool1d(x[0], 2, 3, 1, true, false)), kLines},
    {"adaptive_max_pool2d", OP(first(adaptive_max_pool2d(x[0], {3, 4}))), kImages},
    {"adaptive_max_pool2d, its indices", OP(second(adaptive_max_pool2d(x[0], {3, 4}))), kImages},
    {"adaptive_max_pool1d", OP(first(adaptive_max_pool1d(x[0], 4))), kLines},
    {"adaptive_max_pool1d, its indices", OP(second(adaptive_max_pool1d(x[0], 4))), kLines},
    {"adaptive_avg_pool2d", OP(adaptive_avg_pool2d(x[0], {3, 4})), kImages},
    {"adaptive_avg_pool2d to one", OP(adaptive_avg_pool2d(x[0], {1, 1})), kImages},
    {"adaptive_avg_pool2d to more", OP(adaptive_avg_pool2d(x[0], {12, 11})), kImages},
    {"adaptive_avg_pool1d", OP(adaptive_avg_pool1d(x[0], 4)), kLines},
};

// f(row, inputs, tolerance, what) for all of them.
template <class F>
void for_each_input(const F& f) {
  std::mt19937 engine(4);
  for (const Row& row : kRows) {
    for (const Operands& operands : row.operands) {
      for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
        for (const auto values : {Values::Uniform, Values::Whole, Values::Special}) {
          // means of infinities and 1e30 depend on the order of additions
          const bool is_mean = std::string(row.name).find("avg") != std::string::npos;
          if (is_mean && values == Values::Special) continue;
          const taper::Tensor x = draw(operands[0], row.low, row.high, values, engine).to(dtype);
          const double tolerance = dtype == taper::kFloat32 ? 2e-6 : 1e-14;
          f(row, x, tolerance);
          f(row, scattered(x), tolerance);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("pooling equals libtorch's: results, indices and gradients") {
  for_each_input([](const Row& row, const taper::Tensor& x, double tolerance) {
    const Difference d = run(row.op, {x});
    INFO(row.name << " of " << taper::detail::str(x.sizes()) << " " << taper::to_string(x.dtype()) << d.why);
    CHECK(d.ours_threw == d.theirs_threw);
    CHECK(d.result <= tolerance);
    CHECK(d.gradient <= tolerance);
  });
}

TEST_CASE("the largest differences to libtorch in pooling", "[.figures]") {
  Difference largest;
  for_each_input([&](const Row& row, const taper::Tensor& x, double) {
    if (x.dtype() != taper::kFloat32) return;
    const Difference d = run(row.op, {x});
    largest.result = std::max(largest.result, d.result);
    largest.gradient = std::max(largest.gradient, d.gradient);
  });
  WARN("pooling, float: results " << largest.result << ", gradients " << largest.gradient);
}

TEST_CASE("pooling layers print as libtorch's, with taper's name") {
  const auto text = [](const auto& module) {
    std::ostringstream out;
    out << module;
    return out.str();
  };
  const auto same = [&](const auto& ours, const auto& theirs) {
    CHECK(text(ours) == "taper" + text(theirs).substr(5));  // "torch"
  };
  namespace tn = taper::nn;
  namespace on = torch::nn;
  same(tn::MaxPool1d(3), on::MaxPool1d(3));
  same(tn::MaxPool2d(tn::MaxPool2dOptions({3, 2}).stride(2).padding({1, 0}).dilation(2).ceil_mode(true)),
       on::MaxPool2d(on::MaxPool2dOptions({3, 2}).stride(2).padding({1, 0}).dilation(2).ceil_mode(true)));
  same(tn::AvgPool1d(2), on::AvgPool1d(2));
  same(tn::AvgPool2d(tn::AvgPool2dOptions(3).stride({2, 1}).padding(1).count_include_pad(false).divisor_override(4)),
       on::AvgPool2d(on::AvgPool2dOptions(3).stride({2, 1}).padding(1).count_include_pad(false).divisor_override(4)));
  same(tn::AdaptiveMaxPool1d(3), on::AdaptiveMaxPool1d(3));
  same(tn::AdaptiveMaxPool2d(3), on::AdaptiveMaxPool2d(3));
  same(tn::AdaptiveAvgPool1d(1), on::AdaptiveAvgPool1d(1));
  same(tn::AdaptiveAvgPool2d(tn::AdaptiveAvgPool2dOptions({5, taper::nullopt})),
       on::AdaptiveAvgPool2d(on::AdaptiveAvgPool2dOptions({5, c10::nullopt})));
}
