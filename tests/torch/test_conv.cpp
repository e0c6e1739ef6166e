// Convolutions against libtorch: initial values, outputs, the three gradients, printed text.
#include "bridge.h"
#include "catch.h"

#include <taper/autograd/autograd.h>
#include <taper/autograd/functions.h>
#include <taper/core/random.h>
#include <taper/layers/conv.h>

#include <random>

namespace {

using bridge::max_difference;
using bridge::to_torch;

template <size_t D>
std::vector<int64_t> draw(std::mt19937& engine, int64_t low, int64_t high) {
  std::vector<int64_t> values;
  for (size_t d = 0; d < D; ++d) values.push_back(std::uniform_int_distribution<int64_t>(low, high)(engine));
  return values;
}

template <class Ours, class Theirs>
void compare(Ours& ours, Theirs& theirs, const std::vector<int64_t>& sizes) {
  INFO(ours << " of " << taper::detail::str(taper::IntArrayRef(sizes)));
  CHECK(support::printed(ours) == bridge::printed_as_taper(theirs));
  CHECK(max_difference(ours->weight, theirs->weight) == 0);
  CHECK(max_difference(ours->bias, theirs->bias) == 0);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    const double tolerance = dtype == taper::kFloat32 ? 3e-5 : 1e-13;
    ours->to(dtype);
    theirs->to(bridge::counterpart(dtype));
    for (taper::Tensor p : ours->parameters()) p.mutable_grad() = taper::Tensor();
    for (torch::Tensor p : theirs->parameters()) p.mutable_grad() = torch::Tensor();
    const taper::Tensor x = taper::randn(sizes, dtype).requires_grad_();
    const torch::Tensor tx = to_torch(x).requires_grad_();
    taper::Tensor y;
    torch::Tensor ty;
    bool threw = false, they_threw = false;
    try {
      y = ours->forward(x);
    } catch (const taper::Error&) {
      threw = true;
    }
    try {
      ty = theirs->forward(tx);
    } catch (const c10::Error&) {
      they_threw = true;
    }
    CHECK(threw == they_threw);
    if (threw || they_threw) return;
    CHECK(max_difference(y, ty) < tolerance);
    const taper::Tensor dy = taper::randn(y.sizes(), dtype);
    y.backward(dy);
    ty.backward(to_torch(dy));
    CHECK(max_difference(x.grad(), tx.grad()) < tolerance);
    const double sums = tolerance * std::sqrt(1 + static_cast<double>(dy.numel() / dy.size(-1)));
    CHECK(max_difference(ours->weight.grad(), theirs->weight.grad()) < sums);
    if (theirs->bias.defined()) CHECK(max_difference(ours->bias.grad(), theirs->bias.grad()) < sums);
  }
}

template <size_t D, class Ours, class Theirs, class OurOptions, class TheirOptions>
void compare_random(bool transposed) {
  std::mt19937 engine(D + (transposed ? 2 : 0));
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const int64_t groups = draw<1>(engine, 1, 3)[0];
    const int64_t in = groups * draw<1>(engine, 1, 4)[0], out = groups * draw<1>(engine, 1, 9)[0];
    const auto kernel = draw<D>(engine, 1, 4), stride = draw<D>(engine, 1, 3), dilation = draw<D>(engine, 1, 2);
    const auto padding = draw<D>(engine, 0, 2), extra = draw<D>(engine, 0, 1);
    const bool bias = engine() % 2;
    OurOptions a(in, out, kernel);
    TheirOptions b(in, out, kernel);
    a.stride(stride).dilation(dilation).groups(groups).bias(bias);
    b.stride(stride).dilation(dilation).groups(groups).bias(bias);
    if constexpr (requires { a.output_padding(); }) {
      a.padding(padding).output_padding(extra);
      b.padding(padding).output_padding(extra);
    } else if (seed % 5 == 0) {
      a.stride(1).padding(taper::kSame);
      b.stride(1).padding(torch::kSame);
    } else if (seed % 5 == 1) {
      a.padding(taper::kValid);
      b.padding(torch::kValid);
    } else {
      a.padding(taper::ExpandingArray<D>(padding));
      b.padding(torch::ExpandingArray<D>(padding));
    }
    std::vector<int64_t> sizes = {draw<1>(engine, 1, 4)[0], in};
    for (int64_t size : draw<D>(engine, 3, 12)) sizes.push_back(size);
    if (seed % 7 == 0) sizes.erase(sizes.begin());
    bridge::seed(seed);
    Ours ours(a);
    Theirs theirs(b);
    compare(ours, theirs, sizes);
  }
}

}  // namespace

