// Losses: derivatives, fused against composed, and what wrong targets say. Values are compared with libtorch in
// tests/torch/test_loss.cpp.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/autograd/autograd.h>
#include <taper/autograd/ops/loss.h>
#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/layers/functional.h>

#include <cmath>

using namespace taper;
using namespace taper::nn;
using namespace support;
namespace F = taper::nn::functional;

namespace {

using Tensors = std::vector<Tensor>;

const std::vector<int64_t> kReductions{Reduction::None, Reduction::Mean, Reduction::Sum};

void check_derivatives(const autograd::CheckedFunction& f, const Tensors& inputs) {
  CHECK(autograd::gradcheck(f, inputs));
  CHECK(autograd::gradgradcheck(f, inputs));
}

// Cross-entropy with class indices from elementary operations; no ignored samples.
Tensor cross_entropy_composed(const Tensor& x, const Tensor& t, const Tensor& weight, double smoothing) {
  const int64_t C = x.size(1);
  const Tensor w = weight.defined() ? weight : ones({C}, kFloat64);
  const Tensor q = (one_hot(t, C).to(kFloat64) * (1 - smoothing) + smoothing / static_cast<double>(C)) * w;
  return -(q * log_softmax(x, 1)).sum(1);
}

}  // namespace

TEST_CASE("cross_entropy: first and second derivatives for class indices") {
  manual_seed(0);
  for (int64_t reduction : kReductions) {
    for (double smoothing : {0.0, 0.2}) {
      for (const Tensor& weight : {Tensor(), rand({4}, kFloat64) + 0.5}) {
        const auto f = [&](const Tensor& t) {
          return [&, t](const Tensors& in) {
            return Tensors{cross_entropy_loss(in[0], t, weight, reduction, -100, smoothing)};
          };
        };
        check_derivatives(f(tensor({1, 0, 3})), {leaf({3, 4})});
        // the derivative under create_graph equals the fused one
        const Tensor x = leaf({3, 4}), l = f(tensor({1, -100, 3}))({x})[0], dl = randn(l.sizes(), kFloat64);
        const Tensor fused = autograd::grad({l}, {x}, {dl}, true)[0],
                     composed = autograd::grad({l}, {x}, {dl}, true, true)[0];
        CHECK(largest_difference(fused, composed) < 1e-14);
        check_derivatives(f(tensor({1, -100, 3})), {leaf({3, 4})});
        check_derivatives(f(tensor(2)), {leaf({4})});
        check_derivatives(f(tensor({{1, 0, 3}, {-100, 2, 2}})), {leaf({2, 4, 3})});
      }
    }
  }
}

TEST_CASE("cross_entropy: derivatives for class probabilities, with respect to the target too") {
  manual_seed(1);
  for (int64_t reduction : kReductions) {
    const Tensor weight = rand({4}, kFloat64) + 0.5;
    const auto f = [&](const Tensors& in) {
      return Tensors{cross_entropy_loss(in[0], in[1], weight, reduction, -100, 0.1)};
    };
    check_derivatives(f, {leaf({3, 4}), rand({3, 4}, dtype(kFloat64).requires_grad(true))});
    check_derivatives(f, {leaf({2, 4, 2}), rand({2, 4, 2}, dtype(kFloat64).requires_grad(true))});
  }
}

TEST_CASE("the other losses: first and second derivatives") {
  manual_seed(2);
  for (int64_t reduction : kReductions) {
    const Tensor t = tensor({1, 0, -100}), w = rand({4}, kFloat64) + 0.5;
    check_derivatives([&](const Tensors& in) { return Tensors{nll_loss(in[0], t, w, reduction)}; }, {leaf({3, 4})});
    check_derivatives([&](const Tensors& in) { return Tensors{mse_loss(in[0], in[1], reduction)}; },
                      {leaf({3, 2}), leaf({3, 2})});
    check_derivatives([&](const Tensors& in) { return Tensors{mse_loss(in[0], in[1], reduction)}; },
                      {leaf({3, 2}), leaf({2})});
    check_derivatives([&](const Tensors& in) { return Tensors{l1_loss(in[0], in[1], reduction)}; },
                      {leaf({3, 2}), leaf({3, 2})});
    const Tensor weight = rand({2}, kFloat64), pos_weight = rand({3, 1}, kFloat64) + 1;
    check_derivatives(
        [&](const Tensors& in) {
          return Tensors{binary_cross_entropy_with_logits(in[0], in[1], weight, pos_weight, reduction)};
        },
        {leaf({3, 2}), rand({3, 2}, dtype(kFloat64).requires_grad(true))});
  }
}

