// LayerNorm, GroupNorm and InstanceNorm. Equality with libtorch is tested in tests/torch/test_normalization.cpp.
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "catch.h"

#include <limits>

using namespace taper;
using Catch::Matchers::ContainsSubstring;
namespace F = taper::nn::functional;

TEST_CASE("layer, group and instance norm leave mean 0 and variance 1 where they normalise") {
  manual_seed(0);
  const Tensor x = randn({3, 6, 5, 4}, kFloat64) * 3 + 7;
  const auto is_normal = [](const Tensor& rows) {
    return rows.mean(IntArrayRef(1)).abs().max().item<double>() < 1e-12 &&
           (rows.var(IntArrayRef(1), false) - 1).abs().max().item<double>() < 1e-5;
  };
  CHECK(is_normal(layer_norm(x, {5, 4}).view({18, 20})));
  CHECK(is_normal(layer_norm(x, {6, 5, 4}).view({3, 120})));
  CHECK(is_normal(group_norm(x, 2).view({6, 60})));
  CHECK(is_normal(instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5).view({18, 20})));
  CHECK(group_norm(x, 6).allclose(instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5), 1e-5, 1e-6));
  CHECK(group_norm(x, 1).equal(layer_norm(x, {6, 5, 4})));
}

TEST_CASE("statistics hold where the mean dwarfs the deviation, and constant rows give the bias") {
  manual_seed(1);
  const Tensor x = randn({4, 64});
  const Tensor far = (x + 1e6f).to(kFloat64);
  CHECK(layer_norm(far.to(kFloat32), 64).to(kFloat64).allclose(layer_norm(far, 64), 1e-5, 1e-5));
  const Tensor bias = randn({64});
  CHECK(layer_norm(full({2, 64}, 1e7), 64, {}, bias).equal(bias.expand({2, 64})));
  CHECK(layer_norm(randn({5, 1}), 1, {}, ones({1})).equal(ones({5, 1})));
  CHECK(group_norm(randn({5, 4}), 4).equal(zeros({5, 4})));
}

TEST_CASE("samples do not see each other: a NaN stays in its own") {
  manual_seed(2);
  Tensor x = randn({3, 4, 5});
  const Tensor clean = layer_norm(x, {4, 5});
  x[1][2][3].fill_(std::numeric_limits<float>::quiet_NaN());
  const Tensor y = layer_norm(x, {4, 5});
  CHECK(y[0].equal(clean[0]));
  CHECK(y[2].equal(clean[2]));
  CHECK(y[1].isnan().all().item<bool>());
}

TEST_CASE("InstanceNorm tracks the average of the samples, but no batch with NaN, and evaluates by it") {
  manual_seed(3);
  nn::InstanceNorm2d norm(nn::InstanceNorm2dOptions(3).track_running_stats(true).momentum(0.25));
  const Tensor x = randn({4, 3, 5, 2}) * 2 + 1;
  norm(x);
  CHECK(norm->running_mean.allclose(0.25 * x.mean({0, 2, 3}), 1e-5, 1e-6));
  CHECK(norm->running_var.allclose(0.75 + 0.25 * x.var({2, 3}).mean(IntArrayRef(0)), 1e-5, 1e-6));
  const Tensor mean = norm->running_mean.clone(), var = norm->running_var.clone();
  const Tensor broken = x.clone();
  broken[0][0][0][0].fill_(std::numeric_limits<float>::infinity());
  norm(broken);
  CHECK(norm->running_mean.equal(mean));
  CHECK(norm->running_var.equal(var));
  norm->eval();
  CHECK(norm(x).allclose((x - mean.view({3, 1, 1})) / (var.view({3, 1, 1}) + 1e-5).sqrt(), 1e-5, 1e-5));
  CHECK(norm(x[1]).allclose(norm(x)[1]));
  CHECK(norm->num_batches_tracked.item<int64_t>() == 0);
}

