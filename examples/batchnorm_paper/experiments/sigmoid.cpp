// Section 4.2.2, BN-x5-Sigmoid: a deep net of sigmoids cannot be trained without BatchNorm, and can with it.
//
// The slope of a sigmoid is at most 1/4, and ten of them one after the other leave the first layers next to no
// gradient; where their inputs are far from 0 it is less still. Ten hidden layers of 100 sigmoids are trained with and
// without BatchNorm, at a usual learning rate and at five times that, and beside them the same layers with ReLU.
#include <algorithm>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

constexpr double kLearningRate = 0.1;

struct Net {
  const char *name, *key;
  bool batch_norm, sigmoid;
  double times;  // the learning rate
};
constexpr Net kNets[] = {{"sigmoid", "plain", false, true, 1},
                         {"sigmoid, x5", "plain_x5", false, true, 5},
                         {"sigmoid, BatchNorm", "bn", true, true, 1},
                         {"sigmoid, BatchNorm, x5", "bn_x5", true, true, 5},
                         {"ReLU, BatchNorm, x5", "bn_x5_relu", true, false, 5}};

Curve train_net(Lab& lab, const Net& which, int64_t steps) {
  taper::manual_seed(lab.seed());
  MlpOptions shape;
  shape.sizes.assign(12, 100);  // ten hidden layers
  shape.sizes.front() = 784;
  shape.sizes.back() = 10;
  shape.batch_norm = which.batch_norm;
  shape.sigmoid = which.sigmoid;
  taper::nn::Sequential net = mlp(shape);
  TrainOptions options;
  options.steps = steps;
  options.every = lab.steps(250, 50);
  options.lr = kLearningRate * which.times;
  options.detail = which.name;
  return train(lab, net, options);
}

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(10000, 300);
  lab.expect("sigmoid", static_cast<int64_t>(std::size(kNets)) * steps);
  Outcome outcome;
  Panel panel{"ten hidden layers", {"step"}, {"test accuracy, %", 0, 100}, {}};
  panel.x.tics = format("%lld", static_cast<long long>(steps / 5));
  Columns columns{"sigmoid", {"net", "step", "accuracy", "loss"}, {}};
  outcome.table = "                          best accuracy   accuracy at the end\n";
  std::vector<Curve> curves;
  for (const Net& net : kNets) {
    const Curve& curve = curves.emplace_back(train_net(lab, net, steps));
    outcome.table += format("%-24s %13.2f %% %19.2f %%\n", net.name, curve.best(), curve.last());
    outcome.figures.emplace_back(net.key, curve.best());
    panel.series.push_back({net.name, curve.step, curve.accuracy});
    for (size_t i = 0; i < curve.step.size(); ++i) {
      columns.rows.push_back(
          {net.key, format("%g", curve.step[i]), format("%.2f", curve.accuracy[i]), format("%.6g", curve.loss[i])});
    }
  }
  const Curve &plain = curves[0], &plain_x5 = curves[1], &bn = curves[2], &bn_x5 = curves[3], &relu = curves[4];
  // Always predicting the most frequent digit has an accuracy of 10 to 12 %.
  outcome.holds = std::max(plain.best(), plain_x5.best()) < 15 && std::max(bn.best(), bn_x5.best()) > 90;
  outcome.finding = format(
      "In %s steps the sigmoids came to %.2f %% at best without BatchNorm (%.2f %% at the fivefold learning rate), and "
      "to %.2f %% (%.2f %%) with it; ReLU with BatchNorm to %.2f %%.",
      with_commas(static_cast<double>(steps)).c_str(), plain.best(), plain_x5.best(), bn.best(), bn_x5.best(),
      relu.best());
  outcome.figures.emplace_back("steps", static_cast<double>(steps));
  Chart chart;
  chart.panels.push_back(panel);
  outcome.pictures.push_back({"sigmoid", "Test accuracy of nets of ten hidden layers while training.", chart});
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kSigmoid = {
    "sigmoid", "Ten layers of sigmoids (section 4.2)",
    "Nets of ten hidden layers of 100 sigmoids are trained with and without BatchNorm.",
    "In the paper Inception with sigmoids reaches 69.8 % with BatchNorm (73.0 % with ReLU) and never does better than "
    "chance without.",
    run};

}  // namespace examples::paper
