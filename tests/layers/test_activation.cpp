// Activations, Dropout and Flatten: values by their formulas, extremes, in place, options, printing. libtorch's values
// are compared in tests/torch/test_activation.cpp, derivatives checked in
// tests/autograd/ops/test_gradcheck_activation.cpp.
#include "catch.h"
#include "support/text.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <cmath>
#include <functional>
#include <limits>

using namespace taper;
using namespace support;
namespace F = taper::nn::functional;

namespace {

// module(x) is f(x) for values on both sides of 0.
void check_values(const std::function<Tensor(const Tensor&)>& module, const std::function<double(double)>& f) {
  const Tensor x = linspace(-8, 8, 65, kFloat64), y = module(x), single = module(x.to(kFloat32));
  CHECK(single.dtype() == kFloat32);
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double at = x.data_ptr<double>()[i], wanted = f(at);
    INFO("x = " << at);
    CHECK(y.data_ptr<double>()[i] == Approx(wanted).epsilon(1e-12).margin(1e-13));
    CHECK(single.data_ptr<float>()[i] == Approx(wanted).epsilon(2e-6).margin(2e-7));
  }
}

template <class M>
void check_gradient(M module) {
  manual_seed(0);
  const Tensor x = randn({3, 4}, dtype(kFloat64).requires_grad(true));
  CHECK(
      autograd::gradcheck([&](const autograd::tensor_list& in) { return autograd::tensor_list{module(in[0])}; }, {x}));
}

double value(const Tensor& t) { return t.item<double>(); }

constexpr double kInf = std::numeric_limits<double>::infinity();

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

TEST_CASE("activations with parameters compute their formulas") {
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  check_values(nn::ELU(nn::ELUOptions().alpha(0.5)), [](double x) { return x > 0 ? x : 0.5 * std::expm1(x); });
  check_values(nn::SELU(),
               [](double x) { return 1.0507009873554804934 * (x > 0 ? x : 1.6732632423543772848 * std::expm1(x)); });
  check_values(nn::CELU(nn::CELUOptions().alpha(2)), [](double x) { return x > 0 ? x : 2 * std::expm1(x / 2); });
  check_values(nn::Softplus(nn::SoftplusOptions().beta(2).threshold(6)),
               [&](double x) { return 2 * x > 6 ? x : softplus(2 * x) / 2; });
  check_values(nn::LogSigmoid(), [&](double x) { return -softplus(-x); });
  check_values(nn::Mish(), [&](double x) { return x * std::tanh(softplus(x)); });
  check_values(nn::Softsign(), [](double x) { return x / (1 + std::abs(x)); });
  check_values(nn::Tanhshrink(), [](double x) { return x - std::tanh(x); });
  check_values(nn::Hardtanh(nn::HardtanhOptions().min_val(-2).max_val(3)),
               [](double x) { return std::min(std::max(x, -2.0), 3.0); });
  check_values(nn::ReLU6(), [](double x) { return std::min(std::max(x, 0.0), 6.0); });
  check_values(nn::Threshold(0.5, -3), [](double x) { return x > 0.5 ? x : -3; });
  check_values(nn::Hardshrink(), [](double x) { return std::abs(x) <= 0.5 ? 0 : x; });
  check_values(nn::Softshrink(0.75), [](double x) { return x > 0.75 ? x - 0.75 : x < -0.75 ? x + 0.75 : 0; });
  check_values(
      [](const Tensor& x) {
        nn::PReLU prelu;
        prelu->to(x.dtype());
        return prelu(x);
      },
      [](double x) { return x > 0 ? x : 0.25 * x; });
  nn::RReLU rrelu;
  rrelu->eval();
  check_values(rrelu, [](double x) { return x > 0 ? x : x * 11 / 48; });
}

