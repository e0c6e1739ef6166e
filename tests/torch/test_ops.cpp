// Every family of autograd/functions.h against libtorch: results and gradients in float32 and float64, of contiguous
// and scattered operands, of whole numbers (ties, kinks) and, elementwise, of NaN, infinities and extremes.
// `taper_torch_tests "[figures]"` prints the largest differences.
#include "catch.h"
#include "compare.h"

namespace {

using namespace compare;

struct Family {
  const char* name;
  std::vector<Row> rows;
  bool special = false;     // values that are no ordinary numbers too
  double tolerance = 1e-5;  // in float32
};

// ---- operands -------------------------------------------------------------------------------------------------------
const std::vector<Operands> kOne = {{{}}, {{7}}, {{2, 3}}, {{3, 1, 4}}, {{0, 3}}, {{37, 113}}};
const std::vector<Operands> kSome = {{{}}, {{7}}, {{2, 3}}, {{3, 1, 4}}, {{37, 113}}};
const std::vector<Operands> kTwo = {
    {{}, {}},     {{2, 3}, {2, 3}}, {{2, 3}, {3}},      {{3}, {2, 1}},          {{2, 1, 3}, {4, 1}},
    {{}, {2, 3}}, {{0, 3}, {1, 3}}, {{37, 113}, {113}}, {{37, 113}, {37, 113}}, {{37, 1}, {37, 113}}};
const std::vector<Operands> kThree = {
    {{2, 3}, {3}, {2, 1}}, {{}, {2}, {}}, {{0, 2}, {2}, {0, 1}}, {{19, 33}, {19, 33}, {33}}};
const std::vector<Operands> kInto = {
    {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 3}, {}}, {{37, 113}, {37, 1}}, {{0, 3}, {3}}};
const std::vector<Operands> kInto3 = {{{2, 3}, {3}, {2, 1}}, {{19, 33}, {19, 33}, {33}}};
const std::vector<Operands> kMatrix = {{{4, 5}}, {{1, 5}}, {{33, 70}}};
const std::vector<Operands> kCube = {{{2, 3, 4}}, {{5, 1, 3}}, {{7, 16, 33}}};
const std::vector<Operands> kReduced = {{{2, 3}},    {{5, 1}},    {{37, 113}}, {{4, 5, 6}},
                                        {{3, 2000}}, {{2000, 3}}, {{1, 20000}}};
const std::vector<Operands> kProduct = {{{}}, {{3}}, {{2, 4}}, {{0, 2}}};

// ---- the families ---------------------------------------------------------------------------------------------------
const Family kArithmetic = {"arithmetic",
                            {
                                {"add", OP(x[0] + x[1]), kTwo},
                                {"add, alpha", OP(add(x[0], x[1], 1.5)), kTwo},
                                {"add number", OP(3 + x[0].add(2.5, 2)), kOne},
                                {"sub", OP(x[0] - x[1]), kTwo},
                                {"sub, alpha", OP(sub(x[0], x[1], -0.75)), kTwo},
                                {"sub number", OP(3 - x[0].sub(2.5, 2)), kOne},
                                {"mul", OP(x[0] * x[1]), kTwo},
                                {"mul number", OP(3 * (x[0] * 0.3)), kOne},
                                {"div", OP(x[0] / x[1]), kTwo, 0.5, 3},
                                {"div number", OP(3 / (x[0] / 0.3)), kOne, 0.5, 3},
                                {"pow", OP(pow(x[0], x[1])), kTwo, 0.1, 3},
                                {"pow of any", OP(pow(x[0], x[1])), kTwo, -3, 3},
                                {"pow number", OP(pow(x[0], 2.5)), kOne, 0.1, 3},
                                {"pow 0", OP(pow(x[0], 0)), kOne},
                                {"pow 1", OP(pow(x[0], 1)), kOne},
                                {"pow 2", OP(pow(x[0], 2)), kOne},
                                {"pow 3", OP(pow(x[0], 3)), kOne},
                                {"pow 0.5", OP(pow(x[0], 0.5)), kOne, 0.1, 3},
                                {"pow -0.5", OP(pow(x[0], -0.5)), kOne, 0.1, 3},
                                {"pow -1", OP(pow(x[0], -1)), kOne, 0.1, 3},
                                {"pow -2", OP(pow(x[0], -2)), kOne, 0.1, 3},
                                {"number pow", OP(pow(2.5, x[0])), kOne},
                                {"0 pow", OP(pow(0, x[0])), kOne},
                                {"maximum", OP(maximum(x[0], x[1])), kTwo},
                                {"minimum", OP(minimum(x[0], x[1])), kTwo},
                                {"addcmul", OP(addcmul(x[0], x[1], x[2], 1.5)), kThree},
                                {"addcdiv", OP(addcdiv(x[0], x[1], x[2], -1.5)), kThree, 0.5, 3,
                                 false},  // theirs squares x[2], which overflows
                                {"the same twice", OP(x[0] * x[0] + x[0]), kOne},
                            },
                            true};

