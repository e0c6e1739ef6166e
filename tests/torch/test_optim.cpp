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
#include <string_view>

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
  void step(auto& our_optimizer, auto& their_optimizer) {
    our_optimizer.zero_grad();
    their_optimizer.zero_grad();
    backward();
    our_optimizer.step();
    their_optimizer.step();
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

// Of one parameter on each side, with the same gradients.
void twenty_steps(const taper::Tensor& p, auto& ours, const torch::Tensor& q, auto& theirs) {
  for (int step = 0; step < 20; ++step) {
    p.mutable_grad() = taper::randn(p.sizes(), p.dtype());
    q.mutable_grad() = to_torch(p.grad());
    ours.step();
    theirs.step();
  }
}

}  // namespace

TEST_CASE("SGD: twenty steps of a small network equal libtorch's") {
  taper::manual_seed(0);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const taper::optim::SGDOptions& rule : all_rules()) {
      Nets nets(dtype);
      taper::optim::SGD ours(nets.ours->parameters(), rule);
      torch::optim::SGD theirs(nets.theirs->parameters(), to_torch(rule));
      for (int step = 0; step < 20; ++step) nets.step(ours, theirs);
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
      twenty_steps(p, ours, q, theirs);
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
    nets.step(ours, theirs);
    schedule.step();
    their_schedule.step();
    CHECK(nets.difference() < 1e-14);
  }
}

namespace {

// The largest difference after twenty steps on the same gradients.
template <class Ours, class OurOptions, class Theirs, class TheirOptions, class Settings>
double difference(taper::ScalarType dtype, const Settings& settings) {
  const taper::Tensor p = taper::randn({1003}, dtype).requires_grad_();
  const torch::Tensor q = to_torch(p).requires_grad_();
  OurOptions our_options(0.1);
  TheirOptions their_options(0.1);
  settings(our_options);
  settings(their_options);
  Ours ours({p}, our_options);
  Theirs theirs({q}, their_options);
  twenty_steps(p, ours, q, theirs);
  return max_difference(p, q);
}

}  // namespace

TEST_CASE("every optimiser: given the same gradients, the parameters equal libtorch's") {
  taper::manual_seed(5);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
#define OPTIMIZER(Name, settings)                                                                                 \
  {                                                                                                               \
    INFO(#Name ": " #settings ", " << taper::to_string(dtype));                                                   \
    namespace ours = taper::optim;                                                                                \
    namespace theirs = torch::optim;                                                                              \
    const double largest = difference<ours::Name, ours::Name##Options, theirs::Name, theirs::Name##Options>(      \
        dtype, [](auto& o) { settings; });                                                                        \
    CHECK(largest < (dtype == taper::kFloat32 ? 4e-6 : 4e-14) * (std::string_view(#Name) == "RMSprop" ? 10 : 1)); \
  }
#include "../optim/optimizers.def"
#undef OPTIMIZER
  }
}
