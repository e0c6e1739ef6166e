// BatchNorm against libtorch: outputs, gradients and running statistics over several training steps, and evaluation.
#include "catch.h"
#include "compare.h"

#include <taper/autograd/autograd.h>
#include <taper/core/random.h>
#include <taper/layers/batchnorm.h>

namespace {

using bridge::max_difference;
using bridge::to_torch;

struct Case {
  std::vector<int64_t> sizes;
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;
  bool affine = true, track = true;
};

const std::vector<Case> kCases = {
    {{64, 512}},
    {{60, 100}},
    {{2, 3}},
    {{33, 17}},
    {{8, 5, 9}},
    {{64, 16, 28, 28}},
    {{4, 3, 1, 1}},
    {{3, 70, 2, 2}},
    {{16, 5}, 1e-3, 0.5},
    {{16, 5}, 1e-5, std::nullopt},
    {{16, 5}, 1e-5, 0.0},
    {{16, 5}, 1e-5, 1.0},
    {{16, 5}, 1e-5, 0.1, false},
    {{16, 5}, 1e-5, 0.1, true, false},
    {{4, 6, 3, 5}, 1e-5, 0.1, false, false},
};

template <class Ours, class Theirs>
void check(const Case& c, taper::ScalarType dtype) {
  INFO("sizes " << taper::detail::str(taper::IntArrayRef(c.sizes)) << ", " << taper::to_string(dtype));
  const double tolerance = dtype == taper::kFloat32 ? 1e-5 : 1e-12;
  const int64_t C = c.sizes[1];
  Ours ours(
      taper::nn::BatchNormOptions(C).eps(c.eps).momentum(c.momentum).affine(c.affine).track_running_stats(c.track));
  Theirs theirs(torch::nn::BatchNormOptions(C)
                    .eps(c.eps)
                    .momentum(c.momentum ? c10::optional<double>(*c.momentum) : c10::nullopt)
                    .affine(c.affine)
                    .track_running_stats(c.track));
  ours->to(dtype);
  theirs->to(bridge::counterpart(dtype));
  if (c.affine) {
    const taper::NoGradGuard no_grad;
    const torch::NoGradGuard no_grad_either;
    ours->weight.copy_(taper::randn({C}));
    ours->bias.copy_(taper::randn({C}));
    theirs->weight.copy_(to_torch(ours->weight));
    theirs->bias.copy_(to_torch(ours->bias));
  }
  for (int step = 0; step < 5; ++step) {
    if (step == 3) {
      ours->eval();
      theirs->eval();
    }
    const taper::Tensor x = (taper::randn(c.sizes, dtype) * 2 + 3).requires_grad_(), dy = taper::randn(c.sizes, dtype);
    const torch::Tensor tx = to_torch(x).requires_grad_();
    if (c.affine) {
      ours->zero_grad();
      theirs->zero_grad();
    }
    const taper::Tensor y = ours(x);
    const torch::Tensor ty = theirs(tx);
    y.backward(dy);
    ty.backward(to_torch(dy));
    CHECK(max_difference(y, ty) < tolerance);
    CHECK(max_difference(x.grad(), tx.grad()) < tolerance);
    if (c.affine) {
      const double sums = tolerance * std::sqrt(static_cast<double>(x.numel() / C));
      CHECK(max_difference(ours->weight.grad(), theirs->weight.grad()) < sums);
      CHECK(max_difference(ours->bias.grad(), theirs->bias.grad()) < sums);
    }
    if (c.track) {
      CHECK(max_difference(ours->running_mean, theirs->running_mean) < tolerance);
      CHECK(max_difference(ours->running_var, theirs->running_var) < tolerance);
      // libtorch's Module::to converts integer buffers too
      CHECK(max_difference(ours->num_batches_tracked, theirs->num_batches_tracked.to(torch::kLong)) == 0);
    }
  }
}

}  // namespace

TEST_CASE("BatchNorm: three training steps and two of evaluation equal libtorch's") {
  taper::manual_seed(0);
  for (const Case& c : kCases) {
    for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
      if (c.sizes.size() == 4) {
        check<taper::nn::BatchNorm2d, torch::nn::BatchNorm2d>(c, dtype);
      } else {
        check<taper::nn::BatchNorm1d, torch::nn::BatchNorm1d>(c, dtype);
      }
    }
  }
}

TEST_CASE("BatchNorm: second derivatives equal libtorch's") {
  taper::manual_seed(1);
  for (const bool training : {true, false}) {
    taper::nn::BatchNorm1d ours(4);
    torch::nn::BatchNorm1d theirs(4);
    ours->to(taper::kFloat64);
    theirs->to(torch::kDouble);
    ours->train(training);
    theirs->train(training);
    const taper::Tensor x = taper::randn({6, 4}, taper::kFloat64).requires_grad_(),
                        dy = taper::randn({6, 4}, taper::kFloat64);
    const torch::Tensor tx = to_torch(x).requires_grad_();
    // y^2 rather than y: in evaluation mode y is linear in x
    const auto y = ours(x).square();
    const auto ty = theirs(tx).square();
    const auto dx = taper::autograd::grad({y}, {x}, {dy}, true, true)[0];
    const auto tdx = torch::autograd::grad({ty}, {tx}, {to_torch(dy)}, true, true)[0];
    CHECK(max_difference(dx, tdx) < 1e-12);
    dx.square().sum().backward();
    tdx.square().sum().backward();
    CHECK(max_difference(x.grad(), tx.grad()) < 1e-11);
    CHECK(max_difference(ours->weight.grad(), theirs->weight.grad()) < 1e-11);
  }
}

TEST_CASE("BatchNorm: where libtorch's training formula cancels, ours does not") {
  taper::manual_seed(2);
  const taper::Tensor x = taper::randn({64, 8}) + 1e6;
  torch::nn::BatchNorm1d exact(8);
  exact->to(torch::kDouble);
  const torch::Tensor wanted = exact(to_torch(x).to(torch::kDouble));
  taper::nn::BatchNorm1d ours(8);
  CHECK(max_difference(ours(x).to(taper::kFloat64), wanted) < 2e-6);
  CHECK(max_difference(ours->running_mean.to(taper::kFloat64), exact->running_mean) <
        0.01);  // half a unit of float at 1e5
}

TEST_CASE("BatchNorm prints as libtorch's, with taper's name") {
  compare::check_printed(SIDES(N::nn::BatchNorm1d(16)));
  compare::check_printed(
      SIDES(N::nn::BatchNorm2d(N::nn::BatchNormOptions(3).eps(1e-3).momentum(N::nullopt).affine(false))));
}
