// What all optimisers share: groups, closures, zero_grad, saved state.
#include "catch.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/functional.h>
#include <taper/layers/linear.h>
#include <taper/optim/optim.h>
#include <taper/serialize/serialize.h>

#include <sstream>

using namespace taper;
using namespace support;
using optim::SGD;
using optim::SGDOptions;

namespace {

using State = OrderedDict<std::string, Tensor>;

State copy(const State& state) {
  State result;
  for (const auto& item : state) result.insert(item.key(), item.value().clone());
  return result;
}

// A layer of one's own kind of optimiser, as a program would write it.
struct SignOptions : optim::OptimizerCloneableOptions<SignOptions> {
  SignOptions(double lr) : lr_(lr) {}
  TAPER_ARG(double, lr);

 public:
  double get_lr() const override { return lr_; }
  void set_lr(double lr) override { lr_ = lr; }
};
struct Sign : optim::Optimizer {
  Sign(std::vector<Tensor> params, SignOptions options)
      : Optimizer(std::move(params), std::make_unique<SignOptions>(options)) {}
  Tensor step(LossClosure closure = nullptr) override {
    const Tensor loss = closure ? closure() : Tensor();
    const NoGradGuard no_grad;
    for (auto& group : param_groups_) {
      for (Tensor& p : group.params()) {
        if (p.grad().defined()) p.sub_(p.grad().sign() * group.options().get_lr());
      }
    }
    return loss;
  }
};

}  // namespace

TEST_CASE("Optimizer: what parameters must be") {
  const Tensor a = ones({2}, requires_grad()), b = ones({3}, requires_grad());
  const auto make = [](const std::vector<Tensor>& params) { SGD optimizer(params, SGDOptions(0.1)); };
  CHECK_THROWS_WITH(make({a, b, a}),
                    "Optimizer: a parameter must be listed once; parameter 2 of group 0 of sizes [2] is there already");
  CHECK_THROWS_WITH(make({a, b * b}),
                    "Optimizer: a parameter must be a leaf; parameter 1 of group 0 of sizes [3] is the result of "
                    "MulBackward0; pass the tensors it was computed from");
  CHECK_THROWS_WITH(make({Tensor()}),
                    "Optimizer: a parameter must be defined; parameter 0 of group 0 is not; leave it out");
  CHECK_THROWS_WITH(
      make({zeros({2}, kInt64)}),
      "Optimizer: a parameter must be of a floating-point type; parameter 0 of group 0 is Long of sizes [2]");

  SGD optimizer({a}, SGDOptions(0.1));
  CHECK_THROWS_WITH(optimizer.add_param_group(optim::OptimizerParamGroup({b, a})),
                    "Optimizer: a parameter must be listed once; parameter 1 of group 1 of sizes [2] is there already");
  CHECK_THROWS_WITH(optimizer.add_parameters({a}),
                    "Optimizer: a parameter must be listed once; parameter 1 of group 0 of sizes [2] is there already");
  CHECK(optimizer.size() == 1);
  CHECK(optimizer.param_groups().size() == 1);
  optimizer.add_parameters({b});
  CHECK(optimizer.size() == 2);
  CHECK(optimizer.parameters()[1].is_same(b));
}

TEST_CASE("Optimizer: options of another optimiser are refused") {
  const Tensor a = ones({2}, requires_grad());
  std::vector<optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{a}, std::make_unique<SignOptions>(0.1));
  CHECK_THROWS_WITH(SGD(groups, SGDOptions(0.1)), ContainsSubstring("must be of the same type as the defaults"));
  CHECK_THROWS_AS(SGD(groups, SGDOptions(0.1)), TypeError);
  SGD optimizer({a}, SGDOptions(0.1));
  optimizer.param_groups()[0].set_options(std::make_unique<SignOptions>(0.1));
  CHECK_THROWS_WITH(optimizer.step(), "SGD::step: the options of a group must be SGDOptions; those of group 0 are not");
}

TEST_CASE("Optimizer: a group copied has options of its own") {
  optim::OptimizerParamGroup group({ones({2})}, std::make_unique<SGDOptions>(0.1));
  optim::OptimizerParamGroup other = group;
  other.options().set_lr(5);
  CHECK(group.options().get_lr() == 0.1);
  CHECK(other.params()[0].is_same(group.params()[0]));
  const optim::OptimizerParamGroup without({ones({2})});
  CHECK_FALSE(without.has_options());
  CHECK_THROWS_WITH(without.options(), ContainsSubstring("the group must have options"));
}