const Family kInPlace = {
    "in place",
    {
        {"add_", IN_PLACE(y.add_(x[1], 2).add_(3)), kInto},
        {"sub_", IN_PLACE(y.sub_(x[1], 2).sub_(3)), kInto},
        {"mul_", IN_PLACE(y.mul_(x[1]).mul_(3)), kInto},
        {"div_", IN_PLACE(y.div_(x[1]).div_(3)), kInto, 0.5, 3},
        {"pow_", IN_PLACE(y.pow_(x[1])), kInto, 0.5, 2},
        {"pow_ number", IN_PLACE(y.pow_(2.5).pow_(2)), kOne, 0.5, 2},
        {"operators", IN_PLACE(y += x[1]; y *= x[1]; y -= 2; y /= 3), kInto},
        {"addcmul_", IN_PLACE(y.addcmul_(x[1], x[2], 2)), kInto3},
        {"addcdiv_", IN_PLACE(y.addcdiv_(x[1], x[2], 2)), kInto3, 0.5, 3},
        {"with itself", IN_PLACE(y.mul_(y).add_(y)), kOne},
        {"exp_", IN_PLACE(y.exp_()), kOne},
        {"expm1_", IN_PLACE(y.expm1_()), kOne},
        {"neg_", IN_PLACE(y.neg_()), kOne},
        {"square_", IN_PLACE(y.square_()), kOne},
        {"sin_", IN_PLACE(y.sin_()), kOne},
        {"cos_", IN_PLACE(y.cos_()), kOne},
        {"tanh_", IN_PLACE(y.tanh_()), kOne},
        {"sigmoid_", IN_PLACE(y.sigmoid_()), kOne},
        {"relu_", IN_PLACE(y.relu_()), kOne},
        {"abs_", IN_PLACE(y.abs_()), kOne},
        {"erf_", IN_PLACE(y.erf_()), kOne},
        {"sqrt_", IN_PLACE(y.sqrt_()), kOne, 0.1, 3},
        {"rsqrt_", IN_PLACE(y.rsqrt_()), kOne, 0.1, 3},
        {"log_", IN_PLACE(y.log_()), kOne, 0.1, 3},
        {"log1p_", IN_PLACE(y.log1p_()), kOne, 0.1, 3},
        {"reciprocal_", IN_PLACE(y.reciprocal_()), kOne, 0.1, 3},
        {"clamp_", IN_PLACE(y.clamp_(-0.5, 1)), kOne},
        {"round_ and others", IN_PLACE(y.round_().add_(x[0]).floor_().add_(x[0]).ceil_().add_(x[0]).sign_()), kOne},
        {"fill_", IN_PLACE(y.fill_(2).mul_(x[0])), kOne},
        {"fill_ with a tensor", IN_PLACE(y.fill_(x[1]).mul_(x[0])), {{{2, 3}, {}}, {{}, {}}}},
        {"zero_", IN_PLACE(y.zero_().add_(x[0])), kOne},
        {"copy_", IN_PLACE(y.copy_(x[1]).mul_(x[0])), kInto},
        {"masked_fill_", IN_PLACE(y.masked_fill_(x[0] > 0.5, 3)), kOne},
        // through views of y, and of views
        {"row", IN_PLACE(y[1].mul_(3)), kMatrix},
        {"column", IN_PLACE(y.select(1, 2).mul_(x[0].select(1, 1))), kMatrix},
        {"slice", IN_PLACE(y.slice(1, 1, 5, 2).mul_(x[0].slice(1, 0, 4, 2))), kMatrix},
        {"slice added to itself", IN_PLACE(y.slice(1, 1, 3).add_(y.slice(1, 0, 2).clone())), kMatrix},
        {"transposed", IN_PLACE(y.t().slice(0, 1, 3).exp_()), kMatrix},
        {"diagonal", IN_PLACE(y.diagonal().fill_(7)), kMatrix},
        {"view of a view", IN_PLACE(y.view({-1}).slice(0, 2, 5).unsqueeze(0).sin_()), kMatrix},
        {"view first, then the base", IN_PLACE(auto v = y.slice(1, 0, 2); y.mul_(2); v.mul_(y.slice(1, 1, 3).clone())),
         kMatrix},
        {"the view of a changed base", IN_PLACE(auto v = y.select(1, 1); y.exp_(); y = v * x[0].select(1, 0)), kMatrix},
        {"two views",
         IN_PLACE(auto a = y.slice(1, 0, 2); auto b = y.slice(1, 1, 3); a.mul_(2); b.mul_(3); a.add_(b.clone())),
         kMatrix},
        {"chunks", IN_PLACE(auto c = y.t().slice(0, 0, 4).transpose(0, 1); c.mul_(c.clone())), kMatrix},
        {"permuted", IN_PLACE(y.permute({2, 0, 1}).select(0, 1).copy_(x[0].select(2, 0))), kCube},
        {"expanded value", IN_PLACE(y.copy_(x[0].slice(2, 0, 1).expand({-1, -1, y.size(2)}))), kCube},
        {"unsqueeze_", IN_PLACE(y.unsqueeze_(1); y.squeeze_(1); y.mul_(x[0])), kMatrix},
        {"index_put_", IN_PLACE(y.index_put_({l.slice(1, l.None), 0}, x[0].slice(0, 1).select(1, 3))), {{{4, 5}}}},
        {"index_put_ by a mask", IN_PLACE(y.index_put_({x[0] > 0}, 2.5)), kMatrix},
    }};

