// Functions of every element: of one tensor, of two or three, comparisons, activations, losses.
#pragma once

#include "functions.h"

namespace bench {

namespace nnf = torch::nn::functional;

// x.name() of values in (0, 1), or of both signs
#define UNIFORM(name, grads) \
  { "unary", #name, one_uniform, F(x[0].name()), grads }
#define NORMAL(name, grads) \
  { "unary", #name, one_normal, F(x[0].name()), grads }

inline const Rows& unary_rows() {
  static const Rows rows = {
      NORMAL(neg, 1),
      NORMAL(abs, 1),
      NORMAL(sign, 0),
      NORMAL(square, 1),
      UNIFORM(sqrt, 1),
      UNIFORM(rsqrt, 1),
      UNIFORM(reciprocal, 1),
      NORMAL(exp, 1),
      NORMAL(exp2, 1),
      NORMAL(expm1, 1),
      UNIFORM(log, 1),
      UNIFORM(log2, 1),
      UNIFORM(log10, 1),
      UNIFORM(log1p, 1),
      NORMAL(sin, 1),
      NORMAL(cos, 1),
      NORMAL(tan, 1),
      UNIFORM(asin, 1),
      UNIFORM(acos, 1),
      NORMAL(atan, 1),
      NORMAL(sinh, 1),
      NORMAL(cosh, 1),
      NORMAL(tanh, 1),
      NORMAL(asinh, 1),
      UNIFORM(atanh, 1),
      NORMAL(erf, 1),
      NORMAL(erfc, 1),
      UNIFORM(erfinv, 1),
      UNIFORM(lgamma, 1),
      UNIFORM(digamma, 0),
      NORMAL(floor, 0),
      NORMAL(ceil, 0),
      NORMAL(round, 0),
      NORMAL(trunc, 0),
      NORMAL(frac, 1),
      NORMAL(logical_not, 0),
      NORMAL(isnan, 0),
      NORMAL(isinf, 0),
      NORMAL(isfinite, 0),
      NORMAL(signbit, 0),
      NORMAL(nan_to_num, 1),
      {"unary", "acosh", IN(uniform(s.matrix) + 1), F(x[0].acosh()), 1},
      {"unary", "clamp", one_normal, F(x[0].clamp(-0.5, 0.5)), 1},
      {"unary", "clamp(min)", one_normal, F(x[0].clamp_min(0.1)), 1},
      {"unary", "x + 1", one_normal, F(x[0] + 1), 1},
      {"unary", "x * 2", one_normal, F(x[0] * 2), 1},
      {"unary", "x / 3", one_normal, F(x[0] / 3), 1},
      {"unary", "1 / x", one_uniform, F(1 / x[0]), 1},
      {"unary", "1 - x", one_uniform, F(1 - x[0]), 1},
      {"unary", "x ^ 2", one_uniform, F(x[0].pow(2)), 1},
      {"unary", "x ^ 3", one_uniform, F(x[0].pow(3)), 1},
      {"unary", "x ^ 0.5", one_uniform, F(x[0].pow(0.5)), 1},
      {"unary", "x ^ 2.3", one_uniform, F(x[0].pow(2.3)), 1},
      {"unary", "2 ^ x", one_uniform, F(torch::pow(2, x[0])), 1},
      {"unary", "x % 0.3", one_normal, F(x[0].remainder(0.3)), 1},
      {"unary", "fmod 0.3", one_normal, F(x[0].fmod(0.3)), 1},
      {"unary", "x // 0.3", one_normal, F(x[0].floor_divide(0.3)), 0},
      {"unary", "exp of double", IN(normal(s.matrix).to(torch::kDouble)), F(x[0].exp()), 0},
      {"unary", "sin of double", IN(normal(s.matrix).to(torch::kDouble)), F(x[0].sin()), 0},
      {"unary", "exp of int64", IN(integers(s.matrix, 10)), F(x[0].exp()), 0},
      {"unary", "neg of int64", IN(integers(s.matrix)), F(-x[0]), 0},
      {"unary", "abs of int64", IN(integers(s.matrix)), F(x[0].abs()), 0},
      {"unary", "not of bool", IN(mask(s.matrix)), F(x[0].logical_not()), 0},
      {"unary", "mul_(1)", IN(normal(s.matrix).clone()), F(Tensor(x[0]).mul_(1)), 0},
      {"unary", "add_(0)", IN(normal(s.matrix).clone()), F(Tensor(x[0]).add_(0)), 0},
      {"unary", "sigmoid_", IN(normal(s.matrix).clone()), F(Tensor(x[0]).sigmoid_()), 0},
      {"unary", "exp of a transposed one", IN(normal(s.matrix).t()), F(x[0].exp()), 0},
      {"unary", "exp of every other column", IN(normal(s.matrix).slice(1, 0, s.matrix[1], 2)), F(x[0].exp()), 0},
  };
  return rows;
}

#define BINARY(name, inputs, grads) \
  { "binary", #name, inputs, F(x[0].name(x[1])), grads }
#define COMPARE(name) \
  { "compare", #name, two_normal, F(x[0].name(x[1])), 0 }
#define OF_LONG(name, expression) \
  { "binary", name " of int64", IN(integers(s.matrix), integers(s.matrix)), F(expression), 0 }

inline const Rows& binary_rows() {
  static const Rows rows = {
      BINARY(add, two_normal, 2),
      BINARY(sub, two_normal, 2),
      BINARY(mul, two_normal, 2),
      BINARY(div, two_uniform, 2),
      BINARY(pow, two_uniform, 2),
      BINARY(fmod, two_uniform, 2),
      BINARY(remainder, two_uniform, 2),
      BINARY(floor_divide, two_uniform, 0),
      BINARY(xlogy, two_uniform, 2),
      BINARY(maximum, two_normal, 2),
      BINARY(minimum, two_normal, 2),
      BINARY(fmax, two_normal, 2),
      BINARY(fmin, two_normal, 2),
      BINARY(atan2, two_normal, 2),
      BINARY(hypot, two_normal, 2),
      BINARY(logaddexp, two_normal, 2),
      {"binary", "remainder of either sign", two_normal, F(x[0].remainder(x[1])), 2},
      {"binary", "add(alpha)", two_normal, F(x[0].add(x[1], 0.3)), 2},
      {"binary", "div(trunc)", two_uniform, F(x[0].div(x[1], "trunc")), 0},
      {"binary", "lerp", two_normal, F(x[0].lerp(x[1], 0.3)), 2},
      {"binary", "lerp(tensor)", three_uniform, F(x[0].lerp(x[1], x[2])), 3},
      {"binary", "addcmul", three_uniform, F(x[0].addcmul(x[1], x[2], 0.5)), 3},
      {"binary", "addcdiv", three_uniform, F(x[0].addcdiv(x[1], x[2], 0.5)), 3},
      {"binary", "add_", IN(normal(s.matrix).clone(), normal(s.matrix, 1)), F(Tensor(x[0]).add_(x[1], 1e-9)), 0},
      {"binary", "mul_", IN(normal(s.matrix).clone(), torch::ones(s.matrix)), F(Tensor(x[0]).mul_(x[1])), 0},
      {"binary", "matrix + row", IN(normal(s.matrix), normal({s.matrix[1]}, 1)), F(x[0] + x[1]), 2},
      {"binary", "matrix * column", IN(normal(s.matrix), normal({s.matrix[0], 1}, 1)), F(x[0] * x[1]), 2},
      {"binary", "row * column", IN(normal({s.matrix[1]}), normal({s.matrix[0], 1}, 1)), F(x[0] * x[1]), 2},
      {"binary", "matrix + zero-dim", IN(normal(s.matrix), normal({1}, 1).view(Sizes{})), F(x[0] + x[1]), 2},
      {"binary", "narrow + row", IN(normal(s.narrow), normal({s.narrow[1]}, 1)), F(x[0] + x[1]), 2},
      {"binary", "narrow * column", IN(normal(s.narrow), normal({s.narrow[0], 1}, 1)), F(x[0] * x[1]), 2},
      {"binary", "images * channel", IN(normal(s.images), normal({1, s.images[1], 1, 1}, 1)), F(x[0] * x[1]), 2},
      {"binary", "matrix + transposed", IN(normal(s.matrix), normal({s.matrix[1], s.matrix[0]}, 1).t()), F(x[0] + x[1]),
       2},
      {"binary", "transposed + transposed", IN(normal(s.matrix).t(), normal(s.matrix, 1).t()), F(x[0] + x[1]), 0},
      {"binary", "float + int64", IN(normal(s.matrix), integers(s.matrix)), F(x[0] + x[1]), 0},
      {"binary", "float * bool", IN(normal(s.matrix), mask(s.matrix)), F(x[0] * x[1]), 0},
      {"binary", "add of double", IN(normal(s.matrix).to(torch::kDouble), normal(s.matrix, 1).to(torch::kDouble)),
       F(x[0] + x[1]), 0},
      OF_LONG("add", x[0] + x[1]),
      OF_LONG("mul", x[0] * x[1]),
      OF_LONG("div", x[0] / x[1]),
      OF_LONG("remainder", x[0].remainder(x[1])),
      OF_LONG("floor_divide", x[0].floor_divide(x[1])),
      OF_LONG("maximum", x[0].maximum(x[1])),
      OF_LONG("bitwise_and", x[0].bitwise_and(x[1])),
      OF_LONG("lt", x[0] < x[1]),
      {"binary", "int64 + 1", IN(integers(s.matrix)), F(x[0] + 1), 0},
      {"binary", "int64 % 7", IN(integers(s.matrix)), F(x[0].remainder(7)), 0},
      {"binary", "and of bool", IN(mask(s.matrix), uniform(s.matrix) > 0.5), F(x[0].logical_and(x[1])), 0},
      COMPARE(eq),
      COMPARE(ne),
      COMPARE(lt),
      COMPARE(le),
      COMPARE(gt),
      COMPARE(ge),
      COMPARE(logical_and),
      COMPARE(logical_or),
      COMPARE(logical_xor),
      {"compare", "x > 0.5", one_normal, F(x[0] > 0.5), 0},
      {"compare", "int64 == 7", IN(integers(s.matrix)), F(x[0] == 7), 0},
      {"compare", "isclose", two_normal, F(torch::isclose(x[0], x[1])), 0},
      {"compare", "equal", IN(normal(s.matrix), normal(s.matrix).clone()), F(x[0].equal(x[1]) ? x[0] : x[1]), 0},
      {"compare", "allclose", IN(normal(s.matrix), normal(s.matrix).clone()), F(x[0].allclose(x[1]) ? x[0] : x[1]), 0},
      {"compare", "where", IN(normal(s.matrix), normal(s.matrix, 1), mask(s.matrix)), F(torch::where(x[2], x[0], x[1])),
       2},
      {"compare", "where(number)", IN(normal(s.matrix), mask(s.matrix)), F(torch::where(x[1], x[0], 0.)), 0},
      {"compare", "clamp(tensors)", three_uniform, F(x[0].clamp(x[1], x[2])), 1},
  };
  return rows;
}

#define ACTIVATION(name) \
  { "activation", #name, one_normal, F(torch::name(x[0])), 1 }

inline const Rows& activation_rows() {
  static const Rows rows = {
      ACTIVATION(relu),
      ACTIVATION(sigmoid),
      ACTIVATION(silu),
      ACTIVATION(mish),
      ACTIVATION(selu),
      ACTIVATION(celu),
      {"activation", "gelu", IN(normal(s.tokens)), F(nnf::gelu(x[0])), 1},
      {"activation", "gelu(tanh)", IN(normal(s.tokens)), F(nnf::gelu(x[0], nnf::GELUFuncOptions().approximate("tanh"))),
       1},
      {"activation", "elu", one_normal, F(nnf::elu(x[0])), 1},
      {"activation", "leaky_relu", one_normal, F(nnf::leaky_relu(x[0])), 1},
      {"activation", "softplus", one_normal, F(nnf::softplus(x[0])), 1},
      {"activation", "logsigmoid", one_normal, F(nnf::logsigmoid(x[0])), 1},
      {"activation", "tanhshrink", one_normal, F(nnf::tanhshrink(x[0])), 1},
      {"activation", "softsign", one_normal, F(nnf::softsign(x[0])), 1},
      {"activation", "hardtanh", one_normal, F(nnf::hardtanh(x[0])), 1},
      {"activation", "relu6", one_normal, F(nnf::relu6(x[0])), 1},
      {"activation", "threshold", one_normal, F(nnf::threshold(x[0], nnf::ThresholdFuncOptions(0.1, 2))), 1},
      {"activation", "hardshrink", one_normal, F(nnf::hardshrink(x[0])), 1},
      {"activation", "softshrink", one_normal, F(nnf::softshrink(x[0])), 1},
      {"activation", "glu", IN(normal({s.tokens[0], s.tokens[1] / 2 * 2})), F(nnf::glu(x[0])), 1},
      {"activation", "prelu", IN(normal(s.images), uniform({s.images[1]})), F(torch::prelu(x[0], x[1])), 2},
      {"activation", "dropout", one_normal, F(torch::dropout(x[0], 0.3, true)), 1},
  };
  return rows;
}

#define LOSS(name, grads) \
  { "loss", #name, two_uniform, F(nnf::name(x[0], x[1])), grads }
#define SIGNS(sizes) (uniform(sizes, 2) > 0.5).to(torch::kFloat) * 2 - 1

inline const Rows& loss_rows() {
  static const Rows rows = {
      LOSS(mse_loss, 1),
      LOSS(l1_loss, 1),
      LOSS(smooth_l1_loss, 1),
      LOSS(huber_loss, 1),
      LOSS(binary_cross_entropy, 1),
      LOSS(binary_cross_entropy_with_logits, 1),
      LOSS(poisson_nll_loss, 1),
      {"loss", "kl_div", two_uniform, F(nnf::kl_div(x[0], x[1], nnf::KLDivFuncOptions(torch::kSum))), 1},
      {"loss", "mse_loss(none)", two_uniform, F(nnf::mse_loss(x[0], x[1], nnf::MSELossFuncOptions(torch::kNone))), 1},
      {"loss", "soft_margin_loss", IN(normal(s.matrix), SIGNS(s.matrix)), F(nnf::soft_margin_loss(x[0], x[1])), 1},
      {"loss", "hinge_embedding_loss", IN(normal(s.matrix), SIGNS(s.matrix)), F(nnf::hinge_embedding_loss(x[0], x[1])),
       1},
      {"loss", "margin_ranking_loss", IN(normal(s.matrix), normal(s.matrix, 1), SIGNS(s.matrix)),
       F(nnf::margin_ranking_loss(x[0], x[1], x[2])), 2},
      {"loss", "cosine_embedding_loss", IN(normal(s.tokens), normal(s.tokens, 1), SIGNS({s.tokens[0]})),
       F(nnf::cosine_embedding_loss(x[0], x[1], x[2])), 2},
      {"loss", "triplet_margin_loss", IN(normal(s.tokens), normal(s.tokens, 1), normal(s.tokens, 2)),
       F(nnf::triplet_margin_loss(x[0], x[1], x[2])), 3},
      {"loss", "cross_entropy", IN(normal(s.logits), index(s.logits[1], {s.logits[0]})),
       F(nnf::cross_entropy(x[0], x[1])), 1},
      {"loss", "cross_entropy(10 classes)", IN(normal({s.n / 10, 10}), index(10, {s.n / 10})),
       F(nnf::cross_entropy(x[0], x[1])), 1},
      {"loss", "cross_entropy(images)",
       IN(normal(s.images), index(s.images[1], {s.images[0], s.images[2], s.images[3]})),
       F(nnf::cross_entropy(x[0], x[1])), 1},
      {"loss", "nll_loss", IN(normal(s.matrix), index(s.matrix[1], {s.matrix[0]})), F(nnf::nll_loss(x[0], x[1])), 1},
      {"loss", "cosine_similarity", IN(normal(s.tokens), normal(s.tokens, 1)),
       F(torch::cosine_similarity(x[0], x[1], 1)), 2},
      {"loss", "pairwise_distance", IN(normal(s.tokens), normal(s.tokens, 1)), F(torch::pairwise_distance(x[0], x[1])),
       2},
      {"loss", "normalize", IN(normal(s.tokens)), F(nnf::normalize(x[0])), 1},
  };
  return rows;
}

}  // namespace bench
