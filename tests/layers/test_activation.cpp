#include "catch.h"
#include "support/text.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <cmath>

using namespace taper;
using namespace support;
namespace F = taper::nn::functional;

namespace {

// y[i] == f(x[i]) for values on both sides of 0
template <class M>
void check_values(M module, double (*f)(double)) {
  const Tensor x = linspace(-4, 4, 33, kFloat64);
  const Tensor y = module(x);
  for (int64_t i = 0; i < x.numel(); ++i) {
    CHECK(y.data_ptr<double>()[i] == Approx(f(x.data_ptr<double>()[i])).margin(1e-12));
  }
}

template <class M>
void check_gradient(M module) {
  manual_seed(0);
  const Tensor x = randn({3, 4}, dtype(kFloat64).requires_grad(true));
  CHECK(
      autograd::gradcheck([&](const autograd::tensor_list& in) { return autograd::tensor_list{module(in[0])}; }, {x}));
}

}  // namespace

TEST_CASE("activations compute their formulas") {
  check_values(nn::ReLU(), [](double x) { return x > 0 ? x : 0; });
  check_values(nn::Sigmoid(), [](double x) { return 1 / (1 + std::exp(-x)); });
  check_values(nn::Tanh(), [](double x) { return std::tanh(x); });
  check_values(nn::LeakyReLU(), [](double x) { return x > 0 ? x : 0.01 * x; });
  check_values(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2)), [](double x) { return x > 0 ? x : 0.2 * x; });
  check_values(nn::GELU(), [](double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); });
  check_values(nn::GELU(nn::GELUOptions().approximate("tanh")), [](double x) {
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
  });
  check_values(nn::SiLU(), [](double x) { return x / (1 + std::exp(-x)); });
  check_values(nn::Identity(54, "anything", 0.1), [](double x) { return x; });
}

TEST_CASE("the gradients of activations are right") {
  check_gradient(nn::ReLU());
  check_gradient(nn::Sigmoid());
  check_gradient(nn::Tanh());
  check_gradient(nn::LeakyReLU());
  check_gradient(nn::GELU());
  check_gradient(nn::GELU(nn::GELUOptions().approximate("tanh")));
  check_gradient(nn::SiLU());
  check_gradient(nn::Softmax(1));
  check_gradient(nn::LogSoftmax(0));
}

TEST_CASE("Softmax sums to one along its dim, and LogSoftmax is its logarithm") {
  manual_seed(0);
  const Tensor x = randn({2, 3, 4});
  for (int64_t dim : {0, 1, 2, -1}) {
    const Tensor y = nn::Softmax(dim)(x);
    CHECK(y.sum({dim}).allclose(ones_like(y.sum({dim}))));
    CHECK(nn::LogSoftmax(dim)(x).exp().allclose(y, 1e-5, 1e-6));
  }
  CHECK(F::softmax(x, F::SoftmaxFuncOptions(1).dtype(kFloat64)).dtype() == kFloat64);
  CHECK_THROWS_AS(nn::Softmax(3)(x), IndexError);
}

TEST_CASE("in-place activations write to their input and differentiate") {
  for (int which = 0; which < 2; ++which) {
    const Tensor x = tensor({-1., 2.}, requires_grad());
    Tensor h = x * 3;
    const Tensor y = which == 0 ? nn::ReLU(true)(h) : nn::LeakyReLU(nn::LeakyReLUOptions().inplace(true))(h);
    CHECK(y.is_same(h));
    const double slope = which == 0 ? 0 : 0.01;
    CHECK(h.allclose(tensor({-3 * slope, 6.})));
    h.sum().backward();
    CHECK(x.grad().allclose(tensor({3 * slope, 3.})));
  }
}

