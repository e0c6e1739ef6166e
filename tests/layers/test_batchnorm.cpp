// BatchNorm1d and BatchNorm2d: the derivatives, the rules that users of PyTorch rely on, and the faults of others. The
// accuracy of the kernels on hostile input is tested in tests/core/kernels/test_batchnorm_kernel.cpp, equality with
// libtorch in tests/torch/test_batchnorm.cpp.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/autograd/autograd.h>
#include <taper/autograd/ops/batchnorm.h>
#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/layers/batchnorm.h>

#include <cmath>

using namespace taper;
using namespace taper::nn;
using namespace support;
namespace F = taper::nn::functional;

namespace {

using Tensors = std::vector<Tensor>;

// batch_norm in elementary operations.
Tensor batch_norm_composed(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  std::vector<int64_t> dims{0}, per_channel(static_cast<size_t>(x.dim()), 1);
  for (int64_t d = 2; d < x.dim(); ++d) dims.push_back(d);
  per_channel[1] = x.size(1);
  const Tensor deviation = x - x.mean(dims, true);
  Tensor y = deviation / ((deviation * deviation).mean(dims, true) + eps).sqrt();
  if (weight.defined()) y = y * weight.view(per_channel);
  return bias.defined() ? y + bias.view(per_channel) : y;
}

// At most 8 values a channel: with more, the differences that gradcheck takes lose too many digits.
const std::vector<std::vector<int64_t>> kTiny{{4, 3}, {8, 2}, {2, 3, 3}, {2, 2, 2, 2}, {2, 1}};

Tensor copy_of(const Tensor& t) { return t.detach().clone(); }

// Running statistics as they are, for "nothing has changed".
struct Snapshot {
  explicit Snapshot(const BatchNorm1d& bn)
      : mean(copy_of(bn->running_mean)), var(copy_of(bn->running_var)), count(copy_of(bn->num_batches_tracked)) {}
  bool same(const BatchNorm1d& bn) const {
    return mean.equal(bn->running_mean) && var.equal(bn->running_var) && count.equal(bn->num_batches_tracked);
  }
  Tensor mean, var, count;
};

}  // namespace

// ---- derivatives ----------------------------------------------------------------------------------------------------

TEST_CASE("batch norm: first and second derivatives in training mode") {
  manual_seed(0);
  for (const auto& sizes : kTiny) {
    const int64_t C = sizes[1];
    const auto affine = [](const Tensors& in) {
      return Tensors{batch_norm(in[0], in[1], in[2], {}, {}, true, 0.1, 1e-5)};
    };
    const auto plain = [](const Tensors& in) { return Tensors{batch_norm(in[0], {}, {}, {}, {}, true, 0.1, 1e-5)}; };
    const auto scaled = [](const Tensors& in) {
      return Tensors{batch_norm(in[0], in[1], {}, {}, {}, true, 0.1, 1e-3)};
    };
    CHECK(autograd::gradcheck(affine, {leaf(sizes), leaf({C}), leaf({C})}));
    CHECK(autograd::gradgradcheck(affine, {leaf(sizes), leaf({C}), leaf({C})}));
    CHECK(autograd::gradcheck(plain, {leaf(sizes)}));
    CHECK(autograd::gradgradcheck(plain, {leaf(sizes)}));
    CHECK(autograd::gradcheck(scaled, {leaf(sizes), leaf({C})}));
  }
}

TEST_CASE("batch norm: first and second derivatives in evaluation mode (fault: evaluation-mode backward wrong)") {
  manual_seed(1);
  for (const auto& sizes : kTiny) {
    const int64_t C = sizes[1];
    const Tensor mean = randn({C}, kFloat64), var = rand({C}, kFloat64) + 0.5;
    const auto f = [&](const Tensors& in) {
      return Tensors{batch_norm(in[0], in[1], in[2], mean, var, false, 0.1, 1e-5)};
    };
    CHECK(autograd::gradcheck(f, {leaf(sizes), leaf({C}), leaf({C})}));
    CHECK(autograd::gradgradcheck(f, {leaf(sizes), leaf({C}), leaf({C})}));
    const auto plain = [&](const Tensors& in) {
      return Tensors{batch_norm(in[0], {}, {}, mean, var, false, 0.1, 1e-5)};
    };
    CHECK(autograd::gradcheck(plain, {leaf(sizes)}));
  }
}

