// layer_inputs and internal_covariate_shift: against models put together by hand from the weights before and after.
#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/optim/sgd.h>

#include <cmath>

using namespace taper;
using namespace taper::nn;
using namespace support;
using taper::nn::utils::CovariateShift;
using taper::nn::utils::gradient_shift;
using taper::nn::utils::internal_covariate_shift;
using taper::nn::utils::layer_inputs;
using taper::nn::utils::Recorder;

namespace {

struct NetImpl : Cloneable<NetImpl> {
  NetImpl() { reset(); }
  void reset() override {
    fc1 = register_module("fc1", Linear(5, 8));
    body = register_module("body", Sequential({{"bn", BatchNorm1d(8)}, {"drop", Dropout(0.4)}, {"fc2", Linear(8, 6)}}));
    fc3 = register_module("fc3", Linear(6, 3));
    spare = register_parameter("spare", ones({3}));
  }
  Tensor forward(const Tensor& x) {
    ++calls;
    if (calls == fail_at) throw std::runtime_error("forward fails");
    return fc3(body->forward(fc1(x).tanh()).tanh()) * spare;
  }
  Linear fc1{nullptr}, fc3{nullptr};
  Sequential body{nullptr};
  Tensor spare;
  int calls = 0, fail_at = -1;
};
TAPER_MODULE(Net);

// Weights, buffers and gradients.
bool same_state(Module& a, Module& b) {
  const auto other = b.state_dict();
  for (const auto& item : a.state_dict()) {
    if (!same_bits(item.value(), other[item.key()])) return false;
  }
  const auto parameters = b.named_parameters();
  for (const auto& item : a.named_parameters()) {
    if (!same_bits(item.value().grad(), parameters[item.key()].grad())) return false;
  }
  return true;
}

// Two nets of one kind, each with an optimiser and a step of the same batch behind it.
struct Twins {
  Twins() {
    manual_seed(1);
    a = Net();
    a->to(kFloat64);
    x = randn({20, 5}, kFloat64), y = randn({20, 3}, kFloat64);
    b = Net(std::dynamic_pointer_cast<NetImpl>(a->clone()));
    for (Net* net : {&a, &b}) {
      optimizers.push_back(
          std::make_unique<optim::SGD>((*net)->parameters(), optim::SGDOptions(0.3).momentum(0.9).weight_decay(1e-3)));
      manual_seed(2);
      plain_step(*net, *optimizers.back());
    }
  }
  Tensor loss(Net& net) const { return (net(x) - y).square().mean(); }
  void plain_step(Net& net, optim::SGD& optimizer) const {
    net->zero_grad();
    loss(net).backward();
    optimizer.step();
  }
  CovariateShift measure(const std::vector<std::string>& layers) {
    return internal_covariate_shift(
        a, layers, [this] { return loss(a); }, [this] { optimizers[0]->step(); });
  }

  Net a{nullptr}, b{nullptr};
  Tensor x, y;
  std::vector<std::unique_ptr<optim::SGD>> optimizers;
};

// The gradients of `of` in a net with `state`, for the random numbers after manual_seed(3).
std::vector<Tensor> gradients(const Twins& t, const OrderedDict<std::string, Tensor>& state, const std::string& of) {
  Net net(std::dynamic_pointer_cast<NetImpl>(t.a->clone()));
  net->load_state_dict(state);
  manual_seed(3);
  net->zero_grad(/*set_to_none=*/true);
  t.loss(net).backward();
  std::vector<Tensor> result;
  for (const auto& item : net->named_parameters()) {
    if (item.key().starts_with(of + ".")) result.push_back(item.value().grad());
  }
  return result;
}

OrderedDict<std::string, Tensor> copied_state(Net& net) {
  OrderedDict<std::string, Tensor> state;
  for (const auto& item : net->state_dict()) state.insert(item.key(), item.value().clone());
  return state;
}

}  // namespace