TEST_CASE("Optimizer: the closure runs with recording on, and its loss is returned") {
  const Tensor w = full({1}, 3.0).requires_grad_();
  SGD optimizer({w}, SGDOptions(0.25));
  CHECK_FALSE(optimizer.step().defined());
  const NoGradGuard no_grad;
  int calls = 0;
  const Tensor loss = optimizer.step([&] {
    ++calls;
    CHECK(GradMode::is_enabled());
    optimizer.zero_grad();
    Tensor l = (w * w).sum();
    l.backward();
    return l;
  });
  CHECK(calls == 1);
  CHECK_FALSE(GradMode::is_enabled());
  CHECK(loss.item<double>() == 9);
  CHECK(w.item<double>() == Approx(3 - 0.25 * 6));
  CHECK_THROWS_WITH(optimizer.step([]() -> Tensor { throw Error("mine"); }), "mine");
  CHECK(w.item<double>() == Approx(1.5));
}

TEST_CASE("Optimizer: zero_grad fills with zeros, or drops") {
  const Tensor w = ones({3}, requires_grad()), other = ones({3}, requires_grad());
  SGD optimizer({w, other}, SGDOptions(0.1));
  w.square().sum().backward();
  const Tensor g = w.grad();
  optimizer.zero_grad();
  CHECK(w.grad().is_same(g));
  CHECK(g.equal(zeros({3})));
  CHECK_FALSE(other.grad().defined());
  optimizer.zero_grad(/*set_to_none=*/true);
  CHECK_FALSE(w.grad().defined());
  (w * w * w).sum().backward({}, true, /*create_graph=*/true);
  CHECK(w.grad().requires_grad());
  optimizer.zero_grad();
  CHECK_FALSE(w.grad().requires_grad());
  CHECK(w.grad().equal(zeros({3})));
}

TEST_CASE("Optimizer: one of one's own") {
  const Tensor w = tensor({1.0, -2.0}).requires_grad_();
  Sign optimizer({w}, 0.5);
  optim::StepLR scheduler(optimizer, 1, 0.5);
  w.square().sum().backward();
  optimizer.step();
  CHECK(w.equal(tensor({0.5, -1.5})));
  scheduler.step();
  optimizer.step();
  CHECK(w.equal(tensor({0.25, -1.25})));
  CHECK_THROWS_AS(optimizer.state_dict(), NotImplementedError);
  CHECK_THROWS_WITH(optimizer.state_dict(), ContainsSubstring("OptimizerOptions::visit must be overridden"));
}

// ---- saving and loading ---------------------------------------------------------------------------------------------

TEST_CASE("Optimizer::state_dict: keys and values") {
  const Tensor a = ones({2}, requires_grad()), b = ones({3}, requires_grad()), c = ones({1}, requires_grad());
  std::vector<optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{a, b});
  groups.emplace_back(std::vector<Tensor>{c},
                      std::make_unique<SGDOptions>(SGDOptions(0.5).momentum(0.25).nesterov(true)));
  SGD optimizer(groups, SGDOptions(0.125).momentum(0.5));
  b.mutable_grad() = full({3}, 2.0);
  optimizer.step();
  const State state = optimizer.state_dict();
  CHECK(state.keys() ==
        std::vector<std::string>{"state.1.momentum_buffer", "param_groups.0.lr", "param_groups.0.momentum",
                                 "param_groups.0.dampening", "param_groups.0.weight_decay", "param_groups.0.nesterov",
                                 "param_groups.0.maximize", "param_groups.0.params", "param_groups.1.lr",
                                 "param_groups.1.momentum", "param_groups.1.dampening", "param_groups.1.weight_decay",
                                 "param_groups.1.nesterov", "param_groups.1.maximize", "param_groups.1.params"});
  CHECK(state["state.1.momentum_buffer"].equal(full({3}, 2.0)));
  CHECK(state["param_groups.0.lr"].dtype() == kFloat64);
  CHECK(state["param_groups.0.lr"].dim() == 0);
  CHECK(state["param_groups.0.lr"].item<double>() == 0.125);
  CHECK(state["param_groups.1.nesterov"].dtype() == kBool);
  CHECK(state["param_groups.1.nesterov"].item<bool>());
  CHECK(state["param_groups.0.params"].equal(tensor({0, 1})));
  CHECK(state["param_groups.1.params"].equal(tensor({2})));
}

