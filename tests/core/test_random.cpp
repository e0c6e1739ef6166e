// tests/torch/test_random.cpp compares the values with libtorch's; here is what must hold without it.
#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <random>

using taper::Generator;

TEST_CASE("the engine is std::mt19937, in single draws and in blocks of any length") {
  for (uint32_t seed : {0u, 1u, 5489u, 0xffffffffu}) {
    std::mt19937 standard(seed);
    Generator ours(seed);
    uint32_t block[1500];
    for (int length : {1, 3, 623, 2, 1500, 700}) {
      ours.random_block(block, length);
      for (int i = 0; i < length; ++i) REQUIRE(block[i] == standard());
      REQUIRE(ours.random() == standard());
    }
    const uint64_t high = standard();
    REQUIRE(ours.random64() == ((high << 32) | standard()));
  }
}

TEST_CASE("the same seed gives the same values, another seed others") {
  taper::manual_seed(7);
  const taper::Tensor a = taper::randn({100}), b = taper::rand({3});
  taper::manual_seed(7);
  CHECK(a.equal(taper::randn({100})));
  CHECK(b.equal(taper::rand({3})));
  taper::manual_seed(8);
  CHECK(!a.equal(taper::randn({100})));
}

TEST_CASE("a saved state continues where it was, the kept normal included") {
  Generator g(3);
  g.normal();  // keeps its partner
  g.random();
  const taper::Tensor state = g.get_state();
  const double partner = g.normal();
  const uint32_t next = g.random();
  Generator other(99);
  other.set_state(state);
  CHECK(other.current_seed() == 3);
  CHECK(other.normal() == partner);
  CHECK(other.random() == next);
}

TEST_CASE("who holds a generator's lock may fill, seed and save its state") {
  taper::Generator& generator = taper::default_generator();
  taper::manual_seed(5);
  const taper::Tensor a = taper::randn({20}), b = taper::rand({3});
  const std::lock_guard lock(generator);
  taper::manual_seed(5);
  CHECK(a.equal(taper::randn({20})));
  const taper::Tensor state = generator.get_state();
  CHECK(b.equal(taper::rand({3})));
  generator.set_state(state);
  CHECK(b.equal(taper::rand({3})));
}

TEST_CASE("a state that is not one is refused and changes nothing") {
  Generator g(3);
  g.normal();
  const taper::Tensor good = g.get_state();
  const auto refuses = [&](const taper::Tensor& bad, const std::string& message) {
    CHECK_THROWS_WITH(g.set_state(bad), message);
    CHECK(g.get_state().equal(good));
  };
  refuses({}, "Generator::set_state: the state must be uint8; got an undefined tensor");
  refuses(good.to(taper::kInt64), "Generator::set_state: the state must be uint8; got Long");
  refuses(good.slice(0, 1), "Generator::set_state: the state must have the 5056 bytes of get_state; got 5055");
  const std::string other = "Generator::set_state: the state must be one that get_state returned; got other bytes";
  refuses(taper::zeros({5056}, taper::kUInt8), other);
  // where PyTorch keeps the draws left (from 1 to 624), a flag, the next word, words of 32 bits, the kept normal's flag
  for (const auto& [byte, value] : std::initializer_list<std::pair<int, int32_t>>{
           {8, 0}, {8, 625}, {8, -1}, {12, 0}, {16, 625}, {20, 1}, {24 + 8 * 600 + 4, 1}, {5040, 2}}) {
    const taper::Tensor bad = good.clone();
    std::memcpy(bad.data_ptr<uint8_t>() + byte, &value, sizeof(value));
    INFO(byte);
    refuses(bad, other);
  }
  taper::Tensor nan = good.clone();
  nan.slice(0, 5024, 5032).fill_(255);  // the kept normal
  refuses(nan, other);
  taper::Tensor no_words = good.clone();
  no_words.slice(0, 24, 24 + 8 * 624).zero_();
  refuses(no_words, other);

  g.set_state(taper::stack({good, good}).t().select(1, 1));  // not row-major
  CHECK(g.get_state().equal(good));
}

TEST_CASE("a copy of a generator is another handle to it, a clone goes its own way") {
  Generator g(3);
  g.random();
  Generator same = g, clone = g.clone();
  CHECK(same == g);
  CHECK_FALSE(clone == g);
  CHECK(clone.get_state().equal(g.get_state()));
  const uint32_t next = same.random();
  CHECK(clone.random() == next);
  CHECK(clone.get_state().equal(g.get_state()));
  CHECK_FALSE(Generator() == Generator());
  auto generator = taper::default_generator();
  taper::manual_seed(5);
  const taper::Tensor state = generator.get_state(), drawn = taper::rand({5});
  generator.set_state(state);
  CHECK(taper::rand({5}).equal(drawn));
}

