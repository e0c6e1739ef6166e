// Autocast: which operation computes in which type, the copies of weights, gradients, the guard.
#include "catch.h"
#include "support/tensors.h"

#include <taper/taper.h>

#include <thread>

using namespace taper;
namespace F = taper::nn::functional;

namespace {

// x rounded to bfloat16.
Tensor rounded(const Tensor& x) { return x.to(kBFloat16).to(kFloat32); }

}  // namespace

TEST_CASE("in a scope of autocast products are in bfloat16, losses in float32, the rest as it is") {
  manual_seed(1);
  const Tensor a = randn({4, 4}), x = randn({2, 3, 8, 8}), w = randn({5, 3, 3, 3}), line = randn({2, 3, 8});
  const AutocastGuard autocast;
  CHECK(a.mm(a).dtype() == kBFloat16);
  CHECK(matmul(a, a[0]).dtype() == kBFloat16);
  CHECK(bmm(a.unsqueeze(0), a.unsqueeze(0)).dtype() == kBFloat16);
  CHECK(addmm(a, a, a).dtype() == kBFloat16);
  CHECK(F::linear(a, a).dtype() == kBFloat16);
  CHECK(F::conv2d(x, w).dtype() == kBFloat16);
  CHECK(F::conv2d(x, w, F::Conv2dFuncOptions().padding(kSame)).dtype() == kBFloat16);
  CHECK(F::conv1d(line, randn({5, 3, 3})).dtype() == kBFloat16);
  CHECK(F::conv_transpose2d(x.to(kBFloat16), randn({3, 2, 2, 2})).dtype() == kFloat32);
  const Tensor half = a.to(kBFloat16);
  CHECK(F::mse_loss(half, half).dtype() == kFloat32);
  CHECK(F::cross_entropy(half, tensor({0, 1, 2, 3})).dtype() == kFloat32);
  CHECK(half.prod().dtype() == kFloat32);
  CHECK(cdist(half, half).dtype() == kFloat32);
  CHECK(half.relu().dtype() == kBFloat16);
  CHECK(a.relu().dtype() == kFloat32);
  CHECK((half + a).dtype() == kFloat32);
  CHECK(a.to(kFloat64).mm(a.to(kFloat64)).dtype() == kFloat64);
}

TEST_CASE("normalisations take float32 parameters beside an input in bfloat16, and give bfloat16") {
  manual_seed(6);
  const Tensor x = randn({4, 6, 5}).to(kBFloat16).requires_grad_(), weight = rand({6}).requires_grad_(),
               bias = rand({6});
  const auto check = [&](const auto& norm) {
    const Tensor y = norm(x);
    CHECK(y.dtype() == kBFloat16);
    CHECK(support::same_bits(y.detach(), norm(x.to(kFloat32)).detach().to(kBFloat16)));
    y.sum().backward();
    CHECK(x.grad().dtype() == kBFloat16);
    CHECK(weight.grad().dtype() == kFloat32);
    x.mutable_grad() = weight.mutable_grad() = Tensor();
  };
  check([&](const Tensor& t) { return batch_norm(t, weight, bias, {}, {}, true, 0.1, 1e-5); });
  check([&](const Tensor& t) { return group_norm(t, 2, weight, bias, 1e-5); });
  check([&](const Tensor& t) { return instance_norm(t, weight, bias, {}, {}, true, 0.1, 1e-5); });
  check([&](const Tensor& t) { return layer_norm(t.transpose(1, 2), {6}, weight, bias, 1e-5); });
}

TEST_CASE("a product under autocast is that of the rounded operands, rounded") {
  manual_seed(2);
  const Tensor x = randn({7, 30}), weight = randn({9, 30}), bias = randn({9});
  const Tensor expected = F::linear(rounded(x), rounded(weight), rounded(bias)).to(kBFloat16);
  const AutocastGuard autocast;
  CHECK(support::same_bits(F::linear(x, weight, bias), expected));
}