TEST_CASE("batch norm: fused forward and backward equal the composition of elementary operations") {
  manual_seed(2);
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{60, 100}, {17, 5, 9}, {4, 7, 6, 5}}) {
    const int64_t C = sizes[1];
    const Tensor x = leaf(sizes), w = leaf({C}), b = leaf({C}), dy = randn(sizes, kFloat64);
    const Tensor fused = batch_norm(x, w, b, {}, {}, true, 0.1, 1e-5), composed = batch_norm_composed(x, w, b, 1e-5);
    CHECK(largest_difference(fused, composed) < 1e-13);
    const Tensors a = autograd::grad({fused}, {x, w, b}, {dy}), c = autograd::grad({composed}, {x, w, b}, {dy});
    for (size_t i = 0; i < 3; ++i) CHECK(largest_difference(a[i], c[i]) < 1e-12);
  }
}

TEST_CASE("batch norm: the derivative under create_graph equals the fused one, in both modes") {
  manual_seed(2);
  for (const bool training : {true, false}) {
    for (const auto& sizes : kTiny) {
      const int64_t C = sizes[1];
      const Tensor x = leaf(sizes), w = leaf({C}), b = leaf({C}), dy = randn(sizes, kFloat64);
      const Tensor mean = randn({C}, kFloat64), var = rand({C}, kFloat64) + 0.5;
      const auto gradients = [&](bool create_graph) {
        const Tensor y = batch_norm(x, w, b, mean, var, training, 0, 1e-5);
        return autograd::grad({y}, {x, w, b}, {dy}, true, create_graph);
      };
      const Tensors fused = gradients(false), composed = gradients(true);
      for (size_t i = 0; i < 3; ++i) CHECK(largest_difference(fused[i], composed[i]) < 1e-12);
    }
  }
}

TEST_CASE("batch norm: a cotangent of ones has gradient 0, a random one has not (fault: gradients tested with ones)") {
  manual_seed(3);
  const Tensor x = leaf({6, 2});
  const Tensor y = batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5);
  CHECK(largest_difference(autograd::grad({y}, {x}, {ones({6, 2}, kFloat64)}, true)[0], zeros({6, 2})) < 1e-12);
  CHECK(largest_difference(autograd::grad({y}, {x}, {randn({6, 2}, kFloat64)})[0], zeros({6, 2})) > 0.01);
}

TEST_CASE("batch norm: the gradient in float matches double where the mean is a million times the deviation") {
  manual_seed(4);
  const Tensor x = (randn({32, 3}) + 1e6).requires_grad_(), dy = randn({32, 3});
  const Tensor exact = x.detach().to(kFloat64).requires_grad_();
  const Tensor dx = autograd::grad({batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5)}, {x}, {dy})[0];
  const Tensor graph_dx = autograd::grad({batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5)}, {x}, {dy}, true, true)[0];
  const Tensor wanted =
      autograd::grad({batch_norm(exact, {}, {}, {}, {}, true, 0.1, 1e-5)}, {exact}, {dy.to(kFloat64)})[0];
  CHECK(largest_difference(dx, wanted) < 3e-6);
  CHECK(largest_difference(graph_dx, wanted) < 3e-6);
}

TEST_CASE("batch norm: only the gradients asked for, and inputs that do not require grad") {
  manual_seed(5);
  const Tensor x = randn({4, 3}), w = ones({3}).requires_grad_();
  const Tensor y = batch_norm(x, w, {}, {}, {}, true, 0.1, 1e-5);
  y.backward(randn({4, 3}));
  CHECK(w.grad().defined());
  CHECK_FALSE(x.grad().defined());
  const NoGradGuard no_grad;
  CHECK_FALSE(batch_norm(x, w, {}, {}, {}, true, 0.1, 1e-5).requires_grad());
}

TEST_CASE("batch norm: an input changed in place after forward is an error in backward") {
  const Tensor leaf_x = randn({4, 3}).requires_grad_();
  Tensor x = leaf_x * 2;
  const Tensor y = batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5).sum();
  x.add_(1);
  REQUIRE_THROWS_WITH(y.backward(), ContainsSubstring("NativeBatchNormBackward0"));
}

