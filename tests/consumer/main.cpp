// A user's program: built against the installed library, the folder with the sources, and by pkg-config.
#include <taper/taper.h>

#include <cstdio>

int main() {
  taper::manual_seed(0);
  taper::nn::Sequential net(taper::nn::Linear(taper::nn::LinearOptions(3, 4).bias(false)), taper::nn::BatchNorm1d(4),
                            taper::nn::ReLU(), taper::nn::Linear(4, 1));
  taper::optim::SGD optimizer(net->parameters(), taper::optim::SGDOptions(0.1).momentum(0.9));
  // Layers and transforms whose parts come from several places of the library.
  taper::nn::Sequential others(taper::nn::Conv2d(1, 2, 3), taper::nn::Dropout(0.5), taper::nn::Hardtanh(),
                               taper::nn::Embedding(3, 2));
  taper::nn::BCELoss bce;
  taper::nn::NLLLoss nll;
  taper::nn::CrossEntropyLoss cross_entropy;
  std::printf("%zu layers\n", others->size() + 3);
  taper::data::transforms::RandomShift<> shift(2);
  const taper::Tensor x = taper::randn({16, 3}), y = x.sum(1, /*keepdim=*/true);
  double first = 0, last = 0;
  for (int step = 0; step < 50; ++step) {
    optimizer.zero_grad();
    const taper::Tensor loss = taper::nn::functional::mse_loss(net->forward(x), y);
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
    if (step == 0) first = last;
  }
  std::printf("taper %s: loss %.4f, then %.4f\n", taper::kVersion, first, last);
  try {
    net->forward(taper::randn({16, 5}));
  } catch (const taper::Error& error) {
    std::printf("%s\n", error.what());
    return last < first / 10 ? 0 : 1;
  }
  return 1;
}
