// BatchNorm folded into Linear: the fused weights against the formula in long double, folded models against the
// original.
#include "catch.h"
#include "support/tensors.h"

#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <cmath>

using namespace taper;
using namespace taper::nn;
using namespace support;
using taper::nn::utils::fold_batchnorm;
using taper::nn::utils::fuse_bn_linear_eval;
using taper::nn::utils::fuse_bn_weights;
using taper::nn::utils::fuse_conv_bn_eval;
using taper::nn::utils::fuse_linear_bn_eval;

namespace {

double at(const Tensor& t, IntArrayRef index) {
  Tensor value = t.detach();
  for (int64_t i : index) value = value[i];
  return value.item<double>();
}

// A BatchNorm with parameters and statistics that are nothing special, in evaluation mode.
BatchNorm1d random_bn(int64_t channels, bool affine = true, double eps = 1e-3) {
  const NoGradGuard no_grad;
  BatchNorm1d bn(BatchNormOptions(channels).affine(affine).eps(eps));
  bn->running_mean.copy_(randn({channels}) * 3);
  bn->running_var.copy_(rand({channels}) * 2 + 0.01);
  if (affine) {
    bn->weight.copy_(randn({channels}));
    bn->bias.copy_(randn({channels}));
  }
  bn->eval();
  return bn;
}

// Both ways of scale and shift, by the formula.
struct Formula {
  explicit Formula(const BatchNorm1d& bn) {
    for (int64_t c = 0; c < bn->running_mean.size(0); ++c) {
      const long double gamma = bn->weight.defined() ? at(bn->weight, {c}) : 1;
      const long double beta = bn->bias.defined() ? at(bn->bias, {c}) : 0;
      const long double invstd = 1 / std::sqrt(static_cast<long double>(at(bn->running_var, {c})) + bn->options.eps());
      scale.push_back(gamma * invstd);
      shift.push_back(beta - at(bn->running_mean, {c}) * gamma * invstd);
    }
  }
  std::vector<long double> scale, shift;
};

Linear plain_linear(int64_t in, int64_t out) { return Linear(LinearOptions(in, out).bias(false)); }

}  // namespace

TEST_CASE("fuse_linear_bn_eval: the formula to the last bit, with and without bias and affine, float and double") {
  manual_seed(1);
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    for (const bool bias : {true, false}) {
      for (const bool affine : {true, false}) {
        Linear linear(LinearOptions(7, 5).bias(bias));
        BatchNorm1d bn = random_bn(5, affine);
        linear->to(dtype);
        bn->to(dtype);
        linear->eval();
        const Linear fused = fuse_linear_bn_eval(linear, bn);
        CHECK(fused->options.in_features() == 7);
        CHECK(fused->options.out_features() == 5);
        CHECK(fused->options.bias());
        CHECK(fused->weight.dtype() == dtype);
        CHECK_FALSE(fused->is_training());
        const Formula f(bn);
        // computed in double and rounded once
        const double unit = dtype == kFloat32 ? 6.1e-8 : 1e-15;
        for (int64_t o = 0; o < 5; ++o) {
          const auto u = static_cast<size_t>(o);
          for (int64_t i = 0; i < 7; ++i) {
            const double wanted = static_cast<double>(at(linear->weight, {o, i}) * f.scale[u]);
            CHECK(std::fabs(at(fused->weight, {o, i}) - wanted) <= unit * std::fabs(wanted));
          }
          const double wanted = static_cast<double>((bias ? at(linear->bias, {o}) : 0) * f.scale[u] + f.shift[u]);
          CHECK(std::fabs(at(fused->bias, {o}) - wanted) <= unit * std::fabs(wanted) + (dtype == kFloat32 ? 0 : 1e-14));
        }
        const Tensor x = randn({9, 7}, dtype);
        CHECK(largest_difference(Linear(fused)(x), bn(linear(x))) < (dtype == kFloat32 ? 1e-5 : 1e-13));
      }
    }
  }
}