TEST_CASE("cross_entropy: the fused kernel equals the composition, forward and backward") {
  manual_seed(3);
  for (int64_t C : {1, 2, 10, 16, 17, 100, 1000}) {
    for (ScalarType type : {kFloat32, kFloat64}) {
      const Tensor x = (randn({33, C}, kFloat64) * 4).to(type).requires_grad_(),
                   exact = x.detach().to(kFloat64).requires_grad_();
      const Tensor t = randint(C, {33}, kInt64), dl = randn({33}, kFloat64);
      for (double smoothing : {0.0, 0.3}) {
        const Tensor weight = rand({C}, kFloat64);
        const Tensor fused = cross_entropy_loss(x, t, weight.to(type), Reduction::None, -100, smoothing);
        const Tensor composed = cross_entropy_composed(exact, t, weight.to(type).to(kFloat64), smoothing);
        const double tolerance = type == kFloat32 ? 5e-6 : 1e-12;
        CHECK(largest_difference(fused, composed) < tolerance);
        const Tensor dx = autograd::grad({fused}, {x}, {dl.to(type)})[0],
                     wanted = autograd::grad({composed}, {exact}, {dl})[0];
        CHECK(largest_difference(dx, wanted) < tolerance / 5);
      }
    }
  }
}

TEST_CASE("cross_entropy: large scores neither overflow nor lose the difference") {
  const Tensor x = tensor({{1000.f, 0.f, -1000.f}, {1e6f, 1e6f + 1, 1e6f}}).requires_grad_();
  const Tensor l = cross_entropy_loss(x, tensor({1, 1}), {}, Reduction::None);
  CHECK(l[0].item<double>() == 1000);
  CHECK(l[1].item<double>() == Approx(std::log(1 + 2 * std::exp(-1.0))));
  l.sum().backward();
  CHECK(x.grad()[0][0].item<double>() == 1);
  CHECK(x.grad()[0][1].item<double>() == -1);
}

TEST_CASE("cross_entropy: classes with probability 0 and ignored rows of NaN") {
  const float inf = HUGE_VALF;
  const Tensor x = tensor({{0.f, -inf, 0.f}, {NAN, NAN, NAN}, {inf, 0.f, 0.f}}).requires_grad_();
  const Tensor l = cross_entropy_loss(x, tensor({0, -100, -100}), {}, Reduction::Mean);
  CHECK(l.item<double>() == Approx(std::log(2.0)));
  l.backward();
  CHECK(x.grad().equal(tensor({{-0.5f, 0.f, 0.5f}, {0.f, 0.f, 0.f}, {0.f, 0.f, 0.f}})));
  CHECK(std::isnan(cross_entropy_loss(x, tensor({0, 0, 0})).item<double>()));  // a NaN loss is no error
}

TEST_CASE("cross_entropy and nll_loss: all ignored, and empty batches, as in PyTorch") {
  const Tensor x = randn({2, 3}).requires_grad_(), ignored = tensor({-100, -100});
  const Tensor empty_x = zeros({0, 3}), empty_t = zeros({0}, kInt64);
  const Tensor mean = cross_entropy_loss(x, ignored);
  CHECK(std::isnan(mean.item<double>()));
  mean.backward();
  CHECK(x.grad().equal(zeros({2, 3})));
  CHECK(std::isnan(nll_loss(x, ignored).item<double>()));
  for (const auto& loss :
       {cross_entropy_loss(x, ignored, {}, Reduction::Sum), cross_entropy_loss(empty_x, empty_t, {}, Reduction::Sum),
        nll_loss(empty_x, empty_t, {}, Reduction::Sum)}) {
    CHECK(loss.item<double>() == 0);
  }
  CHECK(std::isnan(cross_entropy_loss(empty_x, empty_t).item<double>()));
  CHECK(std::isnan(cross_entropy_loss(empty_x, zeros({0, 3})).item<double>()));
  CHECK(cross_entropy_loss(empty_x, empty_t, {}, Reduction::None).sizes() == IntArrayRef({0}));
  CHECK(cross_entropy_loss(zeros({2, 3, 0}), zeros({2, 0}, kInt64), {}, Reduction::None).sizes() ==
        IntArrayRef({2, 0}));
}

TEST_CASE("cross_entropy: ignore_index may be a class") {
  manual_seed(4);
  const Tensor x = randn({4, 3}), t = tensor({0, 1, 2, 1});
  CHECK(cross_entropy_loss(x, t, {}, Reduction::Mean, 1).item<double>() ==
        Approx((cross_entropy_loss(x[0], tensor(0)) + cross_entropy_loss(x[2], tensor(2))).item<double>() / 2));
}

