#include "autograd/gradcheck_table.h"

using namespace taper;
using gradcheck_table::leaf;
using gradcheck_table::List;
using gradcheck_table::Row;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), src = leaf({2, 4}), s = leaf({}), square = leaf({3, 3}), v = leaf({3});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
  // Every place once, for what replaces; some twice, for what adds up.
  const Tensor once = tensor({{0, 2, 1, 0}, {2, 1, 0, 1}}), twice = tensor({{0, 2, 1, 0}, {0, 1, 0, 0}});
  const Tensor mask = tensor({{true, false, true, false}, {false, true, true, false}, {true, true, false, false}});
#define TAPER_F(expression) [=](const List& in) { return List{expression}; }
  std::vector<Row> rows = {
      {"scatter", "ScatterBackward0", TAPER_F(in[0].scatter(0, once, in[1])), {x, src}},
      {"scatter of part", "ScatterBackward0", TAPER_F(in[0].scatter(1, tensor({{1, 3}}), in[1])), {t, src}},
      {"scatter of a number", "ScatterBackward1", TAPER_F(in[0].scatter(0, once, 2)), {x}},
      {"scatter in numbers", "ScatterBackward0", TAPER_F(in[0].scatter(0, tensor(0), in[1])), {s, leaf({})}},
      {"scatter_", "ScatterBackward0", TAPER_F((in[0] * 1).scatter_(0, once, in[1])), {x, src}},
      {"scatter_ of a number", "ScatterBackward1", TAPER_F((in[0] * 1).scatter_(0, once, 2)), {x}},
      {"scatter add", nullptr, TAPER_F(in[0].scatter(0, twice, in[1], "add")), {x, src}},
      {"scatter multiply", nullptr, TAPER_F(in[0].scatter(0, twice, in[1], "multiply")), {x, src}},
      {"scatter_ multiply", nullptr, TAPER_F((in[0] * 1).scatter_(0, twice, 3, "multiply")), {x}},
      {"scatter_add", "ScatterAddBackward0", TAPER_F(in[0].scatter_add(0, twice, in[1])), {x, src}},
      {"scatter_add of part", "ScatterAddBackward0", TAPER_F(in[0].scatter_add(0, tensor({{2, 2}}), in[1])), {x, src}},
      {"scatter_add_", "ScatterAddBackward0", TAPER_F((in[0] * 1).scatter_add_(0, twice, in[1])), {x, src}},
      {"scatter_reduce_", nullptr, TAPER_F((in[0] * 1).scatter_reduce_(0, twice, in[1], "prod")), {x, src}},
      {"index_add", "IndexAddBackward0", TAPER_F(in[0].index_add(0, tensor({2, 2}), in[1])), {x, src}},
      {"index_add, alpha", nullptr, TAPER_F(in[0].index_add(0, tensor({2, 2}), in[1], -2.5)), {x, src}},
      {"index_add_", nullptr, TAPER_F((in[0] * 1).index_add_(0, tensor({2, 2}), in[1], 3)), {x, src}},
      {"index_copy", nullptr, TAPER_F(in[0].index_copy(0, tensor({2, 0}), in[1])), {x, src}},
      {"index_copy, dim 1", nullptr, TAPER_F(in[0].index_copy(-1, tensor({2, 0, 1}), in[1])), {t, square}},
      {"index_copy_", nullptr, TAPER_F((in[0] * 1).index_copy_(0, tensor({2, 0}), in[1])), {x, src}},
      {"index_fill", nullptr, TAPER_F(in[0].index_fill(1, tensor({2, 0}), 5)), {x}},
      {"index_fill with a tensor", nullptr, TAPER_F(in[0].index_fill(1, tensor({2, -1}), in[1])), {x, s}},
      {"index_fill_", nullptr, TAPER_F((in[0] * 1).index_fill_(0, tensor({2, 0}), in[1])), {x, s}},
      {"put", nullptr, TAPER_F(in[0].put(tensor({5, 0, -1}), in[1])), {t, v}},
      {"put, accumulated", nullptr, TAPER_F(in[0].put(tensor({5, 5, 0}), in[1], true)), {x, v}},
      {"put_", nullptr, TAPER_F((in[0] * 1).put_(tensor({5, 5, 0}), in[1], true)), {x, v}},
      {"masked_scatter", nullptr, TAPER_F(in[0].masked_scatter(mask, in[1])), {x, leaf({4, 2})}},
      {"masked_scatter_", nullptr, TAPER_F((in[0] * 1).masked_scatter_(mask, in[1])), {x, leaf({7})}},
      {"masked_scatter broadcast", nullptr, TAPER_F(in[0].masked_scatter(mask, in[1])), {leaf({4}), leaf({6})}},
      {"select_scatter", nullptr, TAPER_F(in[0].select_scatter(in[1], 1, -1)), {x, v}},
      {"slice_scatter", nullptr, TAPER_F(in[0].slice_scatter(in[1], 0, 0, 3, 2)), {x, src}},
      {"diagonal_scatter", nullptr, TAPER_F(in[0].diagonal_scatter(in[1], 1)), {x, v}},
      {"fill_diagonal_", nullptr, TAPER_F((in[0] * 1).fill_diagonal_(7)), {x}},
      {"fill_diagonal_ of a cube", nullptr, TAPER_F((in[0] * 1).fill_diagonal_(7)), {leaf({2, 2, 2})}},
  };
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
#undef TAPER_F
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