const Family kPointwise = {"pointwise",
                           {
                               {"neg", OP(-x[0]), kOne},
                               {"abs", OP(abs(x[0])), kOne},
                               {"sign", OP(sign(x[0])), kOne},
                               {"exp", OP(exp(x[0])), kOne, -20, 20},
                               {"expm1", OP(expm1(x[0])), kOne, -20, 20},
                               {"log", OP(log(x[0])), kOne, 0.01, 100},
                               {"log1p", OP(log1p(x[0])), kOne, -0.9, 100},
                               {"sqrt", OP(sqrt(x[0])), kOne, 0.01, 100},
                               {"rsqrt", OP(rsqrt(x[0])), kOne, 0.1, 100},
                               {"square", OP(square(x[0])), kOne},
                               {"reciprocal", OP(reciprocal(x[0])), kOne, 0.1, 100},
                               {"sin", OP(sin(x[0])), kOne, -100, 100},
                               {"cos", OP(cos(x[0])), kOne, -100, 100},
                               {"erf", OP(erf(x[0])), kOne, -5, 5},
                               {"floor", OP(floor(x[0])), kOne},
                               {"ceil", OP(ceil(x[0])), kOne},
                               {"round", OP(round(x[0] * 2.5)), kOne},
                               {"clamp", OP(clamp(x[0], -0.5, 1)), kOne},
                               {"clamp, crossed", OP(clamp(x[0], 1, -1)), kOne},
                               {"clamp_min", OP(clamp(x[0], 0.5)), kOne},
                               {"clamp_max", OP(x[0].clamp_max(0)), kOne},
                               {"where", OP(where(x[0] > x[1], x[0], x[1] * 2)), kTwo},
                               {"where, broadcast", OP(where(x[0].sum() > 0, x[0], x[1])), kTwo},
                               {"where, number", OP(where(x[0] > 0, x[0], 1.5) * where(x[0] > 1, 2.5, x[0])), kOne},
                           },
                           true};

const Family kActivation = {"activation",
                            {
                                {"relu", OP(relu(x[0])), kOne},
                                {"sigmoid", OP(sigmoid(x[0])), kOne, -30, 30},
                                {"tanh", OP(tanh(x[0])), kOne, -10, 10},
                                {"leaky_relu", OP(leaky_relu(x[0])), kOne},
                                {"leaky_relu 0.2", OP(leaky_relu(x[0], 0.2)), kOne},
                                {"gelu", OP(gelu(x[0])), kOne, -8, 8},
                                {"silu", OP(silu(x[0])), kOne, -30, 30},
                                {"softplus", OP(softplus(x[0])), kOne, -30, 30},
                                {"softplus, beta", OP(softplus(x[0], 2, 3)), kOne},
                            },
                            true};

const std::vector<Operands> kSoftmax = {{{}},     {{7}},      {{5, 1}},    {{3, 4, 5}},
                                        {{0, 3}}, {{64, 10}}, {{3, 1003}}, {{1003, 3}}};
const Family kSoftmaxes = {"softmax",
                           {
                               {"softmax", OP(softmax(x[0], -1)), kSoftmax, -10, 10},
                               {"softmax, dim 0", OP(x[0].softmax(0)), kSoftmax, -10, 10},
                               {"softmax, dim 1", OP(x[0].softmax(1)), kCube, -10, 10},
                               {"softmax of large ones", OP(softmax(x[0], -1)), kSoftmax, -1e4, 1e4},
                               {"softmax to double", OP(softmax(x[0], -1, l.kFloat64)), kSoftmax},
                               {"log_softmax", OP(log_softmax(x[0], -1)), kSoftmax, -10, 10},
                               {"log_softmax, dim 0", OP(x[0].log_softmax(0)), kSoftmax, -10, 10},
                               {"log_softmax, dim 1", OP(x[0].log_softmax(1)), kCube, -10, 10},
                               {"log_softmax to double", OP(log_softmax(x[0], -1, l.kFloat64)), kSoftmax},
                           }};