TEST_CASE("activations neither overflow nor lose small values, and pass NaN on") {
  for (const ScalarType type : {kFloat32, kFloat64}) {
    const auto slope_at = [&](Tensor (*f)(const Tensor&), double x) {
      const Tensor v = tensor(x, dtype(type).requires_grad(true));
      return value(autograd::grad({f(v)}, {v})[0]);
    };
    const auto at = [&](Tensor (*f)(const Tensor&), double x) { return value(f(tensor(x, type))); };
    const auto elu = [](const Tensor& x) { return taper::elu(x); };
    const auto softplus = [](const Tensor& x) { return taper::softplus(x, 1, 1000); };
    const auto hardtanh = [](const Tensor& x) { return taper::hardtanh(x); };
    const auto hardshrink = [](const Tensor& x) { return taper::hardshrink(x); };
    const auto softshrink = [](const Tensor& x) { return taper::softshrink(x); };
    const auto threshold = [](const Tensor& x) { return taper::threshold(x, 0, 1); };
    CHECK(at(elu, -1000) == -1);
    CHECK(at(elu, -1e-12) == Approx(-1e-12));  // exp(x) - 1 would be 0 in float
    CHECK(at(elu, 1e30) == Approx(1e30));
    CHECK(slope_at(elu, 1000) == 1);
    CHECK(at(softplus, 900) == 900);
    CHECK(slope_at(softplus, 900) == 1);
    CHECK(at(softplus, -30) == Approx(std::exp(-30.0)));
    CHECK(at(log_sigmoid, -1000) == -1000);
    CHECK(at(log_sigmoid, 30) == Approx(-std::exp(-30.0)));
    CHECK(slope_at(log_sigmoid, -1000) == 1);
    CHECK(slope_at(log_sigmoid, 1000) == 0);
    CHECK(at(mish, 1e30) == Approx(1e30));
    CHECK(at(mish, -1000) == 0);
    CHECK(at(mish, -30) == Approx(-30 * std::exp(-30.0)));
    CHECK(slope_at(mish, 1000) == 1);
    CHECK(slope_at(mish, 0) == Approx(0.6));
    CHECK(slope_at(softsign, 1000) == Approx(1 / 1001.0 / 1001.0));
    CHECK(at(tanhshrink, 1000) == 999);
    for (auto* f : {+elu, +softplus, +hardtanh, +hardshrink, +softshrink, +threshold, &log_sigmoid, &mish, &softsign,
                    &tanhshrink, &selu, &relu6}) {
      CHECK(std::isnan(at(f, NAN)));
    }
    // the second derivative of elu stays finite where exp(x) does not
    const Tensor x = tensor(1000.0, dtype(type).requires_grad(true));
    const Tensor dx = autograd::grad({taper::elu(x) * x}, {x}, {}, true, true)[0];
    CHECK(value(autograd::grad({dx}, {x})[0]) == 2);
    // infinite gradients do not leak through a slope of 0
    const Tensor flat = tensor(-3.0, dtype(type).requires_grad(true));
    for (auto* f : {+hardtanh, +threshold, &relu6}) {
      CHECK(value(autograd::grad({f(flat)}, {flat}, {tensor(kInf, type)})[0]) == 0);
    }
  }
}

TEST_CASE("GLU gates one half by the other, along any dim") {
  manual_seed(0);
  const Tensor x = randn({2, 6, 4});
  CHECK(nn::GLU()(x).allclose(x.slice(2, 0, 2) * x.slice(2, 2).sigmoid()));
  CHECK(nn::GLU(1)(x).allclose(x.slice(1, 0, 3) * x.slice(1, 3).sigmoid()));
  CHECK(F::glu(x, 0).sizes() == IntArrayRef{1, 6, 4});
  CHECK(glu(zeros({0, 4})).sizes() == IntArrayRef{0, 2});
  CHECK_THROWS_WITH(nn::GLU()(zeros({2, 3})), ContainsSubstring("[2, 3]") && ContainsSubstring("even"));
  CHECK_THROWS_AS(glu(zeros({2, 2}), 2), IndexError);
  CHECK_THROWS_AS(glu(tensor(1.0)), Error);
}