TEST_CASE("uniform values stay in [from, to) and have mean and variance of the distribution") {
  taper::manual_seed(0);
  for (auto dtype : {taper::kFloat32, taper::kFloat64}) {
    taper::Tensor x = taper::empty({200000}, dtype);
    taper::detail::fill_uniform(x, -2, 4, taper::default_generator());
    CHECK(x.min().item<double>() >= -2);
    CHECK(x.max().item<double>() < 4);
    CHECK(x.mean().item<double>() == Approx(1).margin(0.02));
    CHECK(x.var().item<double>() == Approx(3).margin(0.05));  // (4 - -2)^2 / 12
  }
}

TEST_CASE("normal values have mean, deviation, fourth moment and tails of the distribution") {
  taper::manual_seed(0);
  for (auto dtype : {taper::kFloat32, taper::kFloat64}) {
    const taper::Tensor x = taper::randn({400000}, dtype);
    CHECK(x.mean().item<double>() == Approx(0).margin(0.01));
    CHECK(x.var().item<double>() == Approx(1).margin(0.01));
    CHECK(x.square().square().mean().item<double>() == Approx(3).margin(0.06));
    // P(|x| > 3) = 0.0027
    CHECK((x.abs() > 3).to(dtype).mean().item<double>() == Approx(0.0027).margin(0.0004));
    CHECK(x.isfinite().all().item<bool>());
  }
}

TEST_CASE("bernoulli draws ones with probability p") {
  taper::manual_seed(0);
  taper::Tensor x = taper::empty({100000});
  for (double p : {0.0, 0.1, 0.9, 1.0}) {
    taper::detail::fill_bernoulli(x, p, taper::default_generator());
    CHECK(((x == 0) + (x == 1)).all().item<bool>());
    CHECK(x.mean().item<double>() == Approx(p).margin(0.005));
  }
}

TEST_CASE("randint covers its range and randperm is a permutation") {
  taper::manual_seed(0);
  const taper::Tensor x = taper::randint(-3, 4, {10000});
  CHECK(x.min().item<int64_t>() == -3);
  CHECK(x.max().item<int64_t>() == 3);
  const taper::Tensor p = taper::randperm(1000);
  std::vector<int64_t> values(p.data_ptr<int64_t>(), p.data_ptr<int64_t>() + 1000);
  CHECK(!std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (int64_t i = 0; i < 1000; ++i) REQUIRE(values[static_cast<size_t>(i)] == i);
  CHECK(taper::randperm(0).numel() == 0);
  CHECK(taper::randperm(256, taper::kUInt8).sum().item<int64_t>() == 255 * 128);
  CHECK_THROWS_WITH(taper::randperm(257, taper::kUInt8),
                    "randperm: the dtype must hold all numbers below n; got n = "
                    "257 and Byte");
  CHECK_THROWS_AS(taper::randperm(1 << 15 | 1, taper::kInt16), taper::ValueError);
}

TEST_CASE("filling a view leaves the elements around it alone") {
  taper::manual_seed(0);
  taper::Tensor x = taper::zeros({4, 6});
  taper::detail::fill_normal(x.slice(1, 1, 5, 2), 0, 1, taper::default_generator());
  for (int64_t column = 0; column < 6; ++column) {
    const bool filled = column == 1 || column == 3;
    CHECK((x.select(1, column) != 0).all().item<bool>() == filled);
  }
}

TEST_CASE("geometric_ with a tiny p gives large numbers, multinomial refuses an infinite sum") {
  using namespace taper;
  CHECK((zeros({9}, kFloat64).geometric_(1e-20) > 1e15).all().item<bool>());
  CHECK((zeros({9}, kInt64).geometric_(1e-300) == INT64_MAX).all().item<bool>());
  CHECK_THROWS_AS(multinomial(full({3}, 3e38), 2, true), ValueError);
}

TEST_CASE("parameters outside their domain are errors that show them") {
  auto& g = taper::default_generator();
  taper::Tensor x = taper::zeros({3}), bytes = taper::zeros({3}, taper::kUInt8);
  CHECK_THROWS_WITH(taper::detail::fill_uniform(x, 2, 1, g), ContainsSubstring("from 2 and to 1"));
  CHECK_THROWS_AS(taper::detail::fill_uniform(x, -INFINITY, 0, g), taper::ValueError);
  CHECK_THROWS_AS(taper::detail::fill_uniform(x, NAN, 0, g), taper::ValueError);
  CHECK_THROWS_AS(taper::detail::fill_uniform(x, -3e38, 3e38, g), taper::ValueError);
  CHECK_THROWS_AS(taper::detail::fill_uniform(bytes, 0, 1, g), taper::TypeError);
  CHECK_THROWS_WITH(taper::detail::fill_normal(x, 0, -1, g), ContainsSubstring("got -1"));
  CHECK_THROWS_AS(taper::detail::fill_normal(x, 0, NAN, g), taper::ValueError);
  CHECK_THROWS_WITH(taper::detail::fill_bernoulli(x, 1.5, g), ContainsSubstring("got 1.5"));
  CHECK_THROWS_WITH(taper::detail::fill_randint(x, 5, 5, g), ContainsSubstring("from 5 and to 5"));
  CHECK_THROWS_WITH(taper::detail::fill_randint(bytes, 0, 257, g), ContainsSubstring("Byte"));
  CHECK(x.eq(0).all().item<bool>());
}
