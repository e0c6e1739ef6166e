// Derivatives of the losses and distances in ops/loss_pointwise.cpp and ops/loss_margin.cpp, first and second, for
// every operand that has one. Values lie away from the kinks.
#include <taper/autograd/ops/loss.h>

#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  std::vector<Row> rows;
  const auto add = [&](const char* name, const char* node, const List& inputs, autograd::CheckedFunction f) {
    rows.push_back({name, node, f, inputs});
  };
  const auto probabilities = [](IntArrayRef sizes) {
    return (rand(sizes, kFloat64) * 0.8 + 0.1).detach().requires_grad_();
  };
  const Tensor x = tensor({{-1.7, 0.2, 0.9}, {2.3, -0.4, 0.05}}, kFloat64).requires_grad_();
  const Tensor t = tensor({{0.3, 0.1, -0.7}, {2.1, 0.8, 0.35}}, kFloat64).requires_grad_();
  const Tensor row = tensor({0.3, 0.15, -0.7}, kFloat64).requires_grad_();
  const Tensor signs = tensor({{1., -1., 1.}, {-1., -1., 1.}}, kFloat64), two = tensor({1., -1.}, kFloat64);
  const Tensor weight = rand({3}, kFloat64) + 0.5;
  for (const int64_t reduction : {Reduction::None, Reduction::Mean, Reduction::Sum}) {
    const bool plain = reduction == Reduction::None;
    add("smooth_l1_loss", plain ? "SmoothL1LossBackward0" : nullptr, {x, t},
        [=](const List& in) { return List{smooth_l1_loss(in[0], in[1], reduction, 0.5)}; });
    add("smooth_l1_loss, broadcast", nullptr, {x, row},
        [=](const List& in) { return List{smooth_l1_loss(in[0], in[1], reduction, 0.5)}; });
    add("smooth_l1_loss, beta 0", nullptr, {x, t},
        [=](const List& in) { return List{smooth_l1_loss(in[0], in[1], reduction, 0)}; });
    add("huber_loss", plain ? "HuberLossBackward0" : nullptr, {x, t},
        [=](const List& in) { return List{huber_loss(in[0], in[1], reduction, 0.5)}; });
    add("kl_div", nullptr, {x, probabilities({2, 3})},
        [=](const List& in) { return List{kl_div(in[0], in[1], reduction)}; });
    add("kl_div, log_target", nullptr, {x, t},
        [=](const List& in) { return List{kl_div(in[0], in[1], reduction, true)}; });
    add("poisson_nll_loss", nullptr, {x, t},
        [=](const List& in) { return List{poisson_nll_loss(in[0], in[1], true, false, 1e-8, reduction)}; });
    add("poisson_nll_loss, full", nullptr, {x, t},
        [=](const List& in) { return List{poisson_nll_loss(in[0], in[1] * in[1] * 5, true, true, 1e-8, reduction)}; });
    add("poisson_nll_loss, no logarithm", nullptr, {probabilities({2, 3}), t},
        [=](const List& in) { return List{poisson_nll_loss(in[0], in[1], false, false, 0.1, reduction)}; });
    add("binary_cross_entropy", plain ? "BinaryCrossEntropyBackward0" : nullptr,
        {probabilities({2, 3}), probabilities({2, 3})},
        [=](const List& in) { return List{binary_cross_entropy(in[0], in[1], {}, reduction)}; });
    add("binary_cross_entropy, weighted", nullptr, {probabilities({2, 3}), probabilities({2, 3})},
        [=](const List& in) { return List{binary_cross_entropy(in[0], in[1], weight, reduction)}; });
    add("soft_margin_loss", nullptr, {x, t},
        [=](const List& in) { return List{soft_margin_loss(in[0], in[1], reduction)}; });
    add("hinge_embedding_loss", nullptr, {x},
        [=](const List& in) { return List{hinge_embedding_loss(in[0], signs, 1, reduction)}; });
    add("margin_ranking_loss", nullptr, {x, t},
        [=](const List& in) { return List{margin_ranking_loss(in[0], in[1], signs, 0.4, reduction)}; });
    add("cosine_embedding_loss", nullptr, {x, t},
        [=](const List& in) { return List{cosine_embedding_loss(in[0], in[1], two, -0.9, reduction)}; });
    add("triplet_margin_loss", nullptr, {x, t, leaf({2, 3})},
        [=](const List& in) { return List{triplet_margin_loss(in[0], in[1], in[2], 5, 2, 1e-6, false, reduction)}; });
    add("triplet_margin_loss, swap", nullptr, {x, t, leaf({2, 3})},
        [=](const List& in) { return List{triplet_margin_loss(in[0], in[1], in[2], 5, 3, 1e-2, true, reduction)}; });
  }
  add("cosine_similarity", nullptr, {x, t}, [](const List& in) { return List{cosine_similarity(in[0], in[1])}; });
  add("cosine_similarity, dim 0", nullptr, {x, row},
      [](const List& in) { return List{cosine_similarity(in[0], in[1], 0)}; });
  add("pairwise_distance", nullptr, {x, row}, [](const List& in) { return List{pairwise_distance(in[0], in[1])}; });
  add("pairwise_distance, p 1", nullptr, {x, t},
      [](const List& in) { return List{pairwise_distance(in[0], in[1], 1, 1e-3, true)}; });
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of losses and distances, first and second") { table.check(); }
