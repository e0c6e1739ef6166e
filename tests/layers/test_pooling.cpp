#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "catch.h"
#include "support/scopes.h"

#include <limits>

using namespace taper;
using namespace support;
namespace F = taper::nn::functional;

namespace {

// The maximum of each window by definition, one window at a time.
Tensor max_by_definition(const Tensor& x, int64_t kernel, int64_t stride) {
  const int64_t OH = (x.size(1) - kernel) / stride + 1, OW = (x.size(2) - kernel) / stride + 1;
  Tensor y = empty({x.size(0), OH, OW}, x.dtype());
  for (int64_t i = 0; i < OH; ++i) {
    for (int64_t j = 0; j < OW; ++j) {
      const Tensor window = x.narrow(1, i * stride, kernel).narrow(2, j * stride, kernel);
      y.select(2, j).select(1, i).copy_(window.amax({1, 2}));
    }
  }
  return y;
}

}  // namespace

TEST_CASE("max_pool2d takes the maximum of each window, whatever the sizes") {
  manual_seed(0);
  for (const auto dtype : {kFloat32, kFloat64}) {
    for (int64_t size = 2; size < 40; ++size) {
      const Tensor x = randn({3, size % 7 + 3, size}, dtype);
      CHECK(max_pool2d(x, 2).equal(max_by_definition(x, 2, 2)));
      CHECK(max_pool2d(x, 2, 1).equal(max_by_definition(x, 2, 1)));
      CHECK(max_pool2d(x, {2, 2}, {3, 3}).equal(max_by_definition(x, 2, 3)));
    }
  }
}

TEST_CASE("indices say where in its plane each maximum stands; the first of equal ones") {
  const Tensor x = tensor({1.0, 5.0, 2.0, 2.0,  //
                           4.0, 5.0, 2.0, 2.0,  //
                           7.0, 0.0, 1.0, 3.0,  //
                           0.0, 7.0, 3.0, 0.0})
                       .view({1, 4, 4});
  const auto [y, indices] = max_pool2d_with_indices(x, 2);
  CHECK(y.equal(tensor({5.0, 2.0, 7.0, 3.0}).view({1, 2, 2})));
  CHECK(indices.equal(tensor({1, 2, 8, 11}).view({1, 2, 2})));
  const auto [padded, places] = F::max_pool2d_with_indices(x, F::MaxPool2dFuncOptions(3).stride(2).padding(1));
  CHECK(places.equal(tensor({1, 1, 8, 8}).view({1, 2, 2})) == false);
  CHECK(padded.equal(x.view({16}).index_select(0, places.view({4})).view({1, 2, 2})));
}

TEST_CASE("NaN is the largest value, minus infinity still has a place, and padding is below both") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto dtype : {kFloat32, kFloat64}) {
    const Tensor x = tensor({nan, 1.0, inf, 0.0, 2.0, 0.0, nan, 0.0}).to(dtype).view({1, 2, 4});
    CHECK(max_pool2d(x, 2).isnan().all().item<bool>());
    CHECK(max_pool2d(x, {2, 1}).isnan().equal(tensor({true, false, true, false}).view({1, 1, 4})));
    const Tensor low = full({1, 4, 4}, -inf, dtype).requires_grad_();
    const auto [y, indices] = max_pool2d_with_indices(low, 3, 2, 1);
    CHECK(y.equal(full({1, 2, 2}, -inf, dtype)));
    CHECK(indices.equal(tensor({0, 1, 4, 5}).view({1, 2, 2})));
    y.sum().backward();
    CHECK(low.grad().sum().item<double>() == 4);
  }
}

TEST_CASE("means: padding counts or not, a divisor of one's own, the last window of ceil_mode") {
  const Tensor x = tensor({1.0, 2.0, 3.0, 4.0, 5.0}).view({1, 5});
  const auto is = [](const Tensor& y, std::vector<double> values) { return y.view({-1}).equal(tensor(values)); };
  CHECK(is(avg_pool1d(x, 2), {1.5, 3.5}));
  CHECK(is(avg_pool1d(x, 2, 2, 0, true), {1.5, 3.5, 5}));
  CHECK(is(avg_pool1d(x, 2, 2, 1), {0.5, 2.5, 4.5}));
  CHECK(is(avg_pool1d(x, 2, 2, 1, false, false), {1, 2.5, 4.5}));
  CHECK(is(avg_pool2d(x.view({1, 1, 5}), {1, 2}, {}, 0, false, true, 4), {0.75, 1.75}));
  CHECK(is(adaptive_avg_pool1d(x, 3), {1.5, 3, 4.5}));
  CHECK(is(adaptive_avg_pool1d(x, 1), {3}));
}

TEST_CASE("global means of a million values are right to a few units in the last place") {
  const Tensor x = full({1, 1000, 1000}, 0.1f, kFloat32);
  CHECK(adaptive_avg_pool2d(x, 1).item<float>() == Approx(0.1f).epsilon(3e-7));
  CHECK(avg_pool2d(x, {999, 999}).item<float>() == Approx(0.1f).epsilon(3e-7));
}

