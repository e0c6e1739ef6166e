#include "catch.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/linear.h>

#include <cmath>

using namespace taper;
using nn::Linear;
using nn::LinearOptions;

TEST_CASE("Linear computes x W^T + b over any number of leading dims") {
  manual_seed(0);
  Linear fc(3, 4);
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{3}, {5, 3}, {2, 5, 3}, {2, 1, 5, 3}, {0, 3}}) {
    const Tensor x = randn(sizes);
    const Tensor expected = x.matmul(fc->weight.t()) + fc->bias;
    const Tensor y = fc(x);
    CHECK(y.sizes() == expected.sizes());
    CHECK(y.allclose(expected, 1e-5, 1e-6));
  }
}

TEST_CASE("Linear without bias has one parameter") {
  Linear fc(LinearOptions(3, 4).bias(false));
  CHECK(fc->parameters().size() == 1);
  CHECK(!fc->bias.defined());
  CHECK(!fc->adds_channel_bias());
  CHECK(fc(zeros({2, 3})).eq(0).all().item<bool>());
}

TEST_CASE("Linear's initial values lie within 1/sqrt(in_features)") {
  manual_seed(0);
  Linear fc(100, 300);
  for (const Tensor& p : fc->parameters()) {
    CHECK(p.abs().max().item<double>() <= 0.1);
    CHECK(p.abs().max().item<double>() > 0.099);
    CHECK(p.is_leaf());
  }
  CHECK(fc->weight.std().item<double>() == Approx(0.1 / std::sqrt(3.0)).epsilon(0.02));
}

TEST_CASE("the gradients of Linear are right, in double") {
  manual_seed(0);
  Linear fc(3, 2);
  fc->to(kFloat64);
  const Tensor x = randn({4, 3}, dtype(kFloat64).requires_grad(true));
  CHECK(autograd::gradcheck([&](const autograd::tensor_list& in) { return autograd::tensor_list{fc(in[0])}; },
                            {x, fc->weight, fc->bias}));
}

TEST_CASE("Linear refuses inputs that do not fit, with both sizes") {
  Linear fc(3, 4);
  CHECK_THROWS_WITH(fc(ones({2, 5})), ContainsSubstring("[2, 5]") && ContainsSubstring("in_features = 3"));
  CHECK_THROWS_AS(fc(ones({})), Error);
  CHECK_THROWS_AS(fc(ones({2, 3}, kInt64)), Error);
  CHECK_THROWS_AS(fc(ones({2, 3}, kFloat64)), Error);
  CHECK_THROWS_AS(fc(Tensor()), Error);
  CHECK_THROWS_WITH(Linear(-1, 2), ContainsSubstring("-1 and 2"));
}

TEST_CASE("Linear of no features gives the bias, or nothing") {
  CHECK(Linear(0, 2)(ones({3, 0})).sizes() == IntArrayRef{3, 2});
  CHECK(Linear(2, 0)(ones({3, 2})).sizes() == IntArrayRef{3, 0});
}
