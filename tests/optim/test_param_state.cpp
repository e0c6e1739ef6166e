// What an optimiser keeps belongs to a parameter, not to its address.
#include "catch.h"
#include "support/scopes.h"

#include <taper/core/factories.h>
#include <taper/layers/linear.h>
#include <taper/optim/optim.h>

#include <thread>

using namespace taper;
using namespace support;
using namespace taper::optim;

namespace {

Tensor parameter(double value = 1) { return full({3}, value, kFloat64).requires_grad_(); }

using Maker = std::unique_ptr<Optimizer> (*)(const std::vector<Tensor>&);
const std::pair<const char*, Maker> kOptimizers[] = {
    {"SGD",
     [](const std::vector<Tensor>& p) -> std::unique_ptr<Optimizer> {
       return std::make_unique<SGD>(p, SGDOptions(0.1).momentum(0.9));
     }},
    {"Adam", [](const std::vector<Tensor>& p) -> std::unique_ptr<Optimizer> { return std::make_unique<Adam>(p, 0.1); }},
    {"AdamW",
     [](const std::vector<Tensor>& p) -> std::unique_ptr<Optimizer> {
       return std::make_unique<AdamW>(p, AdamWOptions(0.1).amsgrad(true));
     }},
    {"RMSprop",
     [](const std::vector<Tensor>& p) -> std::unique_ptr<Optimizer> {
       return std::make_unique<RMSprop>(p, RMSpropOptions(0.1).momentum(0.9).centered(true));
     }},
    {"Adagrad",
     [](const std::vector<Tensor>& p) -> std::unique_ptr<Optimizer> { return std::make_unique<Adagrad>(p, 0.1); }},
};

void step(Optimizer& optimizer, double gradient) {
  for (const OptimizerParamGroup& group : optimizer.param_groups()) {
    for (const Tensor& p : group.params()) p.mutable_grad() = full({3}, gradient, kFloat64);
  }
  optimizer.step();
}

}  // namespace

TEST_CASE("a parameter that takes the place of another begins without a state; what is gone is dropped") {
  for (const auto& [name, make] : kOptimizers) {
    INFO(name);
    const Tensor fresh = parameter();
    const auto alone = make({fresh});
    step(*alone, -1);

    const auto optimizer = make({parameter()});
    std::vector<Tensor>& params = optimizer->param_groups()[0].params();
    for (int i = 0; i < 20; ++i) {
      step(*optimizer, 5);
      CHECK(optimizer->state().size() == 1);
      params[0].reset();
      params[0] = parameter();  // mostly at the same address
      CHECK(optimizer->state_dict()["param_groups.0.lr"].defined());
      for (const auto& item : optimizer->state_dict()) CHECK_FALSE(item.key().starts_with("state."));
      step(*optimizer, -1);
      CHECK(params[0].equal(fresh));
    }
    params.clear();
    params.push_back(fresh);
    step(*optimizer, 1);
    CHECK(optimizer->state().size() == 1);
    CHECK(optimizer->state().begin()->first == fresh.impl());
  }
}

TEST_CASE("states that were loaded belong to their parameters, too") {
  for (const auto& [name, make] : kOptimizers) {
    INFO(name);
    const auto source = make({parameter()}), optimizer = make({parameter()});
    step(*source, 5);
    optimizer->load_state_dict(source->state_dict());
    std::vector<Tensor>& params = optimizer->param_groups()[0].params();
    params[0].reset();
    params[0] = parameter();
    step(*optimizer, -1);
    const Tensor fresh = parameter();
    step(*make({fresh}), -1);
    CHECK(params[0].equal(fresh));
  }
}

TEST_CASE("two optimisers over one parameter: neither keeps the other's state, or the parameter, alive") {
  Tensor shared = parameter();
  Adam a({shared}), b({shared});
  step(a, 1);
  step(b, 2);
  CHECK(static_cast<AdamParamState&>(*a.state().at(shared.impl())).exp_avg()[0].item<double>() == Approx(0.1));
  CHECK(static_cast<AdamParamState&>(*b.state().at(shared.impl())).exp_avg()[0].item<double>() == Approx(0.2));
  CHECK(shared.impl()->use_count() == 3);
  for (Adam* optimizer : {&a, &b}) optimizer->param_groups()[0].params() = {parameter()};
  CHECK(shared.impl()->use_count() == 1);
  shared.reset();
  for (Adam* optimizer : {&a, &b}) {
    optimizer->param_groups()[0].params()[0].mutable_grad() = ones({3}, kFloat64);
    optimizer->step();
    CHECK(optimizer->state().size() == 1);
  }
}

