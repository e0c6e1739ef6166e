// Section 4.1, figure 1: learning speed with and without BatchNorm, and the distribution of the input of a sigmoid.
//
// The paper's net: binary images of 28 x 28, three hidden layers of 100 sigmoids, small Gaussian initial weights,
// 50,000 steps of 60 images. It gives neither their standard deviation nor a learning rate: both are 0.1 here, for both
// networks.
//
// The inputs of the sigmoids of the last hidden layer are those that 1,000 test images give, always the same ones, in
// training mode. A sigmoid's drift is how far their median moved:
//
//   (largest - smallest median over the training) / (85th - 15th percentile at its end)
//
// The spread, 85th - 15th percentile, grows while training, which makes a drift look small: both are reported too.
#include <taper/layers/analysis/covariate_shift.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

namespace utils = taper::nn::utils;

constexpr int64_t kUnits = 100;

struct Net {
  Curve curve;
  // The 15th, 50th and 85th percentile of the input of each sigmoid: [time][unit][3].
  std::vector<double> step;
  std::vector<std::vector<std::vector<double>>> inputs;
  size_t typical = 0;  // the sigmoid in the middle when they are sorted by their drift

  static double spread(const std::vector<double>& percentiles) { return percentiles[2] - percentiles[0]; }
  // Largest - smallest median.
  double moved(size_t unit) const {
    const auto lower = [unit](const auto& a, const auto& b) { return a[unit][1] < b[unit][1]; };
    const auto [low, high] = std::minmax_element(inputs.begin(), inputs.end(), lower);
    return (*high)[unit][1] - (*low)[unit][1];
  }
  double drift(size_t unit) const { return moved(unit) / spread(inputs.back()[unit]); }
  // How many times as wide as before the first step.
  double widened(size_t unit) const { return spread(inputs.back()[unit]) / spread(inputs.front()[unit]); }
  // Noise of single tests taken out: the mean of the last ten.
  double at_the_end() const {
    const auto n = std::min<ptrdiff_t>(10, static_cast<ptrdiff_t>(curve.accuracy.size()));
    return std::accumulate(curve.accuracy.end() - n, curve.accuracy.end(), 0.0) / static_cast<double>(n);
  }
};

Images binary(const Images& images) { return {((images.x * 0.3081 + 0.1307) > 0.5).to(taper::kFloat32), images.y}; }

Net train_net(Lab& lab, bool batch_norm, int64_t steps, const Images& images, const Images& test) {
  Net result;
  taper::manual_seed(lab.seed());
  taper::nn::Sequential net = mlp({.batch_norm = batch_norm, .sigmoid = true, .weight_std = 0.1});
  TrainOptions options;
  options.train = images;
  options.test = test;
  options.steps = steps;
  options.every = lab.steps(500, 50);
  options.detail = batch_norm ? "with BatchNorm" : "without BatchNorm";
  options.watch = [&](int64_t step) {
    const taper::Tensor inputs = utils::layer_inputs(net, {"act3"}, [&] { net(test.x.narrow(0, 0, 1000)); }).front();
    result.step.push_back(static_cast<double>(step));
    auto& units = result.inputs.emplace_back();
    for (int64_t u = 0; u < kUnits; ++u) {
      units.push_back(utils::describe(inputs.select(1, u), {15, 50, 85}).percentiles);
    }
  };
  options.watch(0);
  result.curve = train(lab, net, options);

  std::vector<size_t> units(kUnits);
  std::iota(units.begin(), units.end(), size_t{0});
  const auto drift = [&](size_t unit) {
    const double value = result.drift(unit);
    return std::isnan(value) ? INFINITY : value;  // of a net that has diverged
  };
  std::sort(units.begin(), units.end(), [&](size_t a, size_t b) { return drift(a) < drift(b); });
  result.typical = units[kUnits / 2];
  return result;
}

