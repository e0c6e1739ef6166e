#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/data.h>

#include "catch.h"

using namespace taper::data;
using datasets::GivesStacked;
using datasets::LabeledTensorDataset;
using datasets::TensorDataset;
using taper::Tensor;
using taper::data::transforms::Stack;
using Indices = std::vector<size_t>;

TEST_CASE("a dataset of one's own gives batches through get") {
  struct Squares : datasets::Dataset<Squares> {
    Example<> get(size_t i) override {
      const int64_t n = static_cast<int64_t>(i);
      return {taper::tensor(n), taper::tensor(n * n)};
    }
    taper::optional<size_t> size() const override { return 10; }
  };
  const Example<> batch = Squares().map(Stack<>()).get_batch(Indices{3, 4});
  CHECK(taper::equal(batch.data, taper::tensor({3, 4})));
  CHECK(taper::equal(batch.target, taper::tensor({9, 16})));
}

TEST_CASE("an example without a target stands for its data") {
  TensorExample example = taper::ones({2});
  Tensor& data = example;
  const TensorExample& constant = example;
  const Tensor& same = constant;
  CHECK(data.is_same(same));
}

TEST_CASE("TensorDataset: sample i is row i") {
  const Tensor rows = taper::arange(12).view({4, 3});
  TensorDataset dataset(rows);
  CHECK(dataset.size() == 4u);
  CHECK(taper::equal(dataset.get(2), rows[2]));
  CHECK(dataset.get_batch(Indices{1, 3}).size() == 2);
  CHECK(taper::equal(dataset.get_batch(Indices{1, 3})[1].data, rows[3]));
  CHECK(taper::equal(TensorDataset({rows[0], rows[1]}).tensor, rows.slice(0, 0, 2)));
}

TEST_CASE("whole-tensor batches are what stacking the samples gives, for any layout") {
  const Tensor base = taper::rand({6, 4, 5});
  for (const Tensor& rows :
       {base, base.transpose(0, 2), base.slice(0, 1, 6, 2), base.select(1, 2), base.select(1, 0).select(1, 0),
        base.to(taper::kFloat64), taper::zeros({7, 0, 3}), taper::arange(9)}) {
    TensorDataset dataset(rows);
    const Indices indices{2, 0, 2, 1};
    const Tensor fast = dataset.get_stacked(indices).data;
    const Tensor slow = Stack<TensorExample>().apply_batch(dataset.get_batch(indices)).data;
    CHECK(fast.sizes() == slow.sizes());
    CHECK(fast.dtype() == slow.dtype());
    CHECK(taper::equal(fast, slow));
    CHECK(!fast.is_alias_of(rows));
  }
}

TEST_CASE("TensorDataset refuses what is no list of samples") {
  CHECK_THROWS_WITH(TensorDataset({taper::ones({2}), taper::ones({3})}),
                    ContainsSubstring("[2] for sample 0") && ContainsSubstring("[3] for sample 1"));
  CHECK_THROWS_AS(TensorDataset(std::vector<Tensor>{}), taper::ValueError);
  CHECK_THROWS_AS(TensorDataset({taper::ones({2}), Tensor()}), taper::ValueError);
  CHECK_THROWS_AS(TensorDataset(Tensor()), taper::ValueError);
  CHECK_THROWS_WITH(TensorDataset(taper::tensor(1.5)), ContainsSubstring("first dimension"));
}

TEST_CASE("LabeledTensorDataset: rows of two tensors") {
  const Tensor x = taper::rand({5, 3}), y = taper::arange(5);
  LabeledTensorDataset dataset(x, y);
  CHECK(dataset.size() == 5u);
  CHECK(taper::equal(dataset.get(4).data, x[4]));
  CHECK(dataset.get(4).target.item<int64_t>() == 4);
  const Example<> batch = dataset.map(Stack<>()).get_batch(Indices{3, 3, 0});
  CHECK(taper::equal(batch.target, taper::tensor({3, 3, 0})));
  CHECK(taper::equal(batch.data[2], x[0]));
  CHECK_THROWS_WITH(LabeledTensorDataset(x, taper::arange(4)), ContainsSubstring("[5, 3] and [4]"));
  CHECK_THROWS_AS(LabeledTensorDataset(x, Tensor()), taper::ValueError);
}

