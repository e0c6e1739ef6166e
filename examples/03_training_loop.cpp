// 03_training_loop: a model, batches of data, an optimiser, and the training loop.
//
// The task: two interleaved spirals, one class each, which are not linearly separable.
//
// Run:     ./run example 03_training_loop     (well under a second)
// Expect:  the loss falls from about 0.7 (chance) to below 0.1, and the test accuracy is above 98 %.
#include <taper/taper.h>

#include <cstdio>
#include <filesystem>
#include <random>
#include <string>

using namespace taper;
using namespace taper::data;
namespace F = taper::nn::functional;

// A model is a Module whose layers are registered, so that parameters() finds their weights.
struct NetImpl : nn::Module {
  NetImpl() : fc1(2, 64), bn1(64), fc2(64, 64), bn2(64), fc3(64, 2) {
    register_module("fc1", fc1);
    register_module("bn1", bn1);
    register_module("fc2", fc2);
    register_module("bn2", bn2);
    register_module("fc3", fc3);
  }

  Tensor forward(Tensor x) {  // [n, 2] -> [n, 2], a score per class
    x = relu(bn1(fc1(x)));
    x = relu(bn2(fc2(x)));
    return fc3(x);
  }

  nn::Linear fc1;
  nn::BatchNorm1d bn1;
  nn::Linear fc2;
  nn::BatchNorm1d bn2;
  nn::Linear fc3;
};
TAPER_MODULE(Net);  // Net: a NetImpl behind a shared pointer

// n points of two spirals with some noise: {points [n, 2], classes [n]}.
std::pair<Tensor, Tensor> spirals(int64_t n) {
  Tensor label = randint(2, {n}, kInt64);
  Tensor radius = 0.1 + 0.9 * rand({n});
  Tensor angle = 9 * radius + 3.14159265 * label;
  Tensor points = stack({radius * cos(angle), radius * sin(angle)}, 1);
  return {points + 0.02 * randn({n, 2}), label};
}

int main() {
  manual_seed(1);  // the same numbers in every run

  auto [points, labels] = spirals(2000);
  auto [test_points, test_labels] = spirals(1000);
  auto loader = make_data_loader(datasets::LabeledTensorDataset(points, labels).map(transforms::Stack<>()),
                                 DataLoaderOptions().batch_size(50));

  Net net;
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.02).momentum(0.9));

  for (int epoch = 1; epoch <= 20; ++epoch) {
    net->train();  // BatchNorm uses the statistics of the batch
    double total = 0;
    int batches = 0;
    for (auto& batch : *loader) {
      optimizer.zero_grad();
      Tensor loss = F::cross_entropy(net(batch.data), batch.target);
      loss.backward();
      optimizer.step();
      total += loss.item<double>();
      ++batches;
    }
    if (epoch == 1 || epoch % 5 == 0) std::printf("epoch %2d: loss %.3f\n", epoch, total / batches);
  }

  // Save the weights to a file and load them into another network. A full disk or a file that is missing, damaged or of
  // another model is an exception that leaves file and model unchanged.
  Net trained;
  try {
    const std::string name = "taper-" + std::to_string(std::random_device()()) + ".safetensors";
    const std::string file = std::filesystem::temp_directory_path() / name;
    save(net, file);
    load(trained, file);
    std::filesystem::remove(file);
  } catch (const std::exception& error) {  // taper::Error or std::filesystem::filesystem_error
    std::fprintf(stderr, "03_training_loop: %s\n", error.what());
    return 1;
  }

  trained->eval();      // BatchNorm uses its running statistics
  NoGradGuard no_grad;  // nothing is recorded
  Tensor right = trained(test_points).argmax(1).eq(test_labels);
  const double accuracy = 100 * right.to(kFloat64).mean().item<double>();
  std::printf("test accuracy %.1f %%\n", accuracy);
  return accuracy > 98 ? 0 : 1;
}