const Family kCompare = {
    "compare",
    {
        {"eq", OP(x[0] == x[1]), kTwo},
        {"ne", OP(x[0] != x[1]), kTwo},
        {"lt", OP(x[0] < x[1]), kTwo},
        {"le", OP(x[0] <= x[1]), kTwo},
        {"gt", OP(x[0] > x[1]), kTwo},
        {"ge", OP(x[0] >= x[1]), kTwo},
        {"eq number", OP(x[0] == 1), kOne},
        {"ne number", OP(x[0] != 1), kOne},
        {"lt number", OP(x[0] < 0.5), kOne},
        {"le number", OP(x[0] <= 1), kOne},
        {"gt number", OP(x[0] > 0.5), kOne},
        {"ge number", OP(x[0] >= 1), kOne},
        {"logical_not", OP(logical_not(x[0])), kOne},
        {"logical_and", OP(logical_and(x[0], x[1])), kTwo},
        {"logical_or", OP(logical_or(x[0], x[1])), kTwo},
        {"isnan", OP(isnan(x[0])), kOne},
        {"isinf", OP(isinf(x[0])), kOne},
        {"isfinite", OP(isfinite(x[0])), kOne},
        {"isclose", OP(isclose(x[0], x[1], 0.1, 0.2)), kTwo},
        {"isclose, NaN", OP(isclose(x[0], x[1], 0.1, 0.2, true)), {{{37, 113}, {113}}, {{3}, {3}}}},
        {"equal", OP(l.ints({equal(x[0], x[1])})), {{{2, 3}, {2, 3}}, {{3}, {3}}}},
        {"allclose", OP(l.ints({allclose(x[0], x[1], 0.5, 2)})), {{{2, 3}, {3}}, {{3}, {3}}}},
    },
    true};

const Family kReduce = {"reduce",
                        {
                            {"sum", OP(sum(x[0])), kReduced},
                            {"sum, all sizes", OP(sum(x[0])), kOne},
                            {"sum dim", OP(x[0].sum(0)), kReduced},
                            {"sum dims", OP(x[0].sum(Sizes{0, -1}, true)), kReduced},
                            {"sum no dims", OP(x[0].sum(Sizes{})), kOne},
                            {"sum to double", OP(x[0].sum({1}, false, l.kFloat64)), kReduced},
                            {"mean", OP(mean(x[0])), kReduced},
                            {"mean, all sizes", OP(mean(x[0])), kOne},
                            {"mean dim", OP(x[0].mean({-1})), kReduced},
                            {"mean dims", OP(x[0].mean(Sizes{0, 1}, true)), kReduced},
                            {"var", OP(var(x[0])), kReduced},
                            {"var, all sizes", OP(var(x[0], false)), kSome},
                            {"var dim", OP(x[0].var({0}, true, true)), kReduced},
                            {"var dims", OP(x[0].var(Sizes{0, 1}, false)), kReduced},
                            {"std", OP(x[0].std(true)), kReduced},
                            {"std dim", OP(x[0].std({1}, false, true)), kReduced},
                            {"prod", OP(prod(x[0])), kProduct},
                            {"max", OP(max(x[0])), kReduced},
                            {"min", OP(min(x[0])), kReduced},
                            {"max, all sizes", OP(max(x[0])), kOne},
                            {"max dim", OP(std::get<0>(x[0].max(1))), kReduced},
                            {"max dim, where", OP(std::get<1>(x[0].max(1, true))), kReduced},
                            {"min dim", OP(std::get<0>(x[0].min(0, true))), kReduced},
                            {"min dim, where", OP(std::get<1>(x[0].min(0))), kReduced},
                            {"amax", OP(amax(x[0])), kReduced},
                            {"amax dims", OP(x[0].amax({0, 1}, true)), kReduced},
                            {"amin dim", OP(x[0].amin(-1)), kReduced},
                            {"argmax", OP(argmax(x[0])), kReduced},
                            {"argmax dim", OP(x[0].argmax(0, true)), kReduced},
                            {"argmin", OP(argmin(x[0])), kReduced},
                            {"argmin dim", OP(x[0].argmin(-1)), kReduced},
                            {"all", OP(all(x[0])), kOne},
                            {"all dim", OP((x[0] > -1).all(0)), kReduced},
                            {"any", OP(any(x[0])), kOne},
                            {"any dim", OP((x[0] > 1).any(1, true)), kReduced},
                            {"norm", OP(norm(x[0])), kReduced},
                            {"norm, all sizes", OP(norm(x[0])), kOne},
                            {"norm 1", OP(norm(x[0], 1)), kReduced},
                            {"norm 3 dim", OP(x[0].norm(3, {0})), kReduced},
                            {"norm 1.5 dim", OP(x[0].norm(1.5, {0}, true)), kReduced},
                            {"norm 0 dim", OP(x[0].norm(0, {1})), kReduced},
                            {"norm inf", OP(norm(x[0], INFINITY)), kReduced},
                            {"norm -inf dim", OP(x[0].norm(-INFINITY, {1})), kReduced},
                            {"norm 2 dims", OP(x[0].norm(2, Sizes{0, 1})), kReduced},
                            {"logsumexp", OP(x[0].logsumexp(Sizes{0, 1})), kReduced},
                            {"logsumexp dim", OP(logsumexp(x[0], {-1}, true)), kReduced},
                            {"sum_to_size", OP(l.sum_to_size(x[0], {3, 1})), {{{2, 3, 4}}, {{3, 4}}, {{3, 1}}}},
                            {"sum_to_size, number", OP(l.sum_to_size(x[0], {})), {{{2, 3, 4}}, {{}}}},
                        }};