TEST_CASE("batch norm: running statistics may change between forward and backward in evaluation mode") {
  manual_seed(6);
  BatchNorm1d bn(3);
  bn->eval();
  const Tensor x = randn({4, 3}).requires_grad_(), dy = randn({4, 3});
  const Tensor y = bn(x);
  bn->running_var.fill_(100);
  y.backward(dy);
  CHECK(largest_difference(x.grad(), dy / std::sqrt(1 + 1e-5)) < 1e-6);
}

// ---- the rules ------------------------------------------------------------------------------------------------------

TEST_CASE("BatchNorm: initial values") {
  BatchNorm1d bn(5);
  CHECK(bn->weight.equal(ones({5})));
  CHECK(bn->bias.equal(zeros({5})));
  CHECK(bn->running_mean.equal(zeros({5})));
  CHECK(bn->running_var.equal(ones({5})));
  CHECK(bn->num_batches_tracked.dtype() == kInt64);
  CHECK(bn->num_batches_tracked.item<int64_t>() == 0);
  CHECK(bn->weight.requires_grad());
  CHECK(bn->num_skipped_batches() == 0);
}

TEST_CASE("BatchNorm: momentum weighs the new value, running_var is unbiased (fault: biased variance tracked)") {
  BatchNorm1d bn(BatchNormOptions(1).momentum(0.3));
  bn(tensor({{1.f}, {2.f}, {6.f}}));  // mean 3, squared deviations 4 + 1 + 9
  CHECK(bn->running_mean.item<double>() == Approx(0.7 * 0 + 0.3 * 3));
  CHECK(bn->running_var.item<double>() == Approx(0.7 * 1 + 0.3 * 14 / 2));
  CHECK(bn->num_batches_tracked.item<int64_t>() == 1);
  bn(tensor({{0.f}, {0.f}, {3.f}}));  // mean 1, squared deviations 1 + 1 + 4
  CHECK(bn->running_mean.item<double>() == Approx(0.7 * 0.9 + 0.3 * 1));
  CHECK(bn->running_var.item<double>() == Approx(0.7 * 2.8 + 0.3 * 3));
}

TEST_CASE("BatchNorm: without momentum the running statistics are the average over all batches") {
  BatchNorm1d bn(BatchNormOptions(1).momentum(nullopt));
  double means = 0, vars = 0;
  for (int k = 1; k <= 4; ++k) {
    bn(tensor({{1.f * k}, {2.f * k}, {6.f * k}}));
    means += 3 * k;
    vars += 7 * k * k;
    CHECK(bn->running_mean.item<double>() == Approx(means / k));
    CHECK(bn->running_var.item<double>() == Approx(vars / k));
  }
}

TEST_CASE("BatchNorm: momentum 0 never updates") {
  BatchNorm1d bn(BatchNormOptions(2).momentum(0));
  bn(randn({8, 2}) * 5 + 3);
  CHECK(bn->running_mean.equal(zeros({2})));
  CHECK(bn->running_var.equal(ones({2})));
}

TEST_CASE("BatchNorm: evaluation uses the running statistics whatever the batch size (fault: mode guessed from it)") {
  manual_seed(7);
  BatchNorm1d bn(2);
  for (int i = 0; i < 200; ++i) bn(randn({64, 2}) * 2 + 10);
  bn->eval();
  const Snapshot before(bn);
  for (int64_t n : {1, 2, 64}) {
    const Tensor x = randn({n, 2}) * 2 + 10;
    CHECK(largest_difference(bn(x), (x - bn->running_mean) / (bn->running_var + 1e-5).sqrt()) < 1e-5);
  }
  CHECK(before.same(bn));
  // and training uses the batch, also a batch of one sample
  bn->train();
  const Tensor y = bn(randn({1, 2, 50}) + 1000);
  CHECK(std::fabs(y.mean().item<double>()) < 1e-5);
}

TEST_CASE(
    "BatchNorm: without affine there are no parameters, without tracking no buffers and always batch statistics") {
  manual_seed(8);
  BatchNorm1d bn(BatchNormOptions(3).affine(false).track_running_stats(false));
  CHECK(bn->parameters().empty());
  CHECK(bn->buffers().empty());
  CHECK(bn->state_dict().size() == 0);
  const Tensor x = randn({5, 3}) + 7;
  const Tensor trained = bn(x);
  bn->eval();
  CHECK(bn(x).equal(trained));
  CHECK_THROWS_AS(bn(randn({1, 3})), ValueError);
  CHECK(bn->num_skipped_batches() == 0);
}

