// The random stream against libtorch: the same seed and the same calls give the same values.
#include "bridge.h"
#include "catch.h"

#include <taper/core/random.h>

#include <algorithm>
#include <cstring>

namespace {

using bridge::max_difference;
using bridge::seed;

const std::vector<std::vector<int64_t>> kSizes = {{},    {1},    {7},    {15},     {16}, {17},
                                                  {100}, {3, 5}, {4, 4}, {33, 31}, {0},  {2000}};

}  // namespace

TEST_CASE("states of generators are libtorch's bytes, both ways") {
  torch::Generator theirs = at::detail::getDefaultCPUGenerator();
  taper::Generator& ours = taper::default_generator();
  for (const int64_t draws : {1, 3, 10, 623, 624, 625, 2000}) {
    for (const bool kept_normal : {false, true}) {
      INFO(draws << " draws");
      seed(11);
      taper::rand({draws});
      torch::rand({draws});
      if (kept_normal) {
        taper::randn({1});
        torch::randn({1});
      }
      const taper::Tensor bytes = ours.get_state();
      const torch::Tensor wanted_bytes = theirs.get_state();
      const auto* got = bytes.data_ptr<uint8_t>();
      const auto* want = wanted_bytes.data_ptr<uint8_t>();
      CHECK(std::memcmp(got, want, 5024) == 0);
      double normal, wanted_normal;  // the kept one, whose last bit is the math library's
      std::memcpy(&normal, got + 5024, 8);
      std::memcpy(&wanted_normal, want + 5024, 8);
      CHECK(normal == Approx(wanted_normal).epsilon(1e-15));
      CHECK(std::memcmp(got + 5032, want + 5032, 24) == 0);
      // theirs here
      taper::manual_seed(12);
      taper::Tensor state = taper::empty({5056}, taper::kUInt8);
      std::memcpy(state.data_ptr(), theirs.get_state().data_ptr(), 5056);
      ours.set_state(state);
      CHECK(ours.current_seed() == 11);
      const torch::Tensor wanted = torch::randn({3}), more = torch::rand({700});
      CHECK(max_difference(taper::randn({3}), wanted) == 0);
      CHECK(max_difference(taper::rand({700}), more) == 0);
      // ours there
      state = ours.get_state();
      torch::Tensor copy = torch::empty({5056}, torch::kUInt8);
      std::memcpy(copy.data_ptr(), state.data_ptr(), 5056);
      torch::manual_seed(12);
      theirs.set_state(copy);
      CHECK(max_difference(taper::randn({5}), torch::randn({5})) == 0);
      CHECK(max_difference(taper::rand({700}), torch::rand({700})) == 0);
    }
  }
  torch::manual_seed(13);  // before the first draw
  taper::Tensor state = taper::empty({5056}, taper::kUInt8);
  std::memcpy(state.data_ptr(), theirs.get_state().data_ptr(), 5056);
  ours.set_state(state);
  CHECK(max_difference(taper::rand({5}), torch::rand({5})) == 0);
}

TEST_CASE("rand and uniform_ give libtorch's values bit for bit") {
  seed(0);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const auto& sizes : kSizes) {
      CHECK(max_difference(taper::rand(sizes, dtype), torch::rand(sizes, bridge::counterpart(dtype))) == 0);
      taper::Tensor x = taper::empty(sizes, dtype);
      taper::detail::fill_uniform(x, -0.3, 0.9, taper::default_generator());
      CHECK(max_difference(x, torch::empty(sizes, bridge::counterpart(dtype)).uniform_(-0.3, 0.9)) == 0);
    }
  }
}

TEST_CASE("randn and normal_ give libtorch's values, whole blocks and short tensors in any order") {
  seed(1);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    const double tolerance = dtype == taper::kFloat32 ? 2e-6 : 1e-14;
    for (const auto& sizes : kSizes) {
      CHECK(max_difference(taper::randn(sizes, dtype), torch::randn(sizes, bridge::counterpart(dtype))) <= tolerance);
      taper::Tensor x = taper::empty(sizes, dtype);
      taper::detail::fill_normal(x, 3, 0.01, taper::default_generator());
      CHECK(max_difference(x, torch::empty(sizes, bridge::counterpart(dtype)).normal_(3, 0.01)) <= tolerance);
    }
  }
}

TEST_CASE("the largest deviation of a million normal values from libtorch's is a few units in the last place") {
  seed(2);
  const taper::Tensor x = taper::randn({1000 * 1000});
  const torch::Tensor y = torch::randn({1000 * 1000});
  double largest = 0;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double a = x.data_ptr<float>()[i], b = y.data_ptr<float>()[i];
    largest = std::max(largest, std::abs(a - b) / std::max(1.0, std::abs(b)));
  }
  INFO("largest difference " << largest);
  CHECK(largest < 5e-7);
}

TEST_CASE("bernoulli_ gives libtorch's values in every dtype") {
  seed(3);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64, taper::kInt64, taper::kUInt8, taper::kBool}) {
    for (double p : {0.0, 0.25, 0.5, 1.0}) {
      taper::Tensor x = taper::empty({37, 3}, dtype);
      taper::detail::fill_bernoulli(x, p, taper::default_generator());
      CHECK(max_difference(x, torch::empty({37, 3}, bridge::counterpart(dtype)).bernoulli_(p)) == 0);
    }
  }
}

TEST_CASE("randint, random_ and randperm give libtorch's values") {
  seed(4);
  for (const auto& [low, high] : std::vector<std::pair<int64_t, int64_t>>{{0, 10},
                                                                          {-5, 5},
                                                                          {0, int64_t{1} << 32},
                                                                          {0, (int64_t{1} << 32) + 7},
                                                                          {-(int64_t{1} << 62), int64_t{1} << 62}}) {
    CHECK(max_difference(taper::randint(low, high, {50}), torch::randint(low, high, {50}, torch::kLong)) == 0);
  }
  CHECK(max_difference(taper::randint(0, 100, {50}, taper::kFloat32), torch::randint(0, 100, {50}, torch::kFloat)) ==
        0);
  for (int64_t n : {0, 1, 2, 10, 1000}) CHECK(max_difference(taper::randperm(n), torch::randperm(n)) == 0);
  CHECK(max_difference(taper::rand({3}), torch::rand({3})) == 0);  // both streams stand at the same place
}

TEST_CASE("tensors that are not contiguous are filled in memory order, as libtorch does") {
  seed(5);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    const auto other = bridge::counterpart(dtype);
    taper::Tensor a = taper::zeros({6, 5}, dtype);
    torch::Tensor b = torch::zeros({6, 5}, other);
    taper::detail::fill_uniform(a.t(), 0, 1, taper::default_generator());
    b.t().uniform_(0, 1);
    CHECK(max_difference(a, b) == 0);

    taper::Tensor c = taper::zeros({4, 6, 5}, dtype);
    torch::Tensor d = torch::zeros({4, 6, 5}, other);
    taper::detail::fill_normal(c.permute({2, 0, 1}).slice(0, 1, 5, 2), 0, 1, taper::default_generator());
    d.permute({2, 0, 1}).slice(0, 1, 5, 2).normal_(0, 1);
    CHECK(max_difference(c, d) <= 1e-6);
    taper::detail::fill_bernoulli(c.slice(1, 1, 4), 0.3, taper::default_generator());
    d.slice(1, 1, 4).bernoulli_(0.3);
    CHECK(max_difference(c, d) <= 1e-6);
  }
}
