// A convolutional net as programs for libtorch write them: layers, functions and functions as layers.
#include <torch/torch.h>

#include <cstdio>
#include <iostream>

namespace F = torch::nn::functional;

struct NetImpl : torch::nn::Module {
  NetImpl()
      : conv1(torch::nn::Conv2dOptions(1, 4, 5)),
        conv2(torch::nn::Conv2dOptions(4, 6, {3, 2}).stride({1, 2}).padding({1, 0}).groups(2).bias(false)),
        norm(6),
        up(torch::nn::ConvTranspose2dOptions(6, 3, 3).stride(2).output_padding(1)),
        fc(3, 2) {
    register_module("conv1", conv1);
    register_module("conv2", conv2);
    register_module("norm", norm);
    register_module("drop", drop);
    register_module("up", up);
    register_module("fc", fc);
  }
  torch::Tensor forward(torch::Tensor x) {
    x = torch::relu(torch::max_pool2d(conv1->forward(x), 2));
    x = F::leaky_relu(norm(conv2(x)), F::LeakyReLUFuncOptions().negative_slope(0.1));
    x = up(drop(x));
    x = F::adaptive_avg_pool2d(x, F::AdaptiveAvgPool2dFuncOptions(1)).flatten(1);
    return torch::log_softmax(fc(x), 1);
  }

  torch::nn::Conv2d conv1, conv2;
  torch::nn::BatchNorm2d norm;
  torch::nn::Dropout2d drop{0.0};
  torch::nn::ConvTranspose2d up;
  torch::nn::Linear fc;
};
TORCH_MODULE(Net);

static void show(const std::string& what, const torch::Tensor& x) {
  std::cout << what << ' ' << x.sizes();
  for (int64_t i = 0; i < std::min<int64_t>(4, x.numel()); ++i) {
    std::printf(" %.3f", static_cast<double>(x.reshape({-1})[i].item<float>()));
    std::fflush(stdout);
  }
  std::cout << std::endl;
}

int main() {
  torch::manual_seed(2);
  Net net;
  std::cout << net << std::endl;
  torch::optim::Adam optimizer(net->parameters(), torch::optim::AdamOptions(0.01).betas(std::make_tuple(0.5, 0.9)));
  const auto images = torch::randn({8, 1, 16, 17});
  const auto labels = torch::randint(0, 2, {8}, torch::kLong);
  for (int step = 0; step < 5; ++step) {
    optimizer.zero_grad();
    const auto loss = torch::nll_loss(net(images), labels);
    loss.backward();
    optimizer.step();
    std::printf("%.3f\n", static_cast<double>(loss.item<float>()));
  }
  for (const auto& p : net->named_parameters()) show(torch::str(p.key(), ':'), p.value());

  torch::nn::Sequential features(torch::nn::Conv1d(torch::nn::Conv1dOptions(2, 3, 3).padding(torch::kSame).dilation(2)),
                                 torch::nn::Functional(torch::leaky_relu, 0.2), torch::nn::MaxPool1d(2),
                                 torch::nn::Functional(torch::tanh),
                                 torch::nn::AvgPool1d(torch::nn::AvgPool1dOptions(3).stride(1)));
  std::cout << features << std::endl;
  show("features", features->forward(torch::randn({2, 2, 12})));

  auto [values, indices] = F::max_pool2d_with_indices(images, F::MaxPool2dFuncOptions(3).stride(2).padding(1));
  show("values", values);
  show("indices", indices);
  show("padded", F::pad(images, F::PadFuncOptions({1, 2, 3, 0}).mode(torch::kReflect)));
  show("layer norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({16, 17}))(images));
  show("group norm", torch::nn::GroupNorm(torch::nn::GroupNormOptions(2, 4))(torch::randn({2, 4, 3})));
  show("instance norm", torch::nn::InstanceNorm2d(1)(images));
  show("embedding", torch::nn::Embedding(5, 3)(torch::tensor({4, 0, 4})));
  return 0;
}
