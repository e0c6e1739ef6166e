// Layers and whole nets against libtorch: one recipe builds both, from the same seed.
// `taper_torch_tests "[figures]"` prints the largest differences of the trainings.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/optim/optim.h>

#include <algorithm>

namespace {

using bridge::seed;
using bridge::to_torch;
using compare::draw;
using compare::relative_difference;
using compare::Sizes;
using compare::Values;

namespace tn = taper::nn;
namespace on = torch::nn;

// A net as either side makes it, of the same words: NET(nn::Linear(6, 3), nn::ReLU())
struct Recipe {
  tn::Sequential (*ours)();
  on::Sequential (*theirs)();
};
#define NET(...)                              \
  Recipe {                                    \
    [] {                                      \
      namespace nn = taper::nn;               \
      return nn::Sequential(__VA_ARGS__);     \
    },                                        \
        [] {                                  \
          namespace nn = torch::nn;           \
          return nn::Sequential(__VA_ARGS__); \
        }                                     \
  }

// A net of each side.
struct Pair {
  explicit Pair(const Recipe& recipe) : ours(recipe.ours()), theirs(recipe.theirs()) {}

  void to(taper::ScalarType dtype) {
    ours->to(dtype);
    theirs->to(bridge::counterpart(dtype));
    // libtorch's Module::to converts counters too
    for (auto& b : theirs->named_buffers()) {
      if (b.key().find("num_batches_tracked") != std::string::npos) b.value().set_data(b.value().to(torch::kLong));
    }
  }
  void train(bool on) {
    ours->train(on);
    theirs->train(on);
  }
  // Largest relative difference of weights and, unless told otherwise, running statistics; names must agree.
  double state_difference() const {
    double largest = 0;
    const auto compare_all = [&](const auto& a, const auto& b) {
      REQUIRE(a.keys() == b.keys());
      for (const auto& item : a) largest = std::max(largest, relative_difference(item.value(), b[item.key()]));
    };
    compare_all(ours->named_parameters(), theirs->named_parameters());
    compare_all(ours->named_buffers(), theirs->named_buffers());
    return largest;
  }
  double gradient_difference() const {
    double largest = 0;
    const auto b = theirs->named_parameters();
    for (const auto& p : ours->named_parameters()) {
      largest = std::max(largest, relative_difference(p.value().grad(), b[p.key()].grad()));
    }
    return largest;
  }
  void zero_grad() {
    ours->zero_grad();
    theirs->zero_grad();
  }

  tn::Sequential ours;
  on::Sequential theirs;
};

struct Row {
  const char* name;
  Recipe recipe;
  std::vector<Sizes> inputs;
};

const std::vector<Sizes> kAny = {{4, 6}, {64, 100}, {3, 2, 5}, {7}, {}, {0, 6}};
const std::vector<Sizes> kBatch = {{4, 6}, {64, 6}, {3, 5, 6}, {6}, {0, 6}};
const std::vector<Sizes> kImages = {{4, 6}, {4, 3, 2}, {5, 3, 2, 4}, {0, 3, 2}};

const Row kLayers[] = {
    {"Linear", NET(nn::Linear(6, 3)), kBatch},
    {"Linear without bias", NET(nn::Linear(nn::LinearOptions(6, 3).bias(false))), kBatch},
    {"Identity", NET(nn::Identity()), kAny},
    {"Flatten", NET(nn::Flatten()), kImages},
    {"Flatten part", NET(nn::Flatten(nn::FlattenOptions().start_dim(0).end_dim(1))), kImages},
    {"ReLU", NET(nn::ReLU()), kAny},
    {"ReLU in place", NET(nn::Linear(6, 6), nn::ReLU(nn::ReLUOptions().inplace(true))), kBatch},
    {"Sigmoid", NET(nn::Sigmoid()), kAny},
    {"Tanh", NET(nn::Tanh()), kAny},
    {"LeakyReLU", NET(nn::LeakyReLU()), kAny},
    {"LeakyReLU 0.2", NET(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2))), kAny},
    {"LeakyReLU in place", NET(nn::Linear(6, 6), nn::LeakyReLU(nn::LeakyReLUOptions().inplace(true))), kBatch},
    {"GELU", NET(nn::GELU()), kAny},
    {"GELU tanh", NET(nn::GELU(nn::GELUOptions().approximate("tanh"))), kAny},
    {"SiLU", NET(nn::SiLU()), kAny},
    {"Softmax", NET(nn::Softmax(-1)), kAny},
    {"Softmax 0", NET(nn::Softmax(0)), kAny},
    {"LogSoftmax", NET(nn::LogSoftmax(-1)), kAny},
    {"LogSoftmax 0", NET(nn::LogSoftmax(0)), kAny},
    {"Dropout", NET(nn::Dropout(0.4)), kAny},
    {"Dropout in place", NET(nn::Linear(6, 6), nn::Dropout(nn::DropoutOptions(0.4).inplace(true))), kBatch},
    {"Dropout 0", NET(nn::Dropout(0.0)), kAny},
    {"Dropout 1", NET(nn::Dropout(1.0)), kAny},
    {"BatchNorm1d", NET(nn::BatchNorm1d(6)), {{4, 6}, {64, 6}, {3, 6, 5}}},
    {"BatchNorm1d, plain", NET(nn::BatchNorm1d(nn::BatchNorm1dOptions(6).affine(false))), {{4, 6}, {3, 6, 5}}},
    {"BatchNorm1d, no statistics",
     NET(nn::BatchNorm1d(nn::BatchNorm1dOptions(6).track_running_stats(false))),
     {{4, 6}, {3, 6, 5}}},
    {"BatchNorm2d", NET(nn::BatchNorm2d(3)), {{4, 3, 2, 5}, {2, 3, 17, 16}}},
};

