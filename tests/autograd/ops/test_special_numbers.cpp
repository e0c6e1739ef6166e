// Numbers that make an operand not matter leave it in the graph: its gradient is zeros, not undefined.
#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/optim/optim.h>

#include <functional>

#include "catch.h"
#include "support/tensors.h"

using namespace taper;

namespace {

struct Case {
  const char* name;
  std::function<Tensor(const Tensor&)> f;  // of a [3] that does not matter
};

const Case kCases[] = {
    {"pow 0", OF_X(x.pow(0))},
    {"pow_ 0", OF_X((x * 1).pow_(0))},
    {"times 0", OF_X(x * 0)},
    {"add, alpha 0", OF_X(add(ones({3}), x, 0))},
    {"lerp by 1", OF_X(lerp(x, ones({3}), 1))},
    {"addcmul by 0", OF_X(addcmul(ones({3}), x, x, 0))},
    {"addcdiv by 0", OF_X(addcdiv(ones({3}), x, x, 0))},
    {"addmm, beta 0", OF_X(addmm(x, ones({3, 2}), ones({2, 3}), 0))},
    {"addmv, beta 0", OF_X(addmv(x, ones({3, 2}), ones({2}), 0))},
    {"addr, beta 0", OF_X(addr(x, ones({3}), ones({3}), 0))},
    {"addbmm, beta 0", OF_X(addbmm(x, ones({2, 3, 2}), ones({2, 2, 3}), 0))},
    {"baddbmm, beta 0", OF_X(baddbmm(x, ones({2, 3, 2}), ones({2, 2, 3}), 0))},
    {"addmv_, beta 0", OF_X((x * 1).addmv_(ones({3, 2}), ones({2}), 0))},
    {"norm, p 0", OF_X(x.norm(0))},
    {"dropout, p 1", OF_X(dropout(x, 1, true))},
    {"zero_", OF_X((x * 1).zero_())},
    {"fill_", OF_X((x * 1).fill_(5))},
    {"fill_ with a tensor", OF_X((x * 1).fill_(ones({}).requires_grad_()))},
    {"copy_", OF_X((x * 1).copy_(ones({3}).requires_grad_()))},
    {"normal_", OF_X((x * 1).normal_())},
    {"bernoulli_", OF_X((x * 1).bernoulli_(0.5))},
    {"bernoulli", OF_X(bernoulli(x / 10))},
    {"bernoulli of given probabilities", OF_X(bernoulli(ones({3}), x / 10))},
    {"normal of means", OF_X(normal(x, 1))},
    {"normal of deviations", OF_X(normal(1, x))},
    {"normal of both", OF_X(normal(x, x))},
};

}  // namespace

TEST_CASE("an operand that does not matter has a gradient of zeros") {
  for (const Case& c : kCases) {
    INFO(c.name);
    const Tensor x = tensor({1.f, 2.f, 3.f}).requires_grad_();
    const Tensor y = c.f(x);
    REQUIRE(y.requires_grad());
    y.sum().backward();
    REQUIRE(x.grad().defined());
    CHECK(equal(x.grad(), zeros({3})));
    const Tensor dx = autograd::grad({c.f(x).sum()}, {x})[0];
    CHECK(equal(dx, zeros({3})));
  }
}

TEST_CASE("a summand with factor 0 is not looked at") {
  const Tensor nan = full({3}, NAN).requires_grad_(), a = ones({3, 2}).requires_grad_();
  const Tensor y = addmv(nan, a, ones({2}), 0, 3);
  CHECK(equal(y, full({3}, 6.f)));
  y.sum().backward();
  CHECK(equal(a.grad(), full({3, 2}, 3.f)));
}

TEST_CASE("an empty vector that cat skips has an empty gradient") {
  const Tensor nothing = zeros({0}).requires_grad_();
  cat({nothing, ones({2, 2})}).sum().backward();
  REQUIRE(nothing.grad().defined());
  CHECK(nothing.grad().sizes() == IntArrayRef({0}));
}

TEST_CASE("weight decay reaches a parameter to the power of 0") {
  const Tensor w = tensor({3.f}).requires_grad_();
  optim::SGD sgd({w}, optim::SGDOptions(0.1).weight_decay(0.5));
  w.pow(0).sum().backward();
  sgd.step();
  CHECK(w.item<float>() == Approx(2.85f));  // 3 - 0.1 (0 + 0.5 * 3)
}

TEST_CASE("powers can be differentiated until they are 0") {
  const Tensor x = tensor({1.5, -2.}, dtype(kFloat64).requires_grad(true));
  const auto derivative = [&](const Tensor& y) { return autograd::grad({y.sum()}, {x}, {}, true, true)[0]; };
  for (const Tensor& y : {x.pow(2), x.square()}) {
    const Tensor second = derivative(derivative(y));
    CHECK(equal(second, full({2}, 2., kFloat64)));
    CHECK(equal(derivative(second), zeros({2}, kFloat64)));
  }
  CHECK(equal(derivative(derivative(x.pow(1))), zeros({2}, kFloat64)));
}
