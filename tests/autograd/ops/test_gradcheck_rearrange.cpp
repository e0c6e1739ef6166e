#include "autograd/gradcheck_table.h"
#include "ops/rearrange.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

// The shared table, and what the comparison with libtorch has no row for.
std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), cube = leaf({2, 3, 2}), s = leaf({}), v = leaf({3}), y = leaf({2, 2});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
  std::vector<Row> rows = rows_of(ops::rearrange<ops::Ours>());
  const std::vector<Row> more = {
      {"rot90 three times", nullptr, OF(rot90(in[0], -5, {2, 0})), {cube}},
      {"roll twice along a dim", "RollBackward0", OF(in[0].roll({1, 1}, {1, 1})), {x}},
      {"repeat of a number", nullptr, OF(in[0].repeat({2, 2})), {s}},
      {"diag of a vector", nullptr, OF(diag(in[0], -1)), {v}},
      {"unfold with gaps", "UnfoldBackward0", OF(in[0].unfold(-2, 1, 2)), {cube}},
      {"unfold changed in place",
       nullptr,
       [](const List& in) {
         const Tensor z = in[0] * 1;
         z.unfold(1, 2, 2).mul_(in[0].sum());
         return List{z};
       },
       {x}},
      {"moveaxis of two", nullptr, OF(moveaxis(in[0], {2, 0}, {0, 1})), {cube}},
      {"transpose_", nullptr, OF((in[0] * 1).transpose_(0, 2) * in[0].sum()), {cube}},
      {"atleast_1d", nullptr, [](const List& in) { return atleast_1d(in); }, {s, v}},
      {"atleast_3d", nullptr, [](const List& in) { return atleast_3d(in); }, {s, v, x, cube}},
      {"meshgrid", nullptr, [](const List& in) { return meshgrid(in, "xy"); }, {v, leaf({2})}},
      {"tensor_split", nullptr, [](const List& in) { return in[0].tensor_split(3, 1); }, {x}},
      {"hsplit",
       nullptr,
       [](const List& in) {
         return in[0].hsplit({1, 3});
       },
       {t}},
  };
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of what moves values elsewhere, first and second") { table.check(); }