TEST_CASE("cross_entropy: class indices of other integer types; views") {
  manual_seed(5);
  const Tensor x = randn({3, 4}), t = tensor({1, 0, 3});
  const double wanted = cross_entropy_loss(x, t).item<double>();
  CHECK(cross_entropy_loss(x, t.to(kInt32)).item<double>() == wanted);
  CHECK(cross_entropy_loss(x, t.to(kUInt8)).item<double>() == wanted);
  const Tensor turned = x.t().contiguous().t(), spread = stack({t, t}, 1).select(1, 0);
  CHECK(cross_entropy_loss(turned, spread).item<double>() == wanted);
}

TEST_CASE("cross_entropy: the message of a wrong target names class, position and number of classes") {
  const Tensor x = randn({2, 3}), x3 = randn({2, 3, 4});
  CHECK_THROWS_AS(cross_entropy_loss(x, tensor({1, 3})), IndexError);
  CHECK_THROWS_WITH(cross_entropy_loss(x, tensor({1, 3})),
                    ContainsSubstring("class 3") && ContainsSubstring("position [1]") && ContainsSubstring("C = 3"));
  CHECK_THROWS_WITH(cross_entropy_loss(x3, tensor({{0, 1, 2, 0}, {0, 1, -1, 0}})),
                    ContainsSubstring("class -1") && ContainsSubstring("position [1, 2]"));
  CHECK_THROWS_AS(nll_loss(x, tensor({-1, 0})), IndexError);
}

TEST_CASE("losses: wrong dtypes and shapes") {
  const Tensor x = randn({2, 3}), t = tensor({1, 2});
  CHECK_THROWS_AS(cross_entropy_loss(x, t.to(kFloat32)), TypeError);
  CHECK_THROWS_WITH(cross_entropy_loss(x, t.to(kFloat32)), ContainsSubstring(".to(taper::kInt64)"));
  CHECK_THROWS_AS(cross_entropy_loss(x, t == 1), TypeError);
  CHECK_THROWS_AS(cross_entropy_loss(x.to(kInt64), t), TypeError);
  CHECK_THROWS_AS(cross_entropy_loss(x, ones({2, 3}, kInt64)), TypeError);
  CHECK_THROWS_WITH(cross_entropy_loss(x, tensor({1, 2, 0})), ContainsSubstring("[2, 3]") && ContainsSubstring("[3]"));
  CHECK_THROWS_AS(cross_entropy_loss(randn({2, 3, 4}), zeros({2, 3}, kInt64)), Error);
  CHECK_THROWS_AS(cross_entropy_loss(x, t, ones({2})), Error);
  CHECK_THROWS_AS(cross_entropy_loss(x, t, {}, Reduction::Mean, -100, 1.5), ValueError);
  CHECK_THROWS_AS(cross_entropy_loss(x, t, {}, 3), ValueError);
  CHECK_THROWS_AS(cross_entropy_loss(x, softmax(x, 1), {}, Reduction::Mean, 1), ValueError);
  CHECK_THROWS_AS(cross_entropy_loss(tensor(1.f), tensor(0)), Error);
  CHECK_THROWS_AS(cross_entropy_loss(zeros({2, 0}), t), Error);
  CHECK_THROWS_WITH(mse_loss(x, ones({2, 4})), ContainsSubstring("[2, 3]") && ContainsSubstring("[2, 4]"));
  CHECK_THROWS_AS(mse_loss(t, t), TypeError);
  CHECK_THROWS_WITH(binary_cross_entropy_with_logits(x, ones({3})),
                    ContainsSubstring("[2, 3]") && ContainsSubstring("[3]"));
  CHECK_THROWS_AS(binary_cross_entropy_with_logits(x, ones({2, 3}, kInt64)), TypeError);
  CHECK_THROWS_AS(binary_cross_entropy_with_logits(x, ones({2, 3}), ones({4, 2, 3})), Error);
}

TEST_CASE("cross_entropy: a target changed in place after forward is an error in backward") {
  const Tensor x = randn({2, 3}).requires_grad_();
  Tensor t = tensor({1, 2});
  const Tensor l = cross_entropy_loss(x, t);
  t.fill_(0);
  CHECK_THROWS_AS(l.backward(), Error);
}

