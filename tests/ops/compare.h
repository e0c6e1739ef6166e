// Comparisons, logic and what bool comes of: rows as ops/row.h describes, none of which has a gradient.
#pragma once

#include "ops/row.h"

namespace ops {

template <class Op>
Rows<Op> compare() {
  return {
      {"eq", kUnchecked, OP(x[0] == x[1]), kTwo},
      {"ne", kUnchecked, OP(x[0] != x[1]), kTwo},
      {"lt", kUnchecked, OP(x[0] < x[1]), kTwo},
      {"le", kUnchecked, OP(x[0] <= x[1]), kTwo},
      {"gt", kUnchecked, OP(x[0] > x[1]), kTwo},
      {"ge", kUnchecked, OP(x[0] >= x[1]), kTwo},
      {"eq number", kUnchecked, OP(x[0] == 1), kOne},
      {"ne number", kUnchecked, OP(x[0] != 1), kOne},
      {"lt number", kUnchecked, OP(x[0] < 0.5), kOne},
      {"le number", kUnchecked, OP(x[0] <= 1), kOne},
      {"gt number", kUnchecked, OP(x[0] > 0.5), kOne},
      {"ge number", kUnchecked, OP(x[0] >= 1), kOne},
      {"number on the left", kUnchecked, OP((0.5 < x[0]).logical_xor(x[0].greater_equal(1)).logical_and(1 != x[0])),
       kOne},
      {"logical_not", kUnchecked, OP(logical_not(x[0])), kOne},
      {"logical_and", kUnchecked, OP(logical_and(x[0], x[1])), kTwo},
      {"logical_or", kUnchecked, OP(logical_or(x[0], x[1])), kTwo},
      {"logical_xor", kUnchecked, OP(logical_xor(x[0], x[1])), kTwo},
      {"logical in place", kUnchecked,
       IN_PLACE(y = x[0].detach().clone(); y.logical_xor_(x[1].detach()).logical_not_()), kInto},
      {"signbit", kUnchecked, OP(signbit(x[0])), kOne},
      {"isnan", kUnchecked, OP(isnan(x[0])), kOne},
      {"isinf", kUnchecked, OP(isinf(x[0])), kOne},
      {"isfinite", kUnchecked, OP(isfinite(x[0])), kOne},
      {"isclose", kUnchecked, OP(isclose(x[0], x[1], 0.1, 0.2)), kTwo},
      {"isclose, NaN", kUnchecked, OP(isclose(x[0], x[1], 0.1, 0.2, true)), {{{37, 113}, {113}}, {{3}, {3}}}},
      {"equal", kUnchecked, OP(l.ints({equal(x[0], x[1])})), {{{2, 3}, {2, 3}}, {{3}, {3}}}},
      {"allclose", kUnchecked, OP(l.ints({allclose(x[0], x[1], 0.5, 2)})), {{{2, 3}, {3}}, {{3}, {3}}}},
  };
}

}  // namespace ops