TEST_CASE("internal_covariate_shift: gradients with the layers below moved, and all the others where they were") {
  Twins t;
  const auto before = copied_state(t.a);
  manual_seed(3);
  t.plain_step(t.b, *t.optimizers[1]);
  const auto after = copied_state(t.b);

  manual_seed(3);
  const CovariateShift found = t.measure({"fc1", "body", "fc3"});
  REQUIRE(found.layers.size() == 3);
  std::string below[] = {"-", "fc1", "body"};
  auto mixed = before;
  for (size_t i = 0; i < 3; ++i) {
    const std::string layer = found.layers[i].layer;
    CHECK(layer == std::vector<std::string>{"fc1", "body", "fc3"}[i]);
    for (auto& item : mixed) {
      if (item.key().starts_with(below[i] + ".")) item.value() = after[item.key()];
    }
    const auto expected = gradient_shift(gradients(t, before, layer), gradients(t, mixed, layer));
    CHECK(found.layers[i].gradient.l2 == Approx(expected.l2).epsilon(1e-9));
    CHECK(found.layers[i].gradient.cosine == Approx(expected.cosine).epsilon(1e-9));
    CHECK(found.layers[i].gradient.angle == Approx(expected.angle).epsilon(1e-9));
    CHECK((i == 0 ? expected.l2 == 0 : expected.angle > 1));
  }
}

TEST_CASE("internal_covariate_shift: afterwards all is as after a plain step, to the last bit") {
  Twins t;
  for (int i = 0; i < 3; ++i) {
    manual_seed(4);
    t.plain_step(t.b, *t.optimizers[1]);
    const Tensor random = default_generator().get_state();
    manual_seed(4);
    t.measure({"fc1", "body.fc2", "fc3"});
    CHECK(default_generator().get_state().equal(random));
    CHECK(same_state(*t.a, *t.b));
  }
  for (const auto& item : t.optimizers[0]->state_dict()) {
    CHECK(same_bits(item.value(), t.optimizers[1]->state_dict()[item.key()]));
  }
}

TEST_CASE("internal_covariate_shift: loss and layers; without names all that have parameters") {
  Twins t;
  manual_seed(5);
  const double loss = t.loss(t.b).item<double>();
  manual_seed(5);
  const int calls = t.a->calls;
  const CovariateShift found = t.measure({});
  CHECK(found.loss == loss);
  std::string names;
  for (const auto& layer : found.layers) names += layer.layer + " ";
  CHECK(names == " fc1 body.bn body.fc2 fc3 ");  // the first is the model's own `spare`
  CHECK(t.a->calls - calls == 5);
}

TEST_CASE(
    "internal_covariate_shift: buffers that forward uses are as before the step; without an update nothing moves") {
  struct CounterImpl : Module {
    CounterImpl() { count = register_buffer("count", ones({})); }
    Tensor forward(const Tensor& x) {
      count += 1;
      return x * count.clone();
    }
    Tensor count;
  };
  manual_seed(8);
  const auto counter = std::make_shared<CounterImpl>();
  Sequential net(Linear(3, 4), ModuleHolder<CounterImpl>(counter), Linear(4, 2));
  const Tensor x = randn({5, 3});
  const auto found = internal_covariate_shift(
      net, {"0", "2"}, [&] { return net->forward(x).square().sum(); }, [] {});
  CHECK(found.layers[1].gradient.l2 == 0);
  CHECK(found.layers[1].gradient.cosine == Approx(1));
  CHECK(counter->count.item<float>() == 2);
}

TEST_CASE("internal_covariate_shift: a layer that the loss does not depend on has a gradient of zeros") {
  Twins t;
  const auto found = internal_covariate_shift(
      *t.a, {"fc1", "fc3"}, [&] { return t.a->fc1(t.x).square().mean(); }, [&] { t.optimizers[0]->step(); });
  CHECK(found.layers[1].gradient.l2 == 0);
  CHECK(std::isnan(found.layers[1].gradient.angle));
}