const std::vector<Operands> kParts = {{{6, 5}, {6, 5}}, {{7, 4}, {7, 4}}, {{9, 3, 2}, {9, 3, 2}}};
const Family kView = {"view and join",
                      {
                          {"view", OP(x[0].contiguous().view({-1, 2})), kCube},
                          {"reshape", OP(reshape(x[0], {2, -1})), {{{3, 4}}, {{2, 5, 3}}, {{6}}}},
                          {"reshape to a number", OP(x[0].reshape({})), {{{1, 1}}, {{}}}},
                          {"flatten", OP(flatten(x[0])), kOne},
                          {"flatten part", OP(x[0].flatten(1, 2)), kCube},
                          {"transpose", OP(transpose(x[0], 0, -1)), kCube},
                          {"permute", OP(permute(x[0], {2, 0, 1})), kCube},
                          {"t", OP(t(x[0])), kMatrix},
                          {"t of a vector", OP(x[0].t()), {{{3}}, {{}}}},
                          {"squeeze", OP(squeeze(x[0])), {{{1, 3, 1}}, {{1}}, {{2, 3}}}},
                          {"squeeze dim", OP(x[0].squeeze(1)), {{{2, 1, 3}}, {{2, 3}}}},
                          {"unsqueeze", OP(unsqueeze(x[0], -1).unsqueeze(0)), kOne},
                          {"expand", OP(x[0].expand({4, -1, 3})), {{{2, 3}}, {{2, 1}}, {{4, 1, 3}}}},
                          {"select", OP(select(x[0], 1, -1)), kMatrix},
                          {"operator[]", OP(x[0][1][2]), {{{4, 5}}, {{3, 4, 2}}}},
                          {"slice", OP(slice(x[0], 1, 1, l.None, 2)), kMatrix},
                          {"slice beyond", OP(slice(x[0], 1, -100, 100, 3)), kMatrix},
                          {"slice of nothing", OP(slice(x[0], 1, 3, 1)), kMatrix},
                          {"narrow", OP(narrow(x[0], 1, 2, 3)), kMatrix},
                          {"diagonal", OP(diagonal(x[0])), kMatrix},
                          {"diagonal, offset", OP(x[0].diagonal(-1, 2, 0)), kCube},
                          {"as_strided", OP(x[0].clone().as_strided({3, 2}, {1, 2}, 1)), {{{4, 5}}, {{7}}}},
                          {"chunk", OP(cat(x[0].chunk(4, 0)) * x[1]), kParts},
                          {"chunk, the last", OP(x[0].chunk(4, 0).back()), kParts},
                          {"split", OP(x[0].split(4, 0)[1] * 2), kParts},
                          {"split_with_sizes", OP(x[0].split_with_sizes({2, 0, x[0].size(0) - 2}, 0)[2]), kParts},
                          {"unbind", OP(stack(x[0].unbind(1), 0)), kParts},
                          {"broadcast_tensors", OP(cat(broadcast_tensors(x))), kTwo},
                          {"cat", OP(cat(x)), kParts},
                          {"cat, last dim", OP(cat(x, -1)), {{{2, 3}, {2, 1}}, {{2, 0}, {2, 3}}, {{40, 30}, {40, 50}}}},
                          {"cat of one that is nothing", OP(cat(x, 1)), {{{0}, {2, 3}}, {{2, 3}, {0}}}},
                          {"stack", OP(stack(x, 1)), kParts},
                          {"stack of numbers", OP(stack(x)), {{{}, {}, {}}}},
                      }};

