// Section 3.3: BatchNorm makes the scale of the weights before it irrelevant. For any a > 0
//
//   BN((aW)u) = BN(Wu)      d BN((aW)u) / du = d BN(Wu) / du      d BN((aW)u) / d(aW) = 1/a d BN(Wu) / dW
//
// so that larger weights get smaller gradients. This is exact without eps. With it BN((aW)u) is the BN(Wu) of an eps of
// eps / a^2, which is another function where that is no longer small beside the variance: weights a hundredth as large
// see an eps ten thousand times as large.
//
// Beside it three statements of section 3: with weight = sqrt(var + eps) and bias = mean the transform is the identity;
// a bias in the layer before has no effect; in inference the transform folds into that layer.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

namespace F = taper::nn::functional;
using taper::Tensor;

constexpr int64_t kBatch = 60, kIn = 100, kOut = 80;
constexpr double kEps = 1e-5;

double largest(const Tensor& x) { return x.abs().max().item<double>(); }
// Largest difference relative to the largest value.
double relative(const Tensor& x, const Tensor& y) { return largest(x - y) / largest(y); }
// NaN if there is one, so that no claim holds.
double highest(const std::vector<double>& values) {
  double highest = 0;
  for (const double value : values) {
    if (value > highest || std::isnan(value)) highest = value;
  }
  return highest;
}
double machine_epsilon(taper::ScalarType dtype) {
  return dtype == taper::kFloat32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
}