TEST_CASE("weights are converted once in a scope, anew after a change, and their gradients are float32") {
  manual_seed(3);
  const Tensor w = randn({3, 3}).requires_grad_(), x = randn({2, 3});
  Tensor kept;
  {
    const AutocastGuard autocast;
    const Tensor once = autocast::cached_cast(kBFloat16, w), again = autocast::cached_cast(kBFloat16, w);
    CHECK(once.is_same(again));
    {
      const NoGradGuard no_grad;
      w.mul_(2);
    }
    const Tensor changed = autocast::cached_cast(kBFloat16, w);
    CHECK_FALSE(changed.is_same(once));
    CHECK(support::same_bits(changed.detach(), w.detach().to(kBFloat16)));
    autocast::set_autocast_cache_enabled(false);
    CHECK_FALSE(autocast::cached_cast(kBFloat16, w).is_same(changed));
    autocast::set_autocast_cache_enabled(true);
    (x.mm(w) + x.mm(w)).sum().backward();
    kept = autocast::cached_cast(kBFloat16, w);
  }
  REQUIRE(w.grad().defined());
  CHECK(w.grad().dtype() == kFloat32);
  CHECK(allclose(w.grad(), 2 * rounded(x).sum(0).unsqueeze(1).expand({3, 3}), 1e-2, 1e-2));
  const AutocastGuard autocast;  // the outermost scope has ended: nothing is left of it
  CHECK_FALSE(autocast::cached_cast(kBFloat16, w).is_same(kept));
}

TEST_CASE("the guard nests, switches off, restores, and holds for its thread alone") {
  CHECK_FALSE(autocast::is_cpu_enabled());
  const Tensor a = ones({2, 2});
  {
    const AutocastGuard on;
    CHECK(autocast::is_cpu_enabled());
    {
      const AutocastGuard off(false);
      CHECK(a.mm(a).dtype() == kFloat32);
      const AutocastGuard half(true, kHalf);
      CHECK(a.mm(a).dtype() == kHalf);
    }
    CHECK(a.mm(a).dtype() == kBFloat16);
    std::thread([&] { CHECK(a.mm(a).dtype() == kFloat32); }).join();
    CHECK_THROWS(a.mm(ones({3, 3})));
    CHECK(a.mm(a).dtype() == kBFloat16);  // an error leaves it as it was
  }
  CHECK_FALSE(autocast::is_cpu_enabled());
  CHECK_THROWS_WITH(autocast::set_autocast_cpu_dtype(kFloat64),
                    "set_autocast_cpu_dtype: the dtype must be BFloat16 or Half; got Double");
}

TEST_CASE("a net with batch normalisation trains under autocast; weights and statistics stay float32") {
  manual_seed(4);
  nn::Sequential net(nn::Linear(8, 16), nn::BatchNorm1d(16), nn::ReLU(), nn::Linear(16, 2));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.1).momentum(0.9));
  const Tensor x = randn({64, 8}), target = (x.sum(1) > 0).to(kInt64);
  double first = 0, last = 0;
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    Tensor loss;
    {
      const AutocastGuard autocast;
      const Tensor y = net->forward(x);
      CHECK(y.dtype() == kBFloat16);
      loss = F::cross_entropy(y, target);
    }
    CHECK(loss.dtype() == kFloat32);
    loss.backward();
    optimizer.step();
    (step == 0 ? first : last) = loss.item<double>();
  }
  CHECK(last < first / 5);
  for (const auto& item : net->state_dict()) CHECK(item.value().dtype() != kBFloat16);
}

TEST_CASE("a net whose own weights are bfloat16 trains, saves and loads") {
  manual_seed(5);
  nn::Sequential net(nn::Linear(8, 16), nn::BatchNorm1d(16), nn::ReLU(), nn::Linear(16, 2));
  net->to(kBFloat16);
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(0.01));
  const Tensor x = randn({64, 8}), target = (x.sum(1) > 0).to(kInt64), input = x.to(kBFloat16);
  double first = 0, last = 0;
  for (int step = 0; step < 80; ++step) {
    optimizer.zero_grad();
    const Tensor loss = F::cross_entropy(net->forward(input), target);
    loss.backward();
    optimizer.step();
    (step == 0 ? first : last) = loss.item<double>();
  }
  CHECK(last < first / 2);
  for (const Tensor& p : net->parameters()) CHECK(p.dtype() == kBFloat16);
}
