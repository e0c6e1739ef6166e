#include "autograd/gradcheck_table.h"
#include "ops/scatter.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

// The shared table, and what the comparison with libtorch has no row for.
std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), src = leaf({2, 4}), s = leaf({}), square = leaf({3, 3}), v = leaf({3});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
  // Every place once, for what replaces; some twice, for what adds up.
  const Tensor once = tensor({{0, 2, 1, 0}, {2, 1, 0, 1}}), twice = tensor({{0, 2, 1, 0}, {0, 1, 0, 0}});
  const Tensor mask = tensor({{true, false, true, false}, {false, true, true, false}, {true, true, false, false}});
  std::vector<Row> rows = rows_of(ops::scatter<ops::Ours>());
  const std::vector<Row> more = {
      {"scatter of part", "ScatterBackward0", OF(in[0].scatter(1, tensor({{1, 3}}), in[1])), {t, src}},
      {"scatter in numbers", "ScatterBackward0", OF(in[0].scatter(0, tensor(0), in[1])), {s, leaf({})}},
      {"scatter add", nullptr, OF(in[0].scatter(0, twice, in[1], "add")), {x, src}},
      {"scatter multiply", nullptr, OF(in[0].scatter(0, twice, in[1], "multiply")), {x, src}},
      {"scatter_ multiply", nullptr, OF((in[0] * 1).scatter_(0, twice, 3, "multiply")), {x}},
      {"scatter_add of part", "ScatterAddBackward0", OF(in[0].scatter_add(0, tensor({{2, 2}}), in[1])), {x, src}},
      {"scatter_reduce_", nullptr, OF((in[0] * 1).scatter_reduce_(0, twice, in[1], "prod")), {x, src}},
      {"index_copy, dim 1", nullptr, OF(in[0].index_copy(-1, tensor({2, 0, 1}), in[1])), {t, square}},
      {"put, accumulated", nullptr, OF(in[0].put(tensor({5, 5, 0}), in[1], true)), {x, v}},
      {"masked_scatter broadcast", nullptr, OF(in[0].masked_scatter(mask, in[1])), {leaf({4}), leaf({6})}},
      {"fill_diagonal_ of a cube", nullptr, OF((in[0] * 1).fill_diagonal_(7)), {leaf({2, 2, 2})}},
  };
  rows.insert(rows.end(), more.begin(), more.end());
  for (const char* reduce : {"sum", "mean", "prod", "amax", "amin"}) {
    for (const bool self : {true, false}) {
      const std::string name = std::string("scatter_reduce ") + reduce + (self ? "" : " without self");
      const auto reduced = [=](const Tensor& at) {
        return [=](const List& in) { return List{in[0].scatter_reduce(0, at, in[1], reduce, self)}; };
      };
      rows.push_back({name, "ScatterReduceBackward0", reduced(twice), {x, src}});
      rows.push_back({name + " of part", "ScatterReduceBackward0", reduced(tensor({{1, 1}})), {x, src}});
    }
  }
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of scatter and its kin, first and second") { table.check(); }

TEST_CASE("the gradient of scatter_reduce through zeros and equal values") {
  const auto gradients = [](const char* reduce, Tensor x, Tensor src, Tensor index) {
    x = x.to(kFloat64).requires_grad_();
    src = src.to(kFloat64).requires_grad_();
    x.scatter_reduce(0, index, src, reduce).sum().backward();
    return std::pair(x.grad(), src.grad());
  };
  // One zero: only its own factor sees a gradient; two: none.
  auto [dx, dsrc] = gradients("prod", tensor({3., 5.}), tensor({0., 4., 0., 0.}), tensor({0, 0, 1, 1}));
  CHECK(equal(dx, tensor({0., 0.}, kFloat64)));
  CHECK(equal(dsrc, tensor({12., 0., 0., 0.}, kFloat64)));
  // Three equal largest values share.
  std::tie(dx, dsrc) = gradients("amax", tensor({3.}), tensor({3., 1., 3.}), tensor({0, 0, 0}));
  CHECK(allclose(dx, tensor({1. / 3}, kFloat64)));
  CHECK(allclose(dsrc, tensor({1. / 3, 0., 1. / 3}, kFloat64)));
}

TEST_CASE("scatter_reduce: NaN is both the largest and the smallest, wherever it stands") {
  for (const char* reduce : {"amax", "amin"}) {
    CHECK(tensor({NAN}).scatter_reduce(0, tensor({0}), tensor({1.}), reduce).isnan().item<bool>());
    CHECK(tensor({1., 2.}).scatter_reduce(0, tensor({0}), tensor({NAN}), reduce).isnan().equal(tensor({true, false})));
  }
}