const std::vector<Operands> kIndexed = {{{4, 5}}, {{4, 5, 3}}, {{40, 50}}};
const std::vector<Operands> kIndexed3 = {{{4, 5, 3}}, {{4, 5, 6}}};
const Family kIndex = {
    "index",
    {
        {"index_select", OP(index_select(x[0], 1, l.ints({3, 0, 3}))), kIndexed},
        {"index_select of nothing", OP(index_select(x[0], 0, l.ints({}))), kIndexed},
        {"gather", OP(gather(x[0], 1, l.ints({4, 0, 2, 2}).reshape({2, 2}))), {{{4, 5}}, {{2, 5}}}},
        {"scatter_add", OP(scatter_add(x[0], 0, l.ints({3, 3, 0, 1}).reshape({2, 2}), x[1])), {{{4, 5}, {2, 2}}}},
        {"index_add", OP(index_add(x[0], 0, l.ints({3, 3, 0}), x[1])), {{{4, 5}, {3, 5}}}},
        {"index_add, dim 1", OP(index_add(x[0], 1, l.ints({3, 3, 0}), x[1])), {{{4, 5}, {4, 3}}}},
        {"masked_fill", OP(masked_fill(x[0], x[0] > 0, 2.5)), kOne},
        {"masked_fill with a tensor", OP(masked_fill(x[0], x[0] > 0, x[1])), {{{2, 3}, {}}}},
        {"masked_fill, broadcast", OP(masked_fill(x[0], x[1] > 0, 2.5)), {{{2, 3}, {3}}, {{3}, {2, 1}}}},
        {"masked_select", OP(masked_select(x[0], x[0] > 0)), kOne},
        {"masked_select, broadcast", OP(masked_select(x[0], x[1] > 0)), kTwo},
        {"nonzero", OP(nonzero(x[0] > 0)), kOne},
        {"one_hot", OP(one_hot(l.ints({2, 0, 1}), 4).to(x[0].dtype()) * x[0].sum()), {{{3}}}},
        {"one_hot, counted", OP(one_hot(l.ints({2, 0, 1, 1}).reshape({2, 2}))), {{{3}}}},
        // x[...]
        {"number", OP(x[0].index({2})), kIndexed},
        {"numbers", OP(x[0].index({-1, 3})), kIndexed},
        {"slice", OP(x[0].index({l.slice(1, l.None, 2), l.slice(l.None, -1)})), kIndexed},
        {"Ellipsis", OP(x[0].index({l.ellipsis(), 1})), kIndexed},
        {"...", OP(x[0].index({"...", l.slice(0, 2), l.slice()})), kIndexed},
        {"Ellipsis of nothing", OP(x[0].index({1, l.ellipsis(), 2})), {{{4, 5}}}},
        {"None", OP(x[0].index({l.None, 1, l.None})), kIndexed},
        {"true", OP(x[0].index({true})), kIndexed},
        {"false", OP(x[0].index({1, false})), kIndexed},
        {"tensor", OP(x[0].index({l.ints({3, 0, -1, 3})})), kIndexed},
        {"operator[] with a tensor", OP(x[0][l.ints({2})[0]]), kIndexed},
        {"zero-dim tensor", OP(x[0].index({l.ints({2})[0], l.ints({1, 1})})), kIndexed},
        {"int32 tensor", OP(x[0].index({l.ints({2, 0}).to(l.kInt64)})), kIndexed},
        {"matrix of indices", OP(x[0].index({l.ints({3, 0, 1, 3}).reshape({2, 2})})), kIndexed},
        {"second dim", OP(x[0].index({l.slice(), l.ints({4, 4, 0})})), kIndexed},
        {"two tensors", OP(x[0].index({l.ints({0, 3}), l.ints({4, 1})})), kIndexed},
        {"two that broadcast", OP(x[0].index({l.ints({0, 3}).reshape({2, 1}), l.ints({4, 1, 0})})), kIndexed},
        {"tensors apart", OP(x[0].index({l.ints({0, 3}), l.slice(), l.ints({2, 1})})), kIndexed3},
        {"tensors apart, None between", OP(x[0].index({l.ints({0, 3}), l.None, l.ints({2, 1})})), kIndexed3},
        {"tensors in the middle", OP(x[0].index({l.slice(1, 3), l.ints({0, 3}), l.ints({2, 1})})), kIndexed3},
        {"number beside a tensor", OP(x[0].index({1, l.slice(), l.ints({2, 1})})), kIndexed3},
        {"tensor after Ellipsis", OP(x[0].index({l.ellipsis(), l.ints({2, 1})})), kIndexed3},
        {"slice, None, tensor", OP(x[0].index({l.slice(0, 2), l.None, l.ints({2, 1})})), kIndexed},
        {"mask", OP(x[0].index({x[0] > 0})), kIndexed},
        {"mask of rows", OP(x[0].index({l.ints({1, 0, 1, 1}) == 1})), {{{4, 5}}, {{4, 5, 3}}}},
        {"mask of columns", OP(x[0].index({l.slice(), l.ints({1, 0, 1, 1, 0}) == 1})), {{{4, 5}}, {{4, 5, 3}}}},
        {"mask of nothing", OP(x[0].index({x[0] > 100})), kIndexed},
        {"mask and tensor", OP(x[0].index({l.ints({1, 0, 1, 0}) == 1, l.ints({4, 0})})), {{{4, 5}}, {{4, 5, 3}}}},
        {"mask of two dims", OP(x[0].index({l.slice(), x[0][0] > 0})), kIndexed3},
        {"empty index", OP(x[0].index({l.ints({})})), kIndexed},
        // x[...] = value
        {"put number", IN_PLACE(y.index_put_({1, l.slice(1, 3)}, 7)), kIndexed},
        {"put tensor", IN_PLACE(y.index_put_({l.ints({3, 0})}, x[1])), {{{4, 5}, {2, 5}}, {{4, 5}, {5}}, {{4, 5}, {}}}},
        {"put accumulated", IN_PLACE(y.index_put_({l.ints({3, 3, 0})}, x[1], true)), {{{4, 5}, {3, 5}}, {{4, 5}, {5}}}},
        {"put points",
         IN_PLACE(y.index_put_({l.ints({3, 3}), l.ints({1, 0})}, x[1])),
         {{{4, 5}, {2}}, {{4, 5, 3}, {2, 3}}}},
        {"put points accumulated",
         IN_PLACE(y.index_put_({l.ints({3, 3}), l.ints({1, 1})}, x[1], true)),
         {{{4, 5}, {2}}}},
        {"put slice",
         IN_PLACE(y.index_put_({l.slice(1, 3)}, x[1])),
         {{{4, 5}, {2, 5}}, {{4, 5}, {5}}, {{4, 5}, {1, 2, 5}}}},
        {"put columns", IN_PLACE(y.index_put_({l.slice(), l.ints({4, 0})}, x[1])), {{{4, 5}, {4, 2}}, {{4, 5}, {2}}}},
        {"put mask", IN_PLACE(y.index_put_({x[0] > 0}, x[1])), {{{4, 5}, {}}, {{4, 5}, {1}}}},
        {"put rows by mask",
         IN_PLACE(y.index_put_({l.ints({1, 0, 1, 0}) == 1}, x[1])),
         {{{4, 5}, {2, 5}}, {{4, 5}, {5}}}},
        {"put after a number", IN_PLACE(y.index_put_({2, l.ints({4, 1})}, x[1])), {{{4, 5}, {2}}, {{4, 5}, {}}}},
        {"put tensors apart",
         IN_PLACE(y.index_put_({l.ints({0, 3}), l.slice(), l.ints({2, 1})}, x[1])),
         {{{4, 5, 3}, {2, 5}}}},
        {"put through None",
         IN_PLACE(y.index_put_({l.None, l.ints({0, 3})}, x[1])),
         {{{4, 5}, {1, 2, 5}}, {{4, 5}, {5}}}},
        {"put nothing", IN_PLACE(y.index_put_({l.ints({})}, x[1])), {{{4, 5}, {}}, {{4, 5}, {0, 5}}}},
        {"put and use", IN_PLACE(y.index_put_({l.ints({1})}, x[0].slice(0, 2, 3)); y = y * x[0]), {{{4, 5}}}},
    }};