TEST_CASE("fuse_bn_linear_eval: a BatchNorm before a Linear, likewise") {
  manual_seed(2);
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    for (const bool bias : {true, false}) {
      for (const bool affine : {true, false}) {
        Linear linear(LinearOptions(7, 5).bias(bias));
        BatchNorm1d bn = random_bn(7, affine);
        linear->to(dtype);
        bn->to(dtype);
        const Linear fused = fuse_bn_linear_eval(bn, linear);
        const Formula f(bn);
        for (int64_t o = 0; o < 5; ++o) {
          long double wanted = bias ? at(linear->bias, {o}) : 0;
          for (int64_t i = 0; i < 7; ++i) {
            const auto u = static_cast<size_t>(i);
            wanted += at(linear->weight, {o, i}) * f.shift[u];
            CHECK(at(fused->weight, {o, i}) ==
                  Approx(static_cast<double>(at(linear->weight, {o, i}) * f.scale[u])).epsilon(1e-7));
          }
          CHECK(at(fused->bias, {o}) == Approx(static_cast<double>(wanted)).epsilon(1e-6));
        }
        const Tensor x = randn({9, 7}, dtype);
        CHECK(largest_difference(Linear(fused)(x), linear(bn(x))) < (dtype == kFloat32 ? 1e-4 : 1e-12));
      }
    }
  }
}

TEST_CASE("fuse_linear_bn_eval: originals stay, no random number is drawn, requires_grad is the Linear's") {
  manual_seed(3);
  Linear linear(4, 3);
  BatchNorm1d bn = random_bn(3);
  const Tensor weight = linear->weight.detach().clone();
  const Tensor random_state = default_generator().get_state();
  Linear fused = fuse_linear_bn_eval(linear, bn);
  CHECK(default_generator().get_state().equal(random_state));
  CHECK(linear->weight.equal(weight));
  CHECK_FALSE(fused->weight.is_alias_of(linear->weight));
  CHECK(fused->weight.requires_grad());
  CHECK(fused->weight.is_leaf());
  linear->weight.set_requires_grad(false);
  fused = fuse_linear_bn_eval(linear, bn);
  CHECK_FALSE(fused->weight.requires_grad());
  CHECK_FALSE(fused->bias.requires_grad());
}

TEST_CASE("fuse_bn_weights: any weight with the channels first, as a convolution's") {
  manual_seed(4);
  BatchNorm1d bn = random_bn(3);
  const Tensor weight = randn({3, 2, 5, 5});
  const auto [fused, bias] = fuse_bn_weights(weight, Tensor(), *bn);
  const Formula f(bn);
  for (int64_t c = 0; c < 3; ++c) {
    const auto u = static_cast<size_t>(c);
    CHECK(largest_difference(fused[c], weight[c] * static_cast<double>(f.scale[u])) < 1e-5);
    CHECK(at(bias, {c}) == Approx(static_cast<double>(f.shift[u])).epsilon(1e-6));
  }
}

TEST_CASE("fuse_linear_bn_eval: what cannot be folded is an error that says why") {
  Linear linear(4, 3);
  BatchNorm1d bn = random_bn(3);
  CHECK_THROWS_WITH(fuse_linear_bn_eval(linear, random_bn(4)), ContainsSubstring("got 3 in the layer beside it and 4"));
  CHECK_THROWS_WITH(fuse_linear_bn_eval(linear, BatchNorm1d(BatchNormOptions(3).track_running_stats(false))),
                    ContainsSubstring("track_running_stats"));
  bn->train();
  CHECK_THROWS_WITH(fuse_linear_bn_eval(linear, bn), ContainsSubstring("eval()"));
  bn->freeze_statistics();
  CHECK_NOTHROW(fuse_linear_bn_eval(linear, bn));
  bn->running_var[1].fill_(-1);
  CHECK_THROWS_WITH(fuse_linear_bn_eval(linear, bn), ContainsSubstring("running_var from -1"));
  CHECK_THROWS_AS(fuse_linear_bn_eval(Linear(nullptr), bn), Error);
}

