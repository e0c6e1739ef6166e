// Training as a whole: memory, determinism, going on from a file, and what its faults are told like.
#include <taper/autograd/autograd.h>
#include <taper/core/allocator.h>
#include <taper/core/factories.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/optim/optim.h>
#include <taper/serialize/serialize.h>

#include <unistd.h>

#include <cmath>
#include <fstream>

#include "catch.h"
#include "support/files.h"
#include "support/scopes.h"
#include "support/tensors.h"

using namespace taper;
using namespace support;

namespace {

constexpr int64_t kClasses = 10;

nn::Sequential mlp(int64_t in, int64_t hidden, int64_t hidden2) {
  return nn::Sequential(nn::Linear(nn::LinearOptions(in, hidden).bias(false)), nn::BatchNorm1d(hidden), nn::ReLU(),
                        nn::Dropout(0.1), nn::Linear(nn::LinearOptions(hidden, hidden2).bias(false)),
                        nn::BatchNorm1d(hidden2), nn::ReLU(), nn::Linear(hidden2, kClasses));
}

struct Training {
  Training(nn::Sequential model, int64_t features, int64_t batch_size)
      : net(std::move(model)),
        optimizer(net->parameters(), optim::SGDOptions(0.05).momentum(0.9).weight_decay(1e-4)),
        in(features),
        batch(batch_size) {}

  // Batches come from the default generator, as Dropout's masks do.
  void steps(int n) {
    for (int i = 0; i < n; ++i) {
      const Tensor x = randn({batch, in}), classes = randint(kClasses, {batch}, kInt64);
      optimizer.zero_grad();
      nn::functional::cross_entropy(net->forward(x), classes).backward();
      optimizer.step();
    }
  }

  nn::Sequential net;
  optim::SGD optimizer;
  int64_t in, batch;
};

// Parameters, running statistics and counters.
void check_same_bits(const nn::Sequential& a, const nn::Sequential& b) {
  const auto x = a->state_dict(), y = b->state_dict();
  REQUIRE(x.keys() == y.keys());
  for (const auto& item : x) {
    INFO(item.key());
    CHECK(same_bits(item.value(), y[item.key()]));
  }
}

// Bytes of this process in memory; 0 where the system does not say or a sanitizer adds its own.
int64_t resident_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#else
  std::ifstream file("/proc/self/statm");
  int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
#endif
}

}  // namespace

TEST_CASE("memory stays flat over 10,000 steps") {
  manual_seed(0);
  Training training(mlp(20, 32, 16), 20, 16);
  training.steps(100);
  const MemoryStats before = memory_stats();
  const int64_t resident = resident_bytes();
  training.steps(10000);
  const MemoryStats after = memory_stats();
  CHECK(after.in_use == before.in_use);
  CHECK(after.peak == before.peak);
  CHECK(after.cached == before.cached);
  CHECK(resident_bytes() - resident < 1 << 20);
}

TEST_CASE("a training has the same bits with 1, 2 and 3 threads") {
  const auto trained = [](int threads) {
    const Threads scope(threads);
    manual_seed(1);
    Training training(mlp(784, 512, 256), 784, 64);
    training.steps(4);
    return training.net;
  };
  const nn::Sequential one = trained(1);
  CHECK(one->parameters()[0].isfinite().all().item<bool>());
  check_same_bits(one, trained(2));
  check_same_bits(one, trained(3));
}

TEST_CASE("a training that goes on from files has the bits of one that never stopped") {
  const Folder folder;
  const std::string model = folder / "model.safetensors", state = folder / "optimizer.safetensors";

  manual_seed(2);
  Training whole(mlp(20, 32, 16), 20, 16);
  whole.steps(30);

  manual_seed(2);
  Training first(mlp(20, 32, 16), 20, 16);
  first.steps(13);
  save(first.net, model);
  save(first.optimizer, state);
  const Tensor random = default_generator().get_state();

  manual_seed(99);
  Training second(mlp(20, 32, 16), 20, 16);
  second.steps(3);
  load(second.net, model);
  load(second.optimizer, state);
  default_generator().set_state(random);
  second.steps(17);
  check_same_bits(whole.net, second.net);
}

TEST_CASE("a training learns") {
  manual_seed(3);
  const Tensor centres = randn({kClasses, 20}) * 2;
  Training training(mlp(20, 32, 16), 20, 50);
  Tensor loss;
  for (int i = 0; i < 200; ++i) {
    const Tensor classes = randint(kClasses, {50}, kInt64), x = centres.index_select(0, classes) + randn({50, 20});
    training.optimizer.zero_grad();
    loss = nn::functional::cross_entropy(training.net->forward(x), classes);
    loss.backward();
    training.optimizer.step();
  }
  training.net->eval();
  const NoGradGuard no_grad;
  const Tensor classes = randint(kClasses, {1000}, kInt64), x = centres.index_select(0, classes) + randn({1000, 20});
  CHECK((training.net->forward(x).argmax(1) == classes).to(kFloat32).mean().item<double>() > 0.95);
}

