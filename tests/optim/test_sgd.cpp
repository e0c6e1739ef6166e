// SGD's rule against the formula written out in double, on every kind of parameter a program may have.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/optim/sgd.h>

#include <cmath>
#include <functional>

using namespace taper;
using namespace support;
using optim::SGD;
using optim::SGDOptions;

static_assert(!std::is_constructible_v<taper::optim::SGD, std::vector<taper::Tensor>>, "a rate must be given");

namespace {

// The formula of optim/sgd.h for one parameter, in double.
struct Reference {
  Reference(const Tensor& parameter, SGDOptions settings) : o(settings), p(values(parameter)) {}

  void step(const Tensor& gradient) {
    const std::vector<double> g = values(gradient);
    const bool first = b.empty();
    b.resize(p.size());
    for (size_t i = 0; i < p.size(); ++i) {
      double d = (o.maximize() ? -g[i] : g[i]) + o.weight_decay() * p[i];
      if (o.momentum() != 0) {
        b[i] = first ? d : o.momentum() * b[i] + (1 - o.dampening()) * d;
        d = o.nesterov() ? d + o.momentum() * b[i] : b[i];
      }
      p[i] -= o.lr() * d;
    }
  }

  SGDOptions o;
  std::vector<double> p, b;
};

std::vector<SGDOptions> all_rules() {
  std::vector<SGDOptions> rules;
  for (const double decay : {0.0, 0.03}) {
    for (const bool maximize : {false, true}) {
      const SGDOptions base = SGDOptions(0.1).weight_decay(decay).maximize(maximize);
      rules.push_back(base);
      rules.push_back(SGDOptions(base).momentum(0.9));
      rules.push_back(SGDOptions(base).momentum(0.8).dampening(0.3));
      rules.push_back(SGDOptions(base).momentum(0.7).nesterov(true));
      rules.push_back(SGDOptions(base).dampening(0.5));  // without momentum it has no meaning
    }
  }
  return rules;
}

std::string describe(const SGDOptions& o) {
  return taper::detail::str("momentum ", o.momentum(), " dampening ", o.dampening(), " weight_decay ", o.weight_decay(),
                            " nesterov ", o.nesterov(), " maximize ", o.maximize());
}

}  // namespace

TEST_CASE("SGD follows the formula, for every option, dtype and size") {
  manual_seed(0);
  for (const SGDOptions& rule : all_rules()) {
    for (const auto dtype : {kFloat32, kFloat64}) {
      INFO(describe(rule) << ", " << to_string(dtype));
      std::vector<Tensor> params;
      for (const int64_t n : {1, 7, 65, 0, 100003}) params.push_back(randn({n}, dtype).requires_grad_());
      params.push_back(randn({}, dtype).requires_grad_());
      params.push_back(randn({3, 5, 2}, dtype).requires_grad_());
      std::vector<Reference> wanted;
      for (const Tensor& p : params) wanted.emplace_back(p, rule);
      SGD optimizer(params, rule);
      for (int step = 0; step < 4; ++step) {
        for (size_t i = 0; i < params.size(); ++i) {
          params[i].mutable_grad() = randn(params[i].sizes(), dtype);
          wanted[i].step(params[i].grad());
        }
        optimizer.step();
        for (size_t i = 0; i < params.size(); ++i) {
          CHECK(largest_difference(params[i], wanted[i].p) < (dtype == kFloat32 ? 2e-6 : 4e-15));
        }
      }
    }
  }
}

// CTest runs this for each instruction set.
TEST_CASE("SGD: the inner loops follow the formula") {
  manual_seed(1);
  for (const SGDOptions& rule : all_rules()) {
    INFO(describe(rule));
    for (const auto dtype : {kFloat32, kFloat64}) {
      for (const int64_t n : {0, 1, 15, 33, 260}) {
        const Tensor p = randn({n}, dtype).requires_grad_();
        Reference wanted(p, rule);
        SGD optimizer({p}, rule);
        for (int step = 0; step < 2; ++step) {
          p.mutable_grad() = randn({n}, dtype);
          optimizer.step();
          wanted.step(p.grad());
        }
        CHECK(largest_difference(p, wanted.p) < (dtype == kFloat32 ? 2e-6 : 4e-15));
        if (rule.momentum() != 0) {
          const auto& state = static_cast<optim::SGDParamState&>(*optimizer.state().at(p.impl()));
          CHECK(largest_difference(state.momentum_buffer(), wanted.b) < (dtype == kFloat32 ? 2e-6 : 4e-15));
        }
      }
    }
  }
}

