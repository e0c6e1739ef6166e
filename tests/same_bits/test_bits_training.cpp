// The weights of trained networks have the same bits with AVX2, with AVX-512 and with any number of threads.
#include <taper/core/random.h>
#include <taper/layers/nn.h>
#include <taper/optim/optim.h>

#include <functional>
#include <memory>

#include "same_bits/sheets.h"

using namespace taper;
namespace F = nn::functional;

namespace {

constexpr int64_t kClasses = 10;

// Of a residual network: x + norm(conv(relu(norm(conv x)))).
struct BlockImpl : nn::Module {
  explicit BlockImpl(int64_t channels) : BlockImpl(nn::Conv2dOptions(channels, channels, 3).padding(1).bias(false)) {}
  explicit BlockImpl(const nn::Conv2dOptions& options)
      : conv1(register_module("conv1", nn::Conv2d(options))),
        conv2(register_module("conv2", nn::Conv2d(options))),
        norm1(register_module("norm1", nn::BatchNorm2d(options.out_channels()))),
        norm2(register_module("norm2", nn::BatchNorm2d(options.out_channels()))) {}
  Tensor forward(const Tensor& x) { return relu(x + norm2(conv2(relu(norm1(conv1(x)))))); }

  nn::Conv2d conv1, conv2;
  nn::BatchNorm2d norm1, norm2;
};
TAPER_MODULE(Block);

nn::Sequential mlp() {
  return nn::Sequential(nn::Flatten(), nn::Linear(784, 512), nn::ReLU(), nn::Linear(512, 256), nn::ReLU(),
                        nn::Linear(256, kClasses));
}
nn::Sequential mlp_with_batch_norm() {
  return nn::Sequential(nn::Flatten(), nn::Linear(nn::LinearOptions(784, 300).bias(false)), nn::BatchNorm1d(300),
                        nn::ReLU(), nn::Dropout(0.2), nn::Linear(nn::LinearOptions(300, 101).bias(false)),
                        nn::BatchNorm1d(101), nn::ReLU(), nn::Linear(101, kClasses));
}
nn::Sequential sigmoids() {
  return nn::Sequential(nn::Flatten(), nn::Linear(784, 100), nn::Sigmoid(), nn::Linear(100, 100), nn::BatchNorm1d(100),
                        nn::Sigmoid(), nn::Linear(100, 100), nn::Tanh(), nn::Linear(100, kClasses));
}
nn::Sequential cnn() {
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 32, 3).padding(1).bias(false)), nn::BatchNorm2d(32), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Conv2d(nn::Conv2dOptions(32, 21, 5).padding(2)), nn::BatchNorm2d(21),
                        nn::ReLU(), nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2)), nn::Flatten(),
                        nn::Linear(21 * 6 * 6, kClasses));
}
nn::Sequential resnet() {
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 12, 3).padding(1).stride(2)), Block(12),
                        nn::Conv2d(nn::Conv2dOptions(12, 20, 1).stride(2)), Block(20), nn::AdaptiveAvgPool2d(1),
                        nn::Flatten(), nn::Linear(20, kClasses));
}
nn::Sequential norms() {
  return nn::Sequential(nn::Conv2d(1, 12, 3), nn::GroupNorm(3, 12), nn::GELU(), nn::AvgPool2d(2), nn::Flatten(),
                        nn::Linear(12 * 13 * 13, 100), nn::LayerNorm(nn::LayerNormOptions({100})), nn::SiLU(),
                        nn::Linear(100, 100), nn::Softmax(1), nn::Linear(100, kClasses), nn::ELU());
}

using Loss = std::function<Tensor(const Tensor& y, const Tensor& classes)>;

void train(sheets::Sheet& sheet, const std::string& name, nn::Sequential net, optim::Optimizer& optimizer, int steps,
           const Loss& loss) {
  for (int i = 0; i < steps; ++i) {
    const Tensor x = randn({64, 1, 28, 28}), classes = randint(kClasses, {64}, kInt64);
    optimizer.zero_grad();
    loss(net->forward(x), classes).backward();
    optimizer.step();
  }
  for (const auto& item : net->state_dict()) sheet.add(name + " " + item.key(), item.value());
  net->eval();
  sheet.add(name + ", output", net->forward(randn({7, 1, 28, 28})));
}

}  // namespace

TEST_CASE("trained weights: a sheet", "[.sheet of training]") {
  sheets::Sheet sheet;
  const Loss cross_entropy = [](const Tensor& y, const Tensor& classes) { return F::cross_entropy(y, classes); };
  const std::vector<std::pair<const char*, nn::Sequential (*)()>> nets = {
      {"MLP", mlp},           {"MLP with BatchNorm", mlp_with_batch_norm},
      {"sigmoids", sigmoids}, {"CNN", cnn},
      {"ResNet", resnet},     {"norms", norms}};
  for (const auto& [name, make] : nets) {
    manual_seed(1);
    const nn::Sequential net = make();
    optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.05).momentum(0.9).weight_decay(1e-4));
    train(sheet, name, net, optimizer, 10, cross_entropy);
  }
#define OPTIMIZER(Name, ...)                                                \
  {                                                                         \
    manual_seed(2);                                                         \
    const nn::Sequential net = mlp_with_batch_norm();                       \
    optim::Name##Options o(0.1);                                            \
    __VA_ARGS__;                                                            \
    optim::Name optimizer(net->parameters(), o);                            \
    train(sheet, #Name " " #__VA_ARGS__, net, optimizer, 5, cross_entropy); \
  }
#include "optim/optimizers.def"
#undef OPTIMIZER
  const auto one_hot = [](const Tensor& classes) { return F::one_hot(classes, kClasses).to(kFloat32); };
  const std::vector<std::pair<const char*, Loss>> losses = {
      {"mse_loss", [&](const Tensor& y, const Tensor& c) { return F::mse_loss(y, one_hot(c)); }},
      {"smooth_l1_loss", [&](const Tensor& y, const Tensor& c) { return F::smooth_l1_loss(y, one_hot(c)); }},
      {"binary_cross_entropy_with_logits",
       [&](const Tensor& y, const Tensor& c) { return F::binary_cross_entropy_with_logits(y, one_hot(c)); }},
      {"nll_loss", [&](const Tensor& y, const Tensor& c) { return F::nll_loss(log_softmax(y, 1), c); }},
      {"kl_div", [&](const Tensor& y, const Tensor& c) { return F::kl_div(log_softmax(y, 1), one_hot(c)); }},
      {"cosine_embedding_loss",
       [&](const Tensor& y, const Tensor& c) { return 1 - cosine_similarity(y, one_hot(c)).mean(); }},
  };
  for (const auto& [name, loss] : losses) {
    manual_seed(3);
    const nn::Sequential net = mlp_with_batch_norm();
    optim::Adam optimizer(net->parameters(), optim::AdamOptions(0.01));
    train(sheet, name, net, optimizer, 5, loss);
  }
}

TEST_CASE("trained weights have the same bits with any instruction set and number of threads") {
  sheets::check("[sheet of training]");
}
