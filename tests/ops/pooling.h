// Pooling: rows as ops/row.h describes. Means of infinities and 1e30 depend on the order of additions.
#pragma once

#include "ops/row.h"

namespace ops {

inline const std::vector<Operands> kImages = {{{1, 2, 4, 5}},   {{2, 3, 8, 10}}, {{3, 9, 7}},
                                              {{2, 1, 28, 28}}, {{1, 2, 5, 33}}, {{0, 2, 8, 8}}};
inline const std::vector<Operands> kSeries = {{{2, 2, 7}}, {{2, 3, 9}}, {{3, 40}}, {{0, 2, 8}}};

template <class Op>
Rows<Op> pooling() {
  return {
      {"max_pool2d 2", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], 2)), kImages},
      {"max_pool2d 2, its indices", kUnchecked, OP(std::get<1>(max_pool2d_with_indices(x[0], 2))), kImages},
      {"max_pool2d 3/2, padded", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], 3, 2, 1)), kImages},
      {"max_pool2d 3/2, padded, its indices", kUnchecked, OP(std::get<1>(max_pool2d_with_indices(x[0], 3, 2, 1))),
       kImages},
      {"max_pool2d 3/1", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], {3, 2}, {1, 1})), kImages},
      {"max_pool2d 2/3", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], 2, 3)), kImages},
      {"max_pool2d, dilated", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], {2, 3}, {1, 2}, {1, 1}, {3, 2})),
       kImages},
      {"max_pool2d, dilated, its indices", kUnchecked,
       OP(std::get<1>(max_pool2d_with_indices(x[0], {2, 3}, {1, 2}, {1, 1}, {3, 2}))), kImages},
      {"max_pool2d, ceil_mode", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], 2, 2, 0, 1, true)), kImages},
      {"max_pool2d, ceil_mode, padded", "MaxPool2DWithIndicesBackward0",
       OP(max_pool2d(x[0], {3, 2}, {2, 3}, 1, 1, true)), kImages},
      {"max_pool2d, a huge window, its indices", kUnchecked,
       OP(std::get<1>(max_pool2d_with_indices(x[0], {18, 34}, {2, 3}, {9, 17}))), kImages},
      {"max_pool2d, a huge window", "MaxPool2DWithIndicesBackward0", OP(max_pool2d(x[0], {18, 34}, {2, 3}, {9, 17})),
       kImages},
      {"max_pool1d", nullptr, OP(max_pool1d(x[0], 2)), kSeries},
      {"max_pool1d, padded", nullptr, OP(max_pool1d(x[0], 3, 1, 1)), kSeries},
      {"max_pool1d, its indices", kUnchecked, OP(std::get<1>(max_pool1d_with_indices(x[0], 3, 2, 1, 2))), kSeries},
      {"avg_pool2d 2", "AvgPool2DBackward0", OP(avg_pool2d(x[0], 2)), kImages, kPlain},
      {"avg_pool2d 3/1, padded", "AvgPool2DBackward0", OP(avg_pool2d(x[0], 3, 1, 1)), kImages, kPlain},
      {"avg_pool2d, ceil_mode", "AvgPool2DBackward0", OP(avg_pool2d(x[0], {3, 2}, {2, 3}, 1, true)), kImages, kPlain},
      {"avg_pool2d, padding not counted", "AvgPool2DBackward0", OP(avg_pool2d(x[0], {3, 2}, {2, 3}, 1, true, false)),
       kImages, kPlain},
      {"avg_pool2d, own divisor", "AvgPool2DBackward0", OP(avg_pool2d(x[0], 2, 2, 0, false, true, 3)), kImages, kPlain},
      {"avg_pool2d of everything", "AvgPool2DBackward0", OP(avg_pool2d(x[0], {4, 5})), {{{1, 2, 4, 5}}}, kPlain},
      {"avg_pool1d", nullptr, OP(avg_pool1d(x[0], 3, 2, 1)), kSeries, kPlain},
      {"avg_pool1d, ceil_mode", nullptr, OP(avg_pool1d(x[0], 2, 3, 1, true, false)), kSeries, kPlain},
      {"adaptive_max_pool2d", "AdaptiveMaxPool2DBackward0", OP(std::get<0>(adaptive_max_pool2d(x[0], {3, 4}))),
       kImages},
      {"adaptive_max_pool2d, its indices", kUnchecked, OP(std::get<1>(adaptive_max_pool2d(x[0], {3, 4}))), kImages},
      {"adaptive_max_pool1d", nullptr, OP(std::get<0>(adaptive_max_pool1d(x[0], 4))), kSeries},
      {"adaptive_max_pool1d, its indices", kUnchecked, OP(std::get<1>(adaptive_max_pool1d(x[0], 4))), kSeries},
      {"adaptive_avg_pool2d", "AdaptiveAvgPool2DBackward0", OP(adaptive_avg_pool2d(x[0], {3, 4})), kImages, kPlain},
      {"adaptive_avg_pool2d to one", "AdaptiveAvgPool2DBackward0", OP(adaptive_avg_pool2d(x[0], {1, 1})), kImages,
       kPlain},
      {"adaptive_avg_pool2d to more", "AdaptiveAvgPool2DBackward0", OP(adaptive_avg_pool2d(x[0], {12, 11})), kImages,
       kPlain},
      {"adaptive_avg_pool1d", nullptr, OP(adaptive_avg_pool1d(x[0], 4)), kSeries, kPlain},
  };
}

}  // namespace ops
