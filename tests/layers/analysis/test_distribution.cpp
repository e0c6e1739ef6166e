// describe, wasserstein_distance, distribution_shift, gradient_shift: against sorting and sums in long double.
#include "catch.h"

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/analysis/distribution.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace taper;
using taper::nn::utils::describe;
using taper::nn::utils::Distribution;
using taper::nn::utils::distribution_shift;
using taper::nn::utils::gradient_shift;
using taper::nn::utils::unit_shifts;
using taper::nn::utils::wasserstein_distance;

namespace {

std::vector<double> values_of(const Tensor& tensor) {
  const Tensor x = tensor.detach().to(kFloat64).contiguous();
  return {x.data_ptr<double>(), x.data_ptr<double>() + x.numel()};
}

// numpy.percentile(v, q)
double percentile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  const long double h = (static_cast<long double>(v.size()) - 1) * q / 100;
  const auto k = static_cast<size_t>(std::floor(h));
  const long double next = v[std::min(k + 1, v.size() - 1)];
  return static_cast<double>(v[k] + (next - v[k]) * (h - static_cast<long double>(k)));
}

std::pair<double, double> mean_and_deviation(const std::vector<double>& v) {
  long double sum = 0, squares = 0;
  for (const double x : v) sum += x;
  const long double n = static_cast<long double>(v.size()), mean = sum / n;
  for (const double x : v) squares += (x - mean) * (x - mean);
  return {static_cast<double>(mean), static_cast<double>(std::sqrt(squares / n))};
}

// Each list repeated until both are of the same length, then compared value by value.
double brute_force_wasserstein(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const size_t n = std::lcm(a.size(), b.size());
  long double total = 0;
  for (size_t i = 0; i < n; ++i) {
    total += std::abs(static_cast<long double>(a[i * a.size() / n]) - static_cast<long double>(b[i * b.size() / n]));
  }
  return static_cast<double>(total / static_cast<long double>(n));
}

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("describe: mean, deviation and percentiles are those of the sorted values, whatever their distribution") {
  manual_seed(1);
  const std::vector<double> q = {0, 0.1, 15, 25, 50, 85, 99.99, 100};
  std::vector<Tensor> cases;
  for (int64_t n : {1, 2, 3, 7, 100, 5000}) {
    const Tensor x = randn({n}, kFloat64);
    Tensor outlier = x.clone();
    outlier[0] = 1e30;
    for (const Tensor& t : {x, x.relu(), x * 1e-3 + 1e7, x.exp().exp(), outlier, full({n}, 3.5), -full({n}, 1e-320)}) {
      cases.push_back(t);
    }
  }
  Tensor magnitudes = empty({4000}, kFloat64);  // 2^-1000 to 2^999
  for (int64_t i = 0; i < 4000; ++i)
    magnitudes.data_ptr<double>()[i] = std::ldexp(1.0 + i % 2, static_cast<int>(i / 2) - 1000);
  cases.push_back(magnitudes);
  cases.push_back(cat({rand({5000}, kFloat64), rand({5000}, kFloat64) * 1e-6 + 0.5, full({3000}, 0.7, kFloat64)}));
  cases.push_back(randn({50, 40}));                  // float32
  cases.push_back(randn({50, 40}).t());              // not contiguous
  cases.push_back(randint(-5, 6, {30, 4}, kInt64));  // ties
  cases.push_back(tensor({true, false, true}));
  for (const Tensor& x : cases) {
    const std::vector<double> v = values_of(x);
    const Distribution d = describe(x, q);
    CAPTURE(x.sizes().size(), v.size(), v[0], v.back());
    CHECK(d.count == x.numel());
    CHECK(d.non_finite == 0);
    const auto [mean, deviation] = mean_and_deviation(v);
    CHECK(d.mean == Approx(mean).epsilon(1e-13).margin(1e-14));
    CHECK(d.deviation == Approx(deviation).epsilon(1e-9));  // x * 1e-3 + 1e7 has seven digits of it
    REQUIRE(d.percentiles.size() == q.size());
    for (size_t i = 0; i < q.size(); ++i) CHECK(d.percentiles[i] == Approx(percentile(v, q[i])).epsilon(1e-12));
  }
}

