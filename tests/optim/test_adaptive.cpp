// Adam, AdamW, RMSprop and Adagrad against their formulas, written out in double.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/optim/optim.h>

#include <algorithm>
#include <cmath>

using namespace taper;
using namespace taper::optim;
using namespace support;

namespace {

// One value of a parameter and what is kept for it.
struct Cell {
  double p = 0, m = 0, v = 0, b = 0, largest = 0;
};

void update(const AdamOptions& o, bool shrink, Cell& c, double g, int t) {
  const auto [beta1, beta2] = o.betas();
  if (shrink) {
    c.p -= o.lr() * o.weight_decay() * c.p;
  } else {
    g += o.weight_decay() * c.p;
  }
  c.m = beta1 * c.m + (1 - beta1) * g;
  c.v = beta2 * c.v + (1 - beta2) * g * g;
  c.largest = std::max(c.largest, c.v);
  const double v = o.amsgrad() ? c.largest : c.v;
  c.p -= o.lr() / (1 - std::pow(beta1, t)) * c.m / (std::sqrt(v / (1 - std::pow(beta2, t))) + o.eps());
}
void update(const AdamOptions& o, Cell& c, double g, int t) { update(o, false, c, g, t); }
void update(const AdamWOptions& o, Cell& c, double g, int t) { update(o, true, c, g, t); }
void update(const RMSpropOptions& o, Cell& c, double g, int) {
  g += o.weight_decay() * c.p;
  c.v = o.alpha() * c.v + (1 - o.alpha()) * g * g;
  c.m = o.alpha() * c.m + (1 - o.alpha()) * g;
  const double u = g / (std::sqrt(o.centered() ? c.v - c.m * c.m : c.v) + o.eps());
  c.b = o.momentum() * c.b + u;
  c.p -= o.lr() * c.b;
}
void update(const AdagradOptions& o, Cell& c, double g, int t) {
  if (t == 1) c.v = o.initial_accumulator_value();
  g += o.weight_decay() * c.p;
  c.v += g * g;
  c.p -= o.lr() / (1 + (t - 1) * o.lr_decay()) * g / (std::sqrt(c.v) + o.eps());
}

template <class Options>
struct OptimizerOf;
template <>
struct OptimizerOf<AdamOptions> : std::type_identity<Adam> {};
template <>
struct OptimizerOf<AdamWOptions> : std::type_identity<AdamW> {};
template <>
struct OptimizerOf<RMSpropOptions> : std::type_identity<RMSprop> {};
template <>
struct OptimizerOf<AdagradOptions> : std::type_identity<Adagrad> {};

template <class Options>
std::vector<Options> rules();
template <>
std::vector<AdamOptions> rules() {
  return {AdamOptions(), AdamOptions(0.01).betas(std::make_tuple(0.5, 0.8)).eps(1e-3),
          AdamOptions(0.01).weight_decay(0.1), AdamOptions(0.01).betas(std::make_tuple(0.9, 0.5)).amsgrad(true),
          AdamOptions(0.01).betas(std::make_tuple(0.0, 0.5)).weight_decay(0.1).amsgrad(true)};
}
template <>
std::vector<AdamWOptions> rules() {
  return {AdamWOptions(), AdamWOptions(0.01).weight_decay(0), AdamWOptions(0.01).weight_decay(0.3).eps(1e-3),
          AdamWOptions(0.01).betas(std::make_tuple(0.8, 0.5)).amsgrad(true)};
}
template <>
std::vector<RMSpropOptions> rules() {
  std::vector<RMSpropOptions> all;
  for (const double decay : {0.0, 0.1}) {
    for (const double momentum : {0.0, 0.8}) {
      for (const bool centered : {false, true}) {
        all.push_back(
            RMSpropOptions(0.01).alpha(0.9).eps(1e-3).weight_decay(decay).momentum(momentum).centered(centered));
      }
    }
  }
  all.push_back(RMSpropOptions());
  return all;
}
template <>
std::vector<AdagradOptions> rules() {
  return {AdagradOptions(), AdagradOptions(0.1).lr_decay(0.2), AdagradOptions(0.1).weight_decay(0.1).eps(1e-3),
          AdagradOptions(0.1).initial_accumulator_value(0.5)};
}

template <class Options>
std::vector<Tensor> parameters(ScalarType dtype) {
  std::vector<Tensor> params;
  for (const int64_t n : {1, 7, 65, 0, 70003}) params.push_back(randn({n}, dtype).requires_grad_());
  params.push_back(randn({}, dtype).requires_grad_());
  params.push_back(randn({4, 7}, dtype).t().detach().requires_grad_());
  return params;
}

void draw_gradients(const std::vector<Tensor>& params) {
  for (const Tensor& p : params) p.mutable_grad() = randn(p.sizes(), p.dtype());
}

}  // namespace

