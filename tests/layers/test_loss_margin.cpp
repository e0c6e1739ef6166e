// The other losses and the distances: values by their formulas, edges, what wrong arguments say, printing. Values and
// gradients are compared with libtorch's in tests/torch/test_loss_margin.cpp.
#include "catch.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <cmath>
#include <limits>

using namespace taper;
using namespace taper::nn;
namespace F = taper::nn::functional;

namespace {

double value(const Tensor& t) { return t.item<double>(); }
Tensor slope(const Tensor& l, const Tensor& x) { return autograd::grad({l.sum()}, {x})[0]; }

}  // namespace

TEST_CASE("smooth L1 and Huber: a parabola that ends in lines, whose slope is bounded") {
  const Tensor x = tensor({0., 0.25, -0.25, 3., -3.}, kFloat64).requires_grad_(), t = zeros({5}, kFloat64);
  CHECK(smooth_l1_loss(x, t, 0, 0.5).allclose(tensor({0., 0.0625, 0.0625, 2.75, 2.75}, kFloat64)));
  CHECK(huber_loss(x, t, 0, 0.5).allclose(tensor({0., 0.03125, 0.03125, 1.375, 1.375}, kFloat64)));
  CHECK(slope(smooth_l1_loss(x, t, 0, 0.5), x).allclose(tensor({0., 0.5, -0.5, 1., -1.}, kFloat64)));
  CHECK(slope(huber_loss(x, t, 0, 0.5), x).allclose(tensor({0., 0.25, -0.25, 0.5, -0.5}, kFloat64)));
  CHECK(smooth_l1_loss(x, t, 1, 0).equal(l1_loss(x, t)));
  // differences whose square overflows
  const Tensor big = tensor({1e30f, -1e30f}).requires_grad_();
  CHECK(huber_loss(big, zeros({2}), 0).allclose(tensor({1e30f, 1e30f})));
  CHECK(slope(huber_loss(big, zeros({2})), big).allclose(tensor({0.5f, -0.5f})));
  CHECK(value(SmoothL1Loss(SmoothL1LossOptions(kSum).beta(2))(x, t)) == Approx((2 * 0.0625 / 4 + 2 * 2)));
  CHECK(F::smooth_l1_loss(x, t, kNone, 0.5).equal(smooth_l1_loss(x, t, 0, 0.5)));
  CHECK(F::smooth_l1_loss(x, t, F::SmoothL1LossFuncOptions(kNone).beta(0.5)).equal(smooth_l1_loss(x, t, 0, 0.5)));
  CHECK_THROWS_WITH(smooth_l1_loss(x, t, 1, -1), ContainsSubstring("got -1"));
  CHECK_THROWS_WITH(HuberLoss(HuberLossOptions().delta(0))(x, t), ContainsSubstring("delta must be above 0"));
  CHECK_THROWS_AS(huber_loss(x, zeros({4}, kFloat64)), Error);
  CHECK_THROWS_AS(huber_loss(tensor(1), tensor(2)), TypeError);
}

TEST_CASE("binary_cross_entropy cuts logarithms off at -100 and takes probabilities alone") {
  const Tensor p = tensor({0., 1., 0., 1., 0.25}).requires_grad_(), t = tensor({0., 0., 1., 1., 1.});
  const Tensor l = binary_cross_entropy(p, t, {}, Reduction::None);
  CHECK(l.allclose(tensor({0., 100., 100., 0., std::log(4.0)}).to(kFloat32)));
  CHECK(slope(l, p).allclose(tensor({0., 1e12, -1e12, 0., -4.}).to(kFloat32)));
  const Tensor w = tensor({1., 2., 3., 4., 5.});
  CHECK(BCELoss(BCELossOptions().weight(w).reduction(kNone))(p, t).allclose(w * l));
  CHECK(BCELoss(BCELossOptions().weight(w))->named_buffers().keys() == std::vector<std::string>{"weight"});
  CHECK(value(BCELoss()(p, t)) == Approx(value(l.mean())));
  CHECK_THROWS_WITH(binary_cross_entropy(tensor({0.5, 1.5}), zeros({2})), ContainsSubstring("1.5"));
  CHECK_THROWS_AS(binary_cross_entropy(tensor({-1e-3}), zeros({1})), ValueError);
  CHECK_THROWS_AS(binary_cross_entropy(tensor({NAN}), zeros({1})), ValueError);
  CHECK_THROWS_AS(binary_cross_entropy(ones({2}), ones({2}, kInt64)), TypeError);
  CHECK_THROWS_WITH(binary_cross_entropy(ones({3}), ones({2, 3})),
                    ContainsSubstring("must broadcast to the input; got input [3] and target [2, 3]"));
  CHECK_THROWS_AS(binary_cross_entropy(ones({6}), ones({2, 3})), Error);
  CHECK_THROWS_AS(nn::BCELoss()(ones({3, 1}), ones({3})), ValueError);
  CHECK_THROWS_AS(nn::BCEWithLogitsLoss()(ones({1, 3}), ones({3})), ValueError);
  CHECK_THROWS_WITH(F::binary_cross_entropy(ones({2, 3}), ones({3})),
                    ContainsSubstring("[2, 3]") && ContainsSubstring("[3]"));
  CHECK_THROWS_AS(binary_cross_entropy(ones({2}), ones({2}), ones({3, 2})), Error);
}

