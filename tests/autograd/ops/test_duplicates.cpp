// Values written to places that repeat: the last one stays, and it alone gets a gradient.
#include "autograd/gradcheck_table.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/core/indexing.h>
#include <taper/core/parallel.h>

using namespace taper;
using namespace taper::indexing;
using namespace support;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), rows = leaf({4, 4}), s = leaf({}), v = leaf({4}), cube = leaf({2, 3, 2});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
  const Tensor i = tensor({2, 0, 2, 2}), signs = tensor({2, 0, -1, -3});
  const Tensor at = tensor({{0, 2, 1, 0}, {0, 1, 1, 2}, {2, 2, 1, 0}}), along = tensor({{3, 3, 0}, {1, 1, 1}});
  return {
      {"scatter", "ScatterBackward0", OF(in[0].scatter(0, at, in[1])), {x, leaf({3, 4})}},
      {"scatter along the last dim", "ScatterBackward0", OF(in[0].scatter(1, along, in[1])), {t, leaf({2, 4})}},
      {"scatter along the middle dim",
       "ScatterBackward0",
       OF(in[0].scatter(1, tensor({{{0, 2}, {0, 1}, {0, 2}}}), in[1])),
       {cube, leaf({2, 3, 2})}},
      {"scatter of a number", "ScatterBackward1", OF(in[0].scatter(0, at, 3)), {x}},
      {"scatter into numbers", "ScatterBackward0", OF(in[0].scatter(0, tensor({0, 0}), in[1])), {s, leaf({2})}},
      {"scatter_", "ScatterBackward0", OF((in[0] * 1).scatter_(0, at, in[1])), {x, leaf({3, 4})}},
      {"index_put", "IndexPutBackward0", OF(in[0].index_put({i}, in[1])), {x, rows}},
      {"index_put, negative indices", "IndexPutBackward0", OF(in[0].index_put({signs}, in[1])), {t, rows}},
      {"index_put of one value", "IndexPutBackward0", OF(in[0].index_put({i}, in[1])), {x, s}},
      {"index_put of one row", "IndexPutBackward0", OF(in[0].index_put({i}, in[1])), {x, v}},
      {"index_put at points", "IndexPutBackward0", OF(in[0].index_put({i, tensor({1, 1, 1, 0})}, in[1])), {x, v}},
      {"index_put at points that broadcast",
       "IndexPutBackward0",
       OF(in[0].index_put({tensor({{1}, {1}}), tensor({3, 0, 3})}, in[1])),
       {x, leaf({2, 3})}},
      {"index_put behind a slice", nullptr, OF(in[0].index_put({Slice(), i}, in[1])), {x, leaf({3, 4})}},
      {"index_put between slices", nullptr, OF(in[0].index_put({Slice(), i}, in[1])), {cube, leaf({2, 4, 2})}},
      {"index_put at points apart",
       nullptr,
       OF(in[0].index_put({tensor({1, 1, 0}), Slice(), tensor({0, 0, 0})}, in[1])),
       {cube, leaf({3, 3})}},
      {"index_put_", "IndexPutBackward0", OF((in[0] * 1).index_put_({i}, in[1])), {x, rows}},
      {"index_put_ into a view",
       nullptr,
       [=](const List& in) {
         const Tensor y = in[0] * 1;
         y.t().index_put_({tensor({3, 3})}, in[1]);
         return List{y};
       },
       {x, leaf({2, 3})}},
      {"index_copy", nullptr, OF(in[0].index_copy(0, i, in[1])), {x, rows}},
      {"index_copy, dim 1", nullptr, OF(in[0].index_copy(-1, i, in[1])), {t, leaf({3, 4})}},
      {"index_copy_", nullptr, OF((in[0] * 1).index_copy_(0, i, in[1])), {x, rows}},
      {"index_fill", nullptr, OF(in[0].index_fill(0, i, in[1])), {x, s}},
      {"index_fill, negative indices", nullptr, OF(in[0].index_fill(0, signs, in[1])), {t, s}},
      {"index_fill_", nullptr, OF((in[0] * 1).index_fill_(1, i, in[1])), {x, s}},
      {"put", nullptr, OF(in[0].put(tensor({5, 0, -7, 5}), in[1])), {t, v}},
      {"put_", nullptr, OF((in[0] * 1).put_(tensor({5, 0, -7, 5}), in[1])), {x, v}},
      // Windows that overlap.
      {"copy_ into unfold",
       nullptr,
       [](const List& in) {
         const Tensor y = in[0] * 1;
         const Tensor windows = y.unfold(1, 3, 1);
         windows.copy_(in[1]);
         return List{y, windows * windows};
       },
       {x, leaf({3, 2, 3})}},
      {"copy_ of one row into unfold",
       nullptr,
       [](const List& in) {
         const Tensor y = in[0] * 1;
         y.unfold(0, 2, 1).copy_(in[1]);
         return List{y};
       },
       {x, leaf({4, 2})}},
      {"copy_ into as_strided",
       nullptr,
       [](const List& in) {
         const Tensor y = in[0] * 1;
         y.as_strided({3, 2}, {1, 2}, 3).copy_(in[1]);
         return List{y};
       },
       {x, leaf({3, 2})}},
      {"copy_ into windows of their own",
       nullptr,
       [](const List& in) {
         const Tensor windows = ones({4}, kFloat64).unfold(0, 3, 1).detach();
         windows.copy_(in[0]);
         return List{windows * windows};
       },
       {leaf({2, 3})}},
      {"fill_ of unfold",
       nullptr,
       [](const List& in) {
         const Tensor y = in[0] * 1;
         y.unfold(1, 3, 1).fill_(in[1]);
         return List{y.square()};
       },
       {x, s}},
      {"index_put_ of a slice of unfold",
       nullptr,
       [](const List& in) {
         const Tensor y = in[0] * 1;
         y.unfold(1, 3, 1).index_put_({Slice(0, 2)}, in[1]);
         return List{y};
       },
       {x, leaf({2, 3})}},
      {"zero_ of unfold",
       nullptr,
       [](const List& in) {
         const Tensor y = in[0] * 1;
         y.slice(1, 1).unfold(1, 2, 1).zero_();
         return List{y};
       },
       {x}},
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of writing at repeated places, first and second") { table.check(); }

TEST_CASE("a value that another one replaces has gradient 0, even beside NaN") {
  const Tensor v = tensor({5., 7.}, dtype(kFloat64).requires_grad(true)), one = tensor(1.5).requires_grad_();
  index_fill(zeros({3}), 0, tensor({1, 1}), one).sum().backward();
  CHECK(values(one.grad()) == Values{1});
  const Tensor y = zeros({2}, kFloat64).scatter(0, tensor({1, 1}), v);
  CHECK(values(y) == Values{0, 7});
  y.backward(tensor({0., double{NAN}}, kFloat64));
  CHECK(v.grad()[0].item<double>() == 0);
}

TEST_CASE("of values written to one place the last one stays, with any number of threads") {
  const int64_t n = 20'000;
  manual_seed(3);
  const Tensor at = randint(0, 50, {n}), v = randn({n}), rows = randn({n, 2}), flat = zeros({n + 2});
  const auto written = [&] {
    const Tensor windows = flat.clone();
    windows.unfold(0, 3, 1).copy_(cat({rows, v.unsqueeze(1)}, 1));
    const Tensor across = flat.clone();
    across.unfold(0, 3, 1).t().copy_(cat({rows, v.unsqueeze(1)}, 1).t());
    return List{zeros({50}).scatter(0, at, v),
                zeros({2, 50}).scatter(1, at.expand({2, n}), rows.t()),
                zeros({50}).index_put({at}, v),
                zeros({50, 2}).index_copy(0, at, rows),
                zeros({50}).put(at, v),
                windows,
                across};
  };
  check_threads(written);
  const List one = written();
  // By hand: the last index of each place.
  Tensor expected = zeros({50});
  for (int64_t i = 0; i < n; ++i) {
    expected.data_ptr<float>()[at.data_ptr<int64_t>()[i]] = v.data_ptr<float>()[i];
  }
  for (const size_t i : {size_t{0}, size_t{2}, size_t{4}}) CHECK(equal(one[i], expected));
  // Row by row, the first column of a window comes last; the other way round the last window's.
  CHECK(equal(one[5].slice(0, 0, n), rows.select(1, 0)));
  CHECK(equal(one[6].slice(0, 2), v));
  // In the order of the elements, not of the memory: place 2 is that of element 1 and of element 4.
  const Tensor x = zeros({5});
  x.as_strided({3, 2}, {1, 2}).copy_(arange(6, kFloat32).reshape({3, 2}));
  CHECK(values(x) == Values{0, 2, 4, 3, 5});
}

TEST_CASE("a tensor whose elements share memory is not changed in place but by copy_ and fill_") {
  const Tensor x = arange(6, kFloat32), windows = x.unfold(0, 3, 1);
  CHECK_THROWS_WITH(windows.mul_(2),
                    ContainsSubstring("mul_: the elements of a tensor that is changed in place must be "
                                      "apart in memory; got sizes [4, 3] and strides [1, 1]"));
  CHECK_THROWS_AS(windows.add_(windows), Error);
  CHECK_THROWS_AS(windows.relu_(), Error);
  CHECK_THROWS_AS(windows.normal_(), Error);
  CHECK_THROWS_AS(windows.masked_fill_(windows > 2, 0), Error);
  CHECK_THROWS_AS(windows.index_put_({tensor({0})}, 5), Error);
  CHECK_THROWS_AS(windows.scatter_(0, tensor({{0}}), 5), Error);
  CHECK_THROWS_AS(windows.index_fill_(0, tensor({0}), 5), Error);
  CHECK_THROWS_AS(windows.put_(tensor({0}), tensor({5.f})), Error);
  CHECK(equal(x, arange(6, kFloat32)));
  windows.fill_(7);
  CHECK(equal(x, full({6}, 7.f)));
  // Apart though the strides do not step over each other: 0 2 4 and 3 5 7.
  const Tensor apart = arange(8, kFloat32).as_strided({2, 3}, {3, 2});
  apart.mul_(2);
  CHECK(values(apart) == Values{0, 4, 8, 6, 10, 14});
}
