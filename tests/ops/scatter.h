// Writing at places: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

// Places for [2, 3] values: none twice, and some.
#define TAPER_ONCE l.ints({3, 1, 0, 0, 2, 1}).reshape({2, 3})
#define TAPER_TWICE l.ints({3, 1, 0, 3, 1, 1}).reshape({2, 3})
inline const std::vector<Operands> kScattered = {
    {{4, 5}, {2, 3}}, {{4, 5}, {3, 4}}, {{3, 5}, {2, 3}}, {{4, 2}, {2, 3}}};

template <class Op>
Rows<Op> scatter() {
  return {
      {"scatter", "ScatterBackward0", OP(scatter(x[0], 0, TAPER_ONCE, x[1])), kScattered},
      {"scatter a number", "ScatterBackward1", OP(x[0].scatter(0, TAPER_TWICE, 2)), kScattered},
      {"scatter along 1", "ScatterBackward0", OP(x[0].scatter(1, TAPER_ONCE, x[1])), kScattered},
      {"scatter of nothing", kUnchecked, OP(x[0].scatter(1, l.ints({}), x[1])), {{{4, 5}, {0}}}},
      {"scatter in a vector",
       "ScatterBackward0",
       OP(x[0].scatter(0, l.ints({1, 0}), x[1])),
       {{{4}, {2}}, {{1}, {2}}, {{4}, {1}}}},
      {"scatter_", "ScatterBackward0", IN_PLACE(y.scatter_(-2, TAPER_ONCE, x[1])), kScattered},
      {"scatter_ a number", "ScatterBackward1", IN_PLACE(y.scatter_(1, TAPER_TWICE, -1)), kScattered},
      {"scatter_add", "ScatterAddBackward0", OP(scatter_add(x[0], 0, TAPER_TWICE, x[1])), kScattered},
      {"scatter_add_", "ScatterAddBackward0", IN_PLACE(y.scatter_add_(1, TAPER_TWICE, x[1])), kScattered},
      {"index_add",
       "IndexAddBackward0",
       OP(index_add(x[0], 0, l.ints({3, 3}), x[1])),
       {{{4, 5}, {2, 5}}, {{4, 5}, {3, 5}}}},
      {"index_add, alpha", nullptr, OP(x[0].index_add(1, l.ints({3, 3}), x[1], -2)), {{{4, 5}, {4, 2}}}},
      {"index_add_", nullptr, IN_PLACE(y.index_add_(0, l.ints({3, 3}), x[1] * 1, 2)), {{{4, 5}, {2, 5}}}},
      {"index_copy",
       nullptr,
       OP(index_copy(x[0], 0, l.ints({3, 1}), x[1])),
       {{{4, 5}, {2, 5}}, {{4}, {2}}, {{4, 5}, {5}}}},
      {"index_copy_", nullptr, IN_PLACE(y.index_copy_(-1, l.ints({3, 1}), x[1])), {{{4, 5}, {4, 2}}}},
      {"index_copy, negative", kUnchecked, OP(index_copy(x[0], 0, l.ints({3, -1}), x[1])), {{{4, 5}, {2, 5}}}},
      {"index_fill", nullptr, OP(index_fill(x[0], 0, l.ints({0, -1}), 3)), {{{4, 5}}, {{1}}, {{}}}},
      {"index_fill with a tensor",
       nullptr,
       OP(x[0].index_fill(1, l.ints({0, 4}), x[1])),
       {{{4, 5}, {}}, {{4, 5}, {1}}}},
      {"index_fill_", nullptr, IN_PLACE(y.index_fill_(1, l.ints({0, 7}), 3)), {{{4, 9}}, {{4, 5}}}},
      {"put",
       nullptr,
       OP(put(x[0], l.ints({5, 0, -1}), x[1])),
       {{{4, 5}, {3}}, {{4, 5}, {1, 3}}, {{5}, {3}}, {{4, 5}, {2}}}},
      {"put_", nullptr, IN_PLACE(y.put_(l.ints({5, 0, 5}), x[1], true)), {{{4, 5}, {3}}}},
      {"put_ across", nullptr, IN_PLACE(y.t_().put_(l.ints({5, 0, 3}), x[1])), {{{4, 5}, {3}}}},
      {"take", "TakeBackward0", OP(take(x[0], l.ints({5, -1, 5, 0}).reshape({2, 2}))), {{{4, 5}}, {{2, 2, 3}}, {{3}}}},
      {"take_along_dim",
       nullptr,
       OP(take_along_dim(x[0], l.ints({1, 0, 1}).reshape({1, 3}), 1)),
       {{{4, 5}}, {{1, 2}}, {{3}}}},
      {"take_along_dim flattened",
       nullptr,
       OP(x[0].take_along_dim(l.ints({1, 0, 1}).reshape({1, 3}))),
       {{{4, 5}}, {{2}}}},
      {"masked_scatter",
       nullptr,
       OP(masked_scatter(x[0], x[0] > 0, x[1])),
       {{{4, 5}, {20}}, {{4, 5}, {5, 5}}, {{4, 5}, {0}}}},
      {"masked_scatter_",
       nullptr,
       IN_PLACE(y.masked_scatter_(l.ints({0, 1, 0, 1, 1}) == 1, x[1])),
       {{{4, 5}, {12}}, {{5}, {3}}, {{5}, {2}}, {{3, 4}, {12}}}},
      {"masked_fill_ with a tensor",
       "MaskedFillBackward0",
       IN_PLACE(y.masked_fill_(x[0] > 0, x[1])),
       {{{4, 5}, {}}, {{4, 5}, {1}}}},
      {"select_scatter", nullptr, OP(select_scatter(x[0], x[1], 0, 2)), {{{4, 5}, {5}}, {{4, 5}, {1}}}},
      {"slice_scatter", nullptr, OP(x[0].slice_scatter(x[1], 1, 1, 100, 2)), {{{4, 5}, {4, 2}}, {{4, 5}, {2}}}},
      {"diagonal_scatter", nullptr, OP(diagonal_scatter(x[0], x[1], 1)), {{{4, 5}, {4}}, {{4, 5}, {3}}}},
      {"fill_diagonal_", nullptr, IN_PLACE(y.fill_diagonal_(3)), {{{4, 5}}, {{7, 3}}, {{3, 3, 3}}, {{3, 2, 3}}, {{3}}}},
      {"fill_diagonal_ wrapped",
       nullptr,
       IN_PLACE(y.fill_diagonal_(3, true)),
       {{{4, 5}}, {{7, 3}}, {{3, 2}}, {{9, 2}}}},
      {"nonzero_numpy", kUnchecked, OP(nonzero_numpy(x[0] > 0)[0]), kLines},
      {"argwhere", kUnchecked, OP(argwhere(x[0] > 0)), kAny},
      {"where of a condition", kUnchecked, OP(where(x[0] > 0).back()), kLines},
      {"where of numbers", kUnchecked, OP(where(x[0] > 0, 1, 2)), kAny},
      {"where of floats", kUnchecked, OP(where(x[0] > 0, 1.5, 2)), kAny},
  };
}

}  // namespace ops
