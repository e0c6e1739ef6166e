// A Sequential learns a curve: losses, an optimiser's options, learning rate changed on the way, printing a module.
#include <torch/torch.h>

#include <iostream>

int main() {
  torch::manual_seed(1);
  const auto x = torch::linspace(-2, 2, 80).unsqueeze(1);
  const auto y = torch::sin(2 * x) + 0.05 * torch::randn({80, 1});

  torch::nn::Sequential net(torch::nn::Linear(1, 24), torch::nn::Tanh(), torch::nn::Linear(24, 24), torch::nn::ReLU(),
                            torch::nn::Linear(torch::nn::LinearOptions(24, 1).bias(false)));
  torch::optim::SGD optimizer(net->parameters(), torch::optim::SGDOptions(0.05).momentum(0.9).weight_decay(1e-4));

  torch::Tensor loss;
  for (int step = 0; step < 300; ++step) {
    optimizer.zero_grad();
    loss = torch::mse_loss(net->forward(x), y);
    loss.backward();
    optimizer.step();
    if (step % 60 == 0) std::cout << "step " << step << " loss " << loss.item<float>() << '\n';
    if (step == 200) {
      for (auto& group : optimizer.param_groups()) static_cast<torch::optim::SGDOptions&>(group.options()).lr(0.01);
    }
  }
  std::cout << "loss " << loss.item<double>() << '\n' << net << '\n';

  int64_t count = 0;
  for (const auto& item : net->named_parameters()) {
    std::cout << item.key() << ' ' << item.value().sizes() << '\n';
    count += item.value().numel();
  }
  std::cout << count << " parameters\n";
  TORCH_CHECK(count == 24 + 24 + 24 * 24 + 24 + 24, "a parameter is missing");

  torch::NoGradGuard no_grad;
  const double l1 = torch::nn::L1Loss()(net->forward(x), y).item<double>();
  std::cout << "l1 " << l1 << '\n';
  TORCH_CHECK(loss.item<float>() < 0.02f && l1 < 0.12, "the curve was not learnt: ", loss, " and ", l1);
}