TEST_CASE("internal_covariate_shift: recorders see the step alone; a batch with NaN is counted once") {
  Twins t;
  Recorder recorder(t.a, {"fc3"});
  t.measure({"fc1", "body", "fc3"});
  CHECK(recorder.records().size() == 1);
  const CatchWarnings caught;
  t.x[0][0] = NAN;
  auto& bn = t.a->body->at<BatchNorm1dImpl>(0);
  const CovariateShift found = t.measure({"fc1", "body", "fc3"});
  CHECK(caught.messages.size() == 1);
  CHECK(bn.num_skipped_batches() == 1);
  CHECK(bn.num_batches_tracked.item<int64_t>() == 2);
  CHECK(std::isnan(found.layers[1].gradient.l2));
}

TEST_CASE("internal_covariate_shift: when a later forward fails the step is done all the same") {
  Twins t;
  manual_seed(6);
  t.plain_step(t.b, *t.optimizers[1]);
  const Tensor random = default_generator().get_state();
  manual_seed(6);
  t.a->fail_at = t.a->calls + 3;
  CHECK_THROWS_AS(t.measure({"fc1", "body", "fc3"}), std::runtime_error);
  CHECK(same_state(*t.a, *t.b));
  CHECK(default_generator().get_state().equal(random));
  CHECK(taper::nn::detail::call_observer == nullptr);
}

TEST_CASE("internal_covariate_shift: mistakes are told, and nothing has happened") {
  Twins t;
  const auto fails = [&](const std::vector<std::string>& layers, const std::string& message) {
    REQUIRE_THROWS_WITH(t.measure(layers), ContainsSubstring(message));
  };
  fails({"fc1", "fc9"}, "internal_covariate_shift: every layer must be a module of");
  fails({"fc1", "body.drop"}, "every layer must have parameters that require grad; 'body.drop' has none");
  fails({"body", "body.fc2"}, "a parameter must be in one layer of the list; got 'body' and 'body.fc2', which share");
  CHECK(same_state(*t.a, *t.b));
  CHECK_THROWS_WITH(internal_covariate_shift(
                        t.a, {"fc1"}, [&] { return t.a(t.x); }, [] {}),
                    ContainsSubstring("loss must return one number; got a tensor of sizes [20, 3]; return the mean"));
  CHECK_THROWS_AS(internal_covariate_shift(
                      t.a, {"fc1"}, [] { return Tensor(); }, [] {}),
                  ValueError);
}

TEST_CASE("layer_inputs: the first input of each layer, copied; nothing else changes") {
  Twins t;
  manual_seed(7);
  t.a->body->eval();
  t.a->body->at<BatchNorm1dImpl>(0).train();
  Recorder recorder(t.a, {}, utils::RecorderOptions().evaluation(true));
  const Tensor random = default_generator().get_state();
  const auto inputs = layer_inputs(t.a, {"fc3", "fc1", "body.fc2"}, [&] { t.a(t.x), t.a(t.x * 2); });
  CHECK(default_generator().get_state().equal(random));
  CHECK(same_state(*t.a, *t.b));
  CHECK(recorder.records().empty());
  REQUIRE(inputs.size() == 3);
  CHECK(inputs[1].equal(t.x));
  CHECK(!inputs[1].is_alias_of(t.x));
  const Tensor z = t.a->fc1(t.x).tanh();
  const Tensor xhat = (z - z.mean(0)) / (z.var({0}, false) + 1e-5).sqrt();
  const auto& bn = t.a->body->at<BatchNorm1dImpl>(0);
  CHECK(inputs[2].allclose(xhat * bn.weight + bn.bias));
  CHECK(inputs[0].allclose(t.a->body->at<LinearImpl>(2).forward(inputs[2]).tanh()));
  CHECK(!inputs[0].requires_grad());

  t.a->body->train();
  layer_inputs(t.a, {"fc1"}, [&] { t.a(t.x); });  // Dropout draws
  CHECK(default_generator().get_state().equal(random));
  t.a->fail_at = t.a->calls + 1;
  CHECK_THROWS(layer_inputs(t.a.ptr(), {"fc1"}, [&] { t.a(t.x); }));
  CHECK(same_state(*t.a, *t.b));
  CHECK(!layer_inputs(*t.a, {"fc1"}, [] {})[0].defined());
  CHECK_THROWS_AS(layer_inputs(t.a, {"fc7"}, [] {}), ValueError);
}