TEST_CASE("BatchNorm: one value a channel in training is an error and nothing changes (fault: running_var NaN)") {
  BatchNorm1d bn(3);
  bn(randn({4, 3}));
  const Snapshot before(bn);
  REQUIRE_THROWS_WITH(bn(randn({1, 3})),
                      ContainsSubstring("more than one value for each channel") && ContainsSubstring("[1, 3]"));
  REQUIRE_THROWS_AS(bn(randn({1, 3, 1})), ValueError);
  CHECK(before.same(bn));
  bn->eval();
  CHECK_NOTHROW(bn(randn({1, 3})));
  BatchNorm2d two(3);
  REQUIRE_THROWS_WITH(two(randn({1, 3, 1, 1})), ContainsSubstring("[1, 3, 1, 1]"));
  CHECK(two->num_batches_tracked.item<int64_t>() == 0);
}

TEST_CASE("BatchNorm: an empty batch gives an empty result and changes nothing") {
  BatchNorm1d bn(3);
  const Snapshot before(bn);
  const Tensor x = zeros({0, 3}).requires_grad_();
  const Tensor y = bn(x);
  CHECK(y.sizes() == IntArrayRef({0, 3}));
  CHECK(before.same(bn));
  y.sum().backward();
  CHECK(x.grad().sizes() == IntArrayRef({0, 3}));
  CHECK(bn->weight.grad().equal(zeros({3})));
  bn->eval();
  CHECK(bn(zeros({0, 3})).numel() == 0);
  CHECK(bn(zeros({2, 3, 0})).numel() == 0);
}

TEST_CASE("BatchNorm: wrong input is refused before anything changes, and the message names what was given") {
  BatchNorm1d bn(3);
  const Snapshot before(bn);
  CHECK_THROWS_WITH(bn(randn({3})), ContainsSubstring("[N, C] or [N, C, L]") && ContainsSubstring("[3]"));
  CHECK_THROWS_WITH(bn(randn({2, 3, 4, 5})), ContainsSubstring("BatchNorm2d"));
  CHECK_THROWS_WITH(bn(randn({2, 4})), ContainsSubstring("[3]") && ContainsSubstring("[2, 4]"));
  CHECK_THROWS_AS(bn(randn({2, 3}, kFloat64)), TypeError);
  CHECK_THROWS_AS(bn(ones({2, 3}, kInt64)), TypeError);
  CHECK_THROWS_AS(bn(Tensor()), Error);
  CHECK_THROWS_WITH(BatchNorm2d(3)(randn({2, 3})), ContainsSubstring("BatchNorm1d"));
  CHECK_THROWS_AS(BatchNorm1d(-1), ValueError);
  CHECK_THROWS_AS(BatchNorm1d(BatchNormOptions(3).eps(-1)), ValueError);
  CHECK_THROWS_AS(BatchNorm1d(BatchNormOptions(3).momentum(1.5)), ValueError);
  CHECK(before.same(bn));
}

