#include "autograd/gradcheck_table.h"

using namespace taper;
using gradcheck_table::leaf;
using gradcheck_table::List;
using gradcheck_table::Row;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), cube = leaf({2, 5, 2}), s = leaf({}), long_line = leaf({300});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
#define TAPER_F(expression) [=](const List& in) { return List{expression}; }
  return {
      {"sort", "SortBackward0", TAPER_F(std::get<0>(in[0].sort())), {x}},
      {"sort dim 0, descending", "SortBackward0", TAPER_F(std::get<0>(in[0].sort(0, true))), {t}},
      {"sort of the middle dim", "SortBackward0", TAPER_F(std::get<0>(in[0].sort(true, 1))), {cube}},
      {"sort of a number", "SortBackward0", TAPER_F(std::get<0>(in[0].sort())), {s}},
      {"msort", "SortBackward0", TAPER_F(msort(in[0])), {x}},
      {"topk", "TopkBackward0", TAPER_F(std::get<0>(in[0].topk(2))), {x}},
      {"topk, smallest, dim 1", "TopkBackward0", TAPER_F(std::get<0>(in[0].topk(3, 1, false))), {cube}},
      {"kthvalue", "KthvalueBackward0", TAPER_F(std::get<0>(in[0].kthvalue(2, 0, true))), {x}},
      {"kthvalue without dim", nullptr, TAPER_F(std::get<0>(in[0].kthvalue(2, 1))), {cube}},
      {"median", "MedianBackward0", TAPER_F(in[0].median()), {t}},
      {"median dim", "MedianBackward1", TAPER_F(std::get<0>(in[0].median(0, true))), {x}},
      {"median of a number", "MedianBackward1", TAPER_F(std::get<0>(in[0].median(0))), {s}},
      {"nanmedian", "NanmedianBackward0", TAPER_F(in[0].nanmedian()), {x}},
      {"nanmedian dim", "NanmedianBackward1", TAPER_F(std::get<0>(in[0].nanmedian(-1, true))), {x}},
      {"mode", "ModeBackward0", TAPER_F(std::get<0>(in[0].mode(-1, true))), {x}},
  };
#undef TAPER_F
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