TEST_CASE("PReLU has a slope for each channel") {
  nn::PReLU slopes(nn::PReLUOptions().num_parameters(3).init(0.5));
  CHECK(slopes->weight.equal(full({3}, 0.5)));
  CHECK(slopes->named_parameters().keys() == std::vector<std::string>{"weight"});
  {
    NoGradGuard no_grad;
    slopes->weight.copy_(tensor({1., 2., 3.}));
  }
  CHECK(slopes(-ones({1, 3, 2})).equal(tensor({{{-1., -1.}, {-2., -2.}, {-3., -3.}}})));
  CHECK(prelu(-ones({3}), tensor({0.5})).equal(full({3}, -0.5)));
  CHECK(prelu(-ones({}), tensor(0.5)).equal(full({}, -0.5)));
  CHECK_THROWS_WITH(slopes(ones({2, 4})), ContainsSubstring("[2, 4]") && ContainsSubstring("[3]"));
  CHECK_THROWS_AS(slopes(ones({3})), Error);  // one channel
  CHECK_THROWS_AS(prelu(ones({2, 3}), ones({1, 3})), Error);
  CHECK_THROWS_AS(prelu(ones({2, 3}), ones({3}, kFloat64)), TypeError);
}

TEST_CASE("RReLU draws slopes in training, between its bounds, and keeps them for the derivative") {
  manual_seed(0);
  nn::RReLU rrelu(nn::RReLUOptions().lower(0.1).upper(0.4));
  const Tensor x = randn({1000}, requires_grad()), y = rrelu(x), slope = (y / x).detach();
  y.sum().backward();
  CHECK(x.grad().allclose(slope));
  CHECK((slope.eq(1) == (x > 0)).all().item<bool>());
  const Tensor drawn = slope.masked_select(x.detach() <= 0);
  CHECK(value(drawn.min()) >= 0.1);
  CHECK(value(drawn.max()) <= 0.4);
  CHECK(value(drawn.mean()) == Approx(0.25).margin(0.02));
  rrelu->eval();
  CHECK(rrelu(-ones({2})).allclose(full({2}, -0.25)));
  CHECK(F::rrelu(-ones({2}), F::RReLUFuncOptions().lower(0.5).upper(0.5)).equal(full({2}, -0.5)));
  CHECK_THROWS_AS(nn::RReLU(nn::RReLUOptions().lower(0.5).upper(0.1))(x), ValueError);
}

TEST_CASE("Softmin, Softmax2d") {
  manual_seed(0);
  const Tensor x = randn({2, 3, 4, 5});
  CHECK(nn::Softmin(1)(x).allclose(softmax(-x, 1)));
  CHECK(F::softmin(x, F::SoftminFuncOptions(1).dtype(kFloat64)).dtype() == kFloat64);
  CHECK(nn::Softmax2d()(x).equal(softmax(x, 1)));
  CHECK(nn::Softmax2d()(x[0]).equal(softmax(x[0], 0)));
  CHECK_THROWS_WITH(nn::Softmax2d()(x[0][0]), ContainsSubstring("[4, 5]"));
}