TEST_CASE("BatchNorm: buffers are saved and no parameters (fault: optimised or decayed)") {
  BatchNorm1d bn(3);
  CHECK(bn->named_parameters().keys() == std::vector<std::string>{"weight", "bias"});
  CHECK(bn->named_buffers().keys() == std::vector<std::string>{"running_mean", "running_var", "num_batches_tracked"});
  CHECK(bn->state_dict().keys() ==
        std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"});
  bn(randn({4, 3}).requires_grad_()).sum().backward();
  for (const Tensor& buffer : bn->buffers()) {
    CHECK_FALSE(buffer.requires_grad());
    CHECK_FALSE(buffer.grad().defined());
  }
}

TEST_CASE("BatchNorm: a clone has its own gamma, beta and statistics (fault: lost in clone or save)") {
  manual_seed(9);
  BatchNorm1d bn(3);
  {
    const NoGradGuard no_grad;
    bn->weight.copy_(randn({3}));
    bn->bias.copy_(randn({3}));
  }
  bn(randn({4, 3}) + 2);
  const auto copy = std::dynamic_pointer_cast<BatchNorm1dImpl>(bn->clone());
  REQUIRE(copy);
  BatchNorm1d twin(copy);
  CHECK(twin->weight.equal(bn->weight));
  CHECK(twin->bias.equal(bn->bias));
  CHECK(Snapshot(bn).same(twin));
  const Snapshot before(bn);
  twin(randn({4, 3}) - 5);
  CHECK(before.same(bn));
  CHECK_FALSE(twin->weight.is_alias_of(bn->weight));
  CHECK(twin->parameters()[0].is_same(twin->weight));
  BatchNorm1d loaded(3);
  loaded->load_state_dict(bn->state_dict());
  CHECK(loaded->weight.equal(bn->weight));
  CHECK(Snapshot(bn).same(loaded));
}

TEST_CASE("BatchNorm: a state dict without num_batches_tracked is accepted and the count kept") {
  BatchNorm1d old(2), bn(2);
  old(randn({4, 2}) + 3);
  bn(randn({4, 2}));
  bn(randn({4, 2}));
  auto state = old->state_dict();
  state.erase("num_batches_tracked");
  bn->load_state_dict(state);
  CHECK(bn->running_mean.equal(old->running_mean));
  CHECK(bn->num_batches_tracked.item<int64_t>() == 2);
  state.erase("running_mean");
  CHECK_THROWS_WITH(bn->load_state_dict(state), ContainsSubstring("running_mean"));
}

TEST_CASE("BatchNorm: a batch with NaN or infinity never enters the running statistics (fault: poisoned for good)") {
  manual_seed(10);
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e30}) {  // the variance of 1e30 is infinite as a float
    BatchNorm1d bn(3);
    bn(randn({8, 3}));
    const Snapshot before(bn);
    Tensor x = randn({8, 3});
    x[2][1].fill_(bad);
    const CatchWarnings catcher;
    for (int i = 0; i < 3; ++i) bn(x);
    CHECK(before.same(bn));
    CHECK(bn->num_skipped_batches() == 3);
    REQUIRE(catcher.messages.size() == 1);  // once a layer
    CHECK_THAT(catcher.messages[0], ContainsSubstring("BatchNorm1d") && ContainsSubstring("num_skipped_batches"));
    bn(randn({8, 3}));
    CHECK(bn->num_batches_tracked.item<int64_t>() == 2);
    CHECK(bn->running_mean.isfinite().all().item<bool>());
    bn->reset_running_stats();
    CHECK(bn->num_skipped_batches() == 0);
    CHECK(bn->running_var.equal(ones({3})));
  }
}

TEST_CASE("BatchNorm: the cumulative average is over the batches that entered") {
  BatchNorm1d bn(BatchNormOptions(1).momentum(nullopt));
  const CatchWarnings catcher;
  bn(tensor({{1.f}, {3.f}}));
  bn(tensor({{std::nanf("")}, {3.f}}));
  bn(tensor({{5.f}, {7.f}}));
  CHECK(bn->running_mean.item<double>() == Approx(4));
}

TEST_CASE("BatchNorm: in anomaly mode a batch with NaN is an error, with the statistics untouched") {
  BatchNorm1d bn(2);
  const Snapshot before(bn);
  Tensor x = randn({4, 2});
  x[0][0].fill_(std::nan(""));
  const autograd::DetectAnomalyGuard guard;
  CHECK_THROWS_WITH(bn(x), ContainsSubstring("batch_norm"));
  CHECK(before.same(bn));
  CHECK(bn->num_skipped_batches() == 0);
}

TEST_CASE("BatchNorm: constants of 1e7 and values of 1e30 (faults: E[x^2] - E[x]^2, overflow)") {
  manual_seed(11);
  BatchNorm2d bn(2);
  const Tensor y = bn(full({4, 2, 5, 5}, 1e7, kFloat32));
  CHECK(y.equal(zeros({4, 2, 5, 5})));
  CHECK(bn->running_var.equal(full({2}, 0.9, kFloat32)));
  const Tensor x = randn({4, 2, 5, 5});
  CHECK(largest_difference(batch_norm(x * 1e30, {}, {}, {}, {}, true, 0.1, 0),
                           batch_norm(x, {}, {}, {}, {}, true, 0.1, 0)) < 2e-6);
}

