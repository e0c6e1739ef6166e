#include <taper/core/factories.h>
#include <taper/layers/nn.h>

#include "catch.h"
#include "support/text.h"

using namespace taper;

TEST_CASE("Functional: a function, with arguments bound behind the input") {
  const Tensor x = tensor({{-2.0, 1.0}, {3.0, -4.0}});
  CHECK(nn::Functional(relu)->forward(x).equal(relu(x)));
  CHECK(nn::Functional(leaky_relu, 0.2)(x).equal(leaky_relu(x, 0.2)));
  CHECK(nn::Functional(log_softmax, 1, nullopt)(x).equal(log_softmax(x, 1)));
  CHECK(nn::Functional([](Tensor t) { return t * 2; })(x).equal(x * 2));
  const std::vector<int64_t> sizes{4, -1};
  CHECK(nn::Functional(reshape, sizes)(x).equal(x.reshape({4, 1})));
  const Tensor image = randn({2, 3, 6, 6});
  CHECK(nn::Functional(max_pool2d, 3, ExpandingArray<2>({2, 1}), 1, 1, false)(image).equal(
      max_pool2d(image, 3, {2, 1}, 1)));
}

TEST_CASE("Functional in a Sequential: called, differentiated, cloned, printed") {
  nn::Sequential net(nn::Linear(2, 3), nn::Functional(taper::tanh), nn::Functional(leaky_relu, 0.1));
  const Tensor x = randn({4, 2});
  net->forward(x).sum().backward();
  CHECK(net->parameters()[0].grad().abs().sum().item<float>() > 0);
  const auto copy = std::dynamic_pointer_cast<nn::SequentialImpl>(net->clone());
  CHECK(copy->forward(x).equal(net->forward(x)));
  CHECK_THAT(support::printed(net), ContainsSubstring("(1): taper::nn::Functional()\n"));
}

TEST_CASE("Functional: an empty function is an error; others' errors name the module") {
  CHECK_THROWS_WITH(nn::Functional(nn::FunctionalImpl::Function()), "Functional: the function must not be empty");
  Tensor (*none)(const Tensor&, double) = nullptr;
  CHECK_THROWS_WITH(nn::Functional(none, 0.2), "Functional: the function must not be empty");
  CHECK_THROWS_WITH(nn::Functional(std::function<Tensor(Tensor, int)>(), 2), ContainsSubstring("must not be empty"));
  nn::Sequential net(nn::Functional([](Tensor x) { return x.mm(x); }));
  CHECK_THROWS_WITH(net->forward(ones({2, 3})), ContainsSubstring("in module"));
}