// A layer before a BatchNorm, its input and a random cotangent: the same numbers for every dtype.
struct Layer {
  Tensor u, w, gamma, beta, dy;
  explicit Layer(taper::ScalarType dtype) {
    taper::Generator generator(0);
    const auto random = [&](taper::IntArrayRef sizes) {
      const Tensor x = taper::empty(sizes, taper::kFloat64);
      for (int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = generator.normal();
      return x.to(dtype);
    };
    u = random({kBatch, kIn});
    w = random({kOut, kIn}) / std::sqrt(double{kIn});
    gamma = random({kOut}), beta = random({kOut});
    dy = random({kBatch, kOut});
  }
};

// y = BN(Vu + b), and the gradients of <dy, y> with respect to u, V and b.
struct Result {
  Tensor y, du, dv, db;
};
Result normalized(const Layer& layer, const Tensor& v, const Tensor& b, double eps) {
  const Tensor u_ = layer.u.detach().clone().requires_grad_(), v_ = v.detach().clone().requires_grad_(),
               b_ = b.detach().clone().requires_grad_();
  const Tensor y =
      F::batch_norm(F::linear(u_, v_, b_), {}, {},
                    F::BatchNormFuncOptions().weight(layer.gamma).bias(layer.beta).training(true).eps(eps));
  y.backward(layer.dy);
  return {y.detach(), u_.grad(), v_.grad(), b_.grad()};
}

// How far the three equalities are from holding, for each a; with_eps: against BN(Wu) with the same eps, and against
// the one with eps / a^2.
struct Differences {
  std::vector<double> y, du, dv, explained;
  std::vector<double> size_du, size_dv;  // of the gradients beside those at a = 1
  double worst() const { return highest({highest(y), highest(du), highest(dv)}); }
};
Differences equalities(Lab& lab, taper::ScalarType dtype, const std::vector<double>& scales, double eps) {
  const Layer layer(dtype);
  const Tensor no_bias = taper::zeros({kOut}, dtype);
  const Result one = normalized(layer, layer.w, no_bias, eps);
  Differences differences;
  for (const double a : scales) {
    lab.step("scales");
    const Result scaled = normalized(layer, layer.w * a, no_bias, eps);
    differences.y.push_back(relative(scaled.y, one.y));
    differences.du.push_back(relative(scaled.du, one.du));
    differences.dv.push_back(relative(scaled.dv * a, one.dv));
    differences.size_du.push_back(largest(scaled.du) / largest(one.du));
    differences.size_dv.push_back(largest(scaled.dv) / largest(one.dv));
    differences.explained.push_back(relative(scaled.y, normalized(layer, layer.w, no_bias, eps / (a * a)).y));
  }
  return differences;
}

// BN(x) - x with weight = sqrt(var + eps) and bias = mean.
double identity(taper::ScalarType dtype) {
  const Layer layer(dtype);
  const Tensor x = F::linear(layer.u, layer.w) + 3 * layer.beta;
  const Tensor weight = (x.var({0}, /*unbiased=*/false) + kEps).sqrt(), bias = x.mean({0});
  return relative(F::batch_norm(x, {}, {}, F::BatchNormFuncOptions().weight(weight).bias(bias).training(true)), x);
}

// What a bias b in front does to the output, to the gradient of W, and its own gradient beside that of BN's own bias.
struct Bias {
  double y, dw, db;
  bool rounding;  // no more than what Wu + b loses in being rounded to this dtype
};
Bias biased(taper::ScalarType dtype, double b) {
  const Layer layer(dtype);
  const Tensor bias = taper::full({kOut}, b, dtype);
  const Result without = normalized(layer, layer.w, taper::zeros_like(bias), kEps);
  const Result with = normalized(layer, layer.w, bias, kEps);
  Bias out{relative(with.y, without.y), relative(with.dv, without.dv), largest(with.db) / largest(layer.dy.sum({0})),
           false};
  const double allowed = 100 * machine_epsilon(dtype) * (1 + b);  // Wu has a deviation of 1
  out.rounding = out.y < allowed && out.dw < allowed && out.db < allowed;
  return out;
}

// A trained net before and after folding.
struct Folding {
  double difference, accuracy_before, accuracy_after;  // difference: beside the largest output
  double speed[2][2] = {};                             // images/s [alone, in batches of 1,000][before, after]
};

double images_per_second(taper::nn::Sequential& net, const Tensor& x, int64_t batch) {
  const auto start = std::chrono::steady_clock::now();
  for (const Tensor& images : x.split(batch)) net->forward(images);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return static_cast<double>(x.size(0)) / taken.count();
}

Folding fold(Lab& lab, int64_t steps, int64_t rounds) {
  taper::manual_seed(lab.seed());
  taper::nn::Sequential net = mlp({.batch_norm = true});
  TrainOptions training;
  training.steps = training.every = steps;
  training.detail = "a net to fold";
  train(lab, net, training);
  const Images& test = lab.test();
  auto folded = taper::nn::utils::fold_batchnorm(net, test.x);
  net->eval();
  const taper::NoGradGuard no_grad;
  Folding out{folded.largest_difference / largest(net->forward(test.x)), accuracy(net, test),
              accuracy(folded.model, test)};
  taper::nn::Sequential* const models[] = {&net, &folded.model};
  for (int64_t round = 0; round < rounds; ++round) {  // in turn and briefly; the fastest counts
    lab.step("inference");
    for (size_t i = 0; i < 2; ++i) {
      double& alone = out.speed[0][i];
      double& together = out.speed[1][i];
      alone = std::max(alone, images_per_second(*models[i], test.x.narrow(0, 0, 100), 1));
      together = std::max(together, images_per_second(*models[i], test.x.narrow(0, 0, 1000), 1000));
    }
  }
  return out;
}

Series series(const char* title, const std::vector<double>& x, const std::vector<double>& y) {
  return {title, x, y, Style::kPoints};
}

Outcome run(Lab& lab) {
  constexpr int kDecade = 4;  // points in each of the four decades; powers of ten are in the table
  std::vector<double> scales;
  for (int i = 0; i <= 4 * kDecade; ++i) scales.push_back(std::pow(10.0, -2 + i / double{kDecade}));
  const int64_t steps = lab.steps(1000, 100), rounds = lab.steps(100, 10);
  lab.expect("scale", 3 * static_cast<int64_t>(scales.size()) + steps + rounds);

  const Differences in_float = equalities(lab, taper::kFloat32, scales, 0);
  const Differences in_double = equalities(lab, taper::kFloat64, scales, 0);
  const Differences with_eps = equalities(lab, taper::kFloat64, scales, kEps);
  const double explained = highest(with_eps.explained);
  const double identity32 = identity(taper::kFloat32), identity64 = identity(taper::kFloat64);
  const Folding folding = fold(lab, steps, rounds);
  const double faster_alone = folding.speed[0][1] / folding.speed[0][0];
  const double faster_together = folding.speed[1][1] / folding.speed[1][0];

  const double rounding32 = 100 * machine_epsilon(taper::kFloat32), rounding64 = 100 * machine_epsilon(taper::kFloat64);
  Outcome outcome;
  outcome.holds = in_float.worst() < rounding32 && in_double.worst() < rounding64 && explained < rounding64 &&
                  identity32 < rounding32 && identity64 < rounding64 && folding.difference < rounding32 &&
                  folding.accuracy_after == folding.accuracy_before;

  outcome.table =
      "largest difference relative to the largest value\n"
      "            float32, eps 0                float64, eps 0                float64, eps 1e-5\n"
      "     a      BN(aWu)  d/du    d/d(aW)      BN(aWu)  d/du    d/d(aW)      BN(aWu)  d/du    d/d(aW)\n";
  for (size_t i = 0; i < scales.size(); i += kDecade) {
    outcome.table += format("%6g ", scales[i]);
    for (const Differences* d : {&in_float, &in_double, &with_eps}) {
      outcome.table += format("     %-8.1g %-7.1g %-8.1g ", d->y[i], d->du[i], d->dv[i]);
    }
    outcome.table += '\n';
  }
  outcome.table +=
      "                          float32                       float64\n"
      " bias b of the layer      BN       d/dW    d/db         BN       d/dW    d/db\n";
  for (const double b : {1.0, 1e3, 1e6}) {
    outcome.table += format("%12g        ", b);
    for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
      const Bias bias = biased(dtype, b);
      outcome.holds &= bias.rounding;
      outcome.table += format("      %-8.1g %-7.1g %-8.1g", bias.y, bias.dw, bias.db);
      outcome.figures.push_back({format("bias_%g_%s", b, dtype == taper::kFloat32 ? "float32" : "float64"),
                                 std::vector<double>{bias.y, bias.dw, bias.db}});
    }
    outcome.table += '\n';
  }
  outcome.table += format("identity: %.1g in float32, %.1g in float64\n", identity32, identity64) +
                   format("folded: outputs differ by %.1g, accuracy %.2f %% and %.2f %%, ", folding.difference,
                          folding.accuracy_before, folding.accuracy_after) +
                   format("%.2f times the images/s alone, %.2f in batches of 1,000\n", faster_alone, faster_together);
  outcome.finding = format(
      "For a from 0.01 to 100 the three equalities hold to %.0e of the largest value in float32 and to %.0e in float64 "
      "without eps; an eps of 1e-5 breaks them at a = 0.01, by %.2g in the output, which is to %.0e what an eps of 0.1 "
      "gives at a = 1. The identity holds to %.0e, a bias of up to a million in front changes no more than it costs in "
      "rounding, and the folded net differs by %.0e and classifies %.2f times as many images a second one by one, %.2f "
      "times in batches of 1,000.",
      in_float.worst(), in_double.worst(), with_eps.y.front(), explained, identity32, folding.difference, faster_alone,
      faster_together);
  outcome.figures.insert(outcome.figures.end(), {{"a", scales},
                                                 {"worst_float32", in_float.worst()},
                                                 {"worst_float64", in_double.worst()},
                                                 {"output_with_eps", with_eps.y},
                                                 {"d_input_with_eps", with_eps.du},
                                                 {"d_weight_with_eps", with_eps.dv},
                                                 {"output_with_eps_explained", explained},
                                                 {"identity_float32", identity32},
                                                 {"identity_float64", identity64},
                                                 {"folded_difference", folding.difference},
                                                 {"folded_accuracy", folding.accuracy_after},
                                                 {"accuracy", folding.accuracy_before},
                                                 {"folded_speed_alone", faster_alone},
                                                 {"folded_speed_in_batches", faster_together}});
  const Axis a{"a", NAN, NAN, true};
  Panel differences{"BN((aW)u) against BN(Wu)", a, {"largest difference / largest value", 1e-17, 1, true}, {}};
  differences.series = {series("eps 1e-5", scales, with_eps.y), series("eps 0, float32", scales, in_float.y),
                        series("eps 0, float64", scales, in_double.y)};
  Panel gradients{"larger weights, smaller gradients", a, {"gradient / gradient at a = 1", NAN, NAN, true}, {}};
  gradients.series = {series("d/d(aW)", scales, in_float.size_dv), series("d/du", scales, in_float.size_du)};
  outcome.pictures.push_back(
      {"scale",
       "Weights a times as large: without eps the output differs by rounding, with it where a is "
       "small; the gradient of the weights is 1/a, that of the input stays.",
       {{differences, gradients}, {}}});
  Columns columns{"scale", {"a"}, {}};
  for (const char* kind : {"float32", "float64", "float64_eps"}) {
    for (const char* what : {"_output", "_d_input", "_d_weight"}) columns.header.push_back(std::string(kind) + what);
  }
  for (size_t i = 0; i < scales.size(); ++i) {
    columns.rows.push_back({format("%g", scales[i])});
    for (const Differences* d : {&in_float, &in_double, &with_eps}) {
      for (const auto* list : {&d->y, &d->du, &d->dv}) columns.rows.back().push_back(format("%.3g", (*list)[i]));
    }
  }
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kScale = {
    "scale", "The scale of the weights does not matter (section 3.3)",
    "A layer's weights are multiplied by a; output and gradients are compared with those before, and so are a "
    "BatchNorm set to the identity, a bias in front of it and a net into which it has been folded.",
    "The paper states that BN((aW)u) = BN(Wu), that the gradient of u is the same and that of aW is 1/a of it, that "
    "BN can be the identity, that a bias before it is of no use, and that it becomes a linear map in inference.",
    run};

}  // namespace examples::paper