TEST_CASE("nullopt keeps the size of an axis; 3 and 4 dimensions are taken, other strides, and empty batches") {
  manual_seed(1);
  const Tensor x = randn({2, 3, 5, 4});
  nn::AdaptiveAvgPool2d mean(nn::AdaptiveAvgPool2dOptions({nullopt, 2}));
  CHECK(mean(x).sizes() == IntArrayRef({2, 3, 5, 2}));
  CHECK(mean(x).allclose(x.view({2, 3, 5, 2, 2}).mean(4)));
  nn::AdaptiveMaxPool2d max(nn::AdaptiveMaxPool2dOptions({2, nullopt}));
  CHECK(max(x).sizes() == IntArrayRef({2, 3, 2, 4}));
  for (const Tensor& input : {x, x.transpose(2, 3), x.slice(3, 0, nullopt, 2)}) {
    CHECK(max_pool2d(input, 2)[1].equal(max_pool2d(input[1].contiguous(), 2)));
    CHECK(avg_pool2d(input, 2)[1].equal(avg_pool2d(input[1].contiguous(), 2)));
  }
  CHECK(max_pool2d(x.narrow(0, 0, 0), 2).sizes() == IntArrayRef({0, 3, 2, 2}));
  CHECK(adaptive_avg_pool2d(x, 0).sizes() == IntArrayRef({2, 3, 0, 0}));
  const Tensor none = zeros({0, 3, 4, 4}).requires_grad_();
  avg_pool2d(none, 2).sum().backward();
  CHECK(none.grad().sizes() == none.sizes());
}

TEST_CASE("pooling: the same bits for any number of threads") {
  manual_seed(2);
  const Tensor x = randn({9, 40, 31, 29}).requires_grad_();
  const auto check = [&](auto f) {
    check_threads([&] {
      const Tensor y = f(x);
      manual_seed(3);
      return std::vector<Tensor>{y, autograd::grad({y}, {x}, {randn(y.sizes())})[0]};
    });
  };
  check([](const Tensor& t) { return max_pool2d(t, 2); });
  check([](const Tensor& t) { return max_pool2d(t, 3, 2, 1); });
  check([](const Tensor& t) { return avg_pool2d(t, 3, 1, 1); });
  check([](const Tensor& t) { return adaptive_avg_pool2d(t, 1); });
  check([](const Tensor& t) { return adaptive_avg_pool2d(t, 7); });
}

TEST_CASE("pooling: misuse is an error that says what must hold") {
  const Tensor x = zeros({1, 2, 4, 4});
  CHECK_THROWS_WITH(max_pool2d(zeros({4, 4}), 2),
                    "max_pool2d: the input must be [N, C, H, W] or [C, H, W]; got sizes [4, 4]");
  CHECK_THROWS_WITH(max_pool1d(x, 2), "max_pool1d: the input must be [N, C, L] or [C, L]; got sizes [1, 2, 4, 4]");
  CHECK_THROWS_WITH(max_pool2d(zeros({1, 2, 0, 4}), 2),
                    "max_pool2d: only the batch may be empty; got input sizes [1, 2, 0, 4]");
  CHECK_THROWS_WITH(max_pool2d(x, {2, 2, 2}), "max_pool2d: kernel_size must be one number or two; got [2, 2, 2]");
  CHECK_THROWS_WITH(max_pool2d(x, 0), "max_pool2d: kernel_size must be from 1 to 2^31 - 1; got [0]");
  CHECK_THROWS_WITH(max_pool2d(x, 2, -1), "max_pool2d: stride must be from 1 to 2^31 - 1; got [-1]");
  CHECK_THROWS_WITH(avg_pool2d(x, 2, 2, 2), "avg_pool2d: padding must be at most half of kernel_size; got 2 and 2");
  CHECK_THROWS_WITH(max_pool2d(x, 5),
                    "max_pool2d: the window must fit into the input and its padding; got input sizes [1, 2, 4, 4], "
                    "kernel_size [5], padding [0] and dilation [1]");
  CHECK_THROWS_WITH(max_pool1d(zeros({1, 2}), 2, 1, 1, 3),
                    "max_pool1d: every window must reach the input; got input sizes [1, 2], over which a window of "
                    "kernel_size [2] with padding [1] and dilation [3] steps");
  CHECK_THROWS_WITH(avg_pool2d(x, 2, {}, 0, false, true, 0), "avg_pool2d: divisor_override must not be 0");
  CHECK_THROWS_WITH(adaptive_avg_pool2d(x, -1),
                    "adaptive_avg_pool2d: output_size must be from 0 to 2^31 - 1; got [-1]");
  CHECK_THROWS_WITH(
      max_pool2d(zeros({1, 2, 2}, kInt64), 2),
      "max_pool2d: the input must be of a floating-point type; got Long; convert it first, for example with "
      ".to(taper::kFloat32)");
}