TEST_CASE("BatchNorm: to(float64) converts parameters and statistics, and they go on in double") {
  BatchNorm1d bn(2);
  bn->to(kFloat64);
  CHECK(bn(randn({4, 2}, kFloat64)).dtype() == kFloat64);
  CHECK(bn->running_mean.dtype() == kFloat64);
  CHECK(bn->num_batches_tracked.dtype() == kInt64);
  CHECK_THROWS_AS(bn(randn({4, 2})), TypeError);
}

TEST_CASE("BatchNorm: input with other strides") {
  manual_seed(12);
  const Tensor x = randn({5, 3, 4, 6}), dy = randn({6, 3, 4, 5});
  const Tensor turned = x.transpose(0, 3).requires_grad_(), plain = x.transpose(0, 3).contiguous().requires_grad_();
  BatchNorm2d a(3), b(3);
  const Tensor ya = a(turned), yb = b(plain);
  CHECK(ya.equal(yb));
  ya.backward(dy);
  yb.backward(dy);
  CHECK(turned.grad().equal(plain.grad()));
  // a cotangent that is an expanded number
  b->zero_grad();
  b(plain).sum().backward();
  CHECK(b->bias.grad().equal(full({3}, 120.0, kFloat32)));
}

TEST_CASE("BatchNorm: the transform undoes scale and shift of its input (Ioffe and Szegedy, section 3.3)") {
  manual_seed(13);
  const Tensor u = randn({50, 4}), w = leaf({4, 3}), scaled = (w.detach() * 3).requires_grad_(),
               dy = randn({50, 3}, kFloat64);
  const auto bn = [&](const Tensor& weight) {
    return batch_norm(u.to(kFloat64).matmul(weight), {}, {}, {}, {}, true, 0.1, 0);
  };
  CHECK(largest_difference(bn(w), bn(scaled)) < 1e-12);
  bn(w).backward(dy);
  bn(scaled).backward(dy);
  CHECK(largest_difference(w.grad() / 3, scaled.grad()) < 1e-12);
}

TEST_CASE("BatchNorm: printing") {
  CHECK(printed(BatchNorm1d(16)) ==
        "taper::nn::BatchNorm1d(16, eps=1e-05, momentum=0.1, affine=true, track_running_stats=true)");
  CHECK(printed(BatchNorm2d(BatchNormOptions(8).eps(1e-3).momentum(nullopt).affine(false).track_running_stats(
            false))) == "taper::nn::BatchNorm2d(8, eps=0.001, momentum=None, affine=false, track_running_stats=false)");
}

TEST_CASE("F::batch_norm: options by name, statistics updated in place") {
  manual_seed(14);
  const Tensor x = randn({6, 3}) + 1, w = randn({3}), b = randn({3});
  const Tensor mean = zeros({3}), var = ones({3});
  const Tensor y =
      F::batch_norm(x, mean, var, F::BatchNormFuncOptions().weight(w).bias(b).training(true).momentum(0.5));
  CHECK(largest_difference(y, batch_norm_composed(x, w, b, 1e-5)) < 1e-5);
  CHECK(largest_difference(mean, x.mean(0) * 0.5) < 1e-6);
  CHECK(largest_difference(var, x.var({0}, true) * 0.5 + 0.5) < 1e-6);
  CHECK(F::batch_norm(x, {}, {}, F::BatchNormFuncOptions().training(true)).sizes() == x.sizes());
  CHECK_THROWS_WITH(F::batch_norm(x, {}, {}), ContainsSubstring("running_mean"));
  CHECK_THROWS_AS(F::batch_norm(x, mean, var, F::BatchNormFuncOptions().momentum(nullopt)), ValueError);
  CHECK_THROWS_AS(F::batch_norm(x, zeros({4}), var), Error);
  CHECK_THROWS_AS(F::batch_norm(x, mean, var, F::BatchNormFuncOptions().weight(ones({2}))), Error);
}

TEST_CASE("BatchNorm: training steps have the same bits for 1, 2 and 3 threads") {
  check_threads([] {
    manual_seed(15);
    BatchNorm1d bn(300);
    Tensors results;
    for (int step = 0; step < 3; ++step) {
      const Tensor x = randn({2000, 300}).requires_grad_();
      const Tensor y = bn(x);
      y.backward(randn({2000, 300}));
      results.insert(results.end(), {y, x.grad()});
    }
    results.insert(results.end(), {bn->running_mean, bn->running_var, bn->weight.grad(), bn->bias.grad()});
    return results;
  });
}
