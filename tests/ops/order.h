// Sorting, the largest values, medians and modes: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

template <class Op>
Rows<Op> order() {
  return {
      {"sort", "SortBackward0", OP(std::get<0>(sort(x[0]))), kAny},
      {"sort descending", "SortBackward0", OP(std::get<0>(x[0].sort(0, true))), kLines},
      {"msort", "SortBackward0", OP(msort(x[0])), kLines},
      {"topk", "TopkBackward0", OP(std::get<0>(topk(x[0], 2))), kLines},
      {"topk, many", "TopkBackward0", OP(std::get<0>(x[0].topk(x[0].size(-1) * 2 / 3, -1, true))), kLines},
      {"topk, smallest", "TopkBackward0", OP(std::get<0>(x[0].topk(1, -1, false))), kLines},
      {"topk, all", "TopkBackward0", OP(std::get<0>(x[0].topk(x[0].size(0), 0))), kLines},
      {"topk of none", kUnchecked, OP(std::get<0>(x[0].topk(0, 0))), kLines},
      {"topk of too many", kUnchecked, OP(std::get<0>(x[0].topk(5000, 0))), kLines},
      {"topk of a number", "TopkBackward0", OP(std::get<0>(x[0].topk(1))), {{{}}}},
      {"kthvalue", "SqueezeBackward1", OP(std::get<0>(kthvalue(x[0], 2))), kLines},
      {"kthvalue, first dim", "KthvalueBackward0", OP(std::get<0>(x[0].kthvalue(1, 0, true))), kLines},
      {"kthvalue of 0", kUnchecked, OP(std::get<0>(x[0].kthvalue(0, 0, true))), kLines},
      {"median", "MedianBackward0", OP(median(x[0])), {{{7}}, {{2, 3}}, {{3, 4, 5}}, {{2, 1000}}}},
      {"median dim", "MedianBackward1", OP(std::get<0>(x[0].median(-1, true))), kLines},
      {"median dim 0", "SqueezeBackward1", OP(std::get<0>(median(x[0], 0))), kLines},
      {"nanmedian", "NanmedianBackward0", OP(nanmedian(x[0])), {{{7}}, {{2, 3}}, {{3, 400}}}},
      {"nanmedian dim", "SqueezeBackward1", OP(std::get<0>(x[0].nanmedian(-1))), kLines},
      {"mode", "SqueezeBackward1", OP(std::get<0>(mode(x[0]))), kLines, kPlain},
      {"mode dim 0", "ModeBackward0", OP(std::get<0>(x[0].mode(0, true))), kLines, kPlain},
  };
}

}  // namespace ops
