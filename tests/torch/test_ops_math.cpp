// Against libtorch: what tests/ops has no row for, results of integers and bool, and draws.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>

namespace {

using namespace compare;

// Both sides of all pairs of dtypes, small whole numbers, without gradients.
void check_dtypes(const std::vector<Row>& rows, std::vector<taper::ScalarType> dtypes) {
  for (const Row& row : rows) {
    for (const auto a : dtypes) {
      for (const auto b : dtypes) {
        if (row.operands[0].size() == 1 && a != b) continue;
        std::mt19937 engine(5);
        std::vector<taper::Tensor> inputs;
        for (size_t i = 0; i < row.operands[0].size(); ++i) {
          const bool is_unsigned = i == 0 ? a == taper::kUInt8 : b == taper::kUInt8;
          const double low = is_unsigned ? std::max(row.domain.low, 0.0) : row.domain.low;
          inputs.push_back(draw(row.operands[0][i], {low, row.domain.high}, Values::Whole, engine).to(i == 0 ? a : b));
        }
        const Difference d = run(row.op, inputs, false);
        INFO(row.name << " " << taper::to_string(a) << " " << taper::to_string(b) << d.why);
        CHECK(d.ours_threw == d.theirs_threw);
        CHECK(d.result <= 1e-5);
      }
    }
  }
}

}  // namespace

TEST_CASE("digamma and polygamma equal libtorch's") {
  // Theirs of float64 are good to ten digits, ours to 13 (tests/autograd/ops/test_gradcheck_math.cpp).
  check(
      {
          {"digamma", OP(digamma(x[0])), kOne, {0.5, 20}},
          {"polygamma 1", OP(polygamma(1, x[0])), kOne, {0.7, 10}},
          {"polygamma 3", OP(polygamma(3, x[0])), kOne, {0.7, 10}},
      },
      {.result64 = 1e-8, .special = kOrdinary});
}

TEST_CASE("rounded quotients equal libtorch's") {
  // Of special values where theirs is not vectorised: their vectors lose the remainder by numbers such as 1e-40.
  for (const bool is_small : {true, false}) {
    const std::vector<Operands> operands =
        is_small ? std::vector<Operands>{{{}, {}}, {{3}, {2, 1}}, {{2, 3}, {2, 3}}} : kTwo;
    check(
        {
            {"div, floor", OP(x[0].div(x[1], "floor")), operands, {-7, 7}},
            {"div, trunc", OP(x[0].div(x[1], "trunc")), operands, {-7, 7}},
            {"floor_divide", OP(x[0].detach().floor_divide(x[1].detach())), operands, {-7, 7}},
            {"fmod", OP(fmod(x[0], x[1])), operands, {-7, 7}},
            {"remainder", OP(remainder(x[0], x[1])), operands, {-7, 7}},
            {"number remainder", OP(remainder(5.5, x[0].detach())), {{{}}, {{3}}}, {-7, 7}},
        },
        {.special = is_small ? ops::kSpecial : kOrdinary});
  }
}

TEST_CASE("integers, bool and promotion equal libtorch's") {
  const std::vector<Operands> kPair = {{{3, 5}, {5}}}, kSingle = {{{3, 5}}};
  const std::vector<taper::ScalarType> all = {taper::kUInt8,   taper::kInt8,    taper::kInt32, taper::kInt64,
                                              taper::kFloat32, taper::kFloat64, taper::kBool};
  check_dtypes(
      {
          {"fmod", OP(fmod(x[0], x[1])), kPair, {1, 9}},
          {"remainder", OP(remainder(x[0], x[1])), kPair, {1, 9}},
          {"floor_divide", OP(floor_divide(x[0], x[1])), kPair, {1, 9}},
          {"div, trunc", OP(x[0].div(x[1], "trunc")), kPair, {1, 9}},
          {"atan2", OP(atan2(x[0], x[1])), kPair, {1, 9}},
          {"xlogy", OP(xlogy(x[0], x[1])), kPair, {1, 9}},
          {"hypot", OP(hypot(x[0], x[1])), kPair, {1, 9}},
          {"logaddexp", OP(logaddexp(x[0], x[1])), kPair, {1, 9}},
          {"fmax", OP(fmax(x[0], x[1])), kPair, {-5, 5}},
          {"fmin", OP(fmin(x[0], x[1])), kPair, {-5, 5}},
          {"bitwise_and", OP(x[0] & x[1]), kPair, {-9, 9}},
          {"bitwise_or", OP(x[0] | x[1]), kPair, {-9, 9}},
          {"bitwise_xor", OP(x[0] ^ x[1]), kPair, {-9, 9}},
          {"bitwise number", OP((x[0] & 6) | 1), kSingle, {-9, 9}},
          {"bitwise_not", OP(~x[0]), kSingle, {-9, 9}},
          {"logical_xor", OP(logical_xor(x[0], x[1])), kPair, {-2, 2}},
          {"tan", OP(tan(x[0])), kSingle, {0, 1}},
          {"exp2", OP(exp2(x[0])), kSingle, {0, 5}},
          {"erfinv", OP(erfinv(x[0])), kSingle, {0, 1}},
          {"lgamma", OP(lgamma(x[0])), kSingle, {1, 5}},
          {"digamma", OP(digamma(x[0])), kSingle, {1, 5}},
          {"signbit", OP(signbit(x[0])), kSingle, {-5, 5}},
          {"nan_to_num", OP(nan_to_num(x[0])), kSingle, {-5, 5}},
          {"cumsum", OP(cumsum(x[0], 1)), kSingle, {-5, 5}},
          {"cumprod", OP(cumprod(x[0], 0)), kSingle, {-5, 5}},
          {"prod", OP(prod(x[0], 1)), kSingle, {-5, 5}},
          {"count_nonzero", OP(count_nonzero(x[0], Sizes{1})), kSingle, {-2, 2}},
          {"nansum", OP(nansum(x[0], Sizes{1})), kSingle, {-2, 2}},
          {"negative remainder", OP(remainder(x[0], x[1] - 12)), {{{3, 5}, {5}}}, {1, 9}},
      },
      all);
  // These take bool here, too.
  check_dtypes({{"trunc", OP(trunc(x[0])), kSingle, {-5, 5}}, {"trace", OP(trace(x[0])), kSingle, {-2, 2}}},
               {taper::kUInt8, taper::kInt32, taper::kInt64, taper::kFloat32, taper::kFloat64});
}

