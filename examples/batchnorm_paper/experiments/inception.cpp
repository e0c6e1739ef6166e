// Section 4.2: BatchNorm in a convolutional net of Inception blocks; figure 3's table on digits.
//
// The baseline is the net without BatchNorm at its own best learning rate, the one of kRates with which it comes to the
// highest test accuracy: any other rate would flatter BatchNorm. That accuracy is what the others are to reach, at the
// same rate, five and thirty times that rate, and with sigmoids in place of ReLU, for which the control is the same net
// without BatchNorm. All have batches of 32, as in the paper, momentum 0.9 and the same images in the same order. The
// rate decays exponentially, as in the paper; by the same factor for all nets, so that none has a schedule of its own.
//
// With --seed 0 the claim holds on MNIST, where the baseline takes 2,000 steps and the fastest net with BatchNorm 900,
// but not on SynthDigits: 1,500 and 900, more than half as many. There it holds with --seed 1, 2,000 and 800, but
// narrowly: the baseline comes to the same best accuracy at another rate, 0.1, in 1,600. A higher best accuracy with
// BatchNorm, and sigmoids that learn with it only, came out each time. How five and thirty times the rate compare
// differs from run to run; at 3, thirty times 0.1, the net on MNIST stays below the baseline. With constant rates the
// sigmoids on SynthDigits swung between 20 and 84 %, and the claim held on neither.
//
// The figures are rough: tests are 100 steps apart, and two of the three baselines came to their best in the last one,
// that on MNIST at the highest rate tried.
#include <algorithm>
#include <cmath>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"
#include "inception_net.h"

namespace examples::paper {
namespace {

const std::vector<double> kRates = {0.01, 0.03, 0.1};  // of the first step
constexpr double kDecay = 1.0 / 20;                    // the rate of the last step is this part of it

struct Model {
  std::string name, key;
  bool batch_norm = false, sigmoid = false;
  double lr = 0;
  Curve curve;
};

void train_net(Lab& lab, Model& model, int64_t steps) {
  taper::manual_seed(lab.seed());
  taper::nn::Sequential net = inception_net(model.batch_norm, model.sigmoid);
  TrainOptions options;
  options.steps = steps;
  options.batch_size = 32;
  options.lr = model.lr;
  options.decay = kDecay;
  options.momentum = 0.9;
  options.every = lab.steps(100, 15);
  options.test_size = lab.steps(2000, 500);
  options.detail = model.name;
  model.curve = train(lab, net, options);
}

// The names are the paper's.
enum { kBaseline, kBn, kBnX5, kBnX30, kBnX5Sigmoid, kSigmoid };
std::vector<Model> models_at(double lr) {
  return {{"Inception", "baseline", false, false, lr, {}},
          {"BN-Baseline", "bn", true, false, lr, {}},
          {"BN-x5", "bn_x5", true, false, 5 * lr, {}},
          {"BN-x30", "bn_x30", true, false, 30 * lr, {}},
          {"BN-x5-Sigmoid", "bn_x5_sigmoid", true, true, 5 * lr, {}},
          {"Sigmoid", "sigmoid", false, true, lr, {}}};
}

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(2000, 30);
  lab.expect("inception", static_cast<int64_t>(kRates.size() + 5) * steps);

  Outcome outcome;
  outcome.table = "Inception at rate  best accuracy   accuracy at the end\n";
  std::vector<double> rates_best;
  Model baseline;
  for (const double lr : kRates) {
    Model model = models_at(lr)[kBaseline];
    train_net(lab, model, steps);
    outcome.table += format("%-16g %13.2f %% %19.2f %%%s\n", lr, model.curve.best(), model.curve.last(),
                            model.curve.diverged ? "  diverged" : "");
    rates_best.push_back(model.curve.best());
    if (rates_best.size() == 1 || model.curve.best() > baseline.curve.best()) baseline = model;
  }
  std::vector<Model> models = models_at(baseline.lr);
  models[kBaseline] = baseline;
  for (size_t i = 1; i < models.size(); ++i) train_net(lab, models[i], steps);

