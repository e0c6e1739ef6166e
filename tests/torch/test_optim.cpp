// Optimisers against libtorch: the same network, data and options, step by step.
#include "bridge.h"
#include "catch.h"

#include <taper/autograd/autograd.h>
#include <taper/core/random.h>
#include <taper/layers/functional.h>
#include <taper/layers/linear.h>
#include <taper/layers/sequential.h>
#include <taper/optim/optim.h>

#include <algorithm>

namespace {

using bridge::max_difference;
using bridge::to_torch;

torch::optim::SGDOptions to_torch(const taper::optim::SGDOptions& o) {
  return torch::optim::SGDOptions(o.lr())
      .momentum(o.momentum())
      .dampening(o.dampening())
      .weight_decay(o.weight_decay())
      .nesterov(o.nesterov());
}

std::vector<taper::optim::SGDOptions> all_rules() {
  std::vector<taper::optim::SGDOptions> rules;
  for (const double decay : {0.0, 0.02}) {
    const auto base = taper::optim::SGDOptions(0.1).weight_decay(decay);
    rules.push_back(base);
    for (const double momentum : {0.5, 0.9}) {
      for (const double dampening : {0.0, 0.4, 1.0}) {
        rules.push_back(taper::optim::SGDOptions(base).momentum(momentum).dampening(dampening));
      }
      rules.push_back(taper::optim::SGDOptions(base).momentum(momentum).nesterov(true));
    }
  }
  return rules;
}

std::string describe(const taper::optim::SGDOptions& o) {
  return taper::detail::str("momentum ", o.momentum(), " dampening ", o.dampening(), " weight_decay ", o.weight_decay(),
                            " nesterov ", o.nesterov());
}

// 7 -> 9 -> 3 with tanh, in both libraries, with the same weights.
struct Nets {
  explicit Nets(taper::ScalarType dtype) : type(dtype) {
    ours->to(dtype);
    theirs->to(bridge::counterpart(dtype));
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < parameters(); ++i) theirs->parameters()[i].copy_(to_torch(ours->parameters()[i]));
  }
  // Gradients of the same batch.
  void backward() {
    const taper::Tensor x = taper::randn({16, 7}, type), y = taper::randn({16, 3}, type);
    (ours->forward(x) - y).square().mean().backward();
    (theirs->forward(to_torch(x)) - to_torch(y)).square().mean().backward();
  }
  size_t parameters() const { return 4; }
  double difference() {
    double largest = 0;
    for (size_t i = 0; i < parameters(); ++i) {
      largest = std::max(largest, max_difference(ours->parameters()[i], theirs->parameters()[i]));
    }
    return largest;
  }

  taper::ScalarType type;
  taper::nn::Sequential ours{taper::nn::Linear(7, 9), taper::nn::Tanh(), taper::nn::Linear(9, 3)};
  torch::nn::Sequential theirs{torch::nn::Linear(7, 9), torch::nn::Tanh(), torch::nn::Linear(9, 3)};
};

}  // namespace

TEST_CASE("SGD: twenty steps of a small network equal libtorch's") {
  taper::manual_seed(0);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const taper::optim::SGDOptions& rule : all_rules()) {
      Nets nets(dtype);
      taper::optim::SGD ours(nets.ours->parameters(), rule);
      torch::optim::SGD theirs(nets.theirs->parameters(), to_torch(rule));
      for (int step = 0; step < 20; ++step) {
        ours.zero_grad();
        theirs.zero_grad();
        nets.backward();
        ours.step();
        theirs.step();
      }
      INFO(describe(rule) << ", " << taper::to_string(dtype));
      CHECK(nets.difference() < (dtype == taper::kFloat32 ? 2e-6 : 1e-14));
    }
  }
}

TEST_CASE("SGD: given the same gradients, the parameters and buffers equal libtorch's") {
  taper::manual_seed(1);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const taper::optim::SGDOptions& rule : all_rules()) {
      const taper::Tensor p = taper::randn({1003}, dtype).requires_grad_();
      const torch::Tensor q = to_torch(p).requires_grad_();
      taper::optim::SGD ours({p}, rule);
      torch::optim::SGD theirs({q}, to_torch(rule));
      for (int step = 0; step < 20; ++step) {
        p.mutable_grad() = taper::randn({1003}, dtype);
        q.mutable_grad() = to_torch(p.grad());
        ours.step();
        theirs.step();
      }
      INFO(describe(rule) << ", " << taper::to_string(dtype));
      const double tolerance = dtype == taper::kFloat32 ? 4e-6 : 8e-15;  // 0 with gcc on a machine with fused products
      CHECK(max_difference(p, q) < tolerance);
      if (rule.momentum() != 0) {
        const auto& buffer = static_cast<taper::optim::SGDParamState&>(*ours.state().at(p.impl())).momentum_buffer();
        const auto& their_buffer =
            static_cast<torch::optim::SGDParamState&>(*theirs.state().begin()->second).momentum_buffer();
        CHECK(max_difference(buffer, their_buffer) < tolerance);
      }
    }
  }
}

