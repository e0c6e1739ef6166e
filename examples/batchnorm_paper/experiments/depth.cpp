// Depth: residual nets (He et al. 2015) of 10, 30 and 100 layers, with and without BatchNorm. A block is x + f(x) with
// f = BN, ReLU, Linear, BN, ReLU, Linear, the pre-activation order of He et al. 2016.
//
// In a block without BatchNorm f keeps the scale of its input, so that with He's initial weights (standard deviation
// sqrt(2 / inputs), made for networks without shortcuts) the variance doubles from block to block: 2^49 in 100 layers.
// With PyTorch's, a sixth of that variance, f hardly adds anything. BatchNorm gives f an input of variance 1 wherever
// it stands. Hence both are tried, at the same learning rates, the best of which counts for each net.
//
// The claim that is checked: with BatchNorm 100 layers cost at most two points of test accuracy against 10 layers,
// from either initialisation; without it they cost more from at least one of them.
#include <algorithm>
#include <cmath>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

using namespace taper::nn;

constexpr int64_t kWidth = 64;

struct Kind {
  bool batch_norm, he;  // he: He's initial weights instead of PyTorch's
};

// As everywhere, no bias in front of a BatchNorm.
Linear linear(int64_t in, int64_t out, Kind kind, bool bias) {
  Linear layer(LinearOptions(in, out).bias(bias));
  if (kind.he) {
    init::kaiming_normal_(layer->weight, 0, taper::kFanIn, taper::kReLU);
    if (bias) init::zeros_(layer->bias);
  }
  return layer;
}

// x + f(x)
struct ResidualImpl : Cloneable<ResidualImpl> {
  explicit ResidualImpl(Kind kind_) : kind(kind_) { reset(); }

  void reset() override {
    Sequential layers;
    for (int i = 0; i < 2; ++i) {
      if (kind.batch_norm) layers->push_back(BatchNorm1d(kWidth));
      layers->push_back(ReLU());
      layers->push_back(linear(kWidth, kWidth, kind, !kind.batch_norm));
    }
    f = register_module("f", layers);
  }

  taper::Tensor forward(const taper::Tensor& x) { return x + f->forward(x); }

  Kind kind;
  Sequential f{nullptr};
};
TAPER_MODULE(Residual);

// A Linear, blocks of two, a Linear: `depth` layers.
Sequential residual_net(int64_t depth, Kind kind) {
  Sequential net;
  net->push_back(linear(784, kWidth, kind, !kind.batch_norm));
  for (int64_t layers = 2; layers < depth; layers += 2) net->push_back(Residual(kind));
  if (kind.batch_norm) net->push_back(BatchNorm1d(kWidth));
  net->push_back(ReLU());
  net->push_back(linear(kWidth, 10, kind, true));
  return net;
}

const std::vector<int64_t> kDepths = {10, 30, 100};
const std::vector<double> kRates = {0.001, 0.01, 0.1};
const Kind kKinds[] = {{true, true}, {false, true}, {true, false}, {false, false}};  // with and without, He's first

std::string name(Kind kind) {
  return std::string(kind.batch_norm ? "BN" : "no BN") + (kind.he ? ", He's weights" : ", PyTorch's weights");
}

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(800, 12);
  lab.expect("depth", static_cast<int64_t>(std::size(kKinds) * kDepths.size() * kRates.size()) * steps);
  Outcome outcome;
  Columns columns{"depth", {"batch_norm", "weights", "layers", "learning_rate", "test_accuracy", "diverged"}, {}};
  outcome.table = format("test accuracy after %lld steps of 128 at learning rates %g, %g, %g (*: loss became NaN)\n",
                         static_cast<long long>(steps), kRates[0], kRates[1], kRates[2]);
  std::vector<std::vector<double>> best;  // [kind][depth]
  Panel panels[2];                        // He's weights, PyTorch's
  for (const Kind kind : kKinds) {
    best.emplace_back();
    for (const int64_t depth : kDepths) {
      outcome.table += format("%-24s %3lld layers", name(kind).c_str(), static_cast<long long>(depth));
      best.back().push_back(0);
      for (const double rate : kRates) {
        taper::manual_seed(lab.seed());
        Sequential net = residual_net(depth, kind);
        TrainOptions training;
        training.steps = training.every = steps;
        training.batch_size = 128;
        training.lr = rate;
        training.detail = format("%s, %lld layers", kind.batch_norm ? "BN" : "no BN", static_cast<long long>(depth));
        const Curve curve = train(lab, net, training);
        best.back().back() = std::max(best.back().back(), curve.last());
        outcome.table += format(" %9.2f%c", curve.last(), curve.diverged ? '*' : ' ');
        columns.rows.push_back({kind.batch_norm ? "1" : "0", kind.he ? "he" : "pytorch", std::to_string(depth),
                                format("%g", rate), format("%.2f", curve.last()), curve.diverged ? "1" : "0"});
      }
      outcome.table += '\n';
    }
    outcome.figures.push_back(
        {std::string(kind.batch_norm ? "bn_" : "plain_") + (kind.he ? "he" : "pytorch"), best.back()});
    panels[kind.he ? 0 : 1].series.push_back(
        {kind.batch_norm ? "with BN" : "without", {kDepths.begin(), kDepths.end()}, best.back(), Style::kPoints});
  }
  // What 100 layers cost against 10.
  const auto cost = [&](size_t kind) { return best[kind].front() - best[kind].back(); };
  outcome.holds = cost(0) <= 2 && cost(2) <= 2 && (cost(1) > 2 || cost(3) > 2);
  outcome.finding = format(
      "With BatchNorm 10 and 100 layers reached %.1f %% and %.1f %% from He's weights, %.1f %% and %.1f %% from "
      "PyTorch's; without it %.1f %% and %.1f %% from He's, %.1f %% and %.1f %% from PyTorch's%s.",
      best[0].front(), best[0].back(), best[2].front(), best[2].back(), best[1].front(), best[1].back(),
      best[3].front(), best[3].back(),
      cost(3) <= 2 ? ", which are small enough that depth is no obstacle without BatchNorm either" : "");
  outcome.figures.push_back({"layers", std::vector<double>(kDepths.begin(), kDepths.end())});
  outcome.figures.push_back({"steps", static_cast<double>(steps)});
  for (Panel& panel : panels) {
    panel.title = &panel == panels ? "He's initial weights" : "PyTorch's initial weights";
    panel.x = {"layers", 8, 125, true, "(10, 30, 100)"};
    panel.y = {"test accuracy, %", 0, 100};
  }
  outcome.pictures.push_back({"depth",
                              "Residual nets after the same training, each at its best learning rate.",
                              {{panels[0], panels[1]}, {}}});
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kDepth = {
    "depth", "Residual nets of 10, 30 and 100 layers",
    "Residual nets are trained with and without BatchNorm, from two kinds of initial weights, each at the best of "
    "three "
    "learning rates.",
    "He et al. (2015) train residual nets of more than 100 layers, with BatchNorm after each; De and Smith (2020) find "
    "that without it the variance grows from block to block unless the initialisation is made for that.",
    run};

}  // namespace examples::paper
