// Section 4.2, figure 3: BatchNorm needs a fraction of the steps, and stands learning rates that break the net without.
//
// The same ReLU net, with and without BatchNorm, at the learning rate of the baseline and at multiples of it, up to
// where neither learns any more. The baseline is the net without BatchNorm at x1, a usual rate for such a net; its best
// test accuracy is what the others are to reach. A net without BatchNorm may profit from a higher rate, too: those are
// run as well, and the finding tells of the fastest of them.
//
// Each net is trained once, and the best of many tests is partly luck, so that the factor depends on the seed: with
// --seed 0, 1 and 2 it was 3.3, 4.1 and 2.2 on SynthDigits, and 3.2, 1.1 and 2.9 on MNIST, where the claim fails with
// seed 1. It also favours BatchNorm, which has the choice of its rates; at the rate of the baseline alone it was 3.1,
// 1.9 and 2.0, and 3.2, none (its best was never reached) and 2.7.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

constexpr double kLearningRate = 0.1;
constexpr double kTimes[] = {1, 2, 5, 10, 30, 100, 300};

struct Run {
  bool batch_norm = false;
  double times = 0;  // the baseline's learning rate
  Curve curve;

  std::string name() const { return format("%s x%g", batch_norm ? "BatchNorm" : "plain", times); }
  bool learned() const { return !curve.diverged && curve.last() >= 50; }
};

Run train_net(Lab& lab, bool batch_norm, double times, int64_t steps) {
  Run run{batch_norm, times, {}};
  taper::manual_seed(lab.seed());
  taper::nn::Sequential net = mlp({.batch_norm = batch_norm});
  TrainOptions options;
  options.steps = steps;
  options.every = lab.steps(200, 50);
  options.lr = kLearningRate * times;
  options.detail = run.name();
  run.curve = train(lab, net, options);
  return run;
}

// The one of a kind that is the first to reach `accuracy`.
const Run& fastest(const std::vector<Run>& runs, bool batch_norm, double accuracy) {
  const auto rank = [&](const Run& run) {
    return std::make_pair(run.batch_norm != batch_norm, run.curve.steps_to(accuracy));
  };
  return *std::min_element(runs.begin(), runs.end(), [&](const Run& a, const Run& b) { return rank(a) < rank(b); });
}

// The largest multiple with which a kind still learns.
double limit(const std::vector<Run>& runs, bool batch_norm) {
  double times = 0;
  for (const Run& run : runs) {
    if (run.batch_norm == batch_norm && run.learned()) times = std::max(times, run.times);
  }
  return times;
}

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(20000, 300);
  lab.expect("learning-rates", 2 * static_cast<int64_t>(std::size(kTimes)) * steps);
  std::vector<Run> runs;
  for (const bool batch_norm : {false, true}) {
    for (const double times : kTimes) runs.push_back(train_net(lab, batch_norm, times, steps));
  }
  const double wanted = runs.front().curve.best(), baseline = runs.front().curve.steps_to(wanted);
  const Run &plain = fastest(runs, false, wanted), &bn = fastest(runs, true, wanted);
  const double plain_steps = plain.curve.steps_to(wanted), bn_steps = bn.curve.steps_to(wanted);
  const double plain_limit = limit(runs, false), bn_limit = limit(runs, true);

  Outcome outcome;
  // At most half of the steps, and a higher learning rate than the net without stands.
  outcome.holds = baseline / bn_steps >= 2 && bn_limit > plain_limit;
  outcome.finding = format("The baseline took %s steps to its best, %.2f %%; ", with_commas(baseline).c_str(), wanted);
  outcome.finding += std::isfinite(bn_steps) ? format("with BatchNorm %s were enough at x%g, a factor of %.1f",
                                                      with_commas(bn_steps).c_str(), bn.times, baseline / bn_steps)
                                             : "with BatchNorm it was not reached";
  outcome.finding +=
      format(" (at the baseline's own rate: %s). ", steps_text(runs[std::size(kTimes)].curve.steps_to(wanted)).c_str());
  outcome.finding += plain.times == 1 ? "No higher rate made the net without BatchNorm faster"
                                      : format("The fastest net without BatchNorm, at x%g, took %s", plain.times,
                                               with_commas(plain_steps).c_str());
  outcome.finding += format("; it learns up to x%g, the net with BatchNorm up to x%g of x%g tried.", plain_limit,
                            bn_limit, kTimes[std::size(kTimes) - 1]);
  outcome.table = format("model              steps to %.2f %%   best accuracy   accuracy at the end\n", wanted);
  Columns columns{"learning-rates", {"model", "lr", "step", "accuracy", "loss"}, {}};
  for (const Run& run : runs) {
    const double taken = run.curve.steps_to(wanted);
    outcome.table += format("%-18s %16s %13.2f %% %19.2f %%%s\n", run.name().c_str(), steps_text(taken).c_str(),
                            run.curve.best(), run.curve.last(), run.curve.diverged ? "  diverged" : "");
    const std::string key = format("%s_x%g", run.batch_norm ? "bn" : "plain", run.times);
    outcome.figures.insert(outcome.figures.end(), {{key + "_steps", taken}, {key + "_best", run.curve.best()}});
    for (size_t i = 0; i < run.curve.step.size(); ++i) {
      columns.rows.push_back({run.batch_norm ? "bn" : "plain", format("%g", kLearningRate * run.times),
                              format("%g", run.curve.step[i]), format("%.2f", run.curve.accuracy[i]),
                              format("%.6g", run.curve.loss[i])});
    }
  }
  outcome.figures.insert(outcome.figures.end(), {{"lr", kLearningRate},
                                                 {"steps", static_cast<double>(steps)},
                                                 {"baseline_best", wanted},
                                                 {"baseline_steps", baseline},
                                                 {"factor", baseline / bn_steps},
                                                 {"factor_to_fastest_plain", plain_steps / bn_steps},
                                                 {"plain_limit", plain_limit},
                                                 {"bn_limit", bn_limit}});
  outcome.data.push_back(columns);

  Chart chart;
  for (const bool batch_norm : {false, true}) {
    // What the curves are about is when they first reach the line; as they were measured they hide each other.
    Panel panel{batch_norm ? "with BatchNorm" : "without BatchNorm",
                {"step", NAN, NAN, true},
                {"lowest test error so far, %", NAN, NAN, true},
                {}};
    for (const Run& run : runs) {
      if (run.batch_norm != batch_norm || !run.learned()) continue;
      std::vector<double> error;
      for (const double accuracy : run.curve.accuracy) {
        error.push_back(error.empty() ? 100 - accuracy : std::min(error.back(), 100 - accuracy));
      }
      panel.series.push_back({format("x%g", run.times), run.curve.step, error});
    }
    const std::vector<double>& at = runs.front().curve.step;
    panel.series.push_back(
        {"the baseline's best", {at.front(), at.back()}, {100 - wanted, 100 - wanted}, Style::kReference});
    chart.panels.push_back(panel);
  }
  outcome.pictures.push_back(
      {"learning-rates", "The lowest test error so far while training, at the learning rates at which the net learns.",
       chart});
  return outcome;
}

}  // namespace

const Experiment kLearningRates = {
    "learning-rates", "Higher learning rates, fewer steps (section 4.2, figure 3)",
    "The same ReLU net is trained with and without BatchNorm at multiples of one learning rate, until neither learns "
    "any more, each net once: the figures vary with the seed.",
    "In the paper (on ImageNet) BatchNorm reaches the baseline's best accuracy in less than half of its steps at the "
    "same rate and in a fourteenth at the fivefold one, at which the net without it breaks.",
    run};

}  // namespace examples::paper
