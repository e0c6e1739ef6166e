// Running sums and products, and reductions made of others: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

inline const std::vector<Operands> kRunning = {{{2, 3, 4}}, {{5}}, {{3, 4}}, {{2, 0}}, {{37, 300}}};
inline const std::vector<Operands> kReducible = {{{3, 4}}, {{1, 5}}, {{37, 113}}};
inline const std::vector<Operands> kDeviating = {{{3, 4}}, {{37, 113}}};

template <class Op>
Rows<Op> running() {
  const std::vector<Operands> products = {{{2, 3, 4}}, {{5}}, {{3, 4}}, {{2, 0}}, {{20, 30}}};
  return {
      {"cumsum", "CumsumBackward0", {OP(cumsum(x[0], 0)), IN_PLACE(y.cumsum_(0))}, kRunning, kPlain},
      {"cumsum, last", "CumsumBackward0", OP(x[0].cumsum(-1)), kRunning, kPlain},
      {"cumsum of a number", nullptr, OP(cumsum(x[0], 0)), {{{}}}},
      {"cumsum to double", "CumsumBackward0", OP(cumsum(x[0], 0, l.kFloat64)), kRunning, kPlain},
      {"cumprod",
       "CumprodBackward0",
       {OP(cumprod(x[0], 0)), IN_PLACE(y.cumprod_(0))},
       products,
       {-1.5, 1.5, kOrdinary}},
      {"cumprod, last", "CumprodBackward0", OP(x[0].cumprod(-1)), products, {-1.5, 1.5, kOrdinary}},
      {"in place", nullptr, IN_PLACE(y.cumsum_(0).cumprod_(-1)), {{{5}}, {{3, 4}}}, {-1.5, 1.5, kOrdinary}},
      {"std_mean", nullptr,
       OP(std::get<0>(std_mean(x[0], Sizes{1})) * std::get<1>(std_mean(x[0], Sizes{1}, true, true)).sum()), kDeviating,
       kPlain},
      {"var_mean", nullptr, OP(std::get<0>(var_mean(x[0])) * std::get<1>(var_mean(x[0], false))), kDeviating, kPlain},
      {"nansum", kUnchecked, OP((x[0] / x[0] * x[0]).detach().nansum()), kReducible, kPlain},
      {"nansum dims", nullptr, OP(nansum(x[0], Sizes{0}, true)), kReducible, kPlain},
      {"aminmax", kUnchecked, OP(std::get<0>(x[0].detach().aminmax()) + std::get<1>(x[0].detach().aminmax(1))),
       kReducible, kPlain},
      {"prod dim", "ProdBackward1", OP(prod(x[0], 0)), {{{3, 4}}, {{5}}, {{0, 4}}}, kPlain},
      {"prod dim, kept", "ProdBackward1", OP(x[0].prod(-1, true)), {{{2, 3, 4}}, {{5}}, {{3, 4}}}, kPlain},
      {"var, correction", nullptr, OP(x[0].var({0}, l.number(0), true)), kReducible, kPlain},
      {"std, correction", nullptr, OP(x[0].std({1}, l.number(2))), kDeviating, kPlain},
      {"count_nonzero", kUnchecked, OP(x[0].count_nonzero(Sizes{1})), kReducible},
      {"trace", nullptr, OP(trace(x[0])), kReducible},
      {"norm to double", nullptr, OP(norm(x[0], 3, l.kFloat64)), kReducible, kPlain},
      {"norm to double, dim", nullptr, OP(x[0].norm(2, {1}, true, l.kFloat64)), kReducible, kPlain},
  };
}

// Libtorch's float32 gradient of 300 values is 2e-5 from its own in float64.
template <class Op>
Rows<Op> logcumsumexp() {
  return {{"logcumsumexp",
           "LogcumsumexpBackward0",
           OP(logcumsumexp(x[0], -1)),
           {{{3, 4}}, {{5}}, {{2, 3, 4}}, {{20, 300}}},
           {-20, 20, kOrdinary},
           {-2, 2}}};
}

}  // namespace ops
