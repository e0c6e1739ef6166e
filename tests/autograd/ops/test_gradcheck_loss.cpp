// Derivatives of the losses and distances in ops/loss_pointwise.cpp and ops/loss_margin.cpp, first and second, for
// every operand that has one. Values lie away from the kinks.
#include <taper/autograd/ops/loss.h>

#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor p = (rand({2, 3}, kFloat64) * 0.8 + 0.1).requires_grad_(),
               q = (rand({2, 3}, kFloat64) * 0.8 + 0.1).requires_grad_();
  const Tensor x = tensor({{-1.7, 0.2, 0.9}, {2.3, -0.4, 0.05}}, kFloat64).requires_grad_();
  const Tensor t = tensor({{0.3, 0.1, -0.7}, {2.1, 0.8, 0.35}}, kFloat64).requires_grad_();
  const Tensor row = tensor({0.3, 0.15, -0.7}, kFloat64).requires_grad_();
  const Tensor signs = tensor({{1., -1., 1.}, {-1., -1., 1.}}, kFloat64), two = tensor({1., -1.}, kFloat64);
  const Tensor weight = rand({3}, kFloat64) + 0.5;
  std::vector<Row> rows = {
      {"cosine_similarity", nullptr, OF(cosine_similarity(in[0], in[1])), {x, t}},
      {"cosine_similarity, dim 0", nullptr, OF(cosine_similarity(in[0], in[1], 0)), {x, row}},
      {"pairwise_distance", nullptr, OF(pairwise_distance(in[0], in[1])), {x, row}},
      {"pairwise_distance, p 1", nullptr, OF(pairwise_distance(in[0], in[1], 1, 1e-3, true)), {x, t}},
  };
  for (const int64_t reduction : {Reduction::None, Reduction::Mean, Reduction::Sum}) {
    const bool plain = reduction == Reduction::None;
    const std::vector<Row> reduced = {
        {"mse_loss", plain ? "MseLossBackward0" : nullptr, OF(mse_loss(in[0], in[1], reduction)), {x, t}},
        {"mse_loss, broadcast", nullptr, OF(mse_loss(in[0], in[1], reduction)), {x, row}},
        {"smooth_l1_loss",
         plain ? "SmoothL1LossBackward0" : nullptr,
         OF(smooth_l1_loss(in[0], in[1], reduction, 0.5)),
         {x, t}},
        {"smooth_l1_loss, broadcast", nullptr, OF(smooth_l1_loss(in[0], in[1], reduction, 0.5)), {x, row}},
        {"smooth_l1_loss, beta 0", nullptr, OF(smooth_l1_loss(in[0], in[1], reduction, 0)), {x, t}},
        {"huber_loss", plain ? "HuberLossBackward0" : nullptr, OF(huber_loss(in[0], in[1], reduction, 0.5)), {x, t}},
        {"kl_div", nullptr, OF(kl_div(in[0], in[1], reduction)), {x, p}},
        {"kl_div, log_target", nullptr, OF(kl_div(in[0], in[1], reduction, true)), {x, t}},
        {"poisson_nll_loss", nullptr, OF(poisson_nll_loss(in[0], in[1], true, false, 1e-8, reduction)), {x, t}},
        {"poisson_nll_loss, full",
         nullptr,
         OF(poisson_nll_loss(in[0], in[1] * in[1] * 5, true, true, 1e-8, reduction)),
         {x, t}},
        {"poisson_nll_loss, no logarithm",
         nullptr,
         OF(poisson_nll_loss(in[0], in[1], false, false, 0.1, reduction)),
         {p, t}},
        {"binary_cross_entropy",
         plain ? "BinaryCrossEntropyBackward0" : nullptr,
         OF(binary_cross_entropy(in[0], in[1], {}, reduction)),
         {p, q}},
        {"binary_cross_entropy, weighted", nullptr, OF(binary_cross_entropy(in[0], in[1], weight, reduction)), {p, q}},
        {"soft_margin_loss", nullptr, OF(soft_margin_loss(in[0], in[1], reduction)), {x, t}},
        {"hinge_embedding_loss", nullptr, OF(hinge_embedding_loss(in[0], signs, 1, reduction)), {x}},
        {"margin_ranking_loss", nullptr, OF(margin_ranking_loss(in[0], in[1], signs, 0.4, reduction)), {x, t}},
        {"cosine_embedding_loss", nullptr, OF(cosine_embedding_loss(in[0], in[1], two, -0.9, reduction)), {x, t}},
        {"triplet_margin_loss",
         nullptr,
         OF(triplet_margin_loss(in[0], in[1], in[2], 5, 2, 1e-6, false, reduction)),
         {x, t, leaf({2, 3})}},
        {"triplet_margin_loss, swap",
         nullptr,
         OF(triplet_margin_loss(in[0], in[1], in[2], 5, 3, 1e-2, true, reduction)),
         {x, t, leaf({2, 3})}},
    };
    rows.insert(rows.end(), reduced.begin(), reduced.end());
  }
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of losses and distances, first and second") { table.check(); }