namespace {

struct RootImpl : nn::Module {
  Tensor forward(const Tensor& x) { return x.sqrt(); }
};
TAPER_MODULE(Root);

// What f() throws.
template <class F>
std::string said(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("faults of a training say what was expected, what was found and what to do") {
  nn::Sequential net = mlp(20, 32, 16);
  const Tensor x = randn({4, 20}), classes = tensor({1, 2, 3, 4});
  const auto loss = [&](const Tensor& t) { return nn::functional::cross_entropy(net->forward(x), t); };
  net->forward(x);
  const nn::Sequential before(std::dynamic_pointer_cast<nn::SequentialImpl>(net->clone()));

  CHECK(said([&] {
          net->forward(randn({4, 19}));
        }) ==
        "Linear: the last dimension of the input must be in_features; got input sizes [4, 19] and in_features = 20 (in "
        "module Sequential.0)");
  CHECK(
      said([&] {
        net->forward(randn({4, 20}, kFloat64));
      }) ==
      "linear: input, weight and bias must have the same dtype; got Double, Float and no bias; convert the input with "
      ".to(dtype) (in module Sequential.0)");
  CHECK(said([&] {
          net->forward(randn({1, 20}));
        }) ==
        "batch_norm: training needs more than one value for each channel, or the variance is 0 and every output is the "
        "bias; got input of sizes [1, 32]; use a larger batch, drop the last one, or call eval() (in module "
        "Sequential.1)");
  check_same_bits(net, before);  // running statistics too

  CHECK(said([&] {
          loss(tensor({1, 2, 3, 10}));
        }) ==
        "cross_entropy: every target must be a class from 0 to C - 1, or ignore_index (-100); got class 10 at position "
        "[3] for C = 10 classes");
  CHECK(said([&] {
          loss(tensor({1, 2, 3}));
        }) ==
        "cross_entropy: the target must hold one class for each sample, sizes [4]; got input [4, 10] and target [3]");
  CHECK(said([&] { loss(classes.to(kFloat32)); }) ==
        "cross_entropy: class indices must be int64 (int32 and uint8 are fine too); got Float; convert them with "
        ".to(taper::kInt64)");
  CHECK(said([&] { net->forward(x).backward(); }) ==
        "backward: a tensor of sizes [4, 10] needs a gradient of the same sizes; only one-element tensors do without "
        "(they "
        "take 1)");
  CHECK(
      said([&] { net->parameters()[0].add_(1); }) ==
      "add_: a leaf that requires grad must not be changed in place while its use is recorded (sizes [32, 20]); do it "
      "under NoGradGuard, or on a copy");
  for (const Tensor& p : net->parameters()) CHECK_FALSE(p.grad().defined());
}

TEST_CASE("a second backward pass and a changed value are told from each other") {
  nn::Sequential net = mlp(20, 32, 16);
  const Tensor x = randn({4, 20});
  const Tensor loss = nn::functional::cross_entropy(net->forward(x), tensor({1, 2, 3, 4}));
  loss.backward();
  const Tensor gradient = net->parameters()[0].grad().clone();
  CHECK(said([&] { loss.backward(); }) ==
        "backward: CrossEntropyBackward0 has no saved values any more: an earlier backward through this graph freed "
        "them; "
        "call that one with retain_graph = true, or compute the forward pass again");
  Tensor y = net->forward(x).exp();
  const Tensor sum = y.sum();
  y.add_(1);
  CHECK(said([&] { sum.backward(); }) ==
        "backward: ExpBackward0 needs a tensor of sizes [4, 10] (Float) as it was in the forward pass, but it was "
        "changed "
        "in place since (version 1 instead of 0); clone it before the change, or change a copy");
  CHECK(net->parameters()[0].grad().equal(gradient));
}

TEST_CASE("anomaly mode names the operation and the module of the first NaN of a training") {
  const autograd::DetectAnomalyGuard guard;
  nn::Sequential net = mlp(20, 32, 16);
  CHECK(said([&] {
          net->forward(full({4, 20}, NAN));
        }) ==
        "anomaly: the result of the operation behind MmBackward0 must not be NaN; got NaN in a result of sizes [4, 32] "
        "(in "
        "module Sequential.0); look at this operation's inputs");
  CHECK(
      said([&] {
        const Tensor scores = net->forward(randn({4, 20}));
        nn::functional::cross_entropy(scores * INFINITY, tensor({1, 2, 3, 4}));
      }) ==
      "anomaly: the result of the operation behind CrossEntropyBackward0 must not be NaN; got NaN in a result of sizes "
      "[]; look at this operation's inputs");
  // dy / (2 sqrt 0) is infinite; times the input, 0, it is NaN.
  const auto linear = nn::LinearOptions(3, 2).bias(false);
  nn::Sequential root({{"fc", nn::Linear(linear)}, {"root", Root()}});
  CHECK(
      said([&] {
        root->forward(zeros({4, 3})).sum().backward();
      }) ==
      "anomaly: the gradient from MmBackward0 (in module fc) to its input 1 must not be NaN; got NaN in a gradient of "
      "sizes [2, 3]");
}