TEST_CASE("an index out of range is an error on every path") {
  TensorDataset tensors(taper::rand({5, 3}));
  LabeledTensorDataset pairs(taper::rand({5, 3}), taper::arange(5));
  datasets::SynthDigits digits(datasets::SynthDigits::Mode::kTest, 0, 5);
  CHECK_THROWS_WITH(tensors.get(5), ContainsSubstring("got 5 and 5 samples"));
  CHECK_THROWS_AS(tensors.get_stacked(Indices{0, 5}), taper::IndexError);
  CHECK_THROWS_AS(pairs.get(static_cast<size_t>(-1)), taper::IndexError);
  CHECK_THROWS_AS(pairs.get_stacked(Indices{7}), taper::IndexError);
  CHECK_THROWS_AS(digits.get(5), taper::IndexError);
  CHECK_THROWS_AS(digits.get_stacked(Indices{0, 1, 5}), taper::IndexError);
}

TEST_CASE("map chains, on values and temporaries, and shows what it holds") {
  TensorDataset dataset(taper::ones({4, 2}));
  auto doubled = dataset.map(transforms::TensorLambda<void>([](Tensor x) { return x + x; }));
  auto stacked = TensorDataset(taper::ones({4, 2}))
                     .map(transforms::TensorLambda<void>([](Tensor x) { return x + x; }))
                     .map(Stack<TensorExample>());
  CHECK(doubled.size() == 4u);
  CHECK(stacked.size() == 4u);
  CHECK(doubled.dataset().tensor.is_same(dataset.tensor));
  CHECK(taper::equal(doubled.get_batch(Indices{1})[0].data, taper::full({2}, 2.)));
  CHECK(taper::equal(stacked.get_batch(Indices{1}).data, taper::full({1, 2}, 2.)));
}

namespace {

struct CountingGets : TensorDataset {
  using TensorDataset::TensorDataset;
  TensorExample get(size_t) override { return taper::zeros({2}); }
};
struct MyNormalize : transforms::Normalize<void> {
  using Normalize::Normalize;
  Tensor operator()(Tensor input) override { return input * 0; }
};

template <class D, class T>
using Mapped = datasets::MapDataset<D, T>;

static_assert(GivesStacked<TensorDataset>);
static_assert(GivesStacked<datasets::MNIST>);
static_assert(GivesStacked<datasets::SynthDigits>);
static_assert(GivesStacked<Mapped<datasets::MNIST, transforms::Normalize<>>>);
static_assert(GivesStacked<Mapped<Mapped<datasets::MNIST, transforms::RandomAffine<>>, transforms::Normalize<>>>);
static_assert(!GivesStacked<Mapped<datasets::MNIST, transforms::TensorLambda<>>>);
static_assert(!GivesStacked<CountingGets>);
static_assert(!GivesStacked<Mapped<TensorDataset, MyNormalize>>);
static_assert(transforms::TakesStacked<Stack<>> && transforms::TakesStacked<Stack<TensorExample>>);
static_assert(!transforms::Reseedable<Mapped<datasets::MNIST, transforms::Normalize<>>>);
static_assert(
    transforms::Reseedable<Mapped<Mapped<datasets::MNIST, transforms::RandomShift<>>, transforms::Normalize<>>>);

}  // namespace

TEST_CASE("the short cut does not pass by an override in a derived class") {
  const Tensor one = taper::ones({3, 2});
  const auto sum = [](auto mapped) { return mapped.get_batch(Indices{0, 1}).data.sum().template item<float>(); };
  CHECK(sum(datasets::map(TensorDataset(one), Stack<TensorExample>())) == 4);
  CHECK(sum(datasets::map(CountingGets(one), Stack<TensorExample>())) == 0);
  CHECK(sum(TensorDataset(one).map(MyNormalize(0., 1.)).map(Stack<TensorExample>())) == 0);
}
