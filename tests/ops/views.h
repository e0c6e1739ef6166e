// Views, joins and copies: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

inline const std::vector<Operands> kParts = {{{6, 5}, {6, 5}}, {{7, 4}, {7, 4}}, {{9, 3, 2}, {9, 3, 2}}};

template <class Op>
Rows<Op> views() {
  return {
      {"view", nullptr, OP(x[0].contiguous().view({-1, 2})), kCube},
      {"reshape", nullptr, OP(reshape(x[0], {2, -1})), {{{3, 4}}, {{2, 5, 3}}, {{6}}}},
      {"reshape to a number", nullptr, OP(x[0].reshape({})), {{{1, 1}}, {{}}}},
      {"flatten", nullptr, OP(flatten(x[0])), kOne},
      {"flatten part", nullptr, OP(x[0].flatten(1, 2)), kCube},
      {"transpose", nullptr, OP(transpose(x[0], 0, -1)), kCube},
      {"permute", nullptr, OP(permute(x[0], {2, 0, 1})), kCube},
      {"t", nullptr, OP(t(x[0])), kMatrix},
      {"t of a vector", nullptr, OP(x[0].t()), {{{3}}, {{}}}},
      {"squeeze", nullptr, OP(squeeze(x[0])), {{{1, 3, 1}}, {{1}}, {{2, 3}}}},
      {"squeeze dim", nullptr, OP(x[0].squeeze(1)), {{{2, 1, 3}}, {{2, 3}}}},
      {"unsqueeze", nullptr, OP(unsqueeze(x[0], -1).unsqueeze(0)), kOne},
      {"expand", nullptr, OP(x[0].expand({4, -1, 3})), {{{2, 3}}, {{2, 1}}, {{4, 1, 3}}}},
      {"select", nullptr, OP(select(x[0], 1, -1)), kMatrix},
      {"operator[]", nullptr, OP(x[0][1][2]), {{{4, 5}}, {{3, 4, 2}}}},
      {"slice", nullptr, OP(slice(x[0], 1, 1, l.None, 2)), kMatrix},
      {"slice beyond", nullptr, OP(slice(x[0], 1, -100, 100, 3)), kMatrix},
      {"slice of nothing", nullptr, OP(slice(x[0], 1, 3, 1)), kMatrix},
      {"narrow", nullptr, OP(narrow(x[0], 1, 2, 3)), kMatrix},
      {"diagonal", nullptr, OP(diagonal(x[0])), kMatrix},
      {"diagonal, offset", nullptr, OP(x[0].diagonal(-1, 2, 0)), kCube},
      {"as_strided", nullptr, OP(x[0].clone().as_strided({3, 2}, {1, 2}, 1)), {{{4, 5}}, {{7}}}},
      {"chunk", nullptr, OP(cat(x[0].chunk(4, 0)) * x[1]), kParts},
      {"chunk, the last", nullptr, OP(x[0].chunk(4, 0).back()), kParts},
      {"split", nullptr, OP(x[0].split(4, 0)[1] * 2), kParts},
      {"split_with_sizes", nullptr, OP(x[0].split_with_sizes({2, 0, x[0].size(0) - 2}, 0)[2]), kParts},
      {"unbind", nullptr, OP(stack(x[0].unbind(1), 0)), kParts},
      {"broadcast_tensors", nullptr, OP(cat(broadcast_tensors(x))), kTwo},
      {"cat", "CatBackward0", OP(cat(x)), kParts},
      {"cat, last dim", "CatBackward0", OP(cat(x, -1)), {{{2, 3}, {2, 1}}, {{2, 0}, {2, 3}}, {{40, 30}, {40, 50}}}},
      {"cat of one that is nothing", "CatBackward0", OP(cat(x, 1)), {{{0}, {2, 3}}, {{2, 3}, {0}}}},
      {"cat with nothing", "CatBackward0", OP(cat(x)), {{{2, 3}, {0}}, {{0}, {2, 3}}}},
      {"cat of one twice",
       "CatBackward0",
       OP(cat(std::vector{x[0], x[1], x[0]}, -1)),
       {{{3, 4}, {3, 2}}, {{3, 1}, {3, 2}}}},
      {"cat with a constant", "CatBackward0", OP(cat(std::vector{l.ints({1, 2, 3}).to(x[0].dtype()), x[0]})), {{{4}}}},
      {"stack", "StackBackward0", OP(stack(x, 1)), kParts},
      {"stack of numbers", "StackBackward0", OP(stack(x)), {{{}, {}, {}}}},
      // copies; float32 is too coarse for the gradient check
      {"clone", "CloneBackward0", OP(clone(x[0])), kOne},
      {"contiguous", nullptr, OP(x[0].contiguous()), kOne},
      {"contiguous of a transposed", "CloneBackward0", OP(x[0].t().contiguous()), kMatrix},
      {"detach", kUnchecked, OP(detach(x[0])), kOne},
      {"to float", kUnchecked, OP(x[0].to(l.kFloat32) * 2), kOne},
      {"to double", nullptr, OP(x[0].to(l.kFloat64) * 2), kOne},
      {"to int", kUnchecked, OP(x[0].to(l.kInt64)), kOne, {-100, 100}},
      {"to bool", kUnchecked, OP(x[0].to(l.kBool)), kOne},
      {"to double and back", kUnchecked, OP(x[0].to(l.kFloat64).square().to(l.kFloat32)), kOne},
      {"mixed", kUnchecked, OP(x[0].to(l.kFloat64) * x[0] + x[0].to(l.kFloat32)), kOne},
  };
}

}  // namespace ops
