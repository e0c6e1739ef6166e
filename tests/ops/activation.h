// Activations: rows as ops/row.h describes. Their kinks lie at multiples of 1/2.
#pragma once

#include "ops/row.h"

namespace ops {

// f(x[0], arguments...) and f_(y, arguments...), which is no method
#define AND_IN_PLACE(f, ...) OP(f(x[0] __VA_OPT__(, ) __VA_ARGS__)), IN_PLACE(f##_(y __VA_OPT__(, ) __VA_ARGS__))

template <class Op>
Rows<Op> activation() {
  const std::vector<Operands> halved = {{{2, 6}}, {{6}}, {{0, 4}}, {{37, 112}}};
  const std::vector<Operands> slopes = {{{2, 3}, {3}}, {{}, {1}}, {{7}, {1}}, {{2, 3, 4}, {3}}};
  return {
      {"relu", "ReluBackward0", {IN_BOTH_FORMS(relu), VALUE(x > 0 ? x : 0)}, kOne},
      {"sigmoid",
       "SigmoidBackward0",
       {IN_BOTH_FORMS(sigmoid), VALUE(1 / (1 + std::exp(-x)))},
       kOne,
       {-30, 30},
       {-2, 2}},
      {"tanh", "TanhBackward0", {IN_BOTH_FORMS(tanh), VALUE(std::tanh(x))}, kOne, {-10, 10}, {-2, 2}},
      {"leaky_relu", "LeakyReluBackward0", {AND_IN_PLACE(leaky_relu)}, kOne},
      {"leaky_relu 0.2", "LeakyReluBackward0", {AND_IN_PLACE(leaky_relu, 0.2), VALUE(x > 0 ? x : 0.2 * x)}, kOne},
      {"relu6", "HardtanhBackward0", {AND_IN_PLACE(relu6)}, kOne, {-8, 8, kSpecialResults}},
      {"hardtanh",
       "HardtanhBackward0",
       {AND_IN_PLACE(hardtanh, -1, 0.5), VALUE(std::min(std::max(x, -1.0), 0.5))},
       kOne,
       {-4, 4, kSpecialResults}},
      {"threshold",
       "ThresholdBackward0",
       {AND_IN_PLACE(threshold, 0.5, 7), VALUE(x > 0.5 ? x : 7)},
       kOne,
       {-4, 4, kSpecialResults}},
      {"hardshrink",
       "HardshrinkBackward0",
       {OP(hardshrink(x[0], 1)), VALUE(std::abs(x) <= 1 ? 0 : x)},
       kOne,
       {-4, 4, kSpecialResults}},
      // libtorch makes 0 of NaN
      {"softshrink",
       "SoftshrinkBackward0",
       {OP(softshrink(x[0], 1)), VALUE(x > 1    ? x - 1
                                       : x < -1 ? x + 1
                                                : 0)},
       kOne,
       {-4, 4, kOrdinary}},
      {"elu",
       "EluBackward0",
       {AND_IN_PLACE(elu, 0.7, 1.3, 0.9), VALUE(1.3 * (x > 0 ? x : 0.7 * std::expm1(0.9 * x)))},
       kOne,
       {-8, 8, kSpecialResults},
       {-2, 2}},
      {"selu", "EluBackward0", {AND_IN_PLACE(selu)}, kOne, {-8, 8, kSpecialResults}, {-2, 2}},
      {"celu", "EluBackward0", {AND_IN_PLACE(celu, 1.5)}, kOne, {-8, 8, kSpecialResults}, {-2, 2}},
      {"gelu",
       "GeluBackward0",
       {OP(gelu(x[0])), VALUE(0.5 * x * std::erfc(-x / std::sqrt(2.0)))},
       kOne,
       {-8, 8},
       {-2, 2}},
      {"silu", "SiluBackward0", {OP(silu(x[0])), VALUE(x / (1 + std::exp(-x)))}, kOne, {-30, 30}, {-2, 2}},
      {"mish",
       "MishBackward0",
       {AND_IN_PLACE(mish), VALUE(x * std::tanh(std::log1p(std::exp(x))))},
       kOne,
       {-30, 30, kSpecialResults},
       {-2, 2}},
      {"softplus", "SoftplusBackward0", OP(softplus(x[0])), kOne, {-30, 30}, {-2, 2}},
      {"softplus, beta",
       "SoftplusBackward0",
       {OP(softplus(x[0], 2, 3)), VALUE(2 * x > 3 ? x : std::log1p(std::exp(2 * x)) / 2)},
       kOne},
      {"log_sigmoid",
       "LogSigmoidBackward0",
       {OP(log_sigmoid(x[0])), VALUE(-std::log1p(std::exp(-x)))},
       kOne,
       {-30, 30, kSpecialResults},
       {-2, 2}},
      {"glu", "GluBackward0", OP(glu(x[0], -1)), halved, {-8, 8, kSpecialResults}, {-2, 2}},
      {"rrelu, evaluation", "LeakyReluBackward0", OP(rrelu(x[0], 0.125, 0.375, false)), kOne, {-2, 2, kSpecialResults}},
      {"prelu", "PreluBackward0", OP(prelu(x[0], x[1])), slopes, {-2, 2, kSpecialResults}},
  };
}

}  // namespace ops
