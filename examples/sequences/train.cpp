#include "train.h"

#include <taper/taper.h>

#include <cmath>
#include <cstdio>

#include "../common/epoch_progress.h"
#include "../common/interrupt.h"
#include "../common/text.h"

namespace examples::sequences {
namespace {

using taper::Tensor;
namespace F = taper::nn::functional;
namespace optim = taper::optim;
using namespace taper::data;

constexpr int64_t kRows = 28;
constexpr double kWeightOfRows = 0.2;  // in the loss, of the answers before the last row

// Percent of the test images that are recognised after 1, 2, ..., 28 rows.
std::vector<double> test(RowReader& net, const Data& data, int64_t size) {
  const taper::NoGradGuard no_grad;
  net->eval();
  auto loader = make_data_loader(normalized(data.test), samplers::SequentialSampler(static_cast<size_t>(size)),
                                 DataLoaderOptions(500));
  Tensor right = taper::zeros({kRows}, taper::kInt64);
  for (auto& batch : *loader) right += net(batch.data).argmax(2).eq(batch.target.unsqueeze(1)).sum(0);
  std::vector<double> percent;
  for (int64_t row = 0; row < kRows; ++row) {
    percent.push_back(100.0 * static_cast<double>(right[row].item<int64_t>()) / static_cast<double>(size));
  }
  return percent;
}

Tensor loss_of(const Tensor& scores, const Tensor& target) {
  const Tensor every_row = F::cross_entropy(scores.flatten(0, 1), target.repeat_interleave(kRows));
  return F::cross_entropy(scores.select(1, -1), target) + kWeightOfRows * every_row;
}

}  // namespace

Result train(RowReader& net, const Data& data, const Options& options) {
  auto loader = make_data_loader(normalized(data.train), samplers::RandomSampler(options.train_size),
                                 DataLoaderOptions(static_cast<size_t>(options.batch_size)).workers(1));
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(options.lr));
  Result result;
  for (int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    EpochProgress progress(options.gru ? "GRU" : "LSTM", epoch, options.epochs, options.train_size);
    net->train();
    for (auto& batch : *loader) {
      if (interrupted()) return result;
      optimizer.zero_grad();
      const Tensor loss = loss_of(net(batch.data), batch.target);
      loss.backward();
      taper::nn::utils::clip_grad_norm_(net->parameters(), 1.0);  // a long product of steps may have a large gradient
      optimizer.step();
      progress.update(batch.target.size(0), loss.item<double>());
    }
    const double seconds = progress.seconds();
    result.accuracy_after = test(net, data, options.test_size);
    result.epochs.push_back({progress.loss(), result.accuracy_after.back(), seconds, progress.rate()});
    progress.finish(format("test %6.2f %%", result.accuracy_after.back()));
    if (!std::isfinite(result.epochs.back().loss)) {
      std::fprintf(stderr, "sequences: the loss is NaN or infinite; try an --lr below %g\n", options.lr);
      break;
    }
  }
  return result;
}

}  // namespace examples::sequences