TEST_CASE("any layout, one row, empty batches and their gradients") {
  manual_seed(4);
  const Tensor x = randn({4, 6, 5});
  const Tensor strided = x.transpose(1, 2).contiguous().transpose(1, 2);
  CHECK(layer_norm(strided, {6, 5}).equal(layer_norm(x, {6, 5})));
  CHECK(group_norm(strided, 3).equal(group_norm(x, 3)));
  nn::InstanceNorm1d norm(6);
  CHECK(norm(strided).equal(norm(x)));
  CHECK(norm(x[2]).equal(norm(x)[2]));
  nn::LayerNorm layer(nn::LayerNormOptions({6, 5}));
  CHECK(layer(x[0]).allclose(layer(x)[0]));
  const Tensor none = layer(x.narrow(0, 0, 0));
  CHECK(none.sizes() == IntArrayRef({0, 6, 5}));
  none.sum().backward();
  CHECK(layer->weight.grad().equal(zeros({6, 5})));
}

TEST_CASE("layer, group and instance norm: misuse is an error that says what must hold") {
  const Tensor x = zeros({2, 6, 5});
  CHECK_THROWS_WITH(layer_norm(x, 6),
                    "layer_norm: the last dimensions of the input must be normalized_shape; got input sizes [2, 6, 5] "
                    "and normalized_shape [6]");
  CHECK_THROWS_WITH(layer_norm(x, IntArrayRef()),
                    "layer_norm: normalized_shape must name at least one dimension; got []");
  CHECK_THROWS_WITH(layer_norm(x, 5, ones({4})),
                    "layer_norm: weight must have sizes [5]; got [4] for input of sizes [2, 6, 5]");
  CHECK_THROWS_WITH(layer_norm(x, 5, {}, zeros({5}, kFloat64)),
                    "layer_norm: input and bias must have one dtype; got Float and Double; convert the layer or the "
                    "input with .to()");
  CHECK_THROWS_WITH(group_norm(x, 4),
                    "group_norm: num_groups must divide the channels (dim 1) of the input; got 4 and input sizes "
                    "[2, 6, 5]");
  CHECK_THROWS_WITH(nn::GroupNorm(4, 6), "GroupNorm: num_groups must divide num_channels; got 4 and 6");
  CHECK_THROWS_WITH(layer_norm(x, 5, {}, {}, -1), "layer_norm: eps must not be negative; got -1");
  CHECK_THROWS_WITH(instance_norm(x.narrow(2, 0, 1), {}, {}, {}, {}, true, 0.1, 1e-5),
                    "instance_norm: a channel of a sample needs more than one value, or the variance is 0 and every "
                    "output is the bias; got input of sizes [2, 6, 1]");
  CHECK_THROWS_WITH(instance_norm(x, {}, {}, {}, {}, false, 0.1, 1e-5),
                    "instance_norm: without use_input_stats, running_mean must be given");
  nn::InstanceNorm2d norm(6);
  CHECK_THROWS_WITH(norm(zeros({2, 6})),
                    "InstanceNorm2d: the input must be [N, C, H, W] or [C, H, W]; got sizes [2, 6] (in module "
                    "InstanceNorm2d)");
}

TEST_CASE("normalize divides by the norm, but not by less than eps, into `out` where it is given") {
  const Tensor x = tensor({{3., 4.}, {0., 0.}}, kFloat64);
  CHECK(allclose(F::normalize(x), tensor({{0.6, 0.8}, {0., 0.}}, kFloat64)));
  CHECK(allclose(F::normalize(x, F::NormalizeFuncOptions().p(1).dim(-1)),
                 tensor({{3. / 7, 4. / 7}, {0., 0.}}, kFloat64)));
  CHECK(
      allclose(F::normalize(x, F::NormalizeFuncOptions().dim(0).eps(8)), tensor({{3. / 8, 0.5}, {0., 0.}}, kFloat64)));
  const Tensor out = empty({0}, kFloat64);
  CHECK(F::normalize(x, F::NormalizeFuncOptions().out(out)).is_same(out));
  CHECK(equal(out, F::normalize(x)));
  CHECK(F::normalize(x, F::NormalizeFuncOptions().out(empty({2, 2}))).dtype() == kFloat32);
  const Tensor leaf = x.clone().requires_grad_();
  CHECK_THROWS_WITH(F::normalize(leaf, F::NormalizeFuncOptions().out(out)), ContainsSubstring("derivative"));
  CHECK_THROWS_AS(F::normalize(x, F::NormalizeFuncOptions().out(empty({2, 2}, kInt64))), TypeError);
  CHECK_THROWS_AS(F::normalize(ones({2, 2}, kInt64)), Error);
}