TEST_CASE("SGD: the momentum buffer starts as the gradient, whatever the dampening") {
  const Tensor p = zeros({3}, requires_grad());
  SGD optimizer({p}, SGDOptions(1).momentum(0.9).dampening(0.75));
  p.mutable_grad() = full({3}, 4.0);
  optimizer.step();
  const auto buffer = [&] {
    return static_cast<optim::SGDParamState&>(*optimizer.state().at(p.impl())).momentum_buffer();
  };
  CHECK(buffer().equal(full({3}, 4.0)));
  optimizer.step();
  CHECK(buffer().allclose(full({3}, 0.9 * 4 + 0.25 * 4)));
}

TEST_CASE("SGD: gradients stay, and parameters without one stay") {
  const Tensor p = ones({4}, requires_grad()), q = ones({4}, requires_grad()), frozen = ones({4});
  SGD optimizer({p, q, frozen}, SGDOptions(0.5).momentum(0.9).weight_decay(0.1));
  p.mutable_grad() = full({4}, 2.0);
  const Tensor g = p.grad();
  optimizer.step();
  CHECK(p.grad().is_same(g));
  CHECK(g.equal(full({4}, 2.0)));
  CHECK(p.allclose(full({4}, 1 - 0.5 * 2.1)));
  CHECK(q.equal(ones({4})));
  CHECK(frozen.equal(ones({4})));
  CHECK_FALSE(q.grad().defined());
  CHECK(p.requires_grad());
  CHECK(p.is_leaf());
}

TEST_CASE("SGD: parameters and gradients need not be row-major") {
  manual_seed(2);
  for (const auto dtype : {kFloat32, kFloat64}) {
    const SGDOptions rule = SGDOptions(0.1).momentum(0.9).weight_decay(0.01).nesterov(true);
    const Tensor storage = randn({6, 10}, dtype);
    const Tensor before = storage.clone();
    const std::vector<Tensor> params = {
        storage.slice(1, 0, 10, 2).detach().requires_grad_(),  // every other column
        randn({4, 7}, dtype).t().detach().requires_grad_(),    // transposed
        randn({5, 3}, dtype).requires_grad_(),                 // row-major, with a transposed gradient
        randn({5, 3}, dtype).requires_grad_(),                 // row-major, with an expanded gradient
    };
    std::vector<Reference> wanted;
    for (const Tensor& p : params) wanted.emplace_back(p, rule);
    SGD optimizer(params, rule);
    for (int step = 0; step < 3; ++step) {
      params[0].mutable_grad() = randn({6, 5}, dtype);
      params[1].mutable_grad() = randn({7, 4}, dtype);
      params[2].mutable_grad() = randn({3, 5}, dtype).t();
      params[3].mutable_grad() = randn({3}, dtype).expand({5, 3});
      for (size_t i = 0; i < params.size(); ++i) wanted[i].step(params[i].grad());
      optimizer.step();
      for (size_t i = 0; i < params.size(); ++i) {
        CHECK(largest_difference(params[i], wanted[i].p) < (dtype == kFloat32 ? 2e-6 : 4e-15));
      }
    }
    // the columns between belong to somebody else
    CHECK(same_bits(storage.slice(1, 1, 10, 2), before.slice(1, 1, 10, 2)));
    CHECK(same_bits(storage.slice(1, 0, 10, 2), params[0]));
  }
}

TEST_CASE("SGD: a weight and its transpose, on the same memory, both take their step") {
  manual_seed(5);
  for (const bool transpose_first : {false, true}) {
    const Tensor w = randn({3, 4}).requires_grad_(), t = w.t().detach().requires_grad_();
    const Tensor before = w.detach().clone();
    w.mutable_grad() = randn({3, 4});
    t.mutable_grad() = randn({4, 3});
    SGD optimizer(transpose_first ? std::vector<Tensor>{t, w} : std::vector<Tensor>{w, t}, SGDOptions(0.1));
    optimizer.step();
    CHECK(w.allclose(before - 0.1 * (w.grad() + t.grad().t())));
  }
}

TEST_CASE("SGD: a factor of 0 leaves its term out") {
  const Tensor p = full({4}, INFINITY).requires_grad_();
  p.mutable_grad() = ones({4});
  SGD({p}, SGDOptions(0.1)).step();
  SGD({p}, SGDOptions(0.1).momentum(0.5)).step();
  CHECK(p.equal(full({4}, INFINITY)));
}

