#include "train.h"

#include <taper/taper.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../common/epoch_progress.h"
#include "../common/interrupt.h"
#include "../common/text.h"

namespace examples::resnet {
namespace {

using taper::Tensor;
namespace F = taper::nn::functional;
namespace optim = taper::optim;
using namespace taper::data;

// Accuracy in percent on the first `size` test images.
double test(ResNet& net, const ImageData& data, int64_t size) {
  const taper::NoGradGuard no_grad;
  net->eval();
  auto loader = make_data_loader(normalized(data, data.test), samplers::SequentialSampler(static_cast<size_t>(size)),
                                 DataLoaderOptions(500));
  int64_t right = 0;
  for (auto& batch : *loader) right += net(batch.data).argmax(1).eq(batch.target).sum().item<int64_t>();
  return 100.0 * static_cast<double>(right) / static_cast<double>(size);
}

template <class Loader>
std::vector<Epoch> train_with(Loader& loader, ResNet& net, const ImageData& data, const Options& options) {
  // A BatchNorm cannot train on a single image, so a last batch of one is left out.
  const int64_t batches = options.train_size / options.batch_size, rest = options.train_size % options.batch_size;
  const int64_t steps = options.epochs * (batches + (rest > 1 ? 1 : 0));
  const auto rising =
      std::clamp<int64_t>(std::llround(kWarmUp * static_cast<double>(steps)), 1, std::max<int64_t>(1, steps - 1));

  optim::SGD optimizer(net->parameters(),
                       optim::SGDOptions(options.lr).momentum(0.9).nesterov(true).weight_decay(5e-4));
  optim::LinearLR warm_up(optimizer, /*start_factor=*/0.1, /*end_factor=*/1, rising);
  optim::CosineAnnealingLR fall(optimizer, std::max<int64_t>(1, steps - rising));
  optim::SequentialLR schedule(optimizer, {&warm_up, &fall}, {rising});

  std::vector<Epoch> epochs;
  for (int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    EpochProgress progress("ResNet", epoch, options.epochs, options.train_size);
    net->train();
    double lr = 0;
    for (auto& batch : *loader) {
      if (interrupted()) return epochs;
      if (batch.target.size(0) == 1) continue;
      optimizer.zero_grad();
      Tensor loss;
      {
        const taper::AutocastGuard autocast(options.bf16);
        loss = F::cross_entropy(net(batch.data), batch.target);
      }
      loss.backward();
      lr = optimizer.param_groups()[0].options().get_lr();
      optimizer.step();
      schedule.step();
      progress.update(batch.target.size(0), loss.template item<double>(), format("  rate %.4f", lr));
    }
    const double seconds = progress.seconds(), accuracy = test(net, data, options.test_size);
    epochs.push_back({progress.loss(), accuracy, lr, seconds, progress.rate()});
    progress.finish(format("test %6.2f %%  rate %.4f", accuracy, lr));
    if (!std::isfinite(epochs.back().loss)) {
      std::fprintf(stderr, "resnet: the loss is NaN or infinite; try an --lr below %g\n", options.lr);
      break;
    }
  }
  return epochs;
}

}  // namespace

std::vector<Epoch> train(ResNet& net, const ImageData& data, const Options& options) {
  const samplers::RandomSampler sampler(options.train_size);
  const auto loading = DataLoaderOptions(static_cast<size_t>(options.batch_size)).workers(1);
  // A worker augments the training images in the background; the batches are the same without it.
  const auto train_on = [&](auto images) {
    auto loader = make_data_loader(normalized(data, std::move(images)), sampler, loading);
    return train_with(loader, net, data, options);
  };
  Images images = data.train;
  if (!options.augment) return train_on(images);
  if (data.digits) {  // rotated, translated and scaled by up to a tenth
    return train_on(images.map(transforms::RandomAffine<>(/*degrees=*/10, /*translate=*/0.07, /*scale=*/{0.9, 1.1})));
  }
  const transforms::RandomCrop<> crop({data.sizes[1], data.sizes[2]}, /*padding=*/4);
  return train_on(images.map(crop).map(transforms::RandomHorizontalFlip<>()));
}

}  // namespace examples::resnet