TEST_CASE("fold_batchnorm: pairs of a Sequential, the difference is told, the original untouched") {
  manual_seed(5);
  Sequential net(plain_linear(6, 8), random_bn(8), ReLU(), Linear(8, 5), random_bn(5), ReLU(), Linear(5, 2));
  net->train();
  const auto before = net->state_dict();
  std::vector<Tensor> values;
  for (const auto& item : before) values.push_back(item.value().clone());
  const Tensor random_state = default_generator().get_state();
  const Tensor x = randn({16, 6});
  default_generator().set_state(random_state);

  auto folded = fold_batchnorm(net, x);
  CHECK(default_generator().get_state().equal(random_state));
  CHECK(folded.pairs == 2);
  CHECK(folded.model->size() == 7);
  CHECK(folded.model->ptr(1)->as<Identity>());
  CHECK(folded.model->ptr(4)->as<Identity>());
  CHECK(folded.model->state_dict().keys() ==
        std::vector<std::string>{"0.weight", "0.bias", "3.weight", "3.bias", "6.weight", "6.bias"});
  CHECK_FALSE(folded.model->is_training());

  CHECK(net->is_training());
  CHECK(net->ptr(1)->as<BatchNorm1d>());
  for (size_t i = 0; i < values.size(); ++i) CHECK(net->state_dict()[i].value().equal(values[i]));
  net->eval();
  const double difference = largest_difference(folded.model->forward(x), net->forward(x));
  CHECK(folded.largest_difference == difference);
  CHECK(difference > 0);
  CHECK(difference < 1e-5);
  // what it prints and trains is what it computes with
  CHECK(folded.model->parameters()[0].is_same(folded.model->at<LinearImpl>(0).weight));
  // a copy of the folded model is as good
  auto copy = std::dynamic_pointer_cast<SequentialImpl>(folded.model->clone());
  CHECK(copy->forward(x).equal(folded.model->forward(x)));
}

TEST_CASE("fold_batchnorm: a BatchNorm before a Linear, chains of them, Dropout and Identity in between") {
  manual_seed(6);
  const Tensor x = randn({8, 4});
  const auto check = [&](Sequential net, int64_t pairs) {
    net->to(kFloat64);
    auto folded = fold_batchnorm(net, x.to(kFloat64));
    CHECK(folded.pairs == pairs);
    CHECK(folded.largest_difference < 1e-12);
    return folded.model;
  };
  check(Sequential(random_bn(4), Linear(4, 3)), 1);
  check(Sequential(random_bn(4), Linear(4, 3), random_bn(3)), 2);
  check(Sequential(random_bn(4), random_bn(4), Linear(4, 3), random_bn(3), random_bn(3), Linear(3, 3)), 4);
  check(Sequential(plain_linear(4, 3), Identity(), random_bn(3), Dropout(0.5), plain_linear(3, 2), Dropout(),
                   Identity(), random_bn(2)),
        2);
  check(Sequential(Linear(4, 3), ReLU(), random_bn(3), Tanh(), Linear(3, 2)), 0);
  check(Sequential(random_bn(4)), 0);
  const BatchNorm1d plain(BatchNormOptions(3).track_running_stats(false));
  check(Sequential(plain_linear(4, 3), plain), 0);
}

TEST_CASE("fold_batchnorm: nested Sequentials, across their borders, in modules of one's own") {
  manual_seed(7);
  struct NetImpl : Cloneable<NetImpl> {
    NetImpl() { reset(); }
    void reset() override {
      stem = register_module("stem", Sequential(plain_linear(4, 6), Sequential(random_bn(6), ReLU()),
                                                Sequential(Sequential(plain_linear(6, 5)), random_bn(5), Tanh())));
      head = register_module("head", Sequential(random_bn(5), Linear(5, 2)));
      fc = register_module("fc", Linear(2, 2));
      norm = register_module("norm", random_bn(2));
    }
    Tensor forward(const Tensor& x) { return norm(fc(head->forward(stem->forward(x)))); }
    Sequential stem{nullptr}, head{nullptr};
    Linear fc{nullptr};
    BatchNorm1d norm{nullptr};
  };
  const auto net = std::make_shared<NetImpl>();
  net->to(kFloat64);
  const auto folded = fold_batchnorm(net, randn({8, 4}, kFloat64));
  CHECK(folded.pairs == 3);  // fc and norm are called by hand: nobody knows in which order
  CHECK(folded.largest_difference < 1e-12);
  CHECK(folded.model->norm->running_mean.defined());
  CHECK(net->state_dict().contains("stem.1.0.running_mean"));
}

