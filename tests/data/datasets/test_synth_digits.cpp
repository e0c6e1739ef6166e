#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/data.h>

#include "catch.h"

using namespace taper::data;
using datasets::SynthDigits;
using Mode = datasets::SynthDigits::Mode;

TEST_CASE("SynthDigits has the shape and interface of MNIST") {
  static_assert(std::is_same_v<Mode, datasets::MNIST::Mode>);
  SynthDigits dataset(Mode::kTest);
  CHECK(dataset.size() == 10000u);
  CHECK(!dataset.is_train());
  CHECK(dataset.images().sizes() == taper::IntArrayRef({10000, 1, 28, 28}));
  CHECK(dataset.images().dtype() == taper::kFloat32);
  CHECK(dataset.targets().sizes() == taper::IntArrayRef({10000}));
  CHECK(dataset.targets().dtype() == taper::kInt64);
  CHECK(dataset.images().min().item<float>() == 0);
  CHECK(dataset.images().max().item<float>() == 1);
  CHECK(taper::equal(taper::one_hot(dataset.targets(), 10).sum(0), taper::full({10}, 1000)));
  CHECK(dataset.get(3).data.sizes() == taper::IntArrayRef({1, 28, 28}));
}

TEST_CASE("SynthDigits: the same seed gives the same images, another seed or split others, a count the first ones") {
  const SynthDigits a(Mode::kTrain, 1, 50), b(Mode::kTrain, 1, 50), c(Mode::kTrain, 2, 50), d(Mode::kTest, 1, 50),
      e(Mode::kTrain, 1, 20);
  CHECK(taper::equal(a.images(), b.images()));
  CHECK(taper::equal(a.targets(), b.targets()));
  CHECK(!taper::equal(a.images(), c.images()));
  CHECK(!taper::equal(a.images(), d.images()));
  CHECK(taper::equal(a.images().slice(0, 0, 20), e.images()));
}

TEST_CASE("SynthDigits refuses a count of nothing and of more than memory could hold") {
  CHECK_THROWS_AS(SynthDigits(Mode::kTrain, 0, 0), taper::ValueError);
  CHECK_THROWS_AS(SynthDigits(Mode::kTrain, 0, static_cast<size_t>(-1)), taper::ValueError);
}
