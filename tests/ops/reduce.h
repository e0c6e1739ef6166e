// Reductions: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

inline const std::vector<Operands> kReduced = {{{2, 3, 2}}, {{2, 3}},    {{5, 1}},    {{37, 113}},
                                               {{4, 5, 6}}, {{3, 2000}}, {{2000, 3}}, {{1, 20000}}};
inline const std::vector<Operands> kProduct = {{{3}}, {{}}, {{2, 4}}, {{0, 2}}};
inline const std::vector<Operands> kSome = {{{2, 3}}, {{}}, {{7}}, {{3, 1, 4}}, {{37, 113}}};

template <class Op>
Rows<Op> reduce() {
  return {
      {"sum", "SumBackward0", OP(sum(x[0])), kReduced},
      {"sum, all sizes", "SumBackward0", OP(sum(x[0])), kOne},
      {"sum dim", "SumBackward1", OP(x[0].sum(0)), kReduced},
      {"sum dims", "SumBackward1", OP(x[0].sum(Sizes{0, -1}, true)), kReduced},
      {"sum no dims", nullptr, OP(x[0].sum(Sizes{})), kOne},
      {"sum to double", "SumBackward1", OP(x[0].sum({1}, false, l.kFloat64)), kReduced},
      {"mean", "MeanBackward0", OP(mean(x[0])), kReduced},
      {"mean, all sizes", "MeanBackward0", OP(mean(x[0])), kOne},
      {"mean dim", "MeanBackward1", OP(x[0].mean({-1})), kReduced},
      {"mean dims", "MeanBackward1", OP(x[0].mean(Sizes{0, 1}, true)), kReduced},
      {"var", "VarBackward0", OP(var(x[0])), kReduced},
      {"var, all sizes", "VarBackward0", OP(var(x[0], false)), kSome},
      {"var dim", "VarBackward0", OP(x[0].var({0}, true, true)), kReduced},
      {"var dims", "VarBackward0", OP(x[0].var(Sizes{0, 1}, false)), kReduced},
      {"std", "StdBackward0", OP(x[0].std(true)), kReduced},
      {"std dim",
       "StdBackward0",
       OP(x[0].std({1}, false, true)),
       {{{2, 3, 2}}, {{2, 3}}, {{37, 113}}, {{4, 5, 6}}, {{3, 2000}}, {{2000, 3}}, {{1, 20000}}}},
      {"std dim of single values", kUnchecked, OP(x[0].std({1}, false, true)), {{{5, 1}}}},
      {"prod", "ProdBackward0", OP(prod(x[0])), kProduct},
      {"max", "MaxBackward1", OP(max(x[0])), kReduced},
      {"min", "MinBackward1", OP(min(x[0])), kReduced},
      {"max, all sizes", "MaxBackward1", OP(max(x[0])), kOne},
      {"max dim", "MaxBackward0", OP(std::get<0>(x[0].max(1))), kReduced},
      {"max dim, where", kUnchecked, OP(std::get<1>(x[0].max(1, true))), kReduced},
      {"min dim", "MinBackward0", OP(std::get<0>(x[0].min(0, true))), kReduced},
      {"min dim, where", kUnchecked, OP(std::get<1>(x[0].min(0))), kReduced},
      {"amax", "AmaxBackward0", OP(amax(x[0])), kReduced},
      {"amax dims", "AmaxBackward0", OP(x[0].amax({0, 1}, true)), kReduced},
      {"amin dim", "AminBackward0", OP(x[0].amin(-1)), kReduced},
      {"argmax", kUnchecked, OP(argmax(x[0])), kReduced},
      {"argmax dim", kUnchecked, OP(x[0].argmax(0, true)), kReduced},
      {"argmin", kUnchecked, OP(argmin(x[0])), kReduced},
      {"argmin dim", kUnchecked, OP(x[0].argmin(-1)), kReduced},
      {"all", kUnchecked, OP(all(x[0])), kOne},
      {"all dim", kUnchecked, OP((x[0] > -1).all(0)), kReduced},
      {"any", kUnchecked, OP(any(x[0])), kOne},
      {"any dim", kUnchecked, OP((x[0] > 1).any(1, true)), kReduced},
      {"norm", "NormBackward0", OP(norm(x[0])), kReduced},
      {"norm, all sizes", "NormBackward0", OP(norm(x[0])), kOne},
      {"norm 1", "NormBackward0", OP(norm(x[0], 1)), kReduced},
      {"norm 3 dim", "NormBackward1", OP(x[0].norm(3, {0})), kReduced},
      {"norm 1.5 dim", "NormBackward1", OP(x[0].norm(1.5, {0}, true)), kReduced},
      {"norm 0 dim", "NormBackward1", OP(x[0].norm(0, {1})), kReduced},
      {"norm inf", "NormBackward0", OP(norm(x[0], INFINITY)), kReduced, {-2, 2}, {-2, 1}},
      {"norm -inf dim", "NormBackward1", OP(x[0].norm(-INFINITY, {1})), kReduced},
      {"norm 2 dims", "NormBackward1", OP(x[0].norm(2, Sizes{0, 1})), kReduced},
      {"logsumexp", "LogsumexpBackward0", OP(x[0].logsumexp(Sizes{0, 1})), kReduced},
      {"logsumexp dim", "LogsumexpBackward0", OP(logsumexp(x[0], {-1}, true)), kReduced},
      {"sum_to_size", nullptr, OP(l.sum_to_size(x[0], {3, 1})), {{{2, 3, 4}}, {{3, 4}}, {{3, 1}}}},
      {"sum_to_size, number", nullptr, OP(l.sum_to_size(x[0], {})), {{{2, 3, 4}}, {{}}}},
  };
}

}  // namespace ops