TEST_CASE("describe: percentiles interpolate as numpy's, in the order asked for") {
  const Tensor x = tensor({4., 1., 3., 2.});
  CHECK(describe(x, {50, 0, 100, 15}).percentiles[0] == 2.5);
  CHECK(describe(x, {50, 0, 100, 15}).percentiles[1] == 1);
  CHECK(describe(x, {50, 0, 100, 15}).percentiles[2] == 4);
  CHECK(describe(x, {50, 0, 100, 15}).percentiles[3] == Approx(1.45));
  CHECK(describe(x).percentiles.size() == 3);
  CHECK(describe(x, {}).percentiles.empty());
}

TEST_CASE("describe: neither huge nor tiny values overflow, and far outside ones cost no digits") {
  const Tensor x = tensor({1., 2., 3., 4.}, kFloat64);
  for (double scale : {1e308 / 4, 1e200, 1e-200, 1e-300}) {
    const Distribution d = describe(x * scale, {50});
    CHECK(d.mean / scale == Approx(2.5));
    CHECK(d.deviation / scale == Approx(std::sqrt(1.25)));
    CHECK(d.percentiles[0] / scale == Approx(2.5));
  }
  const Distribution wide = describe(tensor({-1.7e308, 1.7e308, 0.}, kFloat64), {50, 100});
  CHECK(wide.percentiles[0] == 0);
  CHECK(wide.percentiles[1] == 1.7e308);
  CHECK(describe(full({1000}, 0.1)).deviation == 0);
  CHECK(describe(full({1000}, 0.1)).mean == static_cast<double>(0.1F));
}

TEST_CASE("describe: NaN and infinities are counted and kept out of the figures") {
  const Distribution d = describe(tensor({1., kNan, 3., kInf, -kInf, 2.}), {50}, std::make_pair(1.5, 2.5));
  CHECK(d.count == 3);
  CHECK(d.non_finite == 3);
  CHECK(d.mean == 2);
  CHECK(d.percentiles[0] == 2);
  CHECK(d.saturated == Approx(2 / 3.));
}

TEST_CASE("describe: nothing finite, or nothing at all, has no figures") {
  for (const Tensor& x : {zeros({0}), zeros({0, 3}), zeros({3, 0}), full({2, 2}, kNan)}) {
    const Distribution d = describe(x, {50}, std::make_pair(0., 1.));
    CHECK(d.count == 0);
    CHECK(d.non_finite == x.numel());
    CHECK(std::isnan(d.mean));
    CHECK(std::isnan(d.deviation));
    CHECK(std::isnan(d.percentiles.at(0)));
    CHECK(std::isnan(d.saturated));
    CHECK(std::isnan(d.dead) == (x.numel() == 0));
  }
}

TEST_CASE("all_finite: NaN and infinities, wherever they are, and not large values") {
  using taper::nn::utils::detail::all_finite;
  for (auto dtype : {kFloat32, kFloat64}) {
    for (int64_t at : {0, 1, 500, 998}) {
      for (double bad : {kNan, kInf, -kInf}) {
        Tensor x = ones({37, 27}, dtype);
        CHECK(all_finite(x));
        x.view({-1})[at] = bad;
        CHECK(!all_finite(x));
        CHECK(!all_finite(x.t()));
      }
    }
  }
  CHECK(all_finite(full({1000}, 3e38)));
  CHECK(all_finite(full({1000}, 1.7e308, kFloat64)));
  CHECK(all_finite(cat({full({1000}, 3e38), full({1000}, -3e38)})));
  CHECK(!all_finite(tensor({kInf, -kInf})));
  CHECK(all_finite(zeros({0})));
  CHECK(all_finite(arange(3)));
}

