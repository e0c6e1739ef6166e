#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/data/data.h>
#include <taper/serialize/archive.h>

#include "catch.h"

#include <algorithm>

using namespace taper::data::samplers;
using Indices = std::vector<size_t>;

TEST_CASE("SequentialSampler gives every index in order, a short batch at the end, then nothing") {
  SequentialSampler sampler(5);
  CHECK(*sampler.next(2) == Indices{0, 1});
  CHECK(sampler.index() == 2);
  CHECK(*sampler.next(2) == Indices{2, 3});
  CHECK(*sampler.next(2) == Indices{4});
  CHECK(!sampler.next(2));
  sampler.reset();
  CHECK(sampler.index() == 0);
  CHECK(*sampler.next(100) == Indices{0, 1, 2, 3, 4});
  sampler.reset(2);
  CHECK(*sampler.next(100) == Indices{0, 1});
  CHECK(!SequentialSampler(0).next(1));
}

TEST_CASE("RandomSampler gives every index once, in another order each epoch") {
  taper::manual_seed(1);
  RandomSampler sampler(1000);
  Indices epochs[2];
  for (Indices& epoch : epochs) {
    sampler.reset();
    while (auto batch = sampler.next(64)) epoch.insert(epoch.end(), batch->begin(), batch->end());
    CHECK(sampler.index() == 1000);
  }
  CHECK(epochs[0] != epochs[1]);
  for (Indices& epoch : epochs) {
    std::sort(epoch.begin(), epoch.end());
    for (size_t i = 0; i < 1000; ++i) REQUIRE(epoch[i] == i);
  }
}

TEST_CASE("RandomSampler draws randperm: once when it is made, once for each reset") {
  taper::manual_seed(7);
  taper::randperm(20);
  const taper::Tensor expected = taper::randperm(20);
  taper::manual_seed(7);
  RandomSampler sampler(20);
  sampler.reset();
  const Indices order = *sampler.next(20);
  for (size_t i = 0; i < 20; ++i) CHECK(order[i] == static_cast<size_t>(expected.data_ptr<int64_t>()[i]));
}

TEST_CASE("RandomSampler keeps its indices in the dtype asked for, with the same order") {
  taper::manual_seed(3);
  const Indices wide = *RandomSampler(50).next(50);
  taper::manual_seed(3);
  CHECK(*RandomSampler(50, taper::kInt32).next(50) == wide);
  CHECK(RandomSampler(256, taper::kUInt8).next(256)->size() == 256);
  CHECK_THROWS_WITH(RandomSampler(257, taper::kUInt8),
                    "RandomSampler: index_dtype must hold every index; got Byte for 257 samples; use kInt64");
  CHECK_THROWS_AS(RandomSampler(129, taper::kInt8), taper::ValueError);
  CHECK_THROWS_WITH(RandomSampler(3, taper::kFloat), "RandomSampler: index_dtype must be an integer; got Float");
  RandomSampler small(100, taper::kInt8);
  CHECK_THROWS_AS(small.reset(200), taper::ValueError);
  CHECK(small.next(200)->size() == 100);
}

TEST_CASE("RandomSampler: other sizes") {
  RandomSampler sampler(3);
  sampler.reset(7);
  CHECK(sampler.next(100)->size() == 7);
  CHECK(!RandomSampler(0).next(1));
  CHECK_THROWS_AS(RandomSampler(-1), taper::ValueError);
}

TEST_CASE("StreamSampler gives sizes that add up to the epoch") {
  StreamSampler sampler(5);
  CHECK(sampler.next(3)->size() == 3);
  CHECK(*sampler.next(3) == 2);
  CHECK(!sampler.next(3));
  sampler.reset(1);
  CHECK(sampler.next(3)->size() == 1);
}

TEST_CASE("saving a sampler of one's own that has no save says that it cannot") {
  struct Own : Sampler<> {
    void reset(taper::optional<size_t>) override {}
    taper::optional<Indices> next(size_t) override { return taper::nullopt; }
  };
  taper::serialize::OutputArchive archive;
  CHECK_THROWS_AS(Own().save(archive), taper::NotImplementedError);
}