TEST_CASE("SGD: NaN in a gradient reaches the parameter") {
  const Tensor p = ones({3}, requires_grad());
  p.mutable_grad() = tensor({1.0, NAN, 1.0});
  SGD({p}, SGDOptions(1)).step();
  CHECK(p[0].item<double>() == 0);
  CHECK(std::isnan(p[1].item<double>()));
  CHECK(p[2].item<double>() == 0);
}

TEST_CASE("SGD: the bits do not depend on the number of threads") {
  const auto train = [](const SGDOptions& rule) {
    manual_seed(3);
    std::vector<Tensor> params;
    for (int i = 0; i < 40; ++i)
      params.push_back(randn({1 + i * 37 % 101}, i % 2 ? kFloat32 : kFloat64).requires_grad_());
    for (const int64_t n : {100003, 16384, 3, 70000, 16383}) params.push_back(randn({n}).requires_grad_());
    params.push_back(zeros({0}).requires_grad_());
    SGD optimizer(params, rule);
    for (int step = 0; step < 3; ++step) {
      for (const Tensor& p : params) p.mutable_grad() = randn(p.sizes(), p.dtype());
      optimizer.step();
    }
    return params;
  };
  for (const SGDOptions& rule : all_rules()) check_threads([&] { return train(rule); });
}

TEST_CASE("SGD: a graph that saved a parameter is told of the step") {
  const Tensor w = ones({2}, requires_grad()), x = ones({2}, requires_grad());
  const Tensor y = (w * x).sum();
  w.mutable_grad() = ones({2});
  const int64_t version = w._version();
  SGD optimizer({w}, SGDOptions(0.1));
  optimizer.step();
  CHECK(w._version() == version + 1);
  CHECK_THROWS_WITH(y.backward(), ContainsSubstring("in place"));
}

TEST_CASE("SGD: groups have options of their own") {
  const Tensor a = zeros({2}, requires_grad()), b = zeros({2}, requires_grad());
  std::vector<optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{a}, std::make_unique<SGDOptions>(0.5));
  groups.emplace_back(std::vector<Tensor>{b});
  SGD optimizer(groups, SGDOptions(0.1));
  a.mutable_grad() = ones({2});
  b.mutable_grad() = ones({2});
  optimizer.step();
  CHECK(a.allclose(full({2}, -0.5)));
  CHECK(b.allclose(full({2}, -0.1)));
  optimizer.param_groups()[1].options().set_lr(2);
  optimizer.step();
  CHECK(b.allclose(full({2}, -2.1)));
  CHECK(optimizer.defaults().get_lr() == 0.1);
}

TEST_CASE("SGD: bad options are errors that show the value") {
  const Tensor p = ones({2}, requires_grad());
  const auto make = [&](const SGDOptions& options) { SGD optimizer({p}, options); };
  CHECK_THROWS_WITH(make(SGDOptions(-1)), "SGD: lr must be a finite number, 0 or more; got -1");
  CHECK_THROWS_WITH(make(SGDOptions(NAN)), "SGD: lr must be a finite number, 0 or more; got nan");
  CHECK_THROWS_WITH(make(SGDOptions(1).momentum(-0.5)), "SGD: momentum must be a finite number, 0 or more; got -0.5");
  CHECK_THROWS_WITH(make(SGDOptions(1).dampening(INFINITY)), "SGD: dampening must be a finite number; got inf");
  CHECK_THROWS_WITH(make(SGDOptions(1).weight_decay(-2)),
                    "SGD: weight_decay must be a finite number, 0 or more; got -2");
  CHECK_THROWS_WITH(make(SGDOptions(1).nesterov(true)),
                    "SGD: nesterov needs a momentum above 0 and a dampening of 0; got momentum 0 and dampening 0");
  CHECK_THROWS_WITH(make(SGDOptions(1).momentum(0.9).dampening(0.5).nesterov(true)),
                    "SGD: nesterov needs a momentum above 0 and a dampening of 0; got momentum 0.9 and dampening 0.5");
  CHECK_THROWS_AS(make(SGDOptions(-1)), ValueError);
  make(SGDOptions(0));

  std::vector<optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{p}, std::make_unique<SGDOptions>(-3));
  CHECK_THROWS_WITH(SGD(groups, SGDOptions(1)), "SGD: lr must be a finite number, 0 or more; got -3");
}