TEST_CASE("describe: a unit is dead when none of its values is above 0") {
  CHECK(describe(tensor({-1., 0., 2., 0., 0., 3.}).reshape({2, 3})).dead == Approx(2 / 3.));  // columns: -1 0, 0 0, 2 3
  Tensor x = zeros({2, 4, 3});
  x[1][2][0] = 1;
  CHECK(describe(x).dead == 0.75);
  x[0][0][1] = kNan;
  CHECK(describe(x).dead == 0.5);
  CHECK(describe(zeros({5})).dead == 1);
  CHECK(describe(ones({})).dead == 0);
}

TEST_CASE("describe: saturated is the fraction outside the limits, which count as inside") {
  const Tensor x = tensor({0., 0.01, 0.5, 0.99, 1.}, kFloat64);
  CHECK(describe(x, {}, std::make_pair(0.01, 0.99)).saturated == 0.4);
  CHECK(std::isnan(describe(x).saturated));
}

TEST_CASE("describe: percentiles outside 0 to 100 are an error") {
  for (double q : {-1., 100.5, kNan}) CHECK_THROWS_AS(describe(zeros({3}), {50, q}), ValueError);
  REQUIRE_THROWS_WITH(describe(zeros({3}), {101}), "describe: percentiles must be from 0 to 100; got 101");
}

TEST_CASE("wasserstein_distance: sorted values against sorted values, also with other counts") {
  manual_seed(2);
  CHECK(wasserstein_distance(tensor({0., 1., 3.}), tensor({5., 6., 8.})) == Approx(5));
  for (auto [n, m] : {std::pair{1, 1}, {1, 7}, {5, 5}, {6, 4}, {7, 5}, {100, 64}, {64, 100}}) {
    const Tensor a = randn({n}), b = randn({m}) * 2 + 1;
    const double expected = brute_force_wasserstein(values_of(a), values_of(b));
    CHECK(wasserstein_distance(a, b) == Approx(expected).epsilon(1e-12));
    CHECK(wasserstein_distance(b, a) == Approx(expected).epsilon(1e-12));
  }
  const Tensor x = randn({8, 5});
  CHECK(wasserstein_distance(x, x.t()) == 0);
}

TEST_CASE("distribution_shift: in deviations, for each unit, and their mean") {
  manual_seed(3);
  const Tensor x = randn({50, 3}, kFloat64) * tensor({1., 10., 0.01}, kFloat64);
  const Tensor deviation = x.var({0}, /*unbiased=*/false).sqrt();
  const Tensor shifts = unit_shifts(x, x + deviation * tensor({0.5, -2., 0.}, kFloat64));
  CHECK(shifts.allclose(tensor({0.5, 2., 0.}, kFloat64)));
  CHECK(distribution_shift(x, x + deviation) == Approx(1));

  const Tensor a = randn({9, 2, 4}), b = randn({5, 2, 4}) * 3;  // [N, C, L], other counts
  for (int64_t c = 0; c < 2; ++c) {
    const auto va = values_of(a.select(1, c)), vb = values_of(b.select(1, c));
    const double s =
        std::sqrt((std::pow(mean_and_deviation(va).second, 2) + std::pow(mean_and_deviation(vb).second, 2)) / 2);
    CHECK(unit_shifts(a, b)[c].item<double>() == Approx(brute_force_wasserstein(va, vb) / s).epsilon(1e-12));
  }
}

TEST_CASE("distribution_shift: constant units have moved by nothing or beyond all measure") {
  CHECK(unit_shifts(zeros({4, 1}), zeros({7, 1})).item<double>() == 0);
  CHECK(unit_shifts(zeros({4, 1}), ones({4, 1})).item<double>() == kInf);
  CHECK(unit_shifts(full({4}, 2), full({4}, 2)).item<double>() == 0);
}