// ---- draws ----------------------------------------------------------------------------------------------------------

namespace {

using bridge::counterpart;
using bridge::max_difference;
using bridge::seed;
using bridge::to_torch;

const std::vector<std::vector<int64_t>> kDrawn = {{}, {7}, {16}, {33, 31}, {0}};

}  // namespace

TEST_CASE("exponential_, log_normal_, cauchy_ and geometric_ give libtorch's values") {
  seed(1);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const auto& sizes : kDrawn) {
      const auto pair = [&](auto draw) {
        auto x = taper::empty(sizes, dtype);
        auto y = torch::empty(sizes, counterpart(dtype));
        draw(x);
        draw(y);
        CHECK(relative_difference(x, y) <= (dtype == taper::kFloat32 ? 1e-7 : 1e-12));
      };
      pair([](auto& x) { x.exponential_(); });
      pair([](auto& x) { x.exponential_(2.5); });
      pair([](auto& x) { x.log_normal_(); });
      pair([](auto& x) { x.log_normal_(0.5, 0.25); });
      pair([](auto& x) { x.cauchy_(); });
      pair([](auto& x) { x.cauchy_(3, 0.5); });
      pair([](auto& x) { x.geometric_(0.3); });
    }
  }
  taper::Tensor x = taper::empty({50}, taper::kInt64);
  CHECK(max_difference(x.geometric_(0.1), torch::empty({50}, torch::kLong).geometric_(0.1)) == 0);
  CHECK(max_difference(taper::rand({3}), torch::rand({3})) == 0);  // both streams stand at the same place
}

TEST_CASE("random_ without bounds, to a bound and from one gives libtorch's values in every dtype") {
  seed(2);
  for (const auto dtype : {taper::kUInt8, taper::kInt8, taper::kInt16, taper::kInt32, taper::kInt64, taper::kFloat32,
                           taper::kFloat64, taper::kBool}) {
    INFO(taper::to_string(dtype));
    const auto x = taper::empty({50}, dtype);
    const auto y = torch::empty({50}, counterpart(dtype));
    const auto same = [&] { return at::equal(to_torch(x), y); };
    x.random_();
    y.random_();
    CHECK(same());
    x.random_(2);
    y.random_(2);
    CHECK(same());
    x.random_(0, taper::optional<int64_t>());
    y.random_(0, c10::optional<int64_t>());
    CHECK(same());
    if (dtype == taper::kBool) continue;
    x.random_(100, taper::optional<int64_t>());
    y.random_(100, c10::optional<int64_t>());
    CHECK(same());
  }
}

TEST_CASE("bernoulli with probabilities, and normal of means and deviations, give libtorch's values") {
  seed(3);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const auto& sizes : kDrawn) {
      const taper::Tensor p = taper::rand(sizes, dtype);
      const torch::Tensor q = torch::rand(sizes, counterpart(dtype));
      CHECK(max_difference(taper::bernoulli(p), torch::bernoulli(q)) == 0);
      CHECK(max_difference(p.bernoulli(0.3), q.bernoulli(0.3)) == 0);
      CHECK(max_difference(taper::zeros(sizes).bernoulli_(p), torch::zeros(sizes).bernoulli_(q)) == 0);
      const double tolerance = dtype == taper::kFloat32 ? 2e-6 : 1e-14;
      CHECK(relative_difference(taper::normal(p, 0.5), at::normal(q, 0.5)) <= tolerance);
      CHECK(relative_difference(taper::normal(0.5, p), at::normal(0.5, q)) <= tolerance);
      CHECK(relative_difference(taper::normal(p, p), at::normal(q, q)) <= tolerance);
      CHECK(relative_difference(taper::normal(1, 2, sizes), torch::normal(1., 2., sizes)) <= 2e-6);
    }
    taper::Tensor x = taper::zeros({5, 6}, dtype);
    torch::Tensor y = torch::zeros({5, 6}, counterpart(dtype));
    x.t().bernoulli_(taper::full({6, 5}, 0.4, taper::kFloat64));
    y.t().bernoulli_(torch::full({6, 5}, 0.4, torch::kDouble));
    CHECK(max_difference(x, y) == 0);
  }
  CHECK(max_difference(taper::randint_like(taper::ones({9}), 3, 8), torch::randint_like(torch::ones({9}), 3, 8)) == 0);
}

TEST_CASE("multinomial gives libtorch's draws, with and without replacement") {
  seed(4);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{6}, {4, 6}, {3, 200}}) {
      const taper::Tensor p = taper::rand(sizes, dtype);
      const torch::Tensor q = torch::rand(sizes, counterpart(dtype));
      for (const int64_t n : {1, 4, 6}) {
        CHECK(max_difference(taper::multinomial(p, n), torch::multinomial(q, n)) == 0);
        CHECK(max_difference(p.multinomial(2 * n, true), q.multinomial(2 * n, true)) == 0);
      }
    }
  }
}