struct Figures {
  double output = 0, gradient = 0, state = 0;
};

// A net, its input and its loss: class scores go to cross-entropy.
struct Training {
  const char* name;
  Recipe recipe;
  Sizes input;
  int64_t classes;
  double lr;
};
const Training kTrainings[] = {
    {"MLP", NET(nn::Linear(20, 64), nn::ReLU(), nn::Linear(64, 32), nn::ReLU(), nn::Linear(32, 10)), {64, 20}, 10, 0.1},
    {"MLP with BatchNorm",
     NET(nn::Linear(nn::LinearOptions(20, 64).bias(false)), nn::BatchNorm1d(64), nn::ReLU(),
         nn::Linear(nn::LinearOptions(64, 32).bias(false)), nn::BatchNorm1d(32), nn::ReLU(), nn::Linear(32, 10)),
     {64, 20},
     10,
     0.1},
    {"sigmoid net with BatchNorm",
     NET(nn::Linear(20, 100), nn::BatchNorm1d(100), nn::Sigmoid(), nn::Linear(100, 100), nn::BatchNorm1d(100),
         nn::Sigmoid(), nn::Linear(100, 10)),
     {60, 20},
     10,
     0.5},
    {"all activations",
     NET(nn::Linear(20, 16), nn::Tanh(), nn::Linear(16, 16), nn::LeakyReLU(), nn::Linear(16, 16), nn::GELU(),
         nn::Linear(16, 16), nn::SiLU(), nn::Linear(16, 5), nn::LogSoftmax(1)),
     {32, 20},
     5,
     0.1},
    {"BatchNorm1d over channels of a series",
     NET(nn::BatchNorm1d(4), nn::Linear(9, 9), nn::ReLU(), nn::BatchNorm1d(4), nn::Flatten(), nn::Linear(36, 5)),
     {32, 4, 9},
     5,
     0.1},
    {"BatchNorm2d over images",
     NET(nn::BatchNorm2d(3), nn::Linear(6, 6), nn::ReLU(), nn::BatchNorm2d(3), nn::Flatten(), nn::Linear(90, 5)),
     {16, 3, 5, 6},
     5,
     0.1},
};

