#include "train.h"

#include <taper/taper.h>

#include <cmath>
#include <cstdio>

#include "../common/epoch_progress.h"
#include "../common/interrupt.h"
#include "../common/text.h"
#include "net.h"

namespace examples::mnist {
namespace {

using taper::NoGradGuard;
using taper::Tensor;
namespace nn = taper::nn;
namespace F = taper::nn::functional;
namespace optim = taper::optim;
using taper::data::DataLoaderOptions;
using taper::data::make_data_loader;
using taper::data::samplers::RandomSampler;
using taper::data::samplers::SequentialSampler;

// Tests the net on the first images of `test` and notes what it said. Returns the accuracy in percent.
double evaluate(nn::Sequential& net, const Digits& test, const Options& options, Result& result) {
  NoGradGuard no_grad;
  net->eval();
  auto loader = make_data_loader(normalized(test), SequentialSampler(options.test_size), DataLoaderOptions(1000));
  int64_t correct = 0;
  std::vector<Tensor> predicted, confidence;
  for (auto& batch : *loader) {
    const taper::AutocastGuard autocast(options.bf16);
    auto [probability, digit] = net->forward(batch.data).to(taper::kFloat32).softmax(1).max(1);
    correct += digit.eq(batch.target).sum().item<int64_t>();
    predicted.push_back(digit);
    confidence.push_back(probability);
  }
  result.predicted = taper::cat(predicted);
  result.confidence = taper::cat(confidence);
  return 100.0 * static_cast<double>(correct) / static_cast<double>(options.test_size);
}

// FNV-1a over the bytes of every parameter and buffer: equal sums, equal weights.
uint64_t checksum(const nn::Sequential& net) {
  uint64_t sum = 0xcbf29ce484222325;
  for (const auto& item : net->state_dict()) {
    const Tensor values = item.value().contiguous();
    const auto* bytes = static_cast<const unsigned char*>(values.data_ptr());
    for (size_t i = 0; i < values.nbytes(); ++i) sum = (sum ^ bytes[i]) * 0x100000001b3;
  }
  return sum;
}

// A failure does not end the training: the next epoch may have more luck, and the figures are worth having.
void save(const nn::Sequential& net, const Options& options, Result& result) {
  if (options.save.empty()) return;
  try {
    taper::save(net, options.save + "/" + result.name + ".safetensors");
    result.saved = true;
  } catch (const taper::Error& error) {
    result.saved = false;
    std::fprintf(stderr, "mnist: could not save the model: %s\n", error.what());
  }
}

}  // namespace

double Result::seconds() const {
  double sum = 0;
  for (const Epoch& epoch : epochs) sum += epoch.seconds;
  return sum;
}

Result train(Net kind, const Data& data, const Options& options) {
  Result result;
  result.name = name(kind);
  result.title = title(kind);

  taper::manual_seed(options.seed);
  nn::Sequential net = make_net(kind);
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(options.lr).momentum(kMomentum));

  taper::manual_seed(options.seed);  // again, so that every net meets the images in the same order
  auto loader = make_data_loader(normalized(data.train), RandomSampler(options.train_size),
                                 DataLoaderOptions(options.batch_size).drop_last(leaves_one(options)));

  for (int64_t epoch = 1; epoch <= options.epochs && !result.diverged; ++epoch) {
    EpochProgress progress(format("%-17s", result.title.c_str()), epoch, options.epochs, options.train_size);
    net->train();
    for (auto& batch : *loader) {
      if (interrupted()) return result;
      optimizer.zero_grad();
      Tensor loss;
      {
        const taper::AutocastGuard autocast(options.bf16);
        loss = F::cross_entropy(net->forward(batch.data), batch.target);
      }
      result.diverged = !std::isfinite(loss.item<double>());
      if (!result.diverged) {
        loss.backward();
        optimizer.step();
      }
      progress.update(batch.target.size(0), loss.item<double>());
      if (result.diverged) break;
    }
    const double seconds = progress.seconds();
    const double accuracy = evaluate(net, data.test, options, result);
    result.epochs.push_back({progress.loss(), accuracy, seconds});
    result.images += progress.images();
    result.checksum = checksum(net);
    progress.finish(format("test %6.2f %%", accuracy));
    save(net, options, result);
  }
  if (result.diverged) {
    std::fprintf(stderr, "%s: the loss became %s in epoch %zu and the training ended; try an --lr below %g\n",
                 result.title.c_str(), std::isnan(result.epochs.back().loss) ? "NaN" : "infinite", result.epochs.size(),
                 options.lr);
  }
  return result;
}

}  // namespace examples::mnist