TEST_CASE("Conv1d and Conv2d equal libtorch's") {
  compare_random<1, taper::nn::Conv1d, torch::nn::Conv1d, taper::nn::Conv1dOptions, torch::nn::Conv1dOptions>(false);
  compare_random<2, taper::nn::Conv2d, torch::nn::Conv2d, taper::nn::Conv2dOptions, torch::nn::Conv2dOptions>(false);
}

TEST_CASE("ConvTranspose1d and ConvTranspose2d equal libtorch's") {
  compare_random<1, taper::nn::ConvTranspose1d, torch::nn::ConvTranspose1d, taper::nn::ConvTranspose1dOptions,
                 torch::nn::ConvTranspose1dOptions>(true);
  compare_random<2, taper::nn::ConvTranspose2d, torch::nn::ConvTranspose2d, taper::nn::ConvTranspose2dOptions,
                 torch::nn::ConvTranspose2dOptions>(true);
}

TEST_CASE("Conv2d of the usual sizes and of every padding mode equals libtorch's") {
  for (const auto& [in, out, size, k] :
       {std::array<int64_t, 4>{1, 32, 28, 3}, {32, 64, 14, 3}, {16, 40, 7, 1}, {3, 24, 33, 5}}) {
    bridge::seed(7);
    taper::nn::Conv2d ours(taper::nn::Conv2dOptions(in, out, k).padding(k / 2));
    torch::nn::Conv2d theirs(torch::nn::Conv2dOptions(in, out, k).padding(k / 2));
    compare(ours, theirs, {5, in, size, size});
  }
  const auto with_mode = [](auto mode, auto their_mode) {
    bridge::seed(8);
    taper::nn::Conv2d ours(taper::nn::Conv2dOptions(3, 4, {3, 5}).padding({1, 2}).stride(2).padding_mode(mode));
    torch::nn::Conv2d theirs(torch::nn::Conv2dOptions(3, 4, {3, 5}).padding({1, 2}).stride(2).padding_mode(their_mode));
    compare(ours, theirs, {2, 3, 7, 6});
    bridge::seed(8);
    taper::nn::Conv1d line(taper::nn::Conv1dOptions(3, 4, 3).padding(2).padding_mode(mode));
    torch::nn::Conv1d their_line(torch::nn::Conv1dOptions(3, 4, 3).padding(2).padding_mode(their_mode));
    compare(line, their_line, {2, 3, 7});
  };
  with_mode(taper::kReflect, torch::kReflect);
  with_mode(taper::kReplicate, torch::kReplicate);
  with_mode(taper::kCircular, torch::kCircular);
}

TEST_CASE("conv2d: second derivatives equal libtorch's") {
  taper::manual_seed(9);
  const auto f64 = taper::kFloat64;
  const taper::Tensor x = taper::randn({2, 4, 6, 5}, f64).requires_grad_();
  const taper::Tensor w = taper::randn({6, 2, 3, 2}, f64).requires_grad_();
  const torch::Tensor tx = to_torch(x).requires_grad_(), tw = to_torch(w).requires_grad_();
  const taper::Tensor y = taper::conv2d(x, w, {}, 2, 1, 1, 2);
  const torch::Tensor ty = torch::conv2d(tx, tw, {}, 2, 1, 1, 2);
  const taper::Tensor dy = taper::randn(y.sizes(), f64);
  const auto d = taper::autograd::grad({y}, {x, w}, {dy}, true, true);
  const auto td = torch::autograd::grad({ty}, {tx, tw}, {to_torch(dy)}, true, true);
  (d[0].square().sum() + d[1].square().sum()).backward();
  (td[0].square().sum() + td[1].square().sum()).backward();
  CHECK(max_difference(x.grad(), tx.grad()) < 1e-10);
  CHECK(max_difference(w.grad(), tw.grad()) < 1e-10);
}
