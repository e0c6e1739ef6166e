// tests/torch/test_init.cpp compares the values with libtorch's.
#include "catch.h"

#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/init.h>

#include <cmath>

using namespace taper;
namespace init = taper::nn::init;

TEST_CASE("gains are those of the formulas") {
  CHECK(init::calculate_gain(kLinear) == 1);
  CHECK(init::calculate_gain(kSigmoid) == 1);
  CHECK(init::calculate_gain(kTanh) == Approx(5.0 / 3));
  CHECK(init::calculate_gain(kReLU) == Approx(std::sqrt(2.0)));
  CHECK(init::calculate_gain(kLeakyReLU, 0.2) == Approx(std::sqrt(2 / 1.04)));
}

TEST_CASE("fans count the values that one output and one input meet") {
  CHECK(init::_calculate_fan_in_and_fan_out(zeros({4, 3})) == std::tuple<int64_t, int64_t>(3, 4));
  CHECK(init::_calculate_fan_in_and_fan_out(zeros({4, 3, 5, 2})) == std::tuple<int64_t, int64_t>(30, 40));
  CHECK_THROWS_WITH(init::xavier_uniform_(zeros({4})), ContainsSubstring("[4]"));
}

TEST_CASE("xavier and kaiming values have the deviation of their formulas") {
  manual_seed(0);
  const Tensor w = empty({200, 300});
  const auto deviation = [](const Tensor& t) { return t.std().item<double>(); };
  CHECK(deviation(init::xavier_uniform_(w, 2)) == Approx(2 * std::sqrt(2.0 / 500)).epsilon(0.01));
  CHECK(deviation(init::xavier_normal_(w)) == Approx(std::sqrt(2.0 / 500)).epsilon(0.01));
  CHECK(deviation(init::kaiming_uniform_(w)) == Approx(std::sqrt(2.0 / 300)).epsilon(0.01));
  CHECK(deviation(init::kaiming_normal_(w, 0, kFanOut, kReLU)) == Approx(std::sqrt(2.0 / 200)).epsilon(0.01));
  CHECK(deviation(init::kaiming_normal_(w, 1, kFanIn, kLeakyReLU)) == Approx(std::sqrt(1.0 / 300)).epsilon(0.01));
  CHECK(deviation(init::normal_(w, 5, 0.1)) == Approx(0.1).epsilon(0.01));
  CHECK(init::uniform_(w, 2, 3).min().item<double>() >= 2);
}

TEST_CASE("constant, ones, zeros and eye fill") {
  CHECK(init::constant_(empty({2, 2}), 3.5).equal(full({2, 2}, 3.5)));
  CHECK(init::ones_(empty({2})).equal(ones({2})));
  CHECK(init::zeros_(empty({2})).equal(zeros({2})));
  CHECK(init::eye_(empty({2, 3}, kFloat64)).equal(eye(2, 3, kFloat64)));
  CHECK_THROWS_AS(init::eye_(zeros({2})), ValueError);
}

TEST_CASE("orthogonal rows or columns are orthonormal times the gain") {
  manual_seed(0);
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{5, 5}, {3, 8}, {8, 3}, {4, 2, 3}, {1, 1}, {60, 40}}) {
    const Tensor w = init::orthogonal_(empty(sizes, kFloat64), 2).reshape({sizes[0], -1});
    const Tensor gram = w.size(0) <= w.size(1) ? w.matmul(w.t()) : w.t().matmul(w);
    CHECK(gram.allclose(4 * eye(gram.size(0), kFloat64), 0, 1e-12));
  }
  CHECK(init::orthogonal_(zeros({0, 3})).numel() == 0);
}

TEST_CASE("sparse columns have their share of zeros") {
  manual_seed(0);
  const Tensor w = init::sparse_(empty({10, 4}), 0.25);
  CHECK(w.eq(0).sum({0}).equal(full({4}, 3)));  // ceil(2.5)
  CHECK_THROWS_AS(init::sparse_(zeros({2, 2}), 1.5), ValueError);
}

TEST_CASE("dirac passes channels through") {
  const Tensor w = init::dirac_(empty({2, 3, 3, 3}));
  CHECK(w.sum().item<double>() == 2);
  CHECK(w[0][0][1][1].item<double>() == 1);
  CHECK(w[1][1][1][1].item<double>() == 1);
  CHECK_THROWS_AS(init::dirac_(zeros({2, 2})), ValueError);
}

TEST_CASE("parameters are filled without a record") {
  const Tensor w = zeros({3, 3}, requires_grad());
  CHECK(init::kaiming_uniform_(w).is_same(w));
  CHECK(w.is_leaf());
}