const std::vector<Operands> kMm = {{{2, 3}, {3, 4}}, {{1, 1}, {1, 5}},       {{0, 3}, {3, 2}},  {{2, 0}, {0, 3}},
                                   {{3, 2}, {2, 0}}, {{64, 300}, {300, 70}}, {{7, 33}, {33, 1}}};
const std::vector<Operands> kMatmul = {{{3}, {3}},
                                       {{2, 3}, {3}},
                                       {{3}, {3, 4}},
                                       {{2, 3}, {3, 4}},
                                       {{5, 2, 3}, {3}},
                                       {{3}, {5, 3, 4}},
                                       {{5, 2, 3}, {3, 4}},
                                       {{2, 3}, {5, 3, 4}},
                                       {{5, 2, 3}, {5, 3, 4}},
                                       {{5, 1, 2, 3}, {4, 3, 2}},
                                       {{6, 5, 2, 3}, {3}},
                                       {{1, 2, 3}, {5, 3, 4}},
                                       {{0, 2, 3}, {3, 4}},
                                       {{5, 2, 0}, {0, 4}},
                                       {{8, 33, 40}, {8, 40, 17}},
                                       {{2, 0, 3}, {2, 3, 4}},
                                       {{0}, {0}}};
const std::vector<Operands> kAddmm = {{{2, 4}, {2, 3}, {3, 4}}, {{4}, {2, 3}, {3, 4}},
                                      {{2, 1}, {2, 3}, {3, 4}}, {{}, {2, 3}, {3, 4}},
                                      {{2, 3}, {2, 0}, {0, 3}}, {{64, 33}, {64, 100}, {100, 33}}};
const std::vector<Operands> kLinear = {{{2, 3}, {4, 3}, {4}}, {{3}, {4, 3}, {4}},    {{5, 2, 3}, {4, 3}, {4}},
                                       {{0, 3}, {4, 3}, {4}}, {{2, 0}, {4, 0}, {4}}, {{64, 784}, {100, 784}, {100}},
                                       {{1, 3}, {1, 3}, {1}}};
const Family kProducts = {
    "matmul",
    {
        {"mm", OP(mm(x[0], x[1])), kMm},
        {"mm of transposed", OP(x[0].t().mm(x[1].t())), {{{3, 2}, {4, 3}}, {{65, 33}, {40, 65}}}},
        {"mm with itself", OP(x[0].mm(x[0].t())), kMatrix},
        {"bmm", OP(bmm(x[0], x[1])), {{{5, 2, 3}, {5, 3, 4}}, {{0, 2, 3}, {0, 3, 4}}, {{3, 20, 33}, {3, 33, 17}}}},
        {"mv", OP(mv(x[0], x[1])), {{{2, 3}, {3}}, {{0, 3}, {3}}, {{2, 0}, {0}}, {{70, 300}, {300}}}},
        {"dot", OP(dot(x[0], x[1])), {{{3}, {3}}, {{0}, {0}}, {{1000}, {1000}}}},
        {"outer", OP(outer(x[0], x[1])), {{{3}, {2}}, {{0}, {2}}, {{33}, {70}}}},
        {"matmul", OP(matmul(x[0], x[1])), kMatmul},
        {"addmm", OP(addmm(x[0], x[1], x[2])), kAddmm},
        {"addmm, factors", OP(addmm(x[0], x[1], x[2], 2, -0.5)), kAddmm},
        {"addmm, no summand", OP(addmm(x[0], x[1], x[2], 0)), kAddmm},
        {"linear", OP(linear(x[0], x[1], x[2])), kLinear},
        {"linear without bias", OP(linear(x[0], x[1])), kLinear},
    },
    false,
    5e-5};  // sums of 784 products, which may cancel