TEST_CASE("distribution_shift and wasserstein_distance: what they cannot compare is an error that says so") {
  Tensor bad = ones({4, 3});
  bad[2][1] = kNan;
  REQUIRE_THROWS_WITH(
      distribution_shift(ones({4, 3}), bad),
      "distribution_shift: all values must be finite; got 1 of 4 in unit 1 of after that are NaN or infinite");
  CHECK_THROWS_AS(wasserstein_distance(bad, bad), ValueError);
  CHECK_THROWS_AS(wasserstein_distance(full({2}, kInf), ones({2})), ValueError);
  REQUIRE_THROWS_WITH(distribution_shift(ones({4, 3}), ones({4, 2})),
                      "distribution_shift: both must have the same units; got sizes [4, 3] and [4, 2]");
  CHECK_THROWS_AS(distribution_shift(zeros({0, 3}), ones({4, 3})), ValueError);
  CHECK_THROWS_AS(distribution_shift(zeros({4, 0}), zeros({4, 0})), ValueError);
  CHECK_THROWS_AS(wasserstein_distance(zeros({0}), ones({1})), ValueError);
}

TEST_CASE("gradient_shift: cosine, angle and difference, in long double") {
  manual_seed(4);
  const Tensor a = randn({30, 20}), b = a + randn({30, 20}) * 0.5;
  const auto va = values_of(a), vb = values_of(b);
  long double aa = 0, bb = 0, ab = 0, dd = 0;
  for (size_t i = 0; i < va.size(); ++i) {
    const long double x = va[i], y = vb[i];
    aa += x * x, bb += y * y, ab += x * y, dd += (y - x) * (y - x);
  }
  const auto shift = gradient_shift(a, b);
  const long double cosine = ab / std::sqrt(aa * bb);
  CHECK(shift.cosine == Approx(static_cast<double>(cosine)).epsilon(1e-13));
  CHECK(shift.angle == Approx(static_cast<double>(std::acos(cosine) * 180 / std::acos(-1.0L))).epsilon(1e-11));
  CHECK(shift.l2 == Approx(static_cast<double>(std::sqrt(dd))).epsilon(1e-13));
  CHECK(shift.relative == Approx(static_cast<double>(std::sqrt(dd / aa))).epsilon(1e-13));

  const auto parts = gradient_shift({a.slice(0, 0, 10), a.slice(0, 10)}, {b.slice(0, 0, 10), b.slice(0, 10)});
  CHECK(parts.l2 == Approx(shift.l2).epsilon(1e-13));
  CHECK(parts.cosine == Approx(shift.cosine).epsilon(1e-13));
}

TEST_CASE("gradient_shift: the ends of the scale") {
  const Tensor x = tensor({1., 0.}, kFloat64), y = tensor({0., 1.}, kFloat64);
  CHECK(gradient_shift(x, x).angle == 0);
  CHECK(gradient_shift(x, x).cosine == 1);
  CHECK(gradient_shift(x, x).l2 == 0);
  CHECK(gradient_shift(x, 3 * y).angle == Approx(90));
  CHECK(gradient_shift(x, 3 * y).relative == Approx(std::sqrt(10.)));
  CHECK(gradient_shift(x, -2 * x).angle == Approx(180));
  CHECK(gradient_shift(x, x + 1e-9 * y).angle == Approx(1e-9 * 180 / std::acos(-1.)).epsilon(1e-12));
  for (double scale : {1e300, 1e-300}) {
    CHECK(gradient_shift(x * scale, (x + y) * scale).angle == Approx(45));
    CHECK(gradient_shift(x * scale, (x + y) * scale).relative == Approx(1));
  }
  const auto none = gradient_shift(zeros({2}), ones({2}));
  CHECK(none.l2 == Approx(std::sqrt(2.)));
  CHECK(std::isnan(none.cosine));
  CHECK(std::isnan(none.angle));
  CHECK(none.relative == kInf);
  const auto bad = gradient_shift(x, x * kNan);
  CHECK(std::isnan(bad.l2));
  CHECK(std::isnan(bad.cosine));
  CHECK(gradient_shift(x, x / 0).l2 != 0);
  CHECK_THROWS_AS(gradient_shift(ones({2}), ones({3})), ValueError);
  CHECK_THROWS_AS(gradient_shift(TensorList(ones({2})), TensorList()), ValueError);
}