TEST_CASE("fold_batchnorm: modules in several places are folded where that is right") {
  manual_seed(8);
  const Tensor x = randn({8, 3}, kFloat64);
  const auto check = [&](Sequential net, int64_t pairs) {
    net->to(kFloat64);
    net->eval();
    auto folded = fold_batchnorm(net, x);
    CHECK(folded.pairs == pairs);
    CHECK(folded.largest_difference < 1e-12);
  };
  const Linear shared(3, 3);
  check(Sequential(shared, random_bn(3), ReLU(), shared, ReLU(), shared, random_bn(3)), 2);
  const BatchNorm1d bn = random_bn(3);
  check(Sequential(Linear(3, 3), bn, ReLU(), Linear(3, 3), bn), 2);
  // a block used twice: pairs inside it, not across its border
  const Sequential inside(Linear(3, 3), random_bn(3), ReLU()), border(random_bn(3), ReLU());
  check(Sequential(inside, inside), 1);
  check(Sequential(Linear(3, 3), border, Linear(3, 3), border), 0);
}

TEST_CASE("fold_batchnorm: [N, C, L] has its channels elsewhere and is left alone") {
  manual_seed(9);
  Sequential net(plain_linear(4, 4), random_bn(4), ReLU());
  const auto flat = fold_batchnorm(net, randn({5, 4})), deep = fold_batchnorm(net, randn({5, 4, 4}));
  CHECK(flat.pairs == 1);
  CHECK(deep.pairs == 0);
  CHECK(deep.largest_difference == 0);
  // one layer that gets both
  const BatchNorm1d both = random_bn(4);
  Sequential mixed(plain_linear(4, 4), both, Flatten(), plain_linear(16, 4), both);
  CHECK(fold_batchnorm(mixed, randn({5, 4, 4})).pairs == 0);
}

TEST_CASE("fold_batchnorm: a derived layer may compute something else and is left alone") {
  struct NegativeImpl : LinearImpl {
    using LinearImpl::LinearImpl;
    Tensor forward(const Tensor& x) { return -LinearImpl::forward(x); }
    std::shared_ptr<Module> clone(const optional<Device>& = nullopt) const override {
      auto copy = std::make_shared<NegativeImpl>(options);
      copy->load_state_dict(state_dict());
      return copy;
    }
  };
  Sequential net(std::make_shared<NegativeImpl>(LinearOptions(3, 2).bias(false)), random_bn(2));
  CHECK(fold_batchnorm(net, randn({4, 3})).pairs == 0);
}

TEST_CASE("fold_batchnorm: errors: an example that does not fit, a model that cannot be cloned, empty batches") {
  Sequential net(plain_linear(4, 3), random_bn(3));
  CHECK_THROWS_WITH(fold_batchnorm(net, randn({2, 5})), ContainsSubstring("in_features"));
  CHECK(fold_batchnorm(net, zeros({0, 4})).largest_difference == 0);
  struct Plain : Module {
    Tensor forward(const Tensor& x) { return x; }
  };
  CHECK_THROWS_AS(fold_batchnorm(std::make_shared<Plain>(), zeros({1})), NotImplementedError);
}

TEST_CASE("fuse_conv_bn_eval and fold_batchnorm: a BatchNorm2d disappears into the Conv2d before it") {
  manual_seed(21);
  BatchNorm2d bn(6);
  {
    const NoGradGuard no_grad;
    bn->running_mean.copy_(randn({6}));
    bn->running_var.copy_(rand({6}) + 0.1);
    bn->weight.copy_(randn({6}));
    bn->bias.copy_(randn({6}));
  }
  bn->eval();
  const Tensor x = randn({2, 4, 7, 5});
  for (const bool bias : {true, false}) {
    Conv2d conv(Conv2dOptions(4, 6, {3, 2}).stride(2).padding(1).groups(2).bias(bias));
    Conv2d fused = fuse_conv_bn_eval(conv, bn);
    CHECK(fused->options.groups() == 2);
    CHECK(!fused->is_training());
    CHECK(largest_difference(fused->forward(x), bn(conv(x))) < 1e-5);

    const auto folded = fold_batchnorm(Sequential(conv, bn, ReLU(), Flatten()), x);
    CHECK(folded.pairs == 1);
    CHECK(folded.largest_difference < 1e-5);
    CHECK(folded.model->ptr<IdentityImpl>(1));
  }
  Sequential backwards(bn, Conv2d(6, 2, 3));  // with padding it would not be one Conv2d
  CHECK(fold_batchnorm(backwards, randn({1, 6, 4, 4})).pairs == 0);
  CHECK_THROWS_WITH(fuse_conv_bn_eval(Conv2d(4, 5, 3), bn), ContainsSubstring("got 5 in the layer beside it and 6"));
}
