// Section 2: why the normalisation must be part of what is differentiated.
//
// A layer adds a bias b to its input u and subtracts the mean: y = x - E[x], x = u + b. A gradient step that takes E[x]
// for a constant changes b by db, but y not at all, for u + b + db - E[u + b + db] = u + b - E[u + b]. The loss stays,
// hence its gradient stays, hence b grows with every step. Differentiated through E[x] the gradient of b is 0.
//
// First that layer alone, then a net on digits whose hidden layers are normalised in either way.
#include <cmath>

#include "../../common/text.h"
#include "../lab.h"
#include "all.h"

namespace examples::paper {
namespace {

namespace F = taper::nn::functional;

struct Walk {
  std::vector<double> step, bias, loss;
};

// (x - E[x]) alone, on fixed data: u ~ N(0, 1), to be fitted to u + 1 in mean squares, which no bias can do.
Walk walk(Lab& lab, bool inside, int64_t steps) {
  const taper::Tensor u = taper::randn({256}, taper::kFloat64);
  const taper::Tensor target = u - u.mean() + 1;
  const taper::Tensor b = taper::zeros({}, taper::dtype(taper::kFloat64).requires_grad(true));
  taper::optim::SGD optimizer({b}, taper::optim::SGDOptions(0.1));
  Walk walk;
  for (int64_t step = 0; step <= steps; ++step) {
    lab.step("the layer alone");
    const taper::Tensor x = u + b;
    const taper::Tensor y = x - (inside ? x.mean() : x.mean().detach());
    const taper::Tensor loss = (y - target).square().mean() / 2;
    walk.step.push_back(static_cast<double>(step));
    walk.bias.push_back(b.item<double>());
    walk.loss.push_back(loss.item<double>());
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  return walk;
}

// BatchNorm without its weight and bias, differentiated through its statistics or not.
taper::Tensor normalize(const taper::Tensor& x, bool inside) {
  const taper::Tensor s = inside ? x : x.detach();
  return (x - s.mean(0)) / (s.var(0, /*unbiased=*/false) + 1e-5).sqrt();
}

// Three hidden layers of 100 ReLUs with biases, normalised before the ReLU: the norm of those biases while training.
Walk train_net(Lab& lab, bool inside, int64_t steps) {
  taper::manual_seed(lab.seed());
  std::vector<taper::nn::Linear> layers = {taper::nn::Linear(784, 100), taper::nn::Linear(100, 100),
                                           taper::nn::Linear(100, 100), taper::nn::Linear(100, 10)};
  std::vector<taper::Tensor> parameters;
  for (const auto& layer : layers) parameters.insert(parameters.end(), {layer->weight, layer->bias});
  taper::optim::SGD optimizer(parameters, taper::optim::SGDOptions(0.1));
  Batches batches(lab.train(), 60, lab.seed());
  Walk walk;
  for (int64_t step = 0; step <= steps; ++step) {
    lab.step(inside ? "a net, inside the gradient" : "a net, outside the gradient");
    const Images batch = batches.next();
    taper::Tensor x = batch.x;
    for (size_t i = 0; i + 1 < layers.size(); ++i) x = taper::relu(normalize(layers[i]->forward(x), inside));
    const taper::Tensor loss = F::cross_entropy(layers.back()->forward(x), batch.y);
    if (step % 10 == 0) {
      double squares = 0;
      for (size_t i = 0; i + 1 < layers.size(); ++i) squares += layers[i]->bias.square().sum().item<double>();
      walk.step.push_back(static_cast<double>(step));
      walk.bias.push_back(std::sqrt(squares));
      walk.loss.push_back(loss.item<double>());
    }
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  return walk;
}

Series series(const char* title, const std::vector<double>& x, const std::vector<double>& y) { return {title, x, y}; }

Outcome run(Lab& lab) {
  const int64_t steps = lab.steps(2000, 200);
  lab.expect("bias", 4 * (steps + 1));
  const Walk outside = walk(lab, false, steps), inside = walk(lab, true, steps);
  const Walk net_outside = train_net(lab, false, steps), net_inside = train_net(lab, true, steps);

  const double grown = outside.bias.back(), half = outside.bias[outside.bias.size() / 2];
  const double stands = std::fabs(outside.loss.back() - outside.loss.front()) / outside.loss.front();
  const double net_grown = net_outside.bias.back() - net_outside.bias.front();
  const double net_stays = std::fabs(net_inside.bias.back() - net_inside.bias.front());

  Outcome outcome;
  outcome.holds = std::fabs(grown / half - 2) < 0.01 && grown > 1 && stands < 1e-9 &&
                  std::fabs(inside.bias.back()) < 1e-9 && net_grown > 1 && net_stays < 1e-3;
  outcome.finding = format(
      "Outside the gradient the bias grew by the same amount in each of %lld steps, to %.4g, while the loss changed by "
      "%.1g of itself; inside the gradient it stayed at %.1g. In the net the norm of the biases grew by %.4g outside "
      "and changed by %.1g inside the gradient.",
      static_cast<long long>(steps), grown, stands, inside.bias.back(), net_grown, net_stays);
  outcome.table =
      "                     bias at the end   loss first   loss last\n" +
      format("layer, outside %20.6g %12.6g %11.6g\n", grown, outside.loss.front(), outside.loss.back()) +
      format("layer, inside  %20.6g %12.6g %11.6g\n", inside.bias.back(), inside.loss.front(), inside.loss.back()) +
      format("net, outside   %20.6g %12.6g %11.6g\n", net_outside.bias.back(), net_outside.loss.front(),
             net_outside.loss.back()) +
      format("net, inside    %20.6g %12.6g %11.6g\n", net_inside.bias.back(), net_inside.loss.front(),
             net_inside.loss.back());
  outcome.figures = {{"steps", static_cast<double>(steps)},     {"layer_bias_outside", grown},
                     {"layer_bias_inside", inside.bias.back()}, {"layer_loss_change_outside", stands},
                     {"net_bias_growth_outside", net_grown},    {"net_bias_change_inside", net_stays}};
  Chart chart;
  chart.panels.push_back(
      {"one layer: its bias",
       {"step"},
       {"bias"},
       {series("outside the gradient", outside.step, outside.bias), series("inside", inside.step, inside.bias)}});
  chart.panels.push_back({"a net: norm of its biases",
                          {"step"},
                          {"norm of the biases"},
                          {series("outside the gradient", net_outside.step, net_outside.bias),
                           series("inside", net_inside.step, net_inside.bias)}});
  outcome.pictures.push_back(
      {"bias", "The bias while training, with the mean as a constant and differentiated.", chart});
  Columns columns{"bias", {"step", "bias_outside", "loss_outside", "bias_inside", "loss_inside"}, {}};
  for (size_t i = 0; i < outside.step.size(); ++i) {
    columns.rows.push_back({format("%g", outside.step[i]), format("%.9g", outside.bias[i]),
                            format("%.9g", outside.loss[i]), format("%.9g", inside.bias[i]),
                            format("%.9g", inside.loss[i])});
  }
  outcome.data.push_back(columns);
  return outcome;
}

}  // namespace

const Experiment kBias = {
    "bias", "A bias that grows without bound (section 2)",
    "A layer adds a bias and subtracts the mean, and is trained with the mean once taken for a constant and once "
    "differentiated.",
    "The paper predicts that outside the gradient the bias grows indefinitely while the loss remains fixed, and saw "
    "models blow up.",
    run};

}  // namespace examples::paper
