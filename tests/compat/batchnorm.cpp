// BatchNorm: running statistics while training, evaluation with them, clones, and the difference between the modes.
#include <torch/torch.h>

#include <iostream>

struct NetImpl : torch::nn::Cloneable<NetImpl> {
  NetImpl() { reset(); }
  void reset() override {
    fc1 = register_module("fc1", torch::nn::Linear(torch::nn::LinearOptions(6, 5).bias(false)));
    bn1 = register_module("bn1", torch::nn::BatchNorm1d(torch::nn::BatchNorm1dOptions(5).eps(1e-4).momentum(0.2)));
    fc2 = register_module("fc2", torch::nn::Linear(5, 3));
    bn2 = register_module("bn2", torch::nn::BatchNorm1d(torch::nn::BatchNormOptions(3).affine(false)));
  }
  torch::Tensor forward(const torch::Tensor& x) { return bn2(fc2(torch::sigmoid(bn1(fc1(x))))); }
  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
  torch::nn::BatchNorm1d bn1{nullptr}, bn2{nullptr};
};
TORCH_MODULE(Net);

int main() {
  torch::manual_seed(11);
  Net net;
  torch::nn::CrossEntropyLoss criterion(torch::nn::CrossEntropyLossOptions().reduction(torch::kMean));
  torch::optim::SGD optimizer(net->parameters(), /*lr=*/0.5);
  const auto x = 3 + 2 * torch::randn({90, 6});
  const auto label = (x.select(1, 0) > 3).to(torch::kLong) + (x.select(1, 1) > 4).to(torch::kLong);

  double loss = 0;
  for (int step = 0; step < 60; ++step) {
    const auto rows = torch::arange(step % 3 * 30, step % 3 * 30 + 30);
    optimizer.zero_grad();
    auto l = criterion(net(x.index_select(0, rows)), label.index_select(0, rows));
    l.backward();
    optimizer.step();
    loss = l.item<double>();
    if (step % 15 == 0) std::cout << "loss " << loss << '\n';
  }
  std::cout << net << '\n';
  for (const auto& buffer : net->named_buffers()) std::cout << buffer.key() << '\n' << buffer.value() << '\n';

  auto copy = std::dynamic_pointer_cast<NetImpl>(net->clone());
  const auto training = net(x);
  net->eval();
  const auto before = net->bn1->running_mean.clone();
  const auto evaluation = net(x);
  TORCH_CHECK(before.equal(net->bn1->running_mean), "evaluation must not touch the statistics");
  TORCH_CHECK(!torch::allclose(training, evaluation), "the modes differ");
  TORCH_CHECK(copy->bn1->num_batches_tracked.item<int64_t>() == 60, "the clone has its own statistics");
  TORCH_CHECK(net->bn1->num_batches_tracked.item<int64_t>() == 61, "60 steps and one call");
  const auto right = evaluation.argmax(1).eq(label).sum().item<int64_t>();
  std::cout << evaluation.slice(0, 0, 4) << "\nright " << right << " of 90\n";
  TORCH_CHECK(right > 45 && loss < 0.9, "it did not learn: ", right, " right, loss ", loss);
}
