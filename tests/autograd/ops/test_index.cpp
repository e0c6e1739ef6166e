#include "catch.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/indexing.h>
#include <taper/core/random.h>

#include <functional>

using namespace taper;
using namespace taper::indexing;
using namespace support;

namespace {

using Sizes = std::vector<int64_t>;
// 0, 1, 2, ... in the given sizes: each value is its own address.
Tensor counting(const Sizes& sizes, ScalarType dtype = kFloat32) {
  int64_t n = 1;
  for (int64_t s : sizes) n *= s;
  return arange(n, dtype).reshape(sizes);
}
double at(const Tensor& t, const Sizes& place) {
  int64_t offset = 0;
  for (size_t d = 0; d < place.size(); ++d) offset += place[d] * t.stride(static_cast<int64_t>(d));
  return dispatch(t.dtype(), [&](auto zero) { return static_cast<double>(t.data_ptr<decltype(zero)>()[offset]); });
}

}  // namespace

TEST_CASE("ArrayRef: what lies outside of the list is an error") {
  const std::vector<int64_t> list = {1, 2, 3};
  const taper::IntArrayRef view = list;
  CHECK(view.slice(1).vec() == std::vector<int64_t>{2, 3});
  CHECK(view.slice(3).empty());
  CHECK(view.slice(1, 1).vec() == std::vector<int64_t>{2});
  CHECK_THROWS_AS(view.slice(4), taper::IndexError);
  CHECK_THROWS_AS(view.slice(size_t(-1), 2), taper::IndexError);
  CHECK_THROWS_WITH(view.slice(1, 3), "ArrayRef: a slice must lie within the list; got 3 values from 1 on of 3");
}

TEST_CASE("index with numbers, slices, None and ... makes views") {
  const Tensor x = counting({2, 3, 4});
  CHECK(values(x.index({1, 2, 3})) == Values{23});
  CHECK(x.index({1}).sizes().vec() == Sizes{3, 4});
  CHECK(values(x.index({-1, Slice(), 0})) == Values{12, 16, 20});
  CHECK(values(x.index({0, Slice(1, None), Slice(None, None, 2)})) == Values{4, 6, 8, 10});
  CHECK(x.index({"...", 0}).sizes().vec() == Sizes{2, 3});
  CHECK(x.index({Ellipsis, None, 0}).sizes().vec() == Sizes{2, 3, 1});
  CHECK(x.index({None, 0, "...", Slice(-2, None)}).sizes().vec() == Sizes{1, 3, 2});
  CHECK(x.index({Slice(5, 9)}).sizes().vec() == Sizes{0, 3, 4});
  CHECK(x.index({1}).is_alias_of(x));
  CHECK(x.index({"..."}).sizes().vec() == Sizes{2, 3, 4});
  CHECK_FALSE(x.index({"..."}).is_same(x));
  CHECK(scalar_tensor(1.0).index({None}).sizes().vec() == Sizes{1});
}

TEST_CASE("index with integer tensors: broadcast, negative, together or apart") {
  const Tensor x = counting({3, 4, 5});
  const Tensor i = tensor({0, -1, 1}), j = tensor({{3}, {0}});
  CHECK(values(x.index({i, 0, 0})) == Values{0, 40, 20});
  CHECK(x.index({i}).sizes().vec() == Sizes{3, 4, 5});
  CHECK(x.index({Slice(), i}).sizes().vec() == Sizes{3, 3, 5});
  CHECK(at(x.index({Slice(), i}), {2, 1, 4}) == 2 * 20 + 3 * 5 + 4);
  CHECK(x.index({i, j}).sizes().vec() == Sizes{2, 3, 5});
  CHECK(at(x.index({i, j}), {0, 1, 2}) == 2 * 20 + 3 * 5 + 2);
  CHECK(x.index({Slice(), i, j}).sizes().vec() == Sizes{3, 2, 3});
  // apart: the index dims come first, as in PyTorch
  CHECK(x.index({i, Slice(), j}).sizes().vec() == Sizes{2, 3, 4});
  CHECK(at(x.index({i, Slice(), j}), {1, 2, 3}) == 1 * 20 + 3 * 5 + 0);
  CHECK(x.index({i, None, j}).sizes().vec() == Sizes{2, 3, 1, 5});
  // a zero-dim tensor is a number
  CHECK(values(x.index({tensor(2), tensor(-1), 4})) == Values{59});
  CHECK(values(x[tensor({1, 1})].index({Slice(), 0, 0})) == Values{20, 20});
  // not row-major; int32 indices; every element size
  CHECK(values(x.permute({2, 0, 1}).index({tensor({4, 0}).to(kInt32), 1})) == Values{24, 29, 34, 39, 20, 25, 30, 35});
  for (ScalarType dtype : {kUInt8, kInt16, kInt64, kFloat64, kBool}) {
    CHECK(values(counting({4}, kInt64).to(dtype).index({tensor({3, 0})})) == Values{dtype == kBool ? 1. : 3., 0});
  }
  CHECK(x.index({zeros({0}, kInt64)}).sizes().vec() == Sizes{0, 4, 5});
  CHECK(x.index({zeros({2, 0}, kInt64), i.narrow(0, 0, 1)}).sizes().vec() == Sizes{2, 0, 5});
}

