// softmax and log_softmax: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

inline const std::vector<Operands> kSoftmax = {{{5, 2}}, {{}},       {{7}},       {{5, 1}},   {{3, 4, 5}},
                                               {{0, 3}}, {{64, 10}}, {{3, 1003}}, {{1003, 3}}};

template <class Op>
Rows<Op> softmaxes() {
  return {
      {"softmax", "SoftmaxBackward0", OP(softmax(x[0], -1)), kSoftmax, {-10, 10}},
      {"softmax, dim 0", "SoftmaxBackward0", OP(x[0].softmax(0)), kSoftmax, {-10, 10}},
      {"softmax, dim 1", "SoftmaxBackward0", OP(x[0].softmax(1)), kCube, {-10, 10}},
      {"softmax of large ones", kUnchecked, OP(softmax(x[0], -1)), kSoftmax, {-1e4, 1e4}},
      {"softmax to double", "SoftmaxBackward0", OP(softmax(x[0], -1, l.kFloat64)), kSoftmax},
      {"log_softmax", "LogSoftmaxBackward0", OP(log_softmax(x[0], -1)), kSoftmax, {-10, 10}},
      {"log_softmax, dim 0", "LogSoftmaxBackward0", OP(x[0].log_softmax(0)), kSoftmax, {-10, 10}},
      {"log_softmax, dim 1", "LogSoftmaxBackward0", OP(x[0].log_softmax(1)), kCube, {-10, 10}},
      {"log_softmax to double", "LogSoftmaxBackward0", OP(log_softmax(x[0], -1, l.kFloat64)), kSoftmax},
  };
}

}  // namespace ops