Panel percentiles(const char* title, const Net& net, double low, double high) {
  Panel panel{title, {"step"}, {"input of a sigmoid", low, high}, {}};
  for (const size_t k : {2, 1, 0}) {
    Series series{k == 2 ? "85th percentile" : k == 1 ? "median" : "15th percentile", net.step, {}};
    for (const auto& at : net.inputs) series.y.push_back(at[net.typical][k]);
    panel.series.push_back(series);
  }
  return panel;
}

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(50000, 1000);
  lab.expect("figure1", 2 * steps);
  const Images images = binary(lab.train()), test = binary(lab.test());
  const Net plain = train_net(lab, false, steps, images, test), bn = train_net(lab, true, steps, images, test);

  const double wanted = plain.curve.best();
  const double plain_steps = plain.curve.steps_to(wanted), bn_steps = bn.curve.steps_to(wanted);
  const double plain_drift = plain.drift(plain.typical), bn_drift = bn.drift(bn.typical);

  Outcome outcome;
  // Fewer steps, a higher end, and less than half the drift.
  outcome.holds = bn_steps < plain_steps && bn.at_the_end() > plain.at_the_end() && bn_drift < plain_drift / 2;
  outcome.finding = format(
      "With BatchNorm it took %s steps to the best accuracy without, %.2f %%, which took %s there, and the end was "
      "%.2f against %.2f %% (mean of ten tests). The median of a typical sigmoid's input drifted by %.2f times the "
      "final distance of its 15th and 85th percentile with BatchNorm, and by %.2f times without (by %.2f and %.2f as "
      "such); that distance grew %.1f-fold with and %.1f-fold without.",
      with_commas(bn_steps).c_str(), wanted, with_commas(plain_steps).c_str(), bn.at_the_end(), plain.at_the_end(),
      bn_drift, plain_drift, bn.moved(bn.typical), plain.moved(plain.typical), bn.widened(bn.typical),
      plain.widened(plain.typical));
  outcome.table =
      format("                   steps to %.2f %%   at the end   drift   median moved by   spread\n", wanted);
  outcome.figures = {{"steps", static_cast<double>(steps)}};
  for (const bool batch_norm : {false, true}) {
    const Net& net = batch_norm ? bn : plain;
    const size_t unit = net.typical;
    const double taken = net.curve.steps_to(wanted);
    outcome.table +=
        format("%-18s %16s %10.2f %% %7.2f %17.2f %7.1f-fold\n", batch_norm ? "with BatchNorm" : "without BatchNorm",
               with_commas(taken).c_str(), net.at_the_end(), net.drift(unit), net.moved(unit), net.widened(unit));
    const std::string key = batch_norm ? "bn" : "plain";
    outcome.figures.insert(outcome.figures.end(), {{key + "_best", net.curve.best()},
                                                   {key + "_steps_to_plain_best", taken},
                                                   {key + "_end", net.at_the_end()},
                                                   {key + "_drift", net.drift(unit)},
                                                   {key + "_moved", net.moved(unit)},
                                                   {key + "_widened", net.widened(unit)},
                                                   {key + "_unit", static_cast<double>(unit)}});
  }

  const std::vector<Series> accuracies = {{"with BatchNorm", bn.curve.step, bn.curve.accuracy},
                                          {"without", plain.curve.step, plain.curve.accuracy}};
  std::vector<Series> errors = accuracies;
  for (Series& series : errors) {
    for (double& y : series.y) y = 100 - y;
  }
  const Axis x_axis{"step", NAN, NAN, false, format("%lld", static_cast<long long>(steps / 5))};
  Chart learning;
  learning.panels = {{"test accuracy", x_axis, {"test accuracy, %", 70, 100}, accuracies},
                     {"test error", x_axis, {"test error, %", NAN, NAN, true}, errors}};
  outcome.pictures.push_back(
      {"figure1a", "Test accuracy, and test error on a logarithmic scale, while training.", learning});
  double low = 0, high = 0;
  for (const Net* net : {&plain, &bn}) {
    for (const auto& at : net->inputs) {
      low = std::min(low, at[net->typical][0]);
      high = std::max(high, at[net->typical][2]);
    }
  }
  const double space = 0.05 * (high - low);
  low -= space;
  high += space;
  Chart seen;
  seen.panels = {percentiles("without BatchNorm", plain, low, high), percentiles("with BatchNorm", bn, low, high)};
  outcome.pictures.push_back(
      {"figure1bc", "Percentiles of the input of a typical sigmoid of the last hidden layer while training.", seen});

  Columns columns{
      "figure1",
      {"step", "accuracy_plain", "accuracy_bn", "p15_plain", "p50_plain", "p85_plain", "p15_bn", "p50_bn", "p85_bn"},
      {}};
  for (size_t i = 0; i < plain.curve.step.size() && i < bn.curve.step.size(); ++i) {
    columns.rows.push_back({format("%g", plain.curve.step[i]), format("%.2f", plain.curve.accuracy[i]),
                            format("%.2f", bn.curve.accuracy[i])});
    for (const Net* net : {&plain, &bn}) {  // the first inputs are those before the first step
      for (double p : net->inputs[i + 1][net->typical]) columns.rows.back().push_back(format("%.6g", p));
    }
  }
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kFigure1 = {
    "figure1", "Faster learning, steadier inputs (section 4.1, figure 1)",
    "A net of three hidden layers of 100 sigmoids learns binary images with and without BatchNorm, and the percentiles "
    "of the inputs of the sigmoids of its last hidden layer are recorded.",
    "The paper finds that the net with BatchNorm learns faster and ends higher, and that its distributions are much "
    "more stable as training progresses.",
    run};

}  // namespace examples::paper