TEST_CASE("index with masks") {
  const Tensor x = counting({2, 3});
  CHECK(values(x.index({x > 2})) == Values{3, 4, 5});
  CHECK(values(x.index({tensor({false, true})})) == Values{3, 4, 5});
  CHECK(values(x.index({Slice(), tensor({true, false, true})})) == Values{0, 2, 3, 5});
  CHECK(values(x.index({tensor({true, true}), tensor({2, 0})})) == Values{2, 3});
  CHECK(x.index({x > 100}).sizes().vec() == Sizes{0});
  CHECK(x.index({true}).sizes().vec() == Sizes{1, 2, 3});
  CHECK(x.index({false}).sizes().vec() == Sizes{0, 2, 3});
  CHECK(x.index({tensor(true)}).sizes().vec() == Sizes{1, 2, 3});
  CHECK(values(masked_select(x, x.select(0, 0) == 1)) == Values{1, 4});
  CHECK(values(masked_select(scalar_tensor(5.0), tensor({true, false, true}))) == Values{5, 5});
  CHECK(values(masked_select(scalar_tensor(5.0), tensor(true))) == Values{5});
}

TEST_CASE("index_put_ writes what index reads, and nothing else") {
  const auto put = [](std::vector<TensorIndex> where, const Tensor& value, bool accumulate = false) {
    Tensor x = zeros({3, 4});
    x.index_put_(ArrayRef<TensorIndex>(where), value, accumulate);
    return values(x);
  };
  const Tensor one = scalar_tensor(1.0);
  CHECK(put({1, 2}, one) == Values{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0});
  CHECK(put({Slice(), 0}, tensor({1., 2., 3.})) == Values{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0});
  CHECK(put({tensor({0, 2}), tensor({1, -1})}, tensor({5., 6.})) == Values{0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6});
  CHECK(put({tensor({0, 0}), 3}, tensor({5., 6.}), true) == Values{0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(put({tensor({0, 0}), 3}, tensor({5., 6.})) ==
        Values{0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0});  // the last one stays
  CHECK(put({Slice(1, None), tensor({1, 3})}, ones({1, 1, 2})) == Values{0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1});
  CHECK(put({1}, ones({1, 1, 4}), true) == Values{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0});

  Tensor x = counting({2, 3});
  x.index_put_({x > 3}, -1);
  CHECK(values(x) == Values{0, 1, 2, 3, -1, -1});
  Tensor base = counting({3, 2}), view = base.t();
  view.index_put_({tensor({0}), tensor({2})}, 9);
  CHECK(values(base) == Values{0, 1, 2, 3, 9, 5});
  Tensor y = zeros({2});
  CHECK_THROWS_AS(y.index_put_({tensor({0, 5})}, 1), IndexError);
  CHECK(values(y) == Values{0, 0});  // a bad index writes nothing
  CHECK_THROWS_AS(y.index_put_({tensor({0})}, zeros({1}, kInt64)), TypeError);
}

TEST_CASE("index_select, gather, scatter_add and index_add agree with loops, for any dim and strides") {
  manual_seed(1);
  const Tensor base = randn({4, 5, 6}, kFloat64);
  for (const Tensor& x : {base, base.permute({2, 0, 1}), base.slice(2, 0, 6, 2)}) {
    for (int64_t dim = 0; dim < 3; ++dim) {
      const Tensor list = randint(0, x.size(dim), {7});
      const Tensor selected = x.index_select(dim - 3, list);
      Sizes sizes = x.sizes().vec();
      sizes[static_cast<size_t>(dim)] = 7;
      const Tensor index = randint(0, x.size(dim), sizes).transpose(0, 1).contiguous().transpose(0, 1);
      const Tensor gathered = x.gather(dim, index),
                   source = randn(sizes, kFloat64).transpose(1, 2).contiguous().transpose(1, 2);
      Tensor scattered = x.scatter_add(dim, index, source), added = x.index_add(dim, list, source);
      Tensor want_scattered = x.clone(), want_added = x.clone();
      for (int64_t i = 0; i < sizes[0]; ++i) {
        for (int64_t j = 0; j < sizes[1]; ++j) {
          for (int64_t k = 0; k < sizes[2]; ++k) {
            Sizes place{i, j, k}, from = place, to = place;
            from[static_cast<size_t>(dim)] = static_cast<int64_t>(at(list, {place[static_cast<size_t>(dim)]}));
            to[static_cast<size_t>(dim)] = static_cast<int64_t>(at(index, place));
            CHECK(at(selected, place) == at(x, from));
            CHECK(at(gathered, place) == at(x, to));
            const auto bump = [&](Tensor& t, const Sizes& p) {
              t.data_ptr<double>()[p[0] * t.stride(0) + p[1] * t.stride(1) + p[2] * t.stride(2)] += at(source, place);
            };
            bump(want_scattered, to);
            bump(want_added, from);
          }
        }
      }
      CHECK((scattered - want_scattered).abs().max().item<double>() < 1e-14);
      CHECK((added - want_added).abs().max().item<double>() < 1e-14);
    }
  }
  // an index smaller than the source and the tensor takes part of them
  const Tensor part = zeros({3, 3}).scatter_add(0, tensor({{2, 2}}), ones({2, 3}));
  CHECK(values(part) == Values{0, 0, 0, 0, 0, 0, 1, 1, 0});
  CHECK(values(counting({3, 3}).gather(1, tensor({{2}, {0}}))) == Values{2, 3});
  CHECK(counting({3}).gather(0, zeros({0}, kInt64)).numel() == 0);
  CHECK(scalar_tensor(4.0).gather(0, tensor({0, 0})).sizes().vec() == Sizes{2});
  CHECK(values(counting({4}).index_select(0, tensor(2))) == Values{2});
  CHECK(counting({4, 2}).index_select(0, zeros({0}, kInt64)).sizes().vec() == Sizes{0, 2});
}

TEST_CASE("masked_fill, nonzero and one_hot") {
  const Tensor x = counting({2, 3});
  CHECK(values(x.masked_fill(x == 1, -1)) == Values{0, -1, 2, 3, 4, 5});
  CHECK(values(x.masked_fill(tensor({{true}, {false}}), 7)) == Values{7, 7, 7, 3, 4, 5});
  CHECK(x.masked_fill(ones({4, 1, 1}, kBool), 7).sizes().vec() == Sizes{4, 2, 3});
  CHECK(counting({3}, kInt64).masked_fill(tensor({true, false, false}), 9).dtype() == kInt64);
  CHECK_THROWS_AS(x.masked_fill(ones({2, 3}), 1), TypeError);
  Tensor y = counting({2, 3});
  y.masked_fill_(tensor({true, false, true}), 9);
  CHECK(values(y) == Values{9, 1, 9, 9, 4, 9});
  CHECK(y._version() == 1);
  CHECK_THROWS_AS(y.masked_fill_(ones({4, 1, 1}, kBool), 7), Error);

  CHECK(values(nonzero(tensor({{0., 2.}, {3., 0.}}))) == Values{0, 1, 1, 0});
  CHECK(nonzero(tensor({{0., 2.}, {3., 0.}})).sizes().vec() == Sizes{2, 2});
  CHECK(nonzero(scalar_tensor(3.0)).sizes().vec() == Sizes{1, 0});
  CHECK(nonzero(zeros({0, 3})).sizes().vec() == Sizes{0, 2});

  CHECK(values(one_hot(tensor({2, 0}))) == Values{0, 0, 1, 1, 0, 0});
  CHECK(one_hot(tensor({{1}}), 4).sizes().vec() == Sizes{1, 1, 4});
  CHECK_THROWS_AS(one_hot(tensor({4}), 4), ValueError);
  CHECK_THROWS_AS(one_hot(tensor({-1})), ValueError);
  CHECK_THROWS_AS(one_hot(zeros({0}, kInt64)), Error);
  CHECK_THROWS_AS(one_hot(zeros({1})), TypeError);
}

TEST_CASE("cat, stack, chunk, split, unbind and broadcast_tensors") {
  const Tensor a = counting({2, 3}), b = counting({2, 1}) + 10;
  CHECK(values(cat({a, b}, 1)) == Values{0, 1, 2, 10, 3, 4, 5, 11});
  CHECK(values(cat({a, a.slice(0, 1, 2)}, -2)) == Values{0, 1, 2, 3, 4, 5, 3, 4, 5});
  CHECK(values(cat({a.t(), b.t().expand({3, 2})}, 0)).size() == 12);
  CHECK(cat({zeros({0}), a}).sizes().vec() == Sizes{2, 3});  // an empty vector joins anything
  CHECK(cat({zeros({0, 3}), a}).sizes().vec() == Sizes{2, 3});
  CHECK(cat({tensor({1, 2}), tensor({0.5})}).dtype() == kFloat32);
  CHECK(values(cat({tensor({1, 2}), tensor({0.5})})) == Values{1, 2, 0.5});
  CHECK_THROWS_WITH(cat({a, b}, 0),
                    ContainsSubstring("cat") && ContainsSubstring("[2, 3]") && ContainsSubstring("[2, 1]"));
  CHECK_THROWS_AS(cat({scalar_tensor(1.0)}), Error);
  CHECK_THROWS_AS(cat(TensorList()), Error);
  CHECK_THROWS_AS(cat({a, a}, 2), IndexError);

  CHECK(stack({a, a}, 1).sizes().vec() == Sizes{2, 2, 3});
  CHECK(values(stack({tensor({1., 2.}), tensor({3., 4.})}, -1)) == Values{1, 3, 2, 4});
  CHECK(values(stack({scalar_tensor(1.0), scalar_tensor(2.0)})) == Values{1, 2});
  CHECK_THROWS_WITH(stack({a, b}), ContainsSubstring("[2, 3]") && ContainsSubstring("[2, 1]"));

  const auto sizes = [](const std::vector<Tensor>& parts, int64_t dim) {
    Sizes result;
    for (const Tensor& p : parts) result.push_back(p.size(dim));
    return result;
  };
  const Tensor x = counting({7, 2});
  CHECK(sizes(x.chunk(3), 0) == Sizes{3, 3, 1});
  CHECK(sizes(x.chunk(9), 0) == Sizes{1, 1, 1, 1, 1, 1, 1});
  CHECK(sizes(x.split(4), 0) == Sizes{4, 3});
  CHECK(sizes(x.split({2, 5}), 0) == Sizes{2, 5});
  CHECK(sizes(x.split(1, -1), 1) == Sizes{1, 1});
  CHECK(sizes(zeros({0, 2}).chunk(3), 0) == Sizes{0, 0, 0});
  CHECK(x.chunk(2)[1].is_alias_of(x));
  CHECK(values(x.unbind(1)[1]) == Values{1, 3, 5, 7, 9, 11, 13});
  CHECK_THROWS_AS(x.split({2, 4}), ValueError);
  CHECK_THROWS_AS(x.split(0), ValueError);
  CHECK_THROWS_AS(x.chunk(0), ValueError);
  CHECK(broadcast_tensors({zeros({3, 1}), zeros({4})})[0].sizes().vec() == Sizes{3, 4});
}

TEST_CASE("indices out of range: an IndexError with index, dimension and size, and nothing written") {
  const Tensor x = counting({3, 4});
  const auto check = [](const std::function<Tensor()>& f, int64_t index, int64_t dim, int64_t size) {
    std::string message;
    try {
      f();
    } catch (const IndexError& error) {
      message = error.what();
    }
    const std::string wanted =
        "index " + std::to_string(index) + " for dimension " + std::to_string(dim) + " of size " + std::to_string(size);
    CHECK_THAT(message, ContainsSubstring(wanted));
  };
  check([&] { return x.index({tensor({0, 3})}); }, 3, 0, 3);
  check([&] { return x.index({Slice(), tensor({-5})}); }, -5, 1, 4);
  check([&] { return x.index_select(1, tensor({4})); }, 4, 1, 4);
  check([&] { return x.index_select(0, tensor({-1})); }, -1, 0, 3);
  check([&] { return x.gather(1, tensor({{-1}})); }, -1, 1, 4);
  check([&] { return x.scatter_add(0, tensor({{3}}), ones({1, 1})); }, 3, 0, 3);
  check([&] { return x.index_add(0, tensor({3}), ones({1, 4})); }, 3, 0, 3);
  CHECK_THROWS_AS(x.index({3}), IndexError);
  CHECK_THROWS_AS(x.index({0, 0, 0}), IndexError);
  CHECK_THROWS_AS(x.index({"...", "..."}), IndexError);
  CHECK_THROWS_AS(x.index({"abc"}), ValueError);
  CHECK_THROWS_AS(x.index({ones({2})}), IndexError);
  CHECK_THROWS_WITH(x.index({tensor({true, false})}), ContainsSubstring("[2]") && ContainsSubstring("[3, 4]"));
  CHECK_THROWS_WITH(x.index({tensor({0, 1}), tensor({0, 1, 2})}), ContainsSubstring("[2]") && ContainsSubstring("[3]"));
  CHECK_THROWS_WITH(x.gather(0, tensor({0})), ContainsSubstring("gather"));
  CHECK_THROWS_WITH(x.gather(0, zeros({1, 5}, kInt64)), ContainsSubstring("[1, 5]"));
  CHECK_THROWS_WITH(x.index_add(0, tensor({1}), ones({1, 5})),
                    ContainsSubstring("[1, 4]") && ContainsSubstring("[1, 5]"));
  CHECK_THROWS_AS(x.gather(0, ones({1, 1})), TypeError);
  CHECK_THROWS_AS(x.index_select(0, tensor({{1}})), IndexError);
}

TEST_CASE("an index out of range is told with the sizes of the tensor that was indexed") {
  const Tensor x = zeros({3, 4, 5});
  const auto within = [](int64_t index, int64_t dim, int64_t size) {
    return ContainsSubstring(detail::str("index: the index must be within the dimension; got index ", index,
                                         " for dimension ", dim, " of size ", size, " of a tensor of sizes [3, 4, 5]"));
  };
  CHECK_THROWS_WITH(x.index({1, 7}), within(7, 1, 4));
  CHECK_THROWS_WITH(x.index({1, 2, -6}), within(-6, 2, 5));
  CHECK_THROWS_WITH(x.index({"...", 9}), within(9, 2, 5));
  CHECK_THROWS_WITH(x.index({None, 3}), within(3, 0, 3));
  CHECK_THROWS_WITH(x.index({0, tensor({1, 9})}), within(9, 1, 4));
  CHECK_THROWS_WITH(x.index({None, Slice(0, 2), true, tensor({-9, 0})}), within(-9, 1, 4));
  CHECK_THROWS_WITH(x.index({0, tensor(4)}), within(4, 1, 4));
  CHECK_THROWS_WITH(x.index({ones({3, 4}, kBool), tensor({9}).expand({12})}), within(9, 2, 5));
  CHECK_THROWS_WITH(x.index({0, ones({3}, kBool)}), ContainsSubstring("got mask [3] at dimension 1 of [3, 4, 5]"));
  CHECK_THROWS_WITH(x.index_put_({0, tensor({9})}, 1),
                    "index_put_: the index must be within the dimension; got index 9 for dimension 1 of size 4 of a "
                    "tensor of sizes [3, 4, 5]");
  CHECK_THROWS_WITH(zeros({2, 0, 3}).index({0, tensor({0})}),
                    "index: there is nothing to index in dimension 1 of sizes [2, 0, 3]");
  CHECK_THROWS_WITH(x.take(tensor({{99}})),
                    "take: the index must be in [-60, 59], for all elements of sizes [3, 4, 5]; got 99");
  CHECK_THROWS_WITH(x.put(tensor({-61}), ones({1})),
                    "put: the index must be in [-60, 59], for all elements of sizes [3, 4, 5]; got -61");
  CHECK_THROWS_WITH(x.put_(tensor({60}), ones({1})), ContainsSubstring("put_: ") && ContainsSubstring("[3, 4, 5]"));
  CHECK_THROWS_WITH(take_along_dim(x, tensor({-1})), ContainsSubstring("take_along_dim: the index must be in [0, 59]"));
  CHECK_THROWS_WITH(x.index_select(1, tensor({4})),
                    ContainsSubstring("dimension 1 of size 4 of a tensor of sizes [3, "));
}

TEST_CASE("undefined tensors and sizes beyond 2^63 are errors") {
  CHECK_THROWS_AS(Tensor().masked_fill_(ones({1}, kBool), 1), Error);
  CHECK_THROWS_AS(one_hot(tensor({INT64_MAX})), ValueError);
  const Tensor endless = zeros({INT64_MAX, 0});
  CHECK_THROWS_AS(cat({endless, endless}), ValueError);
}

TEST_CASE("an index says what it is") {
  CHECK(TensorIndex(None).is_none());
  CHECK(TensorIndex(Ellipsis).is_ellipsis());
  CHECK(TensorIndex("...").is_ellipsis());
  CHECK((TensorIndex(-3).is_integer() && TensorIndex(-3).integer() == -3 && !TensorIndex(-3).is_boolean()));
  CHECK((TensorIndex(true).is_boolean() && TensorIndex(true).boolean() && !TensorIndex(true).is_integer()));
  CHECK((TensorIndex(Slice(1, 5, 2)).is_slice() && TensorIndex(Slice(1, 5, 2)).slice().stop() == 5));
  const Tensor x = counting({2});
  CHECK((TensorIndex(x).is_tensor() && TensorIndex(x).tensor().is_same(x)));
  CHECK_THROWS_AS(TensorIndex("..."
                              "."),
                  ValueError);
  CHECK_THROWS_AS(TensorIndex(static_cast<const char*>(nullptr)), ValueError);
}

TEST_CASE("an absent bound of a slice is the end that it runs to") {
  CHECK((Slice().start() == 0 && Slice().stop() == INDEX_MAX && Slice().step() == 1));
  CHECK((Slice(None, None, -1).start() == INDEX_MAX && Slice(None, None, -1).stop() == INDEX_MIN));
  CHECK_THROWS_AS(Slice(0, 1, 0), ValueError);
  CHECK_THROWS_AS(counting({3}).index({Slice(None, None, -1)}), ValueError);
}

TEST_CASE("indices print as in libtorch") {
  const auto text = [](const auto& index) { return support::printed(index); };
  CHECK(text(Slice()) == "0:9223372036854775807:1");
  CHECK(text(Slice(None, 3, 2)) == "0:3:2");
  CHECK(text(Slice(None, None, -1)) == "9223372036854775807:-9223372036854775808:-1");
  CHECK(text(TensorIndex(None)) == "None");
  CHECK(text(TensorIndex(Ellipsis)) == "...");
  CHECK(text(TensorIndex(3)) + text(TensorIndex(true)) + text(TensorIndex(false)) == "3truefalse");
  CHECK(text(TensorIndex(ones({2}))) == text(ones({2})));
  CHECK(text(std::vector<TensorIndex>{None, 1, Slice(1, 2)}) == "(None, 1, 1:2:1)");
  CHECK(text(std::vector<TensorIndex>{}) == "()");
}

TEST_CASE("a number of uint8 between brackets is a number") {
  const Tensor x = counting({3, 2});
  CHECK(equal(x[tensor(2).to(kUInt8)], x[2]));
  CHECK(equal(x[tensor(-1).to(kInt8)], x[2]));
  CHECK_THROWS_AS(x[tensor(3).to(kUInt8)], IndexError);
}

TEST_CASE("index_put_ as a function writes as the method does") {
  Tensor x = counting({2, 3});
  const Tensor y = x.clone();
  CHECK(index_put_(x, {tensor({0, 1}), tensor({1, 2})}, tensor({9.f, 8.f})).is_same(x));
  y.index_put_({tensor({0, 1}), tensor({1, 2})}, tensor({9.f, 8.f}));
  CHECK(equal(x, y));
  index_put_(x, {tensor({0, 0})}, ones({3}), true);
  CHECK(equal(x[0], tensor({2.f, 11.f, 4.f})));
}
