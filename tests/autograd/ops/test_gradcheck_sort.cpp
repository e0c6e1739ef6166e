#include "autograd/gradcheck_table.h"
#include "ops/order.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

// The shared table, and what the comparison with libtorch has no row for.
std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), cube = leaf({2, 5, 2}), s = leaf({}), long_line = leaf({300});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
  std::vector<Row> rows = rows_of(ops::order<ops::Ours>());
  const std::vector<Row> more = {
      {"sort of the middle dim", "SortBackward0", OF(std::get<0>(in[0].sort(true, 1))), {cube}},
      {"sort of a number", "SortBackward0", OF(std::get<0>(in[0].sort())), {s}},
      {"topk, smallest, dim 1", "TopkBackward0", OF(std::get<0>(in[0].topk(3, 1, false))), {cube}},
      {"kthvalue without dim", nullptr, OF(std::get<0>(in[0].kthvalue(2, 1))), {cube}},
      {"median of a number", "MedianBackward1", OF(std::get<0>(in[0].median(0))), {s}},
      {"mode", "ModeBackward0", OF(std::get<0>(in[0].mode(-1, true))), {x}},
  };
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of sort, topk and medians, first and second") { table.check(); }

TEST_CASE("the median of all values shares its gradient between equal ones, that along a dim gives it to one") {
  const Tensor x = tensor({2., 1., 2., 2., 7.}, kFloat64).requires_grad_();
  x.median().backward();
  CHECK(equal(x.grad(), tensor({1. / 3, 0., 1. / 3, 1. / 3, 0.}, kFloat64)));
  x.mutable_grad() = {};
  std::get<0>(x.median(0)).backward();
  CHECK(x.grad().sum().item<double>() == 1);
  CHECK(x.grad().max().item<double>() == 1);
}