TEST_CASE("kl_div is 0 where the target is, with a finite derivative; kBatchMean divides by the samples") {
  manual_seed(0);
  const Tensor x = log_softmax(randn({4, 3}, kFloat64), 1), t = softmax(randn({4, 3}, kFloat64), 1);
  const double total = value((t * (t.log() - x)).sum());
  CHECK(value(F::kl_div(x, t, kSum)) == Approx(total));
  CHECK(value(F::kl_div(x, t, kBatchMean)) == Approx(total / 4));
  CHECK(value(KLDivLoss()(x, t)) == Approx(total / 12));
  CHECK(value(KLDivLoss(KLDivLossOptions(kBatchMean).log_target(true))(x, t.log())) == Approx(total / 4));
  CHECK(value(F::kl_div(tensor(0.5), tensor(1.0), kBatchMean)) == -0.5);
  const Tensor zero = tensor({0., 1.}).requires_grad_();
  const Tensor l = kl_div(tensor({-1., -2.}), zero, Reduction::None);
  CHECK(l.equal(tensor({0., 2.}).to(kFloat32)));
  CHECK(isfinite(slope(l, zero)).all().item<bool>());
}

TEST_CASE("poisson_nll_loss: both kinds of input, and Stirling's formula above 1") {
  const double pi = std::acos(-1.0);
  const Tensor t = tensor({0., 1., 5.}, kFloat64), mean = tensor({1., 2., 4.}, kFloat64);
  const double stirling = 5 * std::log(5.0) - 5 + 0.5 * std::log(10 * pi);
  const Tensor l = tensor({1., 2 - std::log(2.0), 4 - 5 * std::log(4.0)}, kFloat64);
  CHECK(poisson_nll_loss(mean.log(), t, true, false, 1e-8, 0).allclose(l));
  CHECK(poisson_nll_loss(mean, t, false, false, 0, 0).allclose(l));
  CHECK(value(PoissonNLLLoss(PoissonNLLLossOptions().full(true).reduction(kSum))(mean.log(), t)) ==
        Approx(value(l.sum()) + stirling));
  CHECK(F::poisson_nll_loss(mean.log(), tensor({0, 1, 5})).dtype() == kFloat64);
}

TEST_CASE("margins: hinge, ranking, soft margin") {
  const Tensor x = tensor({0.5, 0.25, 2.}), t = tensor({1., -1., -1.});
  CHECK(hinge_embedding_loss(x, t, 1, 0).equal(tensor({0.5, 0.75, 0.}).to(kFloat32)));
  CHECK(HingeEmbeddingLoss()(x, t).item<float>() == Approx(1.25 / 3));
  CHECK(margin_ranking_loss(ones({2}), zeros({2}), tensor({1, -1}), 0.5, 0).equal(tensor({0., 1.5}).to(kFloat32)));
  CHECK_THROWS_AS(F::margin_ranking_loss(ones({2}), zeros({}), ones({2})), Error);
  const Tensor far = tensor({1000., -1000.}).to(kFloat32).requires_grad_();
  const Tensor l = soft_margin_loss(far, -ones({2}), 0);
  CHECK(l.equal(tensor({1000., 0.}).to(kFloat32)));  // no overflow
  CHECK(slope(l, far).equal(tensor({1., 0.}).to(kFloat32)));
}

