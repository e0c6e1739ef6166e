// Section 3.4: BatchNorm regularises, so that Dropout can be removed or reduced.
//
// An image is normalised together with others that change from step to step, which is noise to the net as Dropout's is.
// Networks that are far too large for 3,000 images memorise them, with BatchNorm, with Dropout, with both and with
// neither, each several times on other images; the test accuracy at the end tells how much that hurts.
#include <algorithm>
#include <numeric>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

struct Net {
  const char *name, *key;
  bool batch_norm;
  double dropout;
};
constexpr Net kNets[] = {{"neither", "neither", false, 0},
                         {"Dropout 0.5", "dropout", false, 0.5},
                         {"BatchNorm", "bn", true, 0},
                         {"BatchNorm, Dropout 0.2", "bn_dropout02", true, 0.2},
                         {"BatchNorm, Dropout 0.5", "bn_dropout05", true, 0.5}};
enum { kNeither, kDropout, kBatchNorm, kBatchNormLess, kBoth };

// Accuracies in percent of one net on one set of images.
struct Run {
  std::vector<double> step, train, test;
};

Run train_net(Lab& lab, const Net& which, const Images& images, uint64_t seed, int64_t steps) {
  Run run;
  taper::manual_seed(seed);
  taper::nn::Sequential net =
      mlp({.sizes = {784, 512, 256, 10}, .batch_norm = which.batch_norm, .dropout = which.dropout});
  TrainOptions options;
  options.train = images;
  options.steps = steps;
  options.every = steps / 12;
  options.detail = which.name;
  options.watch = [&](int64_t) { run.train.push_back(accuracy(net, images)); };
  const Curve curve = train(lab, net, options);
  run.step = curve.step;
  run.test = curve.accuracy;
  return run;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
// The mean of the last three tests.
double end_of(const std::vector<double>& values) {
  return mean({values.end() - std::min<ptrdiff_t>(3, static_cast<ptrdiff_t>(values.size())), values.end()});
}

Outcome run(Lab& lab) {
  const int64_t size = lab.steps(3000, 1000), repeats = lab.steps(4, 1), steps = lab.steps(3000, 120);
  lab.expect("regularization", static_cast<int64_t>(std::size(kNets)) * repeats * steps);

  Outcome outcome;
  outcome.table = "                          training     test    gap\n";
  Columns columns{"regularization", {"net", "repeat", "step", "train", "test"}, {}};
  Panel train_panel{"on the training images", {"step"}, {"training accuracy, %"}, {}};
  Panel test_panel{"on the test images", {"step"}, {"test accuracy, %"}, {}};
  std::vector<std::vector<double>> train_ends, test_ends;  // [net][repeat]
  for (const Net& net : kNets) {
    auto &train_end = train_ends.emplace_back(), &test_end = test_ends.emplace_back();
    Series train_mean{net.name, {}, {}}, test_mean{net.name, {}, {}};
    for (int64_t r = 0; r < repeats; ++r) {
      const Images images{lab.train().x.narrow(0, r * size, size), lab.train().y.narrow(0, r * size, size)};
      const Run run = train_net(lab, net, images, lab.seed() + static_cast<uint64_t>(r), steps);
      train_end.push_back(end_of(run.train));
      test_end.push_back(end_of(run.test));
      train_mean.x = test_mean.x = run.step;
      train_mean.y.resize(run.step.size());
      test_mean.y.resize(run.step.size());
      for (size_t i = 0; i < run.step.size(); ++i) {
        train_mean.y[i] += run.train[i] / static_cast<double>(repeats);
        test_mean.y[i] += run.test[i] / static_cast<double>(repeats);
        columns.rows.push_back({net.key, format("%lld", static_cast<long long>(r)), format("%g", run.step[i]),
                                format("%.3f", run.train[i]), format("%.3f", run.test[i])});
      }
    }
    train_panel.series.push_back(train_mean);
    test_panel.series.push_back(test_mean);
    const double at_train = mean(train_end), at_test = mean(test_end);
    outcome.table += format("%-24s %7.2f %% %6.2f %% %6.2f\n", net.name, at_train, at_test, at_train - at_test);
    const std::string key = net.key;
    outcome.figures.insert(outcome.figures.end(), {{key + "_train", at_train}, {key + "_test", test_end}});
  }

  // It regularises: better than neither on each set of images. Dropout can be removed or reduced: without it or with
  // less of it at least as good as Dropout alone.
  int64_t better = 0;
  for (size_t r = 0; r < test_ends[kNeither].size(); ++r) better += test_ends[kBatchNorm][r] > test_ends[kNeither][r];
  const double neither = mean(test_ends[kNeither]), dropout = mean(test_ends[kDropout]);
  const double bn = mean(test_ends[kBatchNorm]), less = mean(test_ends[kBatchNormLess]);
  outcome.holds = better == repeats && std::max(bn, less) >= dropout;
  outcome.finding = format(
      "On %s training images BatchNorm raised the test accuracy from %.2f to %.2f %% (it was better in %lld of %lld "
      "repeats), and Dropout of 0.5 alone to %.2f %%; BatchNorm with Dropout of 0.2 came to %.2f %% and with 0.5 to "
      "%.2f %%.",
      with_commas(static_cast<double>(size)).c_str(), neither, bn, static_cast<long long>(better),
      static_cast<long long>(repeats), dropout, less, mean(test_ends[kBoth]));
  outcome.figures.insert(outcome.figures.end(), {{"train_size", static_cast<double>(size)},
                                                 {"repeats", static_cast<double>(repeats)},
                                                 {"steps", static_cast<double>(steps)},
                                                 {"better", static_cast<double>(better)}});
  Chart chart;
  chart.panels = {train_panel, test_panel};
  outcome.pictures.push_back(
      {"regularization", "Accuracy on training and test images while training, means of the repeats.", chart});
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kRegularization = {
    "regularization", "BatchNorm instead of Dropout (section 3.4)",
    "Networks that are too large for a small training set are trained with BatchNorm, with Dropout, with both and "
    "with neither.",
    "The paper finds that BatchNorm regularises and that Dropout can be removed or reduced with it; its ImageNet nets "
    "do without.",
    run};

}  // namespace examples::paper
