// A program written for libtorch.
#include <c10/util/Exception.h>
#include <torch/nn/modules/linear.h>
#include <torch/torch.h>

#include <iostream>

int main() {
  torch::manual_seed(0);
  torch::nn::Sequential net(torch::nn::Linear(2, 8), torch::nn::Functional(torch::relu), torch::nn::Linear(8, 1));
  torch::optim::Adam optimizer(net->parameters(), torch::optim::AdamOptions(0.05));
  const auto x = torch::randn({32, 2}), y = x.sum(1, true).abs();
  auto loss = torch::mse_loss(net->forward(x), y);
  const float first = loss.item<float>();
  for (int i = 0; i < 100; ++i) {
    optimizer.zero_grad();
    loss = torch::mse_loss(net->forward(x), y);
    loss.backward();
    optimizer.step();
  }
  std::cout << "loss " << first << ", then " << loss.item<float>() << std::endl;
  return loss.item<float>() < first / 10 ? 0 : 1;
}
