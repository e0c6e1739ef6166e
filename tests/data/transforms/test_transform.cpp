#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/data/data.h>

#include "catch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

using namespace taper::data;
using namespace taper::data::transforms;
using taper::Tensor;
using taper::data::datasets::LabeledTensorDataset;
using taper::data::datasets::TensorDataset;
using Indices = std::vector<size_t>;

namespace {

// The same transforms through single samples: a lambda that does nothing closes the whole-tensor short cut.
template <class D>
auto slowly(D dataset) {
  return dataset.map(Lambda<TensorExample>([](TensorExample e) { return e; }));
}

Tensor stacked(auto dataset, const Indices& indices) {
  return dataset.map(Stack<TensorExample>()).get_batch(indices).data;
}

}  // namespace

TEST_CASE("Stack puts the samples into one tensor and refuses different sizes") {
  const Example<> a{taper::ones({2}), taper::tensor(1)}, b{taper::zeros({2}), taper::tensor(2)},
      c{taper::ones({3}), taper::tensor(3)};
  const Example<> batch = Stack<>().apply_batch({a, b});
  CHECK(taper::equal(batch.data, taper::tensor({{1., 1.}, {0., 0.}})));
  CHECK(taper::equal(batch.target, taper::tensor({1, 2})));
  CHECK_THROWS_WITH(Stack<>().apply_batch({a, c}),
                    ContainsSubstring("data") && ContainsSubstring("[2]") && ContainsSubstring("[3]"));
  CHECK_THROWS_WITH(Stack<>().apply_batch({a, Example<>{taper::ones({2}), Tensor()}}), ContainsSubstring("target"));
}

TEST_CASE("Lambda, BatchLambda, TensorLambda and Collate call the function") {
  const LabeledTensorDataset source(taper::ones({3, 2}), taper::arange(3));
  auto dataset = LabeledTensorDataset(source)
                     .map(Lambda<Example<>>([](Example<> e) { return Example<>(e.data * 3, e.target); }))
                     .map(TensorLambda<>([](Tensor x) { return x + 1; }))
                     .map(BatchLambda<std::vector<Example<>>>([](std::vector<Example<>> batch) {
                       batch.pop_back();
                       return batch;
                     }))
                     .map(Lambda<Example<>, float>([](Example<> e) { return e.data.sum().item<float>(); }))
                     .map(Collate<float>(
                         [](std::vector<float> batch) { return batch.front() * static_cast<float>(batch.size()); }));
  CHECK(dataset.get_batch(Indices{0, 1, 2}) == 16.f);
}

TEST_CASE("Normalize: (x - mean) / stddev, one for all or one a channel") {
  const Tensor image = taper::rand({2, 3, 4});
  CHECK(taper::allclose(Normalize<>(0.5, 0.25)(image), (image - 0.5) / 0.25));
  const Tensor y = Normalize<>({0.5, 0.1}, {0.25, 2.})(image);
  CHECK(taper::allclose(y[0], (image[0] - 0.5) / 0.25));
  CHECK(taper::allclose(y[1], (image[1] - 0.1) / 2));
}

TEST_CASE("Normalize refuses what it cannot divide by") {
  CHECK_THROWS_AS(Normalize<>(0.5, 0.), taper::ValueError);
  CHECK_THROWS_AS(Normalize<>(std::nan(""), 1.), taper::ValueError);
  CHECK_THROWS_AS(Normalize<>(0., std::numeric_limits<double>::infinity()), taper::ValueError);
  CHECK_THROWS_WITH(Normalize<>({0., 0.}, {1., 1., 1.}), ContainsSubstring("2 means and 3 stddevs"));
  CHECK_THROWS_AS(Normalize<>(taper::ArrayRef<double>(), 1.), taper::ValueError);
}

TEST_CASE("Normalize of whole tensors is what it is for single samples, for samples of any rank") {
  for (const Tensor& rows : {taper::rand({5}), taper::rand({5, 3}), taper::rand({5, 4, 3}), taper::rand({5, 2, 4, 3}),
                             taper::rand({5, 2, 2, 4, 3}), taper::randint(9, {5, 2, 3, 3})}) {
    CAPTURE(rows.dim());
    const TensorDataset dataset(rows);
    const Indices indices{4, 0, 0};
    const Normalize<void> normalize({0.5, 0.1}, {0.25, 2.});
    const Tensor fast = stacked(TensorDataset(dataset).map(normalize), indices);
    const Tensor slow = stacked(slowly(TensorDataset(dataset).map(normalize)), indices);
    CHECK(fast.sizes() == slow.sizes());
    CHECK(taper::equal(fast, slow));
  }
}