TEST_CASE("a parameter keeps its state while it lives: outside of the group, moved, given other data, added to") {
  for (const auto& [name, make] : kOptimizers) {
    INFO(name);
    const auto run = [&, make = make](bool disturbed) {
      const Tensor p = parameter();
      auto optimizer = make({p});
      for (int i = 0; i < 4; ++i) {
        step(*optimizer, 1 + i);
        if (!disturbed) continue;
        std::vector<Tensor>& params = optimizer->param_groups()[0].params();
        params.reserve(params.capacity() + 100);
        params = {parameter(7)};
        step(*optimizer, -1);
        params = {p};
        p.set_data(p.detach().clone());
        optimizer->add_param_group(OptimizerParamGroup({parameter()}));
        optimizer->param_groups().pop_back();
        const auto state = optimizer->state_dict();  // copies by numbers, not by addresses
        optimizer->load_state_dict(state);
      }
      return p.detach();
    };
    CHECK(run(true).equal(run(false)));
  }
  // moving an optimiser moves the states
  const Tensor p = parameter(), q = parameter();
  SGD a({p}, SGDOptions(0.1).momentum(0.9)), b({q}, SGDOptions(0.1).momentum(0.9));
  step(a, 1);
  step(b, 1);
  SGD moved = std::move(a);
  step(moved, 2);
  step(b, 2);
  CHECK(p.equal(q));
}

TEST_CASE("a copy of a state serves another parameter") {
  const Tensor p = parameter(), r = parameter();
  {
    Tensor q = parameter();
    SGD first({q}, SGDOptions(0.1).momentum(0.9)), second({p}, SGDOptions(0.1).momentum(0.9));
    step(first, 5);
    second.state()[p.impl()] = first.state().at(q.impl())->clone();
    q.reset();
    first.param_groups()[0].params().clear();
    step(second, 0);
    CHECK(p[0].item<double>() == Approx(1 - 0.1 * 0.9 * 5));
  }
}

TEST_CASE("a model's clone has parameters, and states, of its own") {
  nn::Linear net(2, 2);
  Adam optimizer(net->parameters());
  for (const Tensor& p : net->parameters()) p.mutable_grad() = ones_like(p);
  optimizer.step();
  const auto copy = std::dynamic_pointer_cast<nn::LinearImpl>(net->clone());
  optimizer.param_groups()[0].params() = copy->parameters();
  for (const Tensor& p : copy->parameters()) p.mutable_grad() = ones_like(p);
  optimizer.step();
  CHECK(optimizer.state().size() == 4);  // the model's own parameters are there still
  CHECK(static_cast<AdamParamState&>(*optimizer.state().at(copy->weight.impl())).step() == 1);
}

TEST_CASE("a tensor's life is one for all who ask, from any thread, and over with the last handle") {
  for (int round = 0; round < 20; ++round) {
    Tensor p = parameter();
    intrusive_ptr<autograd::Life> lives[4];
    std::vector<std::thread> threads;
    for (auto& life : lives) threads.emplace_back([&] { life = autograd::life_of(p); });
    for (std::thread& thread : threads) thread.join();
    for (const auto& life : lives) CHECK(life == lives[0]);
    Tensor q = p;
    p.reset();
    CHECK_FALSE(lives[0]->over);
    q.reset();
    CHECK(lives[0]->over);
  }
}

TEST_CASE("an optimiser's deprecated methods warn, as libtorch's do") {
  const CatchWarnings caught;
  SGD optimizer({parameter()}, SGDOptions(0.1).momentum(0.5));
  step(optimizer, 1);
  optimizer.load_state_dict(optimizer.state_dict());
  optimizer.zero_grad();
  CHECK(caught.messages.empty());
  optimizer.add_parameters({parameter()});
  CHECK(optimizer.size() == 2);
  CHECK(optimizer.parameters().size() == 2);
  CHECK(caught.messages ==
        std::vector<std::string>{
            "Optimizer::add_parameters() is deprecated in libtorch; use add_param_group()",
            "Optimizer::size() is deprecated in libtorch; use the sizes of param_groups()[i].params()",
            "Optimizer::parameters() is deprecated in libtorch; use param_groups()[0].params()"});
}