  const double wanted = baseline.curve.best();
  const auto steps_to = [&](size_t i) { return models[i].curve.steps_to(wanted); };
  const auto best = [&](size_t i) { return models[i].curve.best(); };
  const std::pair<const char*, bool> claims[] = {
      {"the baseline's rate takes at most half of its steps", 2 * steps_to(kBn) <= steps_to(kBaseline)},
      {"five times the rate takes fewer still", steps_to(kBnX5) < steps_to(kBn)},
      {"thirty times the rate takes more than five times", steps_to(kBnX30) > steps_to(kBnX5)},
      {"thirty times the rate has the best accuracy", best(kBnX30) > std::max({wanted, best(kBn), best(kBnX5)})},
      {"sigmoids learn, and do not without BatchNorm", best(kBnX5Sigmoid) > 90 && best(kSigmoid) < 15},
      {"sigmoids stay behind the baseline", best(kBnX5Sigmoid) < wanted},
  };
  const double fewest = std::min({steps_to(kBn), steps_to(kBnX5), steps_to(kBnX30)});
  const double highest = std::max({best(kBn), best(kBnX5), best(kBnX30)});
  const double factor = steps_to(kBaseline) / fewest;
  // What the section is about; how far its details are the same is told beside it.
  outcome.holds = factor >= 2 && highest > wanted && claims[4].second;
  outcome.finding = format(
      "At its best rate of those tried, %g, the net without BatchNorm took %s steps to its best accuracy, %.2f %%. "
      "With "
      "BatchNorm it took %s at that rate, %s at five times and %s at thirty times the rate, and the best was %.2f, "
      "%.2f "
      "and %.2f %%. Sigmoids came to %.2f %% with BatchNorm and to %.2f %% without.",
      baseline.lr, steps_text(steps_to(kBaseline)).c_str(), wanted, steps_text(steps_to(kBn)).c_str(),
      steps_text(steps_to(kBnX5)).c_str(), steps_text(steps_to(kBnX30)).c_str(), best(kBn), best(kBnX5), best(kBnX30),
      best(kBnX5Sigmoid), best(kSigmoid));

  outcome.table +=
      format("\nmodel               rate   steps to %.2f %%   best accuracy   accuracy at the end\n", wanted);
  outcome.figures = {{"steps", static_cast<double>(steps)},
                     {"rates", kRates},
                     {"rates_best", rates_best},
                     {"lr", baseline.lr},
                     {"factor", factor}};
  Columns columns{"inception", {"model", "lr", "step", "accuracy", "loss"}, {}};
  const Axis x_axis{"step", NAN, NAN, false, format("%lld", static_cast<long long>(steps / 4))};
  Panel all{"small Inception nets", x_axis, {"test accuracy, %", 0, 100}, {}};
  Panel top{"the upper end", x_axis, {"test accuracy, %", 95, 100}, {}};
  for (const Model& model : models) {
    const Curve& curve = model.curve;
    outcome.table += format("%-15s %8g %18s %13.2f %% %19.2f %%%s\n", model.name.c_str(), model.lr,
                            steps_text(curve.steps_to(wanted)).c_str(), curve.best(), curve.last(),
                            curve.diverged ? "  diverged" : "");
    outcome.figures.emplace_back(model.key + "_steps", curve.steps_to(wanted));
    outcome.figures.emplace_back(model.key + "_best", curve.best());
    for (Panel* const panel : {&all, &top}) {
      if (panel == &top && curve.best() < 95) continue;
      panel->series.push_back({model.name, curve.step, curve.accuracy});
    }
    for (size_t i = 0; i < curve.step.size(); ++i) {
      columns.rows.push_back({model.key, format("%g", model.lr), format("%g", curve.step[i]),
                              format("%.2f", curve.accuracy[i]), format("%.6g", curve.loss[i])});
    }
  }
  outcome.table += "\nWith BatchNorm, as in the paper:\n";
  for (const auto& [claim, holds] : claims) {
    outcome.table += format("  %-52s %s\n", claim, holds ? "holds" : "does not hold");
  }
  outcome.data.push_back(columns);
  outcome.pictures.push_back({"inception", "Test accuracy of small Inception nets while training.", {{all, top}, {}}});
  return outcome;
}

}  // namespace

const Experiment kInception = {
    "inception", "A small Inception net (section 4.2, figure 3)",
    "A convolutional net of three Inception blocks is trained without BatchNorm, at the best of three learning rates, "
    "with it at that rate and at five and thirty times it, and with sigmoids in place of ReLU. All rates decay "
    "exponentially, to a twentieth.",
    "In the paper (on ImageNet) Inception takes 31.0 million steps to its best, 72.2 %; with BatchNorm 13.3 million at "
    "the same rate, 2.1 at five times and 2.7 at thirty times the rate, whose best are 72.7, 73.0 and 74.8 %; sigmoids "
    "reach 69.8 % with BatchNorm and chance without.",
    run};

}  // namespace examples::paper
