// Numbers that make an operand not matter - a power or factor of 0, an empty input, a value overwritten - leave it in
// the graph, with the gradient libtorch gives: zeros, not none.
#include "catch.h"
#include "compare.h"

#include <taper/autograd/autograd.h>
#include <taper/autograd/ops/loss.h>
#include <taper/layers/nn.h>

namespace {

using namespace compare;

const std::vector<Operands> kSome = {{{}}, {{3}}, {{2, 3}}, {{0, 3}}};
const std::vector<Operands> kNothing = {{{0}}, {{0, 3}}};
const std::vector<Operands> kPair = {{{3}, {3}}, {{2, 3}, {3}}};
const std::vector<Operands> kTriple = {{{3}, {3}, {3}}, {{2, 3}, {3}, {2, 1}}};
const std::vector<Operands> kBatches = {{{3, 4}, {2, 3, 5}, {2, 5, 4}}};

const std::vector<Row> kRows = {
    {"pow 0", OP(x[0].pow(0)), kSome},
    {"pow 1", OP(x[0].pow(1)), kSome},
    {"pow_ 0", IN_PLACE(y.pow_(0)), kSome},
    {"pow of zeros", OP(pow(x[0], x[1] * 0)), kPair},
    {"0 pow", OP(pow(0, x[0])), kSome},
    {"1 pow", OP(pow(1, x[0])), kSome},
    {"times 0", OP(x[0] * 0), kSome},
    {"mul_ 0", IN_PLACE(y.mul_(0)), kSome},
    {"add, alpha 0", OP(add(x[0], x[1], 0)), kPair},
    {"sub, alpha 0", OP(sub(x[0], x[1], 0)), kPair},
    {"add_, alpha 0", IN_PLACE(y.add_(x[1], 0)), kPair},
    {"lerp 0", OP(lerp(x[0], x[1], 0)), kPair},
    {"lerp 1", OP(lerp(x[0], x[1], 1)), kPair},
    {"addcmul 0", OP(addcmul(x[0], x[1], x[2], 0)), kTriple},
    {"addcdiv 0", OP(addcdiv(x[0], x[1], x[2], 0)), kTriple},
    {"xlogy of 0", OP(xlogy(0, x[0])), kSome, {0.1, 2}},
    {"threshold above all", OP(threshold(x[0], 100, 5)), kSome},
    {"hardshrink of all", OP(hardshrink(x[0], 100)), kSome},
    {"clamp to one number", OP(x[0].clamp(5, 5)), kSome},
    {"elu, alpha 0", OP(elu(x[0], 0)), kSome},
    {"rounded quotient", OP(x[0].div(2, "floor")), kSome},
    {"sign", OP(x[0].sign()), kSome},
    // products
    {"addmm, beta 0", OP(addmm(x[0], x[1], x[2], 0)), {{{3, 4}, {3, 5}, {5, 4}}, {{4}, {3, 5}, {5, 4}}}},
    {"addmm, alpha 0", OP(addmm(x[0], x[1], x[2], 1, 0)), {{{3, 4}, {3, 5}, {5, 4}}}},
    {"addmm_, beta 0", IN_PLACE(y.addmm_(x[1], x[2], 0)), {{{3, 4}, {3, 5}, {5, 4}}}},
    {"addmv, beta 0", OP(addmv(x[0], x[1], x[2], 0)), {{{3}, {3, 5}, {5}}, {{1}, {3, 5}, {5}}}},
    {"addmv, alpha 0", OP(addmv(x[0], x[1], x[2], 1, 0)), {{{3}, {3, 5}, {5}}}},
    {"addmv_, beta 0", IN_PLACE(y.addmv_(x[1], x[2], 0, 2)), {{{3}, {3, 5}, {5}}}},
    {"addr, beta 0", OP(addr(x[0], x[1], x[2], 0)), {{{3, 4}, {3}, {4}}}},
    {"addr_, beta 0", IN_PLACE(y.addr_(x[1], x[2], 0)), {{{3, 4}, {3}, {4}}}},
    {"addbmm, beta 0", OP(addbmm(x[0], x[1], x[2], 0)), kBatches},
    {"addbmm_, beta 0", IN_PLACE(y.addbmm_(x[1], x[2], 0)), kBatches},
    // Not baddbmm out of place: libtorch multiplies memory that it has not written by beta.
    {"baddbmm_, beta 0", IN_PLACE(y.baddbmm_(x[1], x[2], 0)), {{{2, 3, 4}, {2, 3, 5}, {2, 5, 4}}}},
    {"mm with nothing between", OP(x[0].mm(x[1])), {{{3, 0}, {0, 4}}, {{0, 2}, {2, 4}}}},
    {"matmul with nothing between", OP(matmul(x[0], x[1])), {{{2, 3, 0}, {0, 4}}, {{0}, {0}}, {{3, 0}, {0}}}},
    // nothing to reduce
    {"sum", OP(x[0].sum()), kNothing},
    {"mean", OP(x[0].mean()), kNothing},
    {"prod", OP(x[0].prod()), kNothing},
    {"sum of a dim", OP(x[0].sum(0)), kNothing},
    {"mean of a dim", OP(x[0].mean(0)), kNothing},
    {"prod of a dim", OP(x[0].prod(0)), kNothing},
    {"std", OP(x[0].std()), kNothing},
    {"norm", OP(x[0].norm()), kNothing},
    {"logsumexp", OP(logsumexp(x[0], 0)), kNothing},
    {"median", OP(x[0].median()), kNothing},
    {"norm, p 0", OP(x[0].norm(0)), kSome},
    {"norm, p 0, of a dim", OP(x[0].norm(0, {0})), {{{3}}, {{2, 3}}}},
    {"cdist, p 0", OP(cdist(x[0], x[1], 0)), {{{2, 3}, {4, 3}}}},
    {"cdist of nothing", OP(cdist(x[0], x[1], 2)), {{{2, 0}, {4, 0}}, {{0, 3}, {4, 3}}}},
    // nothing to index, nothing to join
    {"index_select of nothing", OP(x[0].index_select(0, l.ints({}))), {{{3}}, {{2, 3}}}},
    {"gather of nothing", OP(x[0].gather(0, l.ints({}))), {{{3}}, {{2, 3}}}},
    {"index of nothing", OP(x[0].index({l.ints({})})), {{{3}}, {{2, 3}}}},
    {"masked_select of nothing", OP(masked_select(x[0], x[0] > 100)), kSome},
    {"take of nothing", OP(x[0].take(l.ints({}))), {{{3}}, {{2, 3}}}},
    {"narrow to nothing", OP(x[0].narrow(0, 1, 0)), {{{3}}, {{2, 3}}}},
    {"index_put of nothing", OP(x[0].index_put({l.ints({})}, x[1])), {{{3}, {0}}, {{2, 3}, {0, 3}}}},
    {"index_put over all", OP(x[0].index_put({x[0] < 100}, x[1])), {{{3}, {}}, {{2, 3}, {}}}},
    {"scatter of nothing", OP(x[0].scatter(0, l.ints({}), x[1])), {{{3}, {0}}}},
    {"masked_fill of all", OP(x[0].masked_fill(x[0] < 100, x[1])), {{{3}, {}}, {{2, 3}, {}}}},
    {"where of one side", OP(where(x[0] > 100, x[0], x[1])), kPair},
    {"repeat no times", OP(x[0].repeat({0, 2})), {{{3}}, {{2, 3}}}},
    {"cat with an empty vector", OP(cat(x, 0)), {{{0}, {2, 3}}, {{2, 3}, {0}, {1, 3}}, {{0}, {0}}}},
    {"topk, k 0", OP(std::get<0>(topk(x[0], 0))), {{{3}}, {{2, 3}}}},
    // overwritten
    {"zero_", IN_PLACE(y.zero_()), kSome},
    {"fill_", IN_PLACE(y.fill_(2)), kSome},
    {"fill_ with a tensor", IN_PLACE(y.fill_(x[1])), {{{3}, {}}, {{2, 3}, {}}}},
    {"copy_", IN_PLACE(y.copy_(x[1])), kPair},
    {"copy_ of a constant", IN_PLACE(y.copy_(x[1].detach())), kPair},
    {"zero_ of a slice", IN_PLACE(y.narrow(0, 0, 2).zero_()), {{{3}}, {{2, 3}}}},
    {"zero_ of all by a view", IN_PLACE(y.view({-1}).zero_()), {{{3}}, {{2, 3}}}},
    {"normal_", IN_PLACE(y.normal_().zero_()), kSome},
    {"uniform_", IN_PLACE(y.uniform_().mul_(0)), kSome},
    {"bernoulli_", IN_PLACE(y.bernoulli_(0.5).mul_(0)), kSome},
    {"random_", IN_PLACE(y.random_(0, 5).mul_(0)), kSome},
    {"exponential_", IN_PLACE(y.exponential_().mul_(0)), kSome},
    {"bernoulli", OP(x[0].sigmoid().bernoulli() * 0), kSome},
    {"normal of means", OP(l.normal(x[0], 1.0) * 0), kSome},
    {"normal of deviations", OP(l.normal(1.0, x[0].abs()) * 0), kSome},
    {"normal of both", OP(l.normal(x[0], x[1].abs()) * 0), kPair},
    // layers
    {"dropout, p 0", OP(dropout(x[0], 0, true)), kSome},
    {"dropout, p 1", OP(dropout(x[0], 1, true)), kSome},
    {"dropout in evaluation", OP(dropout(x[0], 0.5, false)), kSome},
    {"label smoothing 1",
     BOTH(return N::cross_entropy_loss(x[0], x[1].softmax(-1), {}, 1, -100, 1.0);),
     {{{2, 3}, {2, 3}}}},
    {"batch of nothing, linear", OP(linear(x[0], x[1], x[2])), {{{0, 3}, {4, 3}, {4}}}},
    {"batch of nothing, conv2d", OP(conv2d(x[0], x[1], x[2])), {{{0, 2, 5, 5}, {4, 2, 3, 3}, {4}}}},
    {"batch of nothing, layer_norm", OP(layer_norm(x[0], {3}, x[1], x[2])), {{{0, 3}, {3}, {3}}}},
    {"batch of nothing, embedding", OP(embedding(x[0], l.ints({}))), {{{4, 3}}}},
};

// Both sides' y and derivatives d^n y / dx^n, each defined (or not) and as large as the other.
void check_derivatives(const char* name, Both op, int most) {
  INFO(name);
  std::mt19937 engine(6);
  const taper::Tensor values = draw({3}, {0.5, 2}, Values::Uniform, engine);
  const taper::Tensor x = values.detach().requires_grad_();
  const at::Tensor tx = bridge::to_torch(values).requires_grad_();
  taper::Tensor y = op.ours({}, {x});
  at::Tensor ty = op.theirs({}, {tx});
  for (int n = 1; n <= most; ++n) {
    INFO("derivative " << n);
    REQUIRE(y.requires_grad());
    REQUIRE(ty.requires_grad());
    y = taper::autograd::grad({y.sum()}, {x}, {}, true, true)[0];
    ty = torch::autograd::grad({ty.sum()}, {tx}, {}, true, true)[0];
    CHECK(relative_difference(y, ty) < 1e-12);
  }
}

}  // namespace

TEST_CASE("operands that do not matter have libtorch's gradients: zeros, not none") {
  check(kRows, {.whole = false, .special = kOrdinary, .refused = false, .none_missing = true});
}

TEST_CASE("powers are differentiated down to 0 as often as libtorch does") {
  check_derivatives("pow 0", OP(x[0].pow(0)), 1);
  check_derivatives("pow 1", OP(x[0].pow(1)), 2);
  check_derivatives("pow 2", OP(x[0].pow(2)), 3);
  check_derivatives("pow 3", OP(x[0].pow(3)), 4);
  check_derivatives("square", OP(x[0].square()), 3);
}