TEST_CASE("cosines and distances") {
  const Tensor a = tensor({{3., 4.}, {0., 0.}}, kFloat64).requires_grad_(), b = tensor({{6., 8.}, {1., 0.}}, kFloat64);
  CHECK(CosineSimilarity()(a, b).allclose(tensor({1., 0.}, kFloat64)));
  CHECK(isfinite(slope(cosine_similarity(a, b), a)).all().item<bool>());
  CHECK(cosine_similarity(ones({2, 3, 4}), ones({1, 3, 1})).sizes() == IntArrayRef{2, 4});
  CHECK_THROWS_AS(cosine_similarity(ones({3}), ones({3})), IndexError);
  CHECK_THROWS_AS(cosine_similarity(ones({3}, kInt64), ones({3}, kInt64), 0), TypeError);
  CHECK(PairwiseDistance(PairwiseDistanceOptions().eps(0))(a, b).allclose(tensor({5., 1.}, kFloat64)));
  CHECK(pairwise_distance(a, b, 1, 0, true).sizes() == IntArrayRef{2, 1});
  CHECK_THROWS_AS(pairwise_distance(ones({2, 3}), ones({2, 4})), Error);
  const Tensor t = tensor({1., -1.}, kFloat64);
  CHECK(cosine_embedding_loss(a, b, t, 0, 0).allclose(tensor({0., 0.}, kFloat64)));
  CHECK(cosine_embedding_loss(b, b, t, 0.25, 0).allclose(tensor({0., 0.75}, kFloat64)));
  const Tensor whole = tensor({{3, 4}, {1, 0}}), other = tensor({{6, 8}, {0, 5}});  // parallel, at right angles
  CHECK(cosine_embedding_loss(whole, other, tensor({1, 1}), 0, 0).allclose(tensor({0.f, 1.f})));
  CHECK_THROWS_AS(CosineEmbeddingLoss()(a, b, ones({2, 2})), Error);
  CHECK_THROWS_AS(CosineEmbeddingLoss()(a, b, ones({3})), Error);
}

TEST_CASE("triplets: the negative must be further away by the margin") {
  const Tensor a = zeros({1, 2}), p = tensor({{0., 1.}}), n = tensor({{0., 1.5}});
  CHECK(value(triplet_margin_loss(a, p, n)) == Approx(0.5).margin(1e-5));
  CHECK(value(triplet_margin_loss(a, p, n, 1, 2, 1e-6, true)) == Approx(1.5).margin(1e-5));
  CHECK(value(TripletMarginLoss(TripletMarginLossOptions().margin(0.25))(a, p, n)) == 0);
  CHECK_THROWS_WITH(triplet_margin_loss(a, p[0], n), ContainsSubstring("[2]"));
}

TEST_CASE("losses of empty batches: NaN as mean, 0 as sum, nothing as such") {
  const Tensor none = zeros({0, 3});
  const std::vector<std::function<Tensor(int64_t)>> losses = {
      [&](int64_t r) { return huber_loss(none, none, r); },
      [&](int64_t r) { return smooth_l1_loss(none, none, r); },
      [&](int64_t r) { return kl_div(none, none, r); },
      [&](int64_t r) { return poisson_nll_loss(none, none, true, true, 1e-8, r); },
      [&](int64_t r) { return binary_cross_entropy(none, none, {}, r); },
      [&](int64_t r) { return soft_margin_loss(none, none, r); },
      [&](int64_t r) { return hinge_embedding_loss(none, none, 1, r); },
      [&](int64_t r) { return margin_ranking_loss(none, none, none, 0, r); },
      [&](int64_t r) { return cosine_embedding_loss(none, none, zeros({0}), 0, r); },
      [&](int64_t r) { return triplet_margin_loss(none, none, none, 1, 2, 1e-6, false, r); }};
  for (const auto& loss : losses) {
    CHECK(loss(Reduction::None).numel() == 0);
    CHECK(std::isnan(value(loss(Reduction::Mean))));
    CHECK(value(loss(Reduction::Sum)) == 0);
    CHECK_THROWS_AS(loss(3), ValueError);
  }
}

TEST_CASE("soft_margin_loss takes whole targets of any dtype") {
  for (ScalarType dtype : {kUInt8, kInt64, kFloat32}) {
    const Tensor loss = soft_margin_loss(ones({1}), ones({1}, dtype), Reduction::Mean);
    CHECK(loss.item<float>() == Approx(std::log1p(std::exp(-1.0))));
  }
}
