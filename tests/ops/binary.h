// Elementwise functions of two and three tensors: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

// f(x[0], x[1]) and x[0].f_(x[1])
#define OF_TWO(f) \
  { OP(f(x[0], x[1])), IN_PLACE(y.f##_(x[1])) }

inline const std::vector<Operands> kInto3 = {{{2, 3}, {3}, {2, 1}}, {{4}, {}, {4}}, {{19, 33}, {19, 33}, {33}}};

template <class Op>
Rows<Op> binary() {
  return {
      {"add", "AddBackward0", OF_TWO(add), kTwo},
      {"add, alpha", "AddBackward0", {OP(add(x[0], x[1], 1.5)), IN_PLACE(y.add_(x[1], 1.5).add_(3))}, kTwo},
      {"sub", "SubBackward0", OF_TWO(sub), kTwo},
      {"sub, alpha", "SubBackward0", {OP(sub(x[0], x[1], -0.75)), IN_PLACE(y.sub_(x[1], -0.75).sub_(3))}, kTwo},
      {"mul", "MulBackward0", {OP(mul(x[0], x[1])), IN_PLACE(y.mul_(x[1]).mul_(3))}, kTwo},
      {"div", "DivBackward0", {OP(div(x[0], x[1])), IN_PLACE(y.div_(x[1]).div_(3))}, kTwo, {0.5, 3}, {0.6, 2}},
      {"operators", "DivBackward1", IN_PLACE(y += x[1]; y *= x[1]; y -= 2; y /= 3), kInto},
      {"pow", "PowBackward1", OF_TWO(pow), kTwo, {0.1, 3}, {0.6, 2}},
      {"pow of any", kUnchecked, OP(pow(x[0], x[1])), kTwo, {-3, 3}},
      {"maximum", "MaximumBackward0", OP(maximum(x[0], x[1])), kTwo},
      {"minimum", "MinimumBackward0", OP(minimum(x[0], x[1])), kTwo},
      {"max, min", nullptr, OP(max(x[0], min(x[0], x[1]))), kTwo, kPlain},
      {"fmax", "FmaxBackward0", OP(fmax(x[0], x[1])), kTwo},
      {"fmin", "FminBackward0", OP(fmin(x[0], x[1])), kTwo},
      {"atan2", "Atan2Backward0", OF_TWO(atan2), kTwo, kPlain, {0.3, 2}},
      {"atan2 of special values", kUnchecked, OP(atan2(x[0].detach(), x[1].detach())), kTwo},
      {"hypot", "HypotBackward0", OF_TWO(hypot), kTwo, kPlain, {0.3, 2}},
      {"hypot of special values", kUnchecked, OP(hypot(x[0].detach(), x[1].detach())), kTwo},
      {"logaddexp", "LogaddexpBackward0", OP(logaddexp(x[0], x[1])), kTwo, {-20, 20}, {-2, 2}},
      {"xlogy", "XlogyBackward0", OF_TWO(xlogy), kTwo, {-2, 2}, {0.6, 2}},
      {"lerp", "LerpBackward0", {OP(lerp(x[0], x[1], 0.3)), IN_PLACE(y.lerp_(x[1], 0.3).lerp_(x[1], x[1]))}, kTwo},
      {"lerp, beyond", "LerpBackward0", OP(lerp(x[0], x[1], 1.7)), kTwo, kPlain},
      {"rsub", "SubBackward0", OP(rsub(x[0], x[1], 2)), kTwo},
      {"clamp_min", "ClampMinBackward1", {OP(x[0].clamp_min(x[1])), IN_PLACE(y.clamp_min_(x[1]))}, kInto},
      {"clamp_max", "ClampMaxBackward1", {OP(x[0].clamp_max(x[1])), IN_PLACE(y.clamp_max_(x[1] + 1))}, kInto},
      {"where", "WhereBackward0", OP(where(x[0] > x[1], x[0], x[1] * 2)), kTwo},
      {"where, broadcast", "WhereBackward0", OP(where(x[0].sum() > 0, x[0], x[1])), kTwo},
      {"copy_", "MulBackward0", IN_PLACE(y.copy_(x[1]).mul_(x[0])), kInto},
      {"fill_ with a tensor", "MulBackward0", IN_PLACE(y.fill_(x[1]).mul_(x[0])), {{{2, 3}, {}}, {{}, {}}}},
      {"aliases", "DivBackward1", OP(multiply(x[0], x[1]).subtract(x[1], 2).divide(3)), kTwo},
      // Their gradient jumps at every multiple of x[1].
      {"div, not rounded", "DivBackward0", OP(x[0].div(x[1], l.None)), kTwo, {0.5, 3}},
      {"fmod_", nullptr, IN_PLACE(y.fmod_(x[1]).fmod_(0.8)), kInto, {0.6, 7, kOrdinary}, {2.1, 2.4}},
      {"remainder_", nullptr, IN_PLACE(y.remainder_(x[1]).remainder_(0.8)), kInto, {0.6, 7, kOrdinary}, {2.1, 2.4}},
      {"floor_divide_",
       nullptr,
       IN_PLACE(y.div_(x[1], "floor").add_(x[0]).div_(2, "trunc")),
       kInto,
       {0.6, 7, kOrdinary},
       {2.1, 2.4}},
      // of three
      {"addcmul", "AddcmulBackward0", OP(addcmul(x[0], x[1], x[2], 1.5)), kThree},
      {"addcmul_", "AddcmulBackward0", IN_PLACE(y.addcmul_(x[1], x[2], 1.5)), kInto3, kPlain},
      // theirs squares x[2], which overflows
      {"addcdiv", "AddcdivBackward0", OP(addcdiv(x[0], x[1], x[2], -1.5)), kThree, {0.5, 3, kOrdinary}, {0.6, 2}},
      {"addcdiv_", "AddcdivBackward0", IN_PLACE(y.addcdiv_(x[1], x[2], -1.5)), kInto3, {0.5, 3, kOrdinary}, {0.6, 2}},
      {"lerp by tensor", "LerpBackward1", OP(lerp(x[0], x[1], x[2])), kThree, kPlain},
      // Where both bounds are equal, theirs gives the gradient to none; here that is not compared.
      {"clamp by tensors", "ClampMaxBackward1", OP(x[0].clamp(x[1], x[2] + 0.25)), kInto3, kPlain},
  };
}

}  // namespace ops