TEST_CASE("activations in place give their input back, with the same values and derivatives") {
  manual_seed(0);
  const Tensor x = randn({5, 4}, dtype(kFloat64).requires_grad(true));
  const auto check = [&](auto with_inplace) {
    for (const Tensor& base : {x, x.t()}) {
      manual_seed(1);
      const Tensor y = with_inplace(false)(base);
      Tensor h = base * 1;
      manual_seed(1);
      const Tensor z = with_inplace(true)(h);
      CHECK(z.is_same(h));
      CHECK(z.allclose(y, 1e-14, 1e-15));
      const Tensor dy = randn(y.sizes(), kFloat64);
      CHECK(autograd::grad({z}, {x}, {dy})[0].allclose(autograd::grad({y}, {x}, {dy})[0], 1e-13, 1e-15));
      NoGradGuard no_grad;
      Tensor plain = base.detach().clone().t().contiguous().t();  // not row-major
      manual_seed(1);
      CHECK(with_inplace(true)(plain).is_same(plain));
      if (!y.grad_fn() || std::string(y.grad_fn()->name()) != "MulBackward0") CHECK(plain.allclose(y, 1e-14, 1e-15));
    }
  };
  check([](bool on) { return nn::ELU(nn::ELUOptions().alpha(0.5).inplace(on)); });
  check([](bool on) { return nn::SELU(on); });
  check([](bool on) { return nn::CELU(nn::CELUOptions().alpha(2).inplace(on)); });
  check([](bool on) { return nn::Hardtanh(nn::HardtanhOptions().max_val(0.3).inplace(on)); });
  check([](bool on) { return nn::ReLU6(on); });
  check([](bool on) { return nn::Threshold(nn::ThresholdOptions(0.2, 5).inplace(on)); });
  check([](bool on) { return nn::RReLU(nn::RReLUOptions().inplace(on)); });
  check([](bool on) { return nn::LeakyReLU(nn::LeakyReLUOptions().inplace(on)); });
  Tensor leaf = ones({2}, requires_grad());
  CHECK_THROWS_AS(elu_(leaf), Error);
  CHECK(leaf.equal(ones({2})));
}

TEST_CASE("integers: Hardtanh and ReLU6 cut them off, Softsign and Tanhshrink convert, the others are errors") {
  const Tensor i = tensor({-7, 2, 9});
  CHECK(hardtanh(i).equal(tensor({-1, 1, 1})));
  CHECK(nn::ReLU6()(i).equal(tensor({0, 2, 6})));
  CHECK(softsign(i).dtype() == kFloat32);
  CHECK(tanhshrink(i).dtype() == kFloat32);
  for (auto* f : {+[](const Tensor& x) { return elu(x); }, +[](const Tensor& x) { return softplus(x); },
                  +[](const Tensor& x) { return celu(x); }, +[](const Tensor& x) { return hardshrink(x); }, &selu,
                  &log_sigmoid, &mish}) {
    CHECK_THROWS_AS(f(i), TypeError);
  }
  CHECK_THROWS_WITH(selu(i), ContainsSubstring("selu:"));
  CHECK_THROWS_AS(hardtanh(i == 2), TypeError);
}

TEST_CASE("activation options outside their domain are errors") {
  const Tensor x = ones({2});
  CHECK_THROWS_WITH(nn::Hardtanh(nn::HardtanhOptions().min_val(2).max_val(1)), ContainsSubstring("got 2 and 1"));
  CHECK_THROWS_WITH(nn::Softshrink(-1)(x), ContainsSubstring("got -1"));
  CHECK_THROWS_AS(nn::CELU(nn::CELUOptions().alpha(0))(x), ValueError);
  CHECK_THROWS_AS(softplus(x, 0), ValueError);
  CHECK_THROWS_AS(nn::PReLU(nn::PReLUOptions().num_parameters(-1)), ValueError);
}

TEST_CASE("activations print their options") {
  CHECK(printed(nn::ELU()) == "taper::nn::ELU(alpha=1)");
  CHECK(printed(nn::ELU(nn::ELUOptions().alpha(0.5).inplace(true))) == "taper::nn::ELU(alpha=0.5, inplace=true)");
  CHECK(printed(nn::SELU(true)) == "taper::nn::SELU(inplace=true)");
  CHECK(printed(nn::Hardshrink(0.3)) == "taper::nn::Hardshrink(0.3)");
  CHECK(printed(nn::RReLU()) == "taper::nn::RReLU(lower=0.125, upper=0.333333)");
  CHECK(printed(nn::Threshold(0.1, 20)) == "taper::nn::Threshold(threshold=0.1, value=20)");
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
