// The other losses and the distances against libtorch: values and gradients, every option.
#include "catch.h"
#include "compare.h"
#include "support/scopes.h"

#include <taper/autograd/ops/loss.h>
#include <taper/layers/nn.h>

namespace {

using namespace compare;

const std::vector<Operands> kPairs = {{{}, {}}, {{7}, {7}}, {{4, 6}, {4, 6}}, {{0, 3}, {0, 3}}, {{37, 113}, {37, 113}}};
const std::vector<Operands> kBroadcast = {{{4, 6}, {6}}, {{4, 1}, {4, 6}}};
const std::vector<Operands> kVectors = {{{7}, {7}}, {{4, 6}, {4, 6}}, {{37, 113}, {37, 113}}};
const std::vector<Operands> kTriplets = {{{7}, {7}, {7}}, {{4, 6}, {4, 6}, {4, 6}}, {{4, 6}, {1, 6}, {4, 6}}};
const std::vector<Operands> kRanked = {{{7}, {7}, {7}}, {{4, 6}, {4, 6}, {4, 6}}, {{0, 3}, {0, 3}, {0, 3}}};
const std::vector<Operands> kLabelled = {{{6}, {6}, {}}, {{4, 6}, {4, 6}, {4}}, {{4, 6}, {1, 6}, {4}}};

const std::vector<Operands> kAlike = {{{3, 1}, {3}}, {{3}, {3, 1}}, {{1, 3}, {3, 1}}, {{2, 1, 3}, {2, 3}},
                                      {{2, 3}, {3}}, {{2, 3}, {1}}, {{1}, {}},        {{}, {1, 1}}};

#define SIGNS(t) (t.detach() > 0).to(t.dtype()) * 2 - 1

const std::vector<Row> kLosses = {
    {"smooth_l1_loss", BOTH(return N::smooth_l1_loss(x[0], x[1], 0, 0.5);), kPairs},
    {"F::smooth_l1_loss, broadcast", BOTH(return N::nn::functional::smooth_l1_loss(x[0], x[1]);), kBroadcast},
    {"SmoothL1Loss", BOTH(return N::nn::SmoothL1Loss(N::nn::SmoothL1LossOptions(N::kSum).beta(2))(x[0], x[1]);),
     kPairs},
    {"F::smooth_l1_loss", BOTH(return N::nn::functional::smooth_l1_loss(x[0], x[1], N::kNone, 0.3);), kPairs},
    {"huber_loss", BOTH(return N::huber_loss(x[0], x[1], 0, 0.5);), kPairs},
    {"HuberLoss", BOTH(return N::nn::HuberLoss(N::nn::HuberLossOptions(N::kSum).delta(2))(x[0], x[1]);), kPairs},
    {"F::huber_loss, broadcast", BOTH(return N::nn::functional::huber_loss(x[0], x[1]);), kBroadcast},
    {"kl_div", BOTH(return N::kl_div(x[0], x[1].sigmoid(), 0);), kPairs},
    {"kl_div, zeros in the target", BOTH(return N::kl_div(x[0], x[1].detach().relu(), 2);), kPairs},
    {"kl_div, log_target", BOTH(return N::kl_div(x[0], x[1], 1, true);), kPairs},
    {"kl_div, broadcast", BOTH(return N::kl_div(x[0], x[1].sigmoid(), 0);), kBroadcast},
    {"KLDivLoss, kBatchMean",
     BOTH(return N::nn::KLDivLoss(N::nn::KLDivLossOptions(N::kBatchMean).log_target(true))(x[0], x[1]);), kPairs},
    {"KLDivLoss, kSum", BOTH(return N::nn::KLDivLoss(N::nn::KLDivLossOptions(N::kSum))(x[0], x[1].sigmoid());), kPairs},
    {"KLDivLoss, kNone", BOTH(return N::nn::KLDivLoss(N::nn::KLDivLossOptions(N::kNone))(x[0], x[1].sigmoid());),
     kPairs},
    {"poisson_nll_loss", BOTH(return N::poisson_nll_loss(x[0], x[1], true, false, 1e-8, 0);), kPairs},
    {"poisson_nll_loss, full", BOTH(return N::poisson_nll_loss(x[0], x[1].detach() * 5 + 9, true, true, 1e-8, 0);),
     kPairs},
    {"PoissonNLLLoss, no logarithm",
     BOTH(return N::nn::PoissonNLLLoss(N::nn::PoissonNLLLossOptions().log_input(false).full(true).eps(1e-3))(
                     x[0].square(), x[1].detach());),
     kPairs},
    {"BCELoss", BOTH(return N::nn::BCELoss()(x[0].sigmoid(), x[1].sigmoid());), kPairs},
    {"binary_cross_entropy",
     BOTH(
         return N::nn::functional::binary_cross_entropy(
                    x[0].sigmoid(), x[1].sigmoid(),
                    N::nn::functional::BinaryCrossEntropyFuncOptions().weight(x[1].detach() + 3).reduction(N::kNone));),
     kPairs},
    {"binary_cross_entropy at 0 and 1",
     BOTH(return N::binary_cross_entropy((x[0].detach() > 0).to(x[0].dtype()) + x[0] * 0,
                                         (x[1].detach() > 0).to(x[0].dtype()), {}, 0);),
     kPairs},
    // Equal sizes without the ones; libtorch's gradient of the target is an error then.
    {"binary_cross_entropy, dimensions of size 1",
     BOTH(return N::binary_cross_entropy(x[0].sigmoid(), x[1].detach().sigmoid(), {}, 0);), kAlike},
    {"binary_cross_entropy, dimensions of size 1, mean",
     BOTH(return N::binary_cross_entropy(x[0].sigmoid(), x[1].detach().sigmoid());), kAlike},
    {"binary_cross_entropy_with_logits of an input that broadcasts to the target",  // libtorch's backward fails
     BOTH(return N::binary_cross_entropy_with_logits(x[0].detach(), x[1].detach().sigmoid(), {}, {}, 0);),
     {{{3}, {2, 3}}, {{3}, {1, 3}}, {{}, {2}}, {{2, 1}, {2, 3}}}},
    {"soft_margin_loss", BOTH(return N::soft_margin_loss(x[0], SIGNS(x[1]), 0);), kPairs},
    {"SoftMarginLoss", BOTH(return N::nn::SoftMarginLoss(N::kSum)(x[0], SIGNS(x[1]));), kPairs},
    {"hinge_embedding_loss", BOTH(return N::hinge_embedding_loss(x[0], SIGNS(x[1]), 1.5, 0);), kPairs},
    {"HingeEmbeddingLoss",
     BOTH(return N::nn::HingeEmbeddingLoss(N::nn::HingeEmbeddingLossOptions().margin(0.5))(x[0], SIGNS(x[1]));),
     kPairs},
    {"margin_ranking_loss", BOTH(return N::margin_ranking_loss(x[0], x[1], SIGNS(x[2]), 0.5, 0);), kRanked},
    {"MarginRankingLoss",
     BOTH(return N::nn::MarginRankingLoss(N::nn::MarginRankingLossOptions().margin(0.3).reduction(N::kSum))(
                     x[0], x[1], SIGNS(x[2]));),
     kRanked},
    {"cosine_embedding_loss", BOTH(return N::cosine_embedding_loss(x[0], x[1], SIGNS(x[2]), 0.1, 0);), kLabelled},
    {"cosine_embedding_loss of integers",
     BOTH(return N::cosine_embedding_loss((x[0] * 5).to(N::kInt64), (x[1] * 5).to(N::kInt64), SIGNS(x[2]), 0.1, 0);),
     kLabelled},
    {"cosine_embedding_loss of integers and fractions",
     BOTH(return N::cosine_embedding_loss((x[0] * 5).to(N::kInt64), x[1], SIGNS(x[2]), 0.1, 0);), kLabelled},
    {"CosineEmbeddingLoss",
     BOTH(
         return N::nn::CosineEmbeddingLoss(N::nn::CosineEmbeddingLossOptions().margin(-0.2))(x[0], x[1], SIGNS(x[2]));),
     kLabelled},
    {"triplet_margin_loss", BOTH(return N::triplet_margin_loss(x[0], x[1], x[2], 1.5, 2, 1e-6, false, 0);), kTriplets},
    {"CosineSimilarity", BOTH(return N::nn::CosineSimilarity(N::nn::CosineSimilarityOptions().dim(-1))(x[0], x[1]);),
     kVectors},
    {"cosine_similarity, dim 0", BOTH(return N::cosine_similarity(x[0], x[1], 0);), kBroadcast},
    {"PairwiseDistance", BOTH(return N::nn::PairwiseDistance()(x[0], x[1]);), kVectors},
    {"PairwiseDistance, p",
     BOTH(return N::nn::PairwiseDistance(N::nn::PairwiseDistanceOptions().p(3).eps(0.1).keepdim(true))(x[0], x[1]);),
     kVectors},
    {"pairwise_distance, p infinite", BOTH(return N::pairwise_distance(x[0], x[1], INFINITY);), kVectors},
    {"pairwise_distance, broadcast", BOTH(return N::pairwise_distance(x[0], x[1], 1);), kBroadcast},
};

// Where values are equal libtorch's derivatives are others: -1 of smooth_l1_loss.
const std::vector<Row> kWithoutTies = {
    {"smooth_l1_loss, beta 0", BOTH(return N::smooth_l1_loss(x[0], x[1], 1, 0.);), kPairs},
    {"TripletMarginLoss",
     BOTH(return N::nn::TripletMarginLoss(N::nn::TripletMarginLossOptions().p(1).eps(1e-3).swap(true))(x[0], x[1],
                                                                                                       x[2]);),
     kTriplets},
};

}  // namespace

TEST_CASE("the other losses and the distances equal libtorch's") {
  const support::CatchWarnings of_sizes;
  check(kLosses, {.result64 = 1e-11, .special = kOrdinary, .refused = false});
  check(kWithoutTies, {.result64 = 1e-11, .whole = false, .special = kOrdinary, .refused = false});
}