// 20 steps of SGD with momentum and weight decay; then evaluation.
Figures train(const Training& t, taper::ScalarType dtype) {
  seed(7);
  Pair nets(t.recipe);
  CHECK(nets.state_difference() == 0);
  nets.to(dtype);
  taper::optim::SGD ours(nets.ours->parameters(), taper::optim::SGDOptions(t.lr).momentum(0.9).weight_decay(1e-3));
  torch::optim::SGD theirs(nets.theirs->parameters(), torch::optim::SGDOptions(t.lr).momentum(0.9).weight_decay(1e-3));
  std::mt19937 engine(11);
  Figures largest;
  const auto note = [](double& figure, double value) { figure = std::max(figure, value); };
  for (int step = 0; step < 20; ++step) {
    const taper::Tensor x = draw(t.input, {-2, 2}, Values::Uniform, engine).to(dtype);
    const taper::Tensor classes = taper::randint(t.classes, {t.input[0]}, taper::kInt64);
    nets.zero_grad();
    const taper::Tensor y = nets.ours->forward(x);
    const torch::Tensor ty = nets.theirs->forward(to_torch(x));
    note(largest.output, relative_difference(y, ty));
    const taper::Tensor loss = tn::functional::cross_entropy(y, classes);
    const torch::Tensor tloss = on::functional::cross_entropy(ty, to_torch(classes));
    note(largest.output, relative_difference(loss, tloss));
    loss.backward();
    tloss.backward();
    note(largest.gradient, nets.gradient_difference());
    ours.step();
    theirs.step();
    note(largest.state, nets.state_difference());
  }
  nets.train(false);
  const taper::Tensor x = draw(t.input, {-2, 2}, Values::Uniform, engine).to(dtype);
  note(largest.output, relative_difference(nets.ours->forward(x), nets.theirs->forward(to_torch(x))));
  return largest;
}

}  // namespace

TEST_CASE("nets of the same seed have libtorch's weights and names, bit for bit") {
  for (const Training& t : kTrainings) {
    INFO(t.name);
    seed(3);
    CHECK(Pair(t.recipe).state_difference() == 0);
  }
  seed(0);
  const Recipe mnist = NET(nn::Linear(784, 512), nn::BatchNorm1d(512), nn::ReLU(), nn::Linear(512, 256),
                           nn::BatchNorm1d(256), nn::ReLU(), nn::Linear(256, 10));
  CHECK(Pair(mnist).state_difference() == 0);
}

TEST_CASE("every layer equals libtorch's: forward, backward, training and evaluation") {
  std::mt19937 engine(2);
  for (const Row& row : kLayers) {
    for (const Sizes& sizes : row.inputs) {
      for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
        seed(5);
        Pair nets(row.recipe);
        nets.to(dtype);
        const double tolerance = dtype == taper::kFloat32 ? 1e-5 : 1e-12;
        for (const bool training : {true, true, false}) {
          INFO(row.name << " " << taper::detail::str(taper::IntArrayRef(sizes)) << " " << taper::to_string(dtype)
                        << (training ? ", training" : ", evaluation"));
          nets.train(training);
          nets.zero_grad();
          seed(9);  // of Dropout's mask
          const taper::Tensor x = draw(sizes, {-2, 2}, Values::Uniform, engine).to(dtype).requires_grad_();
          const torch::Tensor tx = to_torch(x).requires_grad_();
          const taper::Tensor y = nets.ours->forward(x);
          const torch::Tensor ty = nets.theirs->forward(tx);
          CHECK(relative_difference(y, ty) <= tolerance);
          const taper::Tensor dy = draw(y.sizes().vec(), {-1, 1}, Values::Uniform, engine).to(dtype);
          y.backward(dy);
          ty.backward(to_torch(dy));
          CHECK(relative_difference(x.grad(), tx.grad()) <= tolerance);
          CHECK(nets.gradient_difference() <= tolerance);
          CHECK(nets.state_difference() <= tolerance);
        }
      }
    }
  }
}

TEST_CASE("twenty steps of SGD: outputs, gradients, running statistics and weights equal libtorch's") {
  for (const Training& t : kTrainings) {
    for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
      const Figures largest = train(t, dtype);
      const double tolerance = dtype == taper::kFloat32 ? 1e-4 : 1e-11;  // rounding grows from step to step
      INFO(t.name << ", " << taper::to_string(dtype));
      CHECK(largest.output <= tolerance);
      CHECK(largest.gradient <= tolerance);
      CHECK(largest.state <= tolerance);
    }
  }
}

TEST_CASE("the largest differences to libtorch over a training", "[.figures]") {
  for (const Training& t : kTrainings) {
    for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
      const Figures f = train(t, dtype);
      WARN(t.name << ", " << taper::to_string(dtype) << ": outputs " << f.output << ", gradients " << f.gradient
                  << ", weights and statistics " << f.state);
    }
  }
}