TEST_CASE("Optimizer: training that goes on from a saved state has the bits of training that never stopped") {
  for (const auto dtype : {kFloat32, kFloat64}) {
    manual_seed(4);
    const Tensor x = randn({20, 4}, dtype), y = randn({20, 3}, dtype);
    const auto make_net = [&] {
      manual_seed(5);
      nn::Linear net(4, 3);
      net->to(dtype);
      return net;
    };
    const auto options = SGDOptions(0.1).momentum(0.9).dampening(0.1).weight_decay(0.01);
    const auto train = [&](nn::Linear& net, SGD& optimizer, optim::LRScheduler& scheduler, int steps) {
      for (int i = 0; i < steps; ++i) {
        optimizer.zero_grad();
        (net(x) - y).square().mean().backward();
        optimizer.step();
        scheduler.step();
      }
    };
    nn::Linear whole = make_net();
    SGD whole_optimizer(whole->parameters(), options);
    optim::CosineAnnealingLR whole_scheduler(whole_optimizer, 10);
    train(whole, whole_optimizer, whole_scheduler, 9);

    nn::Linear first = make_net();
    SGD first_optimizer(first->parameters(), options);
    optim::CosineAnnealingLR first_scheduler(first_optimizer, 10);
    train(first, first_optimizer, first_scheduler, 4);
    const State weights = copy(first->state_dict()), state = copy(first_optimizer.state_dict()),
                schedule = copy(first_scheduler.state_dict());

    nn::Linear second = make_net();
    second->load_state_dict(weights);
    SGD second_optimizer(second->parameters(), SGDOptions(7));  // every setting is restored
    second_optimizer.load_state_dict(state);
    optim::CosineAnnealingLR second_scheduler(second_optimizer, 10);
    second_scheduler.load_state_dict(schedule);
    CHECK(static_cast<const SGDOptions&>(second_optimizer.param_groups()[0].options()).dampening() == 0.1);
    train(second, second_optimizer, second_scheduler, 5);
    CHECK(same_bits(whole->weight, second->weight));
    CHECK(same_bits(whole->bias, second->bias));
    CHECK(whole_scheduler.get_current_lrs() == second_scheduler.get_current_lrs());
  }
}

TEST_CASE("Optimizer::load_state_dict copies, and keeps the options where they are") {
  const Tensor a = ones({2}, requires_grad());
  SGD optimizer({a}, SGDOptions(0.1).momentum(0.5));
  const auto& options = static_cast<SGDOptions&>(optimizer.param_groups()[0].options());
  a.mutable_grad() = ones({2});
  optimizer.step();
  State state = copy(optimizer.state_dict());
  state["param_groups.0.lr"].fill_(0.75);
  optimizer.load_state_dict(state);
  CHECK(options.lr() == 0.75);
  optimizer.step();
  CHECK(state["state.0.momentum_buffer"].equal(ones({2})));  // not the optimiser's own

  // a state without buffers is one before the first step
  state.erase("state.0.momentum_buffer");
  optimizer.load_state_dict(state);
  CHECK(optimizer.state().empty());
}