TEST_CASE("Dropout zeroes a share p of the values and scales the rest, in training alone") {
  manual_seed(0);
  nn::Dropout drop(0.25);
  const Tensor x = ones({100000});
  const Tensor y = drop(x);
  CHECK((y == 0).to(kFloat32).mean().item<double>() == Approx(0.25).margin(0.01));
  CHECK(((y == 0) + (y == 1 / 0.75f)).all().item<bool>());
  drop->eval();
  CHECK(drop(x).is_same(x));
  CHECK(F::dropout(x).is_same(x));  // a function drops only when told to
  CHECK(F::dropout(x, F::DropoutFuncOptions().p(1).training(true)).eq(0).all().item<bool>());
}

TEST_CASE("Dropout's gradient passes where its values did") {
  manual_seed(0);
  const Tensor x = ones({50}, requires_grad());
  const Tensor y = nn::Dropout()(x);
  y.sum().backward();
  CHECK(x.grad().equal(y.detach()));
  Tensor h = x * 1;
  CHECK(nn::Dropout(nn::DropoutOptions().inplace(true))(h).is_same(h));
  CHECK(h.eq(0).any().item<bool>());
}

TEST_CASE("Flatten joins dims") {
  CHECK(nn::Flatten()(ones({2, 3, 4})).sizes() == IntArrayRef{2, 12});
  CHECK(nn::Flatten(nn::FlattenOptions().start_dim(0).end_dim(1))(ones({2, 3, 4})).sizes() == IntArrayRef{6, 4});
  CHECK(nn::Flatten()(ones({0, 3, 4})).sizes() == IntArrayRef{0, 12});
}

TEST_CASE("options outside their domain are errors") {
  CHECK_THROWS_WITH(nn::Dropout(1.5), ContainsSubstring("got 1.5"));
  CHECK_THROWS_AS(nn::Dropout(-0.1), ValueError);
  CHECK_THROWS_AS(nn::Dropout(NAN), ValueError);
  CHECK_THROWS_AS(F::dropout(ones({1}), F::DropoutFuncOptions().p(2)), ValueError);
  CHECK_THROWS_WITH(nn::GELU(nn::GELUOptions().approximate("erf"))(ones({1})), ContainsSubstring("\"erf\""));
}

TEST_CASE("layers print as in libtorch but for the namespace") {
  CHECK(printed(nn::Linear(3, 4)) == "taper::nn::Linear(in_features=3, out_features=4, bias=true)");
  CHECK(printed(nn::Linear(nn::LinearOptions(3, 4).bias(false))) ==
        "taper::nn::Linear(in_features=3, out_features=4, bias=false)");
  CHECK(printed(nn::Identity()) == "taper::nn::Identity()");
  CHECK(printed(nn::Flatten()) == "taper::nn::Flatten(start_dim=1, end_dim=-1)");
  CHECK(printed(nn::ReLU()) == "taper::nn::ReLU()");
  CHECK(printed(nn::ReLU(nn::ReLUOptions().inplace(true))) == "taper::nn::ReLU(inplace=true)");
  CHECK(printed(nn::Sigmoid()) == "taper::nn::Sigmoid()");
  CHECK(printed(nn::Tanh()) == "taper::nn::Tanh()");
  CHECK(printed(nn::LeakyReLU()) == "taper::nn::LeakyReLU(negative_slope=0.01)");
  CHECK(printed(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2).inplace(true))) ==
        "taper::nn::LeakyReLU(negative_slope=0.2, inplace=true)");
  CHECK(printed(nn::GELU()) == "taper::nn::GELU()");
  CHECK(printed(nn::SiLU()) == "taper::nn::SiLU()");
  CHECK(printed(nn::Softmax(1)) == "taper::nn::Softmax(dim=1)");
  CHECK(printed(nn::LogSoftmax(-1)) == "taper::nn::LogSoftmax(dim=-1)");
  CHECK(printed(nn::Dropout()) == "taper::nn::Dropout(p=0.5, inplace=false)");
  CHECK(printed(nn::Dropout(nn::DropoutOptions().p(0.25).inplace(true))) == "taper::nn::Dropout(p=0.25, inplace=true)");
}
