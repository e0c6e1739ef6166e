// Sensitivity: which learning rates and which scales of the initial weights let a net learn, with and without
// BatchNorm. The paper's abstract: "allows us to use much higher learning rates and be less careful about
// initialization".
//
// A small ReLU net is trained from each point of a grid, learning rates by factors of ten, standard deviations of the
// initial weights by factors of about three. A point counts as learning if the test accuracy reaches 90 %.
//
// The claim that is checked: with BatchNorm at least twice as many points learn as without.
#include <cmath>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

const std::vector<double> kRates = {0.001, 0.01, 0.1, 1, 10, 100};
const std::vector<double> kDeviations = {0.003, 0.01, 0.03, 0.1, 0.3, 1};
constexpr double kLearned = 90;  // percent

// Test accuracy [standard deviation][rate].
struct Grid {
  std::vector<std::vector<double>> accuracy;
  int learned = 0, diverged = 0;
};

Grid grid(Lab& lab, bool batch_norm, int64_t steps) {
  Grid grid;
  for (const double deviation : kDeviations) {
    grid.accuracy.emplace_back();
    for (const double rate : kRates) {
      taper::manual_seed(lab.seed());
      taper::nn::Sequential net =
          mlp({.sizes = {784, 100, 100, 10}, .batch_norm = batch_norm, .weight_std = deviation});
      TrainOptions training;
      training.steps = training.every = steps;
      training.lr = rate;
      training.detail = format("%s, weights %g, learning rate %g", batch_norm ? "BN" : "no BN", deviation, rate);
      const Curve curve = train(lab, net, training);
      grid.accuracy.back().push_back(curve.last());
      grid.learned += curve.last() >= kLearned;
      grid.diverged += curve.diverged;
    }
  }
  return grid;
}

std::vector<std::string> names(const std::vector<double>& values) {
  std::vector<std::string> names;
  for (const double value : values) names.push_back(format("%g", value));
  return names;
}

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(1500, 30);
  const auto cells = static_cast<int64_t>(kRates.size() * kDeviations.size());
  lab.expect("sensitivity", 2 * cells * steps);
  const Grid with = grid(lab, true, steps), without = grid(lab, false, steps);

  Outcome outcome;
  outcome.holds = with.learned > 0 && with.learned >= 2 * without.learned;
  outcome.finding = format(
      "After %lld steps from %lld points %d reached %g %% with BatchNorm and %d without; the loss became infinite from "
      "%d and %d of them.",
      static_cast<long long>(steps), static_cast<long long>(cells), with.learned, kLearned, without.learned,
      with.diverged, without.diverged);
  Columns columns{"sensitivity", {"batch_norm", "weight_deviation", "learning_rate", "test_accuracy"}, {}};
  HeatMap maps[2];
  for (const Grid* grid : {&with, &without}) {
    const bool batch_norm = grid == &with;
    outcome.table += format("%-16s learning rate", batch_norm ? "with BN" : "without BN");
    for (const double rate : kRates) outcome.table += format("%8g", rate);
    outcome.table += '\n';
    std::vector<double> all;
    for (size_t d = 0; d < kDeviations.size(); ++d) {
      outcome.table += format("  weights with std %-11g", kDeviations[d]);
      for (size_t r = 0; r < kRates.size(); ++r) {
        const double accuracy = grid->accuracy[d][r];
        all.push_back(accuracy);
        outcome.table += format("%8.1f", accuracy);
        columns.rows.push_back(
            {batch_norm ? "1" : "0", format("%g", kDeviations[d]), format("%g", kRates[r]), format("%.2f", accuracy)});
      }
      outcome.table += '\n';
    }
    const std::string prefix = batch_norm ? "bn_" : "plain_";
    outcome.figures.insert(outcome.figures.end(), {{prefix + "learned", static_cast<double>(grid->learned)},
                                                   {prefix + "diverged", static_cast<double>(grid->diverged)},
                                                   {prefix + "accuracy", all}});
    maps[batch_norm ? 0 : 1] = {batch_norm ? "with BN" : "without BN",
                                "learning rate",
                                "deviation of the weights",
                                names(kRates),
                                names(kDeviations),
                                grid->accuracy};
  }
  outcome.figures.insert(outcome.figures.end(), {{"cells", static_cast<double>(cells)},
                                                 {"steps", static_cast<double>(steps)},
                                                 {"learning_rates", kRates},
                                                 {"weight_deviations", kDeviations}});
  outcome.pictures.push_back({"sensitivity",
                              "Test accuracy from each learning rate and scale of the initial weights.",
                              {{}, {maps[0], maps[1]}}});
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kSensitivity = {
    "sensitivity", "Learning rate and initial weights",
    "A net of three layers is trained from a grid of learning rates and scales of the initial weights.",
    "The paper says that BatchNorm allows much higher learning rates and less care about initialization.", run};

}  // namespace examples::paper