TEST_CASE("SGD: a step that cannot be taken changes nothing") {
  const Tensor a = ones({3}, requires_grad()), b = ones({2}, requires_grad());
  SGD optimizer({a, b}, SGDOptions(0.1).momentum(0.9));
  a.mutable_grad() = ones({3});
  const auto refuses = [&](const std::string& message) {
    CHECK_THROWS_WITH(optimizer.step(), message);
    CHECK(a.equal(ones({3})));
    CHECK(b.equal(ones({2}, b.dtype())));
  };
  b.mutable_grad() = ones({3});
  refuses(
      "SGD::step: the gradient must have the dtype and sizes of its parameter; got Float of sizes [3] for parameter 1 "
      "of "
      "group 0, which is Float of sizes [2]; make the optimiser after converting the model");
  b.mutable_grad() = ones({2}, kFloat64);
  refuses(
      "SGD::step: the gradient must have the dtype and sizes of its parameter; got Double of sizes [2] for parameter 1 "
      "of group 0, which is Float of sizes [2]; make the optimiser after converting the model");
  b.mutable_grad() = ones({2});
  optimizer.param_groups()[0].options().set_lr(NAN);
  refuses("SGD: lr must be a finite number, 0 or more; got nan");
  optimizer.param_groups()[0].options().set_lr(0.1);

  // the first buffers are still to come: the failed steps were none
  static_cast<SGDOptions&>(optimizer.param_groups()[0].options()).dampening(0.5);
  optimizer.step();
  CHECK(a.allclose(full({3}, 0.9)));

  b.set_data(ones({2}, kFloat64));
  b.mutable_grad() = ones({2}, kFloat64);
  const Tensor before = a.clone();
  CHECK_THROWS_WITH(
      optimizer.step(),
      "SGD::step: the momentum buffer must have the dtype and sizes of its parameter; got Float of sizes [2] for "
      "parameter 1 of group 0, which is Double of sizes [2]; make the optimiser after converting the model");
  CHECK(a.equal(before));
}

TEST_CASE("SGD: parameters on the same memory, and no parameters, are errors") {
  const Tensor flat = ones({10});
  const Tensor a = flat.narrow(0, 0, 6).detach().requires_grad_(), b = flat.narrow(0, 5, 5).detach().requires_grad_();
  for (const Tensor& p : {a, b}) p.mutable_grad() = ones(p.sizes());
  SGD overlapping({a, b}, SGDOptions(0.1));
  CHECK_THROWS_WITH(overlapping.step(),
                    "SGD::step: the memory of different parameters must not overlap; got two that do; tie weights by "
                    "using one tensor in both places");
  CHECK(flat.equal(ones({10})));

  // parts of one block are fine
  const Tensor left = flat.narrow(0, 0, 5).detach().requires_grad_();
  left.mutable_grad() = ones({5});
  SGD side_by_side({left, b}, SGDOptions(0.5));
  side_by_side.step();
  CHECK(flat.allclose(full({10}, 0.5)));

  const Tensor expanded = ones({1}).expand({4}).detach().requires_grad_();
  expanded.mutable_grad() = ones({4});
  CHECK_THROWS_AS(SGD({expanded}, SGDOptions(0.1)).step(), Error);

  SGD none(std::vector<Tensor>{}, SGDOptions(0.1));
  CHECK_THROWS_WITH(none.step(),
                    "SGD::step: the optimiser must have parameters; got none; were the layers registered "
                    "(register_module) before parameters() was called?");
}

TEST_CASE("SGD: the buffer of a parameter that gets no gradient any more ends at 0, not at a subnormal number") {
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    for (const int64_t n : {5, 200000}) {  // on this thread alone, and on all
      Tensor p = full({n}, 0.5, dtype).requires_grad_();
      SGD optimizer({p}, SGDOptions(0.1).momentum(0.6));  // 0.6 of the least number is rounded up to it
      p.mutable_grad() = ones({n}, dtype);
      optimizer.step();
      p.mutable_grad().zero_();
      for (int i = 0; i < 1400; ++i) optimizer.step();
      const auto& state = static_cast<const optim::SGDParamState&>(*optimizer.state().begin()->second);
      CHECK(state.momentum_buffer().eq(0).all().item<bool>());
      CHECK(p.allclose(full({n}, 0.5 - 0.1 / 0.4, dtype)));
    }
  }
  const volatile float least = 1e-44f;
  CHECK(least * 1.0f != 0);  // elsewhere such numbers stay
}