TEST_CASE("Optimizer::load_state_dict: what does not fit is an error that changes nothing") {
  const Tensor a = ones({2}, requires_grad()), b = ones({3}, requires_grad());
  SGD optimizer({a, b}, SGDOptions(0.1).momentum(0.5));
  a.mutable_grad() = ones({2});
  optimizer.step();
  const State good = copy(optimizer.state_dict());
  const auto refuses = [&](const State& state, const std::string& message) {
    CHECK_THROWS_WITH(optimizer.load_state_dict(state), message);
    const State now = optimizer.state_dict();
    REQUIRE(now.keys() == good.keys());
    for (const auto& item : good) CHECK(now[item.key()].equal(item.value()));
  };
  const auto with = [&](const std::string& key, const Tensor& value) {
    State state = copy(good);
    if (state.contains(key)) state.erase(key);
    if (value.defined()) state.insert(key, value);
    return state;
  };
  const std::string fit = "load_state_dict: the state must fit the optimiser, which is left as it was;";
  refuses(with("param_groups.0.momentum", {}), fit + " missing keys: param_groups.0.momentum");
  refuses(with("state.2.momentum_buffer", ones({1})), fit + " unexpected keys: state.2.momentum_buffer");
  refuses(with("state.0.step", ones({})), fit + " unexpected keys: state.0.step");
  refuses(with("state", ones({})), fit + " unexpected keys: state");
  refuses(
      with("param_groups.0.lr", ones({1}, kFloat64)),
      fit + " values that do not fit: param_groups.0.lr (Double of sizes [] here, Double of sizes [1] in the state)");
  refuses(
      with("param_groups.0.nesterov", ones({}, kInt64)),
      fit + " values that do not fit: param_groups.0.nesterov (Bool of sizes [] here, Long of sizes [] in the state)");
  refuses(with("state.0.momentum_buffer", ones({3})), fit +
                                                          " values that do not fit: state.0.momentum_buffer (Float of "
                                                          "sizes [2] here, Float of sizes [3] in the state)");
  refuses(with("state.0.momentum_buffer", ones({2}, kFloat64)),
          fit +
              " values that do not fit: state.0.momentum_buffer (Float of sizes [2] here, Double of sizes [2] in the "
              "state)");
  refuses(
      with("param_groups.0.params", arange(3)),
      fit + " values that do not fit: param_groups.0.params (Long of sizes [2] here, Long of sizes [3] in the state)");
  refuses(with("param_groups.0.params", tensor({1, 0})),
          fit + " values that do not fit: param_groups.0.params (1 at position 0 where 0 is due)");
  refuses(
      with("param_groups.1.lr", ones({}, kFloat64)),
      "load_state_dict: the state must have the optimiser's 1 parameter groups; got 2; make the optimiser as when it "
      "was saved");
  refuses(State(),
          "load_state_dict: the state must have the optimiser's 1 parameter groups; got 0; make the optimiser as when "
          "it was saved");
  refuses(with("param_groups.0.lr", full({}, -1.0, kFloat64)), "SGD: lr must be a finite number, 0 or more; got -1");

  State several = with("param_groups.0.lr", {});
  several.insert("extra", ones({1}));
  several.insert("state.1.momentum_buffer", ones({4}));
  refuses(several, fit +
                       " missing keys: param_groups.0.lr; unexpected keys: extra; values that do not fit: "
                       "state.1.momentum_buffer (Float of sizes [3] here, Float of sizes [4] in the state)");
  optimizer.load_state_dict(good);
}

TEST_CASE("Optimizer: save and load through a file") {
  const Tensor a = ones({2}, requires_grad());
  SGD optimizer({a}, SGDOptions(0.1).momentum(0.5));
  a.mutable_grad() = tensor({1.0, 2.0});
  optimizer.step();
  optim::StepLR scheduler(optimizer, 1);
  scheduler.step();
  std::stringstream file, schedule;
  save(optimizer, file);
  save(scheduler, schedule);

  SGD other({ones({2}, requires_grad())}, SGDOptions(3));
  load(other, file);
  CHECK(static_cast<const SGDOptions&>(other.param_groups()[0].options()) ==
        static_cast<const SGDOptions&>(optimizer.param_groups()[0].options()));
  CHECK(other.state_dict()["state.0.momentum_buffer"].equal(tensor({1.0, 2.0})));
  optim::StepLR resumed(other, 1);
  load(resumed, schedule);
  CHECK(resumed.state_dict()["last_epoch"].item<int64_t>() == 1);
  CHECK(resumed.get_current_lrs() == scheduler.get_current_lrs());

  serialize::OutputArchive out;
  optimizer.save(out);
  CHECK(out.tensors().contains("param_groups.0.momentum"));
  std::stringstream again;
  out.save_to(again);
  serialize::InputArchive in;
  in.load_from(again);
  SGD two({ones({2}), ones({2})}, SGDOptions(3));
  CHECK_THROWS_WITH(two.load(in), ContainsSubstring("load: ") && ContainsSubstring("param_groups.0.params"));
}