TEST_CASE("SGD with groups and StepLR equals libtorch, whose StepLR comes one call late") {
  taper::manual_seed(2);
  Nets nets(taper::kFloat64);
  const auto params = nets.ours->parameters();
  const auto their_params = nets.theirs->parameters();
  std::vector<taper::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<taper::Tensor>{params[0], params[2]});
  groups.emplace_back(std::vector<taper::Tensor>{params[1], params[3]},
                      std::make_unique<taper::optim::SGDOptions>(0.3));
  std::vector<torch::optim::OptimizerParamGroup> their_groups;
  their_groups.emplace_back(std::vector<torch::Tensor>{their_params[0], their_params[2]});
  their_groups.emplace_back(std::vector<torch::Tensor>{their_params[1], their_params[3]},
                            std::make_unique<torch::optim::SGDOptions>(0.3));
  taper::optim::SGD ours(groups, taper::optim::SGDOptions(0.1).momentum(0.9));
  torch::optim::SGD theirs(their_groups, torch::optim::SGDOptions(0.1).momentum(0.9));
  taper::optim::StepLR schedule(ours, 3, 0.5);
  torch::optim::StepLR their_schedule(theirs, 3, 0.5);
  their_schedule.step();  // counts from 1 at the first call, changes nothing there
  for (int step = 0; step < 20; ++step) {
    for (size_t g = 0; g < 2; ++g) {
      CHECK(ours.param_groups()[g].options().get_lr() ==
            Approx(theirs.param_groups()[g].options().get_lr()).epsilon(1e-14));
    }
    ours.zero_grad();
    theirs.zero_grad();
    nets.backward();
    ours.step();
    theirs.step();
    schedule.step();
    their_schedule.step();
    CHECK(nets.difference() < 1e-14);
  }
}

namespace {

torch::optim::AdamOptions to_torch(const taper::optim::AdamOptions& o) {
  return torch::optim::AdamOptions(o.lr())
      .betas(o.betas())
      .eps(o.eps())
      .weight_decay(o.weight_decay())
      .amsgrad(o.amsgrad());
}
torch::optim::AdamWOptions to_torch(const taper::optim::AdamWOptions& o) {
  return torch::optim::AdamWOptions(o.lr())
      .betas(o.betas())
      .eps(o.eps())
      .weight_decay(o.weight_decay())
      .amsgrad(o.amsgrad());
}
torch::optim::RMSpropOptions to_torch(const taper::optim::RMSpropOptions& o) {
  return torch::optim::RMSpropOptions(o.lr())
      .alpha(o.alpha())
      .eps(o.eps())
      .weight_decay(o.weight_decay())
      .momentum(o.momentum())
      .centered(o.centered());
}
torch::optim::AdagradOptions to_torch(const taper::optim::AdagradOptions& o) {
  return torch::optim::AdagradOptions(o.lr())
      .lr_decay(o.lr_decay())
      .weight_decay(o.weight_decay())
      .initial_accumulator_value(o.initial_accumulator_value())
      .eps(o.eps());
}

// The largest difference after twenty steps on the same gradients.
template <class Ours, class Theirs, class Options>
double twenty_steps(const Options& rule, taper::ScalarType dtype) {
  const taper::Tensor p = taper::randn({1003}, dtype).requires_grad_();
  const torch::Tensor q = to_torch(p).requires_grad_();
  Ours ours({p}, rule);
  Theirs theirs({q}, to_torch(rule));
  for (int step = 0; step < 20; ++step) {
    p.mutable_grad() = taper::randn({1003}, dtype);
    q.mutable_grad() = to_torch(p.grad());
    ours.step();
    theirs.step();
  }
  return max_difference(p, q);
}

}  // namespace

TEST_CASE("Adam, AdamW, RMSprop and Adagrad: given the same gradients, the parameters equal libtorch's") {
  using namespace taper::optim;
  taper::manual_seed(5);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    const double tolerance = dtype == taper::kFloat32 ? 4e-6 : 4e-14;
    const auto adam = [&](const AdamOptions& o) {
      CHECK((twenty_steps<Adam, torch::optim::Adam>(o, dtype)) < tolerance);
    };
    const auto adamw = [&](const AdamWOptions& o) {
      CHECK((twenty_steps<AdamW, torch::optim::AdamW>(o, dtype)) < tolerance);
    };
    const auto rmsprop = [&](const RMSpropOptions& o) {
      CHECK((twenty_steps<RMSprop, torch::optim::RMSprop>(o, dtype)) < 10 * tolerance);
    };
    const auto adagrad = [&](const AdagradOptions& o) {
      CHECK((twenty_steps<Adagrad, torch::optim::Adagrad>(o, dtype)) < tolerance);
    };
    INFO(taper::to_string(dtype));
    for (const double decay : {0.0, 0.05}) {
      for (const bool flag : {false, true}) {
        INFO("weight_decay " << decay << ", amsgrad or centered " << flag);
        const auto betas = std::make_tuple(0.8, 0.95);
        adam(AdamOptions(0.02).betas(betas).weight_decay(decay).amsgrad(flag));
        adamw(AdamWOptions(0.02).betas(betas).weight_decay(decay).amsgrad(flag));
        for (const double momentum : {0.0, 0.7}) {
          rmsprop(RMSpropOptions(0.01).alpha(0.9).weight_decay(decay).momentum(momentum).centered(flag));
        }
        adagrad(AdagradOptions(0.1).lr_decay(0.1).weight_decay(decay).initial_accumulator_value(flag ? 0.3 : 0));
      }
    }
    adam({});
    adamw({});
    rmsprop({});
    adagrad({});
  }
}