TEMPLATE_TEST_CASE("adaptive optimisers follow their formulas, for every option, dtype and size", "", AdamOptions,
                   AdamWOptions, RMSpropOptions, AdagradOptions) {
  manual_seed(0);
  for (const TestType& rule : rules<TestType>()) {
    for (const auto dtype : {kFloat32, kFloat64}) {
      const std::vector<Tensor> params = parameters<TestType>(dtype);
      std::vector<std::vector<Cell>> wanted;
      for (const Tensor& p : params) {
        wanted.emplace_back();
        for (double value : values(p)) wanted.back().push_back({.p = value});
      }
      typename OptimizerOf<TestType>::type optimizer(params, rule);
      for (int t = 1; t <= 4; ++t) {
        draw_gradients(params);
        optimizer.step();
        for (size_t i = 0; i < params.size(); ++i) {
          const std::vector<double> g = values(params[i].grad());
          std::vector<double> p;
          for (size_t k = 0; k < g.size(); ++k) {
            update(rule, wanted[i][k], g[k], t);
            p.push_back(wanted[i][k].p);
          }
          INFO("step " << t << ", parameter " << i << ", " << to_string(dtype));
          // centred, v - m^2 cancels: at the first step it is alpha (1 - alpha) d^2
          CHECK(largest_difference(params[i], p) < (dtype == kFloat32 ? 1e-4 : 1e-12));
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("adaptive optimisers give the same bits for any number of threads", "", AdamOptions, AdamWOptions,
                   RMSpropOptions, AdagradOptions) {
  for (const TestType& rule : rules<TestType>()) {
    check_threads([&] {
      manual_seed(1);
      const std::vector<Tensor> params = parameters<TestType>(kFloat32);
      typename OptimizerOf<TestType>::type optimizer(params, rule);
      for (int step = 0; step < 3; ++step) {
        draw_gradients(params);
        optimizer.step();
      }
      return params;
    });
  }
}

TEMPLATE_TEST_CASE("adaptive optimisers go on from a saved state as if they had not stopped", "", AdamOptions,
                   AdamWOptions, RMSpropOptions, AdagradOptions) {
  for (const TestType& rule : rules<TestType>()) {
    using Optimizer = typename OptimizerOf<TestType>::type;
    manual_seed(2);
    const Tensor p = randn({33}, requires_grad());
    Optimizer first({p}, rule);
    for (int step = 0; step < 3; ++step) {
      draw_gradients({p});
      first.step();
    }
    const Tensor q = p.detach().clone().requires_grad_();
    Optimizer second({q}, TestType(0.5));
    second.load_state_dict(first.state_dict());
    for (int step = 0; step < 3; ++step) {
      draw_gradients({p});
      q.mutable_grad() = p.grad().clone();
      first.step();
      second.step();
    }
    CHECK(same_bits(p.detach(), q.detach()));
    CHECK(static_cast<const TestType&>(second.param_groups()[0].options()) == rule);
  }
}

TEMPLATE_TEST_CASE("adaptive optimisers: a step that cannot be taken changes nothing, the count included", "",
                   AdamOptions, AdamWOptions, RMSpropOptions, AdagradOptions) {
  const Tensor a = ones({3}, requires_grad()), b = ones({2}, requires_grad());
  typename OptimizerOf<TestType>::type optimizer({a, b}, TestType(0.1));
  a.mutable_grad() = ones({3});
  b.mutable_grad() = ones({3});
  CHECK_THROWS_WITH(optimizer.step(), ContainsSubstring("::step: the gradient must have the dtype and sizes of its "
                                                        "parameter; got Float of sizes [3] for parameter 1"));
  CHECK(a.equal(ones({3})));
  const OrderedDict<std::string, Tensor> state = optimizer.state_dict();
  CHECK_FALSE(state.contains("state.0.exp_avg"));
  if (state.contains("state.0.step")) CHECK(state["state.0.step"].item<int64_t>() == 0);
  b.mutable_grad() = ones({2});
  optimizer.step();
  const OrderedDict<std::string, Tensor> after = optimizer.state_dict();
  CHECK(after["state.0.step"].item<int64_t>() == 1);

  const std::pair<int64_t, const char*> no_counts[] = {
      {-1, "state.1.step (-1, which is no count)"},
      {std::numeric_limits<int64_t>::max(), "state.1.step (9223372036854775807, which is no count)"}};
  for (const auto& [count, message] : no_counts) {
    const Tensor step = zeros({}, kInt64);
    *step.data_ptr<int64_t>() = count;
    OrderedDict<std::string, Tensor> changed;
    for (const auto& item : after) changed.insert(item.key(), item.key() == "state.1.step" ? step : item.value());
    CHECK_THROWS_WITH(optimizer.load_state_dict(changed), ContainsSubstring(message));
  }
}

TEST_CASE("adaptive optimisers: bad options are errors that show the value") {
  const Tensor p = ones({2}, requires_grad());
  CHECK_THROWS_WITH(Adam({p}, AdamOptions(-1)), "Adam: lr must be a finite number, 0 or more; got -1");
  CHECK_THROWS_WITH(AdamW({p}, AdamWOptions(NAN)), "AdamW: lr must be a finite number, 0 or more; got nan");
  CHECK_THROWS_WITH(Adam({p}, AdamOptions(1).betas(std::make_tuple(1.0, 0.5))),
                    "Adam: betas must be from 0 to below 1; got 1 and 0.5");
  CHECK_THROWS_WITH(Adam({p}, AdamOptions(1).betas(std::make_tuple(0.5, -0.5))),
                    "Adam: betas must be from 0 to below 1; got 0.5 and -0.5");
  CHECK_THROWS_WITH(Adam({p}, AdamOptions(1).eps(-1)), "Adam: eps must be a finite number, 0 or more; got -1");
  CHECK_THROWS_WITH(AdamW({p}, AdamWOptions(1).weight_decay(-1)),
                    "AdamW: weight_decay must be a finite number, 0 or more; got -1");
  CHECK_THROWS_WITH(RMSprop({p}, RMSpropOptions(1).alpha(2)), "RMSprop: alpha must be from 0 to 1; got 2");
  CHECK_THROWS_WITH(RMSprop({p}, RMSpropOptions(1).momentum(-2)),
                    "RMSprop: momentum must be a finite number, 0 or more; got -2");
  CHECK_THROWS_WITH(Adagrad({p}, AdagradOptions(1).lr_decay(-2)),
                    "Adagrad: lr_decay must be a finite number, 0 or more; got -2");
  CHECK(AdamWOptions().weight_decay() == 0.01);
  CHECK(AdamOptions().weight_decay() == 0);
}

TEST_CASE("AdamW has groups with options of their own, and OneCycleLR cycles its first beta") {
  const Tensor a = ones({2}, requires_grad()), b = ones({2}, requires_grad());
  std::vector<OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{a}, std::make_unique<AdamWOptions>(AdamWOptions(0.5).weight_decay(0)));
  groups.emplace_back(std::vector<Tensor>{b});
  AdamW optimizer(groups, AdamWOptions(0.1).weight_decay(0.5));
  draw_gradients({a, b});
  a.grad().fill_(1);
  b.grad().fill_(1);
  optimizer.step();
  CHECK(a.allclose(full({2}, 0.5)));  // the first step is lr long
  CHECK(b.allclose(full({2}, 0.95 - 0.1)));
  OneCycleLR schedule(optimizer, 1.0, 10);
  CHECK(std::get<0>(static_cast<AdamWOptions&>(optimizer.param_groups()[0].options()).betas()) == 0.95);
}