const Family kCopy = {"copy",
                      {
                          {"clone", OP(clone(x[0])), kOne},
                          {"contiguous", OP(x[0].contiguous()), kOne},
                          {"detach", OP(detach(x[0])), kOne},
                          {"to float", OP(x[0].to(l.kFloat32) * 2), kOne},
                          {"to double", OP(x[0].to(l.kFloat64) * 2), kOne},
                          {"to int", OP(x[0].to(l.kInt64)), kOne, -100, 100},
                          {"to bool", OP(x[0].to(l.kBool)), kOne},
                          {"to double and back", OP(x[0].to(l.kFloat64).square().to(l.kFloat32)), kOne},
                          {"mixed", OP(x[0].to(l.kFloat64) * x[0] + x[0].to(l.kFloat32)), kOne},
                      }};

const Family* const kFamilies[] = {&kArithmetic, &kInPlace, &kPointwise, &kActivation, &kSoftmaxes, &kCompare,
                                   &kReduce,     &kView,    &kIndex,     &kProducts,   &kCopy};

// ---- running them ---------------------------------------------------------------------------------------------------
struct Largest {
  Difference difference;
  std::string result_row = "-", gradient_row = "-";
};

std::string where(const Row& row, const Operands& operands, taper::ScalarType dtype, bool apart, Values values) {
  std::string text = row.name;
  for (const Sizes& sizes : operands) text += " " + taper::detail::str(taper::IntArrayRef(sizes));
  text += std::string(" ") + taper::to_string(dtype) + (apart ? ", scattered" : "");
  return text + (values == Values::Whole ? ", whole numbers" : values == Values::Special ? ", special values" : "");
}

Largest run_family(const Family& family, taper::ScalarType dtype) {
  Largest largest;
  std::mt19937 engine(3);
  const double tolerance = dtype == taper::kFloat32 ? family.tolerance : 1e-12;
  for (const Row& row : family.rows) {
    for (const Operands& operands : row.operands) {
      for (const Values values : {Values::Uniform, Values::Whole, Values::Special}) {
        if (values == Values::Special && !(family.special && row.special)) continue;
        std::vector<taper::Tensor> inputs;
        for (const Sizes& sizes : operands) inputs.push_back(draw(sizes, row.low, row.high, values, engine).to(dtype));
        for (const bool apart : {false, true}) {
          if (apart) {
            for (taper::Tensor& x : inputs) x = scattered(x);
          }
          const Difference d = run(row.op, inputs);
          INFO(family.name << ": " << where(row, operands, dtype, apart, values) << "\n" << d.why);
          CHECK(d.ours_threw == d.theirs_threw);
          CHECK(d.result <= tolerance);
          CHECK(d.gradient <= tolerance);
          if (d.result > largest.difference.result) {
            largest.difference.result = d.result;
            largest.result_row = where(row, operands, dtype, apart, values);
          }
          if (d.gradient > largest.difference.gradient) {
            largest.difference.gradient = d.gradient;
            largest.gradient_row = where(row, operands, dtype, apart, values);
          }
        }
      }
    }
  }
  return largest;
}

void check(const Family& family) {
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) run_family(family, dtype);
}

}  // namespace

TEST_CASE("arithmetic equals libtorch's") { check(kArithmetic); }
TEST_CASE("operations in place and through views equal libtorch's") { check(kInPlace); }
TEST_CASE("pointwise functions equal libtorch's") { check(kPointwise); }
TEST_CASE("activations equal libtorch's") { check(kActivation); }
TEST_CASE("softmax and log_softmax equal libtorch's") { check(kSoftmaxes); }
TEST_CASE("comparisons equal libtorch's") { check(kCompare); }
TEST_CASE("reductions equal libtorch's") { check(kReduce); }
TEST_CASE("views and joins equal libtorch's") { check(kView); }
TEST_CASE("indexing equals libtorch's") { check(kIndex); }
TEST_CASE("products equal libtorch's") { check(kProducts); }
TEST_CASE("copies and conversions equal libtorch's") { check(kCopy); }

TEST_CASE("the largest differences to libtorch, by family", "[.figures]") {
  for (const Family* family : kFamilies) {
    for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
      const Largest l = run_family(*family, dtype);
      WARN(family->name << ", " << taper::to_string(dtype) << ": result " << l.difference.result << " (" << l.result_row
                        << "), gradient " << l.difference.gradient << " (" << l.gradient_row << ")");
    }
  }
}
