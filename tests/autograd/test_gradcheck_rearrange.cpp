#include "autograd/gradcheck_table.h"

using namespace taper;
using gradcheck_table::leaf;
using gradcheck_table::List;
using gradcheck_table::Row;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), cube = leaf({2, 3, 2}), s = leaf({}), v = leaf({3}), y = leaf({2, 2});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
#define TAPER_F(expression) [=](const List& in) { return List{expression}; }
  return {
      {"flip", "FlipBackward0", TAPER_F(in[0].flip({0, -1})), {cube}},
      {"flip of a number", "FlipBackward0", TAPER_F(in[0].flip({0})), {s}},
      {"fliplr", "FlipBackward0", TAPER_F(fliplr(in[0])), {t}},
      {"flipud", "FlipBackward0", TAPER_F(flipud(in[0])), {t}},
      {"rot90", nullptr, TAPER_F(rot90(in[0]) * 2), {x}},
      {"rot90 three times", nullptr, TAPER_F(rot90(in[0], -5, {2, 0})), {cube}},
      {"roll", "RollBackward0", TAPER_F(in[0].roll({1, -5}, {0, 1})), {t}},
      {"roll twice along a dim", "RollBackward0", TAPER_F(in[0].roll({1, 1}, {1, 1})), {x}},
      {"roll flattened", nullptr, TAPER_F(roll(in[0], 5)), {x}},
      {"repeat", nullptr, TAPER_F(in[0].repeat({2, 1, 3})), {t}},
      {"repeat of a number", nullptr, TAPER_F(in[0].repeat({2, 2})), {s}},
      {"tile", nullptr, TAPER_F(tile(in[0], 2)), {x}},
      {"repeat_interleave", nullptr, TAPER_F(repeat_interleave(in[0], 2, 1)), {x}},
      {"repeat_interleave flattened", nullptr, TAPER_F(in[0].repeat_interleave(2)), {t}},
      {"repeat_interleave by a tensor", nullptr, TAPER_F(in[0].repeat_interleave(tensor({2, 0, 1}), 0)), {x}},
      {"tril", "TrilBackward0", TAPER_F(in[0].tril(1)), {t}},
      {"triu", "TriuBackward0", TAPER_F(in[0].triu(-1)), {cube}},
      {"tril_", "TrilBackward0", TAPER_F((in[0] * 1).tril_()), {x}},
      {"triu_", "TriuBackward0", TAPER_F((in[0] * 1).triu_(1)), {x}},
      {"diag of a vector", nullptr, TAPER_F(diag(in[0], -1)), {v}},
      {"diag of a matrix", nullptr, TAPER_F(diag(in[0], 1)), {t}},
      {"diag_embed", nullptr, TAPER_F(diag_embed(in[0], 1, 0, 2)), {x}},
      {"diagflat", nullptr, TAPER_F(diagflat(in[0])), {y}},
      {"unfold", "UnfoldBackward0", TAPER_F(in[0].unfold(1, 2, 1)), {t}},
      {"unfold with gaps", "UnfoldBackward0", TAPER_F(in[0].unfold(-2, 1, 2)), {cube}},
      {"unfold of a number", "UnfoldBackward0", TAPER_F(in[0].unfold(0, 1, 1)), {s}},
      {"unfold changed in place",
       nullptr,
       [](const List& in) {
         const Tensor z = in[0] * 1;
         z.unfold(1, 2, 2).mul_(in[0].sum());
         return List{z};
       },
       {x}},
      {"unflatten", nullptr, TAPER_F(in[0].unflatten(1, {2, -1})), {x}},
      {"ravel", nullptr, TAPER_F(ravel(in[0])), {t}},
      {"movedim", nullptr, TAPER_F(in[0].movedim(0, -1)), {cube}},
      {"moveaxis of two", nullptr, TAPER_F(moveaxis(in[0], {2, 0}, {0, 1})), {cube}},
      {"swapaxes", nullptr, TAPER_F(swapaxes(in[0], 0, 2)), {cube}},
      {"mT", nullptr, TAPER_F(in[0].mT()), {cube}},
      {"numpy_T", nullptr, TAPER_F(in[0].numpy_T()), {cube}},
      {"transpose_", nullptr, TAPER_F((in[0] * 1).transpose_(0, 2) * in[0].sum()), {cube}},
      {"t_", nullptr, TAPER_F((in[0] * 1).t_()), {x}},
      {"squeeze_", nullptr, TAPER_F((in[0] * 1).unsqueeze_(0).squeeze_()), {x}},
      {"broadcast_to", nullptr, TAPER_F(broadcast_to(in[0], {2, 3})), {v}},
      {"atleast_1d", nullptr, [](const List& in) { return atleast_1d(in); }, {s, v}},
      {"atleast_3d", nullptr, [](const List& in) { return atleast_3d(in); }, {s, v, x, cube}},
      {"hstack", nullptr, TAPER_F(hstack({in[0], in[1]})), {v, s}},
      {"vstack", nullptr, TAPER_F(vstack({in[0], in[1]})), {leaf({4}), x}},
      {"dstack", nullptr, TAPER_F(dstack({in[0], in[1]})), {x, t}},
      {"column_stack", nullptr, TAPER_F(column_stack({in[0], in[1]})), {v, x}},
      {"block_diag", nullptr, TAPER_F(block_diag({in[0], in[1], in[2]})), {v, s, y}},
      {"meshgrid", nullptr, [](const List& in) { return meshgrid(in, "xy"); }, {v, leaf({2})}},
      {"cartesian_prod", nullptr, TAPER_F(cartesian_prod({in[0], in[1]})), {v, leaf({2})}},
      {"combinations", nullptr, TAPER_F(combinations(in[0], 2, true)), {v}},
      {"tensor_split", nullptr, [](const List& in) { return in[0].tensor_split(3, 1); }, {x}},
      {"hsplit",
       nullptr,
       [](const List& in) {
         return in[0].hsplit({1, 3});
       },
       {t}},
      {"pixel_shuffle", nullptr, TAPER_F(pixel_shuffle(in[0], 2)), {leaf({1, 4, 1, 2})}},
      {"pixel_unshuffle", nullptr, TAPER_F(pixel_unshuffle(in[0], 2)), {leaf({1, 2, 4})}},
      {"channel_shuffle", nullptr, TAPER_F(channel_shuffle(in[0], 2)), {leaf({1, 4, 2})}},
  };
#undef TAPER_F
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of what moves values elsewhere, first and second") { table.check(); }
