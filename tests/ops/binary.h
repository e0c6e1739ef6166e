// Elementwise functions of two and three tensors: rows as ops/row.h describes.
#pragma once

#include "ops/row.h"

namespace ops {

// f(x[0], x[1]) and x[0].f_(x[1])
#define OF_TWO(f) \
  { OP(f(x[0], x[1])), IN_PLACE(y.f##_(x[1])) }
#define OF_THREE(f, ...) \
  { OP(f(x[0], x[1], x[2] __VA_OPT__(, ) __VA_ARGS__)), IN_PLACE(y.f##_(x[1], x[2] __VA_OPT__(, ) __VA_ARGS__)) }

template <class Op>
Rows<Op> binary() {
  return {
      {"add", "AddBackward0", OF_TWO(add), kTwo},
      {"add, alpha", "AddBackward0", {OP(add(x[0], x[1], 1.5)), IN_PLACE(y.add_(x[1], 1.5).add_(3))}, kTwo},
      {"sub", "SubBackward0", OF_TWO(sub), kTwo},
      {"sub, alpha", "SubBackward0", {OP(sub(x[0], x[1], -0.75)), IN_PLACE(y.sub_(x[1], -0.75).sub_(3))}, kTwo},
      {"mul", "MulBackward0", OF_TWO(mul), kTwo},
      {"div", "DivBackward0", OF_TWO(div), kTwo, 0.6, 2},
      {"operators", "DivBackward1", IN_PLACE(y += x[1]; y *= x[1]; y -= 2; y /= 3), kInto},
      {"pow", "PowBackward1", OF_TWO(pow), kTwo, 0.6, 2},
      {"maximum", "MaximumBackward0", OP(maximum(x[0], x[1])), kTwo},
      {"minimum", "MinimumBackward0", OP(minimum(x[0], x[1])), kTwo},
      {"max, min", nullptr, OP(max(x[0], min(x[0], x[1]))), kTwo, -2, 2},
      {"fmax", "FmaxBackward0", OP(fmax(x[0], x[1])), kTwo},
      {"fmin", "FminBackward0", OP(fmin(x[0], x[1])), kTwo},
      {"atan2", "Atan2Backward0", OF_TWO(atan2), kTwo, 0.3, 2},
      {"hypot", "HypotBackward0", OF_TWO(hypot), kTwo, 0.3, 2},
      {"logaddexp", "LogaddexpBackward0", OP(logaddexp(x[0], x[1])), kTwo, -2, 2},
      {"xlogy", "XlogyBackward0", OF_TWO(xlogy), kTwo, 0.6, 2},
      {"lerp", "LerpBackward0", {OP(lerp(x[0], x[1], 0.3)), IN_PLACE(y.lerp_(x[1], 0.3).lerp_(x[1], x[1]))}, kTwo},
      {"lerp, beyond", "LerpBackward0", OP(lerp(x[0], x[1], 1.7)), kTwo, -2, 2},
      {"rsub", "SubBackward0", OP(rsub(x[0], x[1], 2)), kTwo},
      {"clamp_min", "ClampMinBackward1", {OP(x[0].clamp_min(x[1])), IN_PLACE(y.clamp_min_(x[1]))}, kInto},
      {"clamp_max", "ClampMaxBackward1", {OP(x[0].clamp_max(x[1])), IN_PLACE(y.clamp_max_(x[1] + 1))}, kInto},
      {"where", "WhereBackward0", OP(where(x[0] > x[1], x[0], x[1] * 2)), kTwo},
      {"where, broadcast", "WhereBackward0", OP(where(x[0].sum() > 0, x[0], x[1])), kTwo},
      {"copy_", "MulBackward0", IN_PLACE(y.copy_(x[1]).mul_(x[0])), kInto},
      {"fill_ with a tensor", "MulBackward0", IN_PLACE(y.fill_(x[1]).mul_(x[0])), {{{2, 3}, {}}, {{}, {}}}},
      {"aliases", "DivBackward1", OP(multiply(x[0], x[1]).subtract(x[1], 2).divide(3)), kTwo},
      // Their gradient jumps at every multiple of x[1].
      {"div, not rounded", "DivBackward0", OP(x[0].div(x[1], l.None)), kTwo, 0.5, 3},
      {"fmod_", nullptr, IN_PLACE(y.fmod_(x[1]).fmod_(0.8)), kInto, 2.1, 2.4},
      {"remainder_", nullptr, IN_PLACE(y.remainder_(x[1]).remainder_(0.8)), kInto, 2.1, 2.4},
      {"floor_divide_", nullptr, IN_PLACE(y.div_(x[1], "floor").add_(x[0]).div_(2, "trunc")), kInto, 2.1, 2.4},
      // of three
      {"addcmul", "AddcmulBackward0", OF_THREE(addcmul, 1.5), kThree},
      // theirs squares x[2], which overflows
      {"addcdiv", "AddcdivBackward0", OF_THREE(addcdiv, -1.5), kThree, 0.6, 2},
      {"lerp by tensor", "LerpBackward1", OP(lerp(x[0], x[1], x[2])), kThree, -2, 2},
      // Where both bounds are equal, theirs gives the gradient to none; here that is not compared.
      {"clamp by tensors", "ClampMaxBackward1", OP(x[0].clamp(x[1], x[2] + 0.25)), kThree, -2, 2},
  };
}

}  // namespace ops