TEST_CASE("binary_cross_entropy_with_logits: no overflow, and no cancellation in the derivative") {
  const Tensor x = tensor({1000.f, -1000.f, 1000.f, -1000.f, -30.f}).requires_grad_();
  const Tensor t = tensor({1.f, 0.f, 0.f, 1.f, 0.f});
  const Tensor l = binary_cross_entropy_with_logits(x, t, {}, {}, Reduction::None);
  CHECK(largest_difference(l.slice(0, 0, 4), tensor({0.f, 0.f, 1000.f, 1000.f})) == 0);
  l.sum().backward();
  CHECK(x.grad()[2].item<double>() == 1);
  CHECK(x.grad()[3].item<double>() == -1);
  CHECK(x.grad()[4].item<double>() == Approx(std::exp(-30.0)));  // sigmoid(x) - t as 1 - 1 would be 0
}

TEST_CASE("mse_loss with a target of other sizes broadcasts and warns") {
  const CatchWarnings caught;
  CHECK(F::mse_loss(ones({2, 3}), zeros({3})).item<double>() == 1);
  CHECK(F::mse_loss(ones({2, 3}), zeros({2, 3})).item<double>() == 1);
  CHECK(caught.messages.size() == 1);
  CHECK(std::isnan(F::mse_loss(zeros({0}), zeros({0})).item<double>()));
}

TEST_CASE("cross_entropy: the same bits for 1, 2 and 3 threads") {
  manual_seed(6);
  const Tensor x = randn({5000, 37}).requires_grad_(), t = randint(37, {5000}, kInt64);
  check_threads([&] {
    const Tensor l = cross_entropy_loss(x, t, {}, Reduction::Mean, -100, 0.1);
    return Tensors{l, autograd::grad({l}, {x})[0]};
  });
}

TEST_CASE("loss modules: options, buffers, clone, printing") {
  manual_seed(7);
  const Tensor x = randn({2, 3}), t = tensor({1, 2}), w = tensor({1.f, 2.f, 3.f});
  CHECK(CrossEntropyLoss()(x, t).equal(F::cross_entropy(x, t)));
  CHECK(MSELoss(kSum)(x, zeros({2, 3})).item<double>() == Approx(x.square().sum().item<double>()));
  CHECK(F::l1_loss(x, zeros({2, 3}), kNone).equal(x.abs()));
  CHECK(L1Loss(L1LossOptions().reduction(kSum))(x, zeros({2, 3})).item<double>() ==
        Approx(x.abs().sum().item<double>()));
  CHECK(NLLLoss(NLLLossOptions().weight(w).reduction(kNone))(x, t)[1].item<double>() ==
        Approx(-3 * x[1][2].item<double>()));
  CHECK(BCEWithLogitsLoss()(x, ones({2, 3})).item<double>() == Approx((1 + (-x).exp()).log().mean().item<double>()));

  CrossEntropyLoss loss(CrossEntropyLossOptions().weight(w).ignore_index(0).label_smoothing(0.1).reduction(kSum));
  CHECK(loss->named_buffers().keys() == std::vector<std::string>{"weight"});
  CHECK(CrossEntropyLoss()->named_buffers().size() == 0);
  auto copy = std::dynamic_pointer_cast<CrossEntropyLossImpl>(loss->clone());
  REQUIRE(copy);
  CHECK(copy->forward(x, t).equal(loss(x, t)));
  copy->weight.fill_(7);
  CHECK(loss->weight.equal(w));
  loss->weight.fill_(5);
  CHECK(w.equal(tensor({1.f, 2.f, 3.f})));  // the module has a copy of what it was given

  CHECK(printed(loss) == "taper::nn::CrossEntropyLoss()");
  CHECK(printed(NLLLoss()) == "taper::nn::NLLLoss()");
  CHECK(printed(MSELoss()) == "taper::nn::MSELoss()");
  CHECK(printed(L1Loss()) == "taper::nn::L1Loss()");
  CHECK(printed(BCEWithLogitsLoss()) == "taper::nn::BCEWithLogitsLoss()");
}

TEST_CASE("smooth_l1_loss of extreme values and betas") {
  const auto loss = [](double z, double beta, ScalarType dtype) {
    const Tensor x = full({1}, z, TensorOptions(dtype)).set_requires_grad(true);
    const Tensor y = smooth_l1_loss(x, zeros({1}, dtype), Reduction::Sum, beta);
    y.backward();
    CHECK(x.grad().item<double>() == 1);
    return y.item<double>();
  };
  for (double beta : {1e-30, 1e-38, 1e-40, 1e-45, 1e-50}) {
    CHECK(loss(1e-8, beta, kFloat32) == Approx(1e-8));
    CHECK(loss(1, beta, kFloat32) == Approx(1));
  }
  CHECK(loss(3e38, 100, kFloat32) == Approx(3e38));
  CHECK(loss(1, 1e-320, kFloat64) == Approx(1));
}
