// Pooling against libtorch: results, gradients and indices, of ordinary values, ties, NaN and infinities.
// `taper_torch_tests "[figures]"` prints the largest differences.
#include "catch.h"
#include "compare.h"
#include "ops/pooling.h"

#include <taper/layers/nn.h>

namespace {

using namespace compare;

const Checks kChecks = {.result32 = 2e-6, .result64 = 1e-14};

}  // namespace

TEST_CASE("pooling equals libtorch's: results, indices and gradients") {
  check(rows_of(ops::pooling<Both>()), kChecks);
}

TEST_CASE("the largest differences to libtorch in pooling", "[.figures]") {
  const Largest l = check(rows_of(ops::pooling<Both>()), kChecks);
  WARN("pooling: results " << l.difference.result << " (" << l.result_at << "), gradients " << l.difference.gradient
                           << " (" << l.gradient_at << ")");
}

TEST_CASE("pooling layers print as libtorch's, with taper's name") {
  check_printed(SIDES(N::nn::MaxPool1d(3)));
  check_printed(
      SIDES(N::nn::MaxPool2d(N::nn::MaxPool2dOptions({3, 2}).stride(2).padding({1, 0}).dilation(2).ceil_mode(true))));
  check_printed(SIDES(N::nn::AvgPool1d(2)));
  check_printed(SIDES(N::nn::AvgPool2d(
      N::nn::AvgPool2dOptions(3).stride({2, 1}).padding(1).count_include_pad(false).divisor_override(4))));
  check_printed(SIDES(N::nn::AdaptiveMaxPool1d(3)));
  check_printed(SIDES(N::nn::AdaptiveMaxPool2d(3)));
  check_printed(SIDES(N::nn::AdaptiveAvgPool1d(1)));
  check_printed(SIDES(N::nn::AdaptiveAvgPool2d(N::nn::AdaptiveAvgPool2dOptions({5, N::nullopt}))));
}