TEST_CASE("RandomShift moves by whole pixels and fills with zeros") {
  taper::manual_seed(1);
  // A single bright pixel shows where everything went.
  Tensor image = taper::zeros({2, 9, 11});
  image.select(1, 4).select(1, 5).fill_(3.);
  RandomShift<> shift(2);
  std::set<std::pair<int64_t, int64_t>> moves;
  for (int i = 0; i < 500; ++i) {
    const Tensor moved = shift(image);
    REQUIRE(moved.sizes() == image.sizes());
    REQUIRE(moved.sum().item<float>() == 6.f);
    REQUIRE(taper::equal(moved[0], moved[1]));
    const int64_t at = moved[0].argmax().item<int64_t>();
    moves.emplace(at / 11 - 4, at % 11 - 5);
  }
  CHECK(moves.size() == 25);
  for (auto [dy, dx] : moves) CHECK((std::abs(dy) <= 2 && std::abs(dx) <= 2));
}

TEST_CASE("RandomShift out of the picture leaves zeros; by 0 it changes nothing") {
  taper::manual_seed(1);
  const Tensor image = taper::rand({1, 3, 3});
  CHECK(taper::equal(RandomShift<>(0)(image), image));
  RandomShift<> far(1'000'000);
  for (int i = 0; i < 20; ++i) CHECK(far(image).abs().sum().item<float>() == 0);
  CHECK_THROWS_AS(RandomShift<>(-1), taper::ValueError);
}

TEST_CASE("flips exchange columns or rows, with the probability asked for") {
  taper::manual_seed(1);
  const Tensor image = taper::arange(24, taper::kFloat32).view({2, 3, 4});
  CHECK(taper::equal(RandomHorizontalFlip<>(1)(image), image.index_select(2, taper::tensor({3, 2, 1, 0}))));
  CHECK(taper::equal(RandomVerticalFlip<>(1)(image), image.index_select(1, taper::tensor({2, 1, 0}))));
  CHECK(taper::equal(RandomHorizontalFlip<>(0)(image), image));
  RandomHorizontalFlip<> flip(0.3);
  int flipped = 0;
  for (int i = 0; i < 2000; ++i) flipped += !taper::equal(flip(image), image);
  CHECK(std::abs(flipped - 600) < 100);  // five standard deviations
  CHECK_THROWS_WITH(RandomHorizontalFlip<>(1.5), "RandomHorizontalFlip: p must be from 0 to 1; got 1.5");
  CHECK_THROWS_AS(RandomVerticalFlip<>(std::nan("")), taper::ValueError);
}

TEST_CASE("RandomCrop takes a piece of the padded image, every one as likely") {
  taper::manual_seed(1);
  const Tensor image = taper::rand({2, 5, 4}) + 1;
  Tensor padded = taper::zeros({2, 9, 8});
  padded.slice(1, 2, 7).slice(2, 2, 6).copy_(image);
  RandomCrop<> crop({4, 6}, 2);
  std::map<std::pair<int64_t, int64_t>, int> places;
  for (int i = 0; i < 1800; ++i) {
    const Tensor piece = crop(image);
    REQUIRE(piece.sizes() == taper::IntArrayRef({2, 4, 6}));
    for (int64_t y = 0; y <= 5; ++y) {
      for (int64_t x = 0; x <= 2; ++x) {
        places[{y, x}] += taper::equal(piece, padded.slice(1, y, y + 4).slice(2, x, x + 6));
      }
    }
  }
  int total = 0;
  for (const auto& [place, count] : places) {
    CHECK(std::abs(count - 100) < 50);
    total += count;
  }
  CHECK(total == 1800);
  CHECK(taper::equal(RandomCrop<>({5, 4})(image), image));
}

TEST_CASE("RandomCrop refuses what cannot be cropped") {
  CHECK_THROWS_WITH(RandomCrop<>({6, 4}, 1)(taper::zeros({1, 3, 9})),
                    "RandomCrop: the image must be at least 6 x 4 with padding 1 on each side; got 3 x 9; pad more or "
                    "crop less");
  CHECK_THROWS_AS(RandomCrop<>({0, 4}), taper::ValueError);
  CHECK_THROWS_AS(RandomCrop<>({4, 4}, -1), taper::ValueError);
  CHECK(taper::equal(RandomCrop<>({2, 2}, 1)(taper::zeros({3, 0, 4})), taper::zeros({3, 2, 2})));
}

TEST_CASE("RandomAffine with nothing to do is the identity; bilinear values lie within the image's") {
  taper::manual_seed(4);
  const Tensor image = taper::rand({3, 12, 10}) + 1;
  CHECK(taper::allclose(RandomAffine<>(0)(image), image));
  RandomAffine<> strong(180, 0.5, {0.3, 3}, 45);
  for (int i = 0; i < 50; ++i) {
    const Tensor y = strong(image);
    CHECK(y.sizes() == image.sizes());
    CHECK(y.max().item<float>() <= image.max().item<float>() + 1e-5f);
    CHECK(y.min().item<float>() >= 0);
  }
}

