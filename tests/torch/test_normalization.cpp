// LayerNorm, GroupNorm, InstanceNorm, BatchNorm3d and Dropout2d against libtorch: outputs, gradients, buffers, text.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

namespace {

using namespace compare;
using bridge::to_torch;

// Three training steps and one of evaluation on the same values, weights first drawn alike.
template <class Ours, class Theirs>
void same(const std::pair<Ours, Theirs>& models, const std::vector<Sizes>& inputs) {
  check_printed(models);
  std::mt19937 engine(6);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    Ours ours(std::dynamic_pointer_cast<typename Ours::ContainedType>(models.first->clone()));
    Theirs theirs(std::dynamic_pointer_cast<typename Theirs::ContainedType>(models.second->clone()));
    ours->to(dtype);
    theirs->to(bridge::counterpart(dtype));
    const double tolerance = dtype == taper::kFloat32 ? 2e-5 : 1e-12;
    const auto parameters = theirs->named_parameters();
    {
      const taper::NoGradGuard no_grad;
      const torch::NoGradGuard no_grad_either;
      for (const auto& p : ours->named_parameters()) {
        const auto sizes = p.value().sizes();
        taper::Tensor mine = p.value();
        mine.copy_(draw(sizes.vec(), {-2, 2}, Values::Uniform, engine));
        at::Tensor other = parameters[p.key()];
        other.copy_(to_torch(mine));
      }
    }
    for (const Sizes& sizes : inputs) {
      for (int step = 0; step < 4; ++step) {
        INFO(support::printed(ours) << " of " << taper::detail::str(taper::IntArrayRef(sizes)) << " "
                                    << taper::to_string(dtype) << ", step " << step);
        ours->train(step < 3);
        theirs->train(step < 3);
        ours->zero_grad();
        theirs->zero_grad();
        bridge::seed(8);
        const taper::Tensor x = (draw(sizes, {-2, 2}, Values::Uniform, engine).to(dtype) + 3).detach().requires_grad_();
        const at::Tensor tx = to_torch(x).requires_grad_();
        const taper::Tensor y = ours(x);
        const at::Tensor ty = theirs(tx);
        CHECK(relative_difference(y, ty) <= tolerance);
        const taper::Tensor dy = draw(y.sizes().vec(), {-1, 1}, Values::Uniform, engine).to(dtype);
        y.backward(dy);
        ty.backward(to_torch(dy));
        CHECK(relative_difference(x.grad(), tx.grad()) <= tolerance);
        for (const auto& p : ours->named_parameters())
          CHECK(relative_difference(p.value().grad(), parameters[p.key()].grad()) <= tolerance);
        const auto buffers = theirs->named_buffers();
        for (const auto& b : ours->named_buffers()) {
          if (b.key() == "num_batches_tracked") continue;  // libtorch's Module::to converts it
          CHECK(relative_difference(b.value(), buffers[b.key()]) <= tolerance);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("LayerNorm equals libtorch's") {
  same(SIDES(N::nn::LayerNorm(N::nn::LayerNormOptions({6}))), {{4, 6}, {2, 3, 6}, {6}, {0, 6}, {100, 6}});
  same(SIDES(N::nn::LayerNorm(N::nn::LayerNormOptions({3, 40}).eps(1e-3))), {{7, 3, 40}, {2, 5, 3, 40}});
  same(SIDES(N::nn::LayerNorm(N::nn::LayerNormOptions({5}).elementwise_affine(false))), {{4, 5}});
}

TEST_CASE("GroupNorm equals libtorch's") {
  same(SIDES(N::nn::GroupNorm(2, 6)), {{4, 6, 3, 5}, {3, 6}, {2, 6, 7}, {64, 6, 9, 9}});
  same(SIDES(N::nn::GroupNorm(1, 4)), {{4, 4, 3}});
  same(SIDES(N::nn::GroupNorm(N::nn::GroupNormOptions(4, 4).affine(false).eps(0.1))), {{4, 4, 3}});
}

TEST_CASE("InstanceNorm equals libtorch's, running statistics included") {
  same(SIDES(N::nn::InstanceNorm1d(3)), {{4, 3, 7}, {3, 7}});
  same(SIDES(N::nn::InstanceNorm2d(3)), {{4, 3, 5, 6}, {3, 4, 4}});
  same(SIDES(
           N::nn::InstanceNorm2d(N::nn::InstanceNorm2dOptions(3).affine(true).track_running_stats(true).momentum(0.3))),
       {{4, 3, 5, 6}, {8, 3, 9, 2}});
  same(SIDES(N::nn::InstanceNorm1d(N::nn::InstanceNorm1dOptions(5).affine(true).eps(0.01))), {{2, 5, 33}});
}

TEST_CASE("BatchNorm3d equals libtorch's") { same(SIDES(N::nn::BatchNorm3d(3)), {{2, 3, 4, 5, 2}, {3, 3, 1, 2, 2}}); }

TEST_CASE("Dropout2d drops libtorch's channels") {
  same(SIDES(N::nn::Dropout2d(0.4)), {{4, 5, 3, 2}, {6, 3, 2}, {8, 33, 2, 2}});
  same(SIDES(N::nn::Dropout2d(1.0)), {{4, 5, 3, 2}});
}
