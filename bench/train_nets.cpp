// Images (the GPT: sequences) per second of small networks in training and inference, on random data: the same source
// for taper (train_nets) and libtorch (train_nets_torch). `./run bench` runs both alternately and prints the ratios.
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include "gpt.h"
#include "nets.h"
#include "rows.h"

namespace nn = torch::nn;

static nn::Sequential make_net(const bench::Row& row) {
  if (row.sizes.empty()) return bench::make_cnn();
  nn::Sequential net;
  for (size_t i = 1; i < row.sizes.size(); ++i) {
    const bool hidden = i + 1 < row.sizes.size();
    net->push_back(nn::Linear(nn::LinearOptions(row.sizes[i - 1], row.sizes[i]).bias(!(hidden && row.batch_norm))));
    if (!hidden) break;
    if (row.batch_norm) net->push_back(nn::BatchNorm1d(row.sizes[i]));
    if (row.sigmoid) {
      net->push_back(nn::Sigmoid());
    } else {
      net->push_back(nn::ReLU());
    }
  }
  return net;
}

struct Autocast {
  Autocast() {
    at::autocast::set_cpu_enabled(bench::autocast);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_cpu_enabled(false);
  }
};

// Runs one batch after the other of x, [batches, batch, ...], and targets, [batches, ...].
template <class Net>
static std::function<void()> batch_after_batch(Net net, const torch::Tensor& x, const torch::Tensor& targets,
                                               bool train) {
  int64_t step = 0;
  if (!train) {
    net->eval();
    return [=]() mutable {
      const torch::NoGradGuard no_grad;
      const Autocast scope;
      net->forward(x[step++ % bench::kBatches]);
    };
  }
  const auto optimizer = std::make_shared<torch::optim::SGD>(
      net->parameters(), torch::optim::SGDOptions(bench::kLearningRate).momentum(bench::kMomentum));
  return [=]() mutable {
    const int64_t i = step++ % bench::kBatches;
    optimizer->zero_grad();
    torch::Tensor loss;
    {
      const Autocast scope;
      loss = nn::functional::cross_entropy(net->forward(x[i]), targets[i]);
    }
    loss.backward();
    optimizer->step();
  };
}

static std::function<void()> make_step(const bench::Row& row) {
  torch::manual_seed(1);
  if (row.gpt) {
    const bench::Gpt net;
    const auto tokens = [&] {
      return torch::randint(bench::kVocabulary, {bench::kBatches, row.batch, bench::kTokens}, torch::kLong);
    };
    return batch_after_batch(net, tokens(), tokens().flatten(1), row.train);
  }
  if (*row.recurrent) {
    const auto images = torch::randn({bench::kBatches, 28, row.batch, 28});
    const auto digits = torch::randint(10, {bench::kBatches, row.batch}, torch::kLong);
    if (row.recurrent[0] == 'L')
      return batch_after_batch(std::make_shared<bench::LstmNet>(), images, digits, row.train);
    return batch_after_batch(std::make_shared<bench::GruNet>(), images, digits, row.train);
  }
  const nn::Sequential net = make_net(row);
  auto images = torch::randn({bench::kBatches, row.batch, 784});
  if (row.sizes.empty()) images = images.view({bench::kBatches, row.batch, 1, 28, 28});
  return batch_after_batch(net, images, torch::randint(10, {bench::kBatches, row.batch}, torch::kLong), row.train);
}

int main(int argc, char* argv[]) {
  return bench::run(argc, argv, make_step, [](int threads) { torch::set_num_threads(threads); });
}