TEST_CASE("RandomAffine: rotation, scale and shear keep the middle, scale 2 doubles distances") {
  taper::manual_seed(4);
  Tensor image = taper::zeros({1, 21, 21});
  image[0][10][10].fill_(1.);
  RandomAffine<> turn(180, 0, {0.5, 2}, 30);
  for (int i = 0; i < 20; ++i) CHECK(turn(image)[0][10][10].item<float>() == Approx(1).margin(1e-5));

  Tensor points = taper::zeros({1, 21, 21});
  points[0][10][14].fill_(1.);
  const Tensor wide = RandomAffine<>(0, 0, {2, 2})(points);
  CHECK(wide[0][10][18].item<float>() == Approx(1).margin(1e-5));
  CHECK(wide[0][10][17].item<float>() == Approx(0.5).margin(1e-5));
  CHECK(wide[0][10][14].item<float>() == Approx(0).margin(1e-5));
}

TEST_CASE("RandomAffine: a rotation keeps the distance from the middle") {
  taper::manual_seed(9);
  Tensor image = taper::zeros({1, 41, 41});
  image[0][20][32].fill_(1.);
  RandomAffine<> turn(180);
  double lowest = 0, highest = 0;
  for (int i = 0; i < 200; ++i) {
    const Tensor y = turn(image)[0];
    double weight = 0, cx = 0, cy = 0;
    for (int64_t r = 0; r < 41; ++r) {
      for (int64_t c = 0; c < 41; ++c) {
        const double v = y.data_ptr<float>()[r * 41 + c];
        weight += v;
        cx += v * static_cast<double>(c - 20);
        cy += v * static_cast<double>(r - 20);
      }
    }
    REQUIRE(weight > 0.5);
    REQUIRE(std::hypot(cx, cy) / weight == Approx(12).margin(0.3));
    lowest = std::min(lowest, cy / weight);
    highest = std::max(highest, cy / weight);
  }
  CHECK(lowest < -11);
  CHECK(highest > 11);
}

TEST_CASE("random images of whole tensors are what they are for single samples") {
  const TensorDataset images(taper::rand({6, 2, 8, 5}));
  const Indices indices{5, 1, 1, 0};
  const auto run = [&](auto dataset) {
    dataset.reseed(42);
    return dataset.get_batch(indices).data;
  };
  const auto chain = [&] {
    return TensorDataset(images)
        .map(RandomShift<void>(2))
        .map(RandomAffine<void>(30, 0.1, {0.7, 1.5}, 5))
        .map(RandomCrop<void>({7, 6}, 1))
        .map(RandomHorizontalFlip<void>())
        .map(RandomVerticalFlip<void>());
  };
  const Tensor fast = run(chain().map(Stack<TensorExample>()));
  const Tensor slow = run(slowly(chain()).map(Stack<TensorExample>()));
  CHECK(taper::equal(fast, slow));
  CHECK(!taper::equal(fast[1], fast[2]));  // the same sample twice in a batch is changed twice
}

TEST_CASE("random images without a loader follow the default generator") {
  const Tensor image = taper::rand({1, 8, 8});
  RandomAffine<> affine(30);
  taper::manual_seed(8);
  const Tensor a = affine(image), b = affine(image);
  taper::manual_seed(8);
  CHECK(taper::equal(affine(image), a));
  CHECK(taper::equal(affine(image), b));
  CHECK(!taper::equal(a, b));
}

TEST_CASE("random images: dtypes, layouts and sizes") {
  taper::manual_seed(1);
  RandomAffine<> affine(10);
  RandomShift<> shift(1);
  CHECK(affine(taper::rand({4, 4}, taper::kFloat64)).dtype() == taper::kFloat64);
  CHECK(affine(taper::rand({2, 3, 4, 5})).sizes() == taper::IntArrayRef({2, 3, 4, 5}));
  CHECK(shift(taper::zeros({1, 0, 5})).sizes() == taper::IntArrayRef({1, 0, 5}));
  const Tensor image = taper::rand({1, 6, 4});
  taper::manual_seed(3);
  const Tensor expected = affine(image.transpose(1, 2).contiguous());
  taper::manual_seed(3);
  CHECK(taper::equal(affine(image.transpose(1, 2)), expected));
  CHECK_THROWS_WITH(affine(taper::rand({5})), ContainsSubstring("[..., height, width]"));
  CHECK_THROWS_AS(shift(taper::zeros({1, 4, 4}, taper::kUInt8)), taper::TypeError);
}

TEST_CASE("RandomAffine refuses bounds outside its range") {
  CHECK_THROWS_AS(RandomAffine<>(-1), taper::ValueError);
  CHECK_THROWS_AS(RandomAffine<>(std::nan("")), taper::ValueError);
  CHECK_THROWS_AS(RandomAffine<>(0, 2), taper::ValueError);
  CHECK_THROWS_AS(RandomAffine<>(0, 0, {0, 1}), taper::ValueError);
  CHECK_THROWS_AS(RandomAffine<>(0, 0, {2, 1}), taper::ValueError);
  CHECK_THROWS_AS(RandomAffine<>(0, 0, {1, 1}, 90), taper::ValueError);
}
