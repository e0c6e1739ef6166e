// Printed tensors against libtorch, character by character.
#include "bridge.h"
#include "catch.h"

#include <numeric>

namespace {

void check(const torch::Tensor& x) { CHECK(to_string(bridge::to_taper(x)) == support::printed(x)); }

}  // namespace

TEST_CASE("values of every magnitude print as in libtorch") {
  torch::manual_seed(0);
  for (const auto dtype : {torch::kFloat, torch::kDouble}) {
    for (int low = -12; low <= 12; low += 2) {
      for (int high = low; high <= 12; high += 3) {
        const torch::Tensor exponent = torch::rand({5}, dtype) * (high - low) + low;
        const torch::Tensor sign = torch::randint(0, 2, {5}, dtype) * 2 - 1;
        const torch::Tensor x = sign * torch::pow(torch::full({5}, 10, dtype), exponent);
        check(x);
        check(x.round());
        check(x[0]);
      }
    }
  }
  for (const auto& values : std::vector<std::vector<double>>{{1e-120, 1},
                                                             {1e120, 1.5},
                                                             {1e120, 1},
                                                             {0, 0},
                                                             {0, 0.5},
                                                             {0, 1e-3},
                                                             {0.99999, 1},
                                                             {9.99999, 0.1},
                                                             {99999.9, 2},
                                                             {INFINITY, 1},
                                                             {INFINITY, 1.5, NAN, -INFINITY},
                                                             {NAN, NAN},
                                                             {-0.0, 1},
                                                             {1e-5},
                                                             {123456789},
                                                             {1234567890}}) {
    check(torch::tensor(values, torch::kDouble));
    check(torch::tensor(values, torch::kFloat));
  }
}

TEST_CASE("every dtype and shape prints as in libtorch") {
  for (const auto dtype : {torch::kBool, torch::kByte, torch::kChar, torch::kShort, torch::kInt, torch::kLong,
                           torch::kFloat, torch::kDouble}) {
    check(torch::arange(6).reshape({2, 3}).to(dtype));
    check(torch::arange(6).reshape({2, 3}).to(dtype).t());
    check(torch::zeros({2, 0, 3}, dtype));
    check(torch::ones({}, dtype));
  }
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{0},
                                                             {1},
                                                             {3},
                                                             {1, 1},
                                                             {3, 0},
                                                             {5, 40},
                                                             {1, 100},
                                                             {2, 3, 4},
                                                             {3, 1, 2, 2},
                                                             {2, 2, 2, 2, 2},
                                                             {2, 2, 50},
                                                             {1, 0, 0}}) {
    for (double factor : {1.0, 0.37, 1e-3, 12345.6, 1e7}) {
      const int64_t n = std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
      check(torch::arange(n, torch::kFloat).reshape(sizes) * factor);
      check((torch::arange(n, torch::kFloat).reshape(sizes) + 0.5) * factor);
    }
  }
  check(torch::tensor({{{0.5}, {1.0}}, {{1.0}, {123456.0}}}));  // integers after fractions have fewer digits
  check(torch::tensor({{{1e10}, {1.0}}, {{1.0}, {123456.0}}}));
  CHECK(to_string(taper::Tensor()) == support::printed(torch::Tensor()));
}
