// Dtypes of results against libtorch: every pair of dtypes, tensors beside zero-dim tensors and numbers, and what both
// sides refuse.
#include "catch.h"
#include "compare.h"
#include "ops/activation.h"
#include "ops/binary.h"
#include "ops/compare.h"
#include "ops/unary.h"

#include <algorithm>

namespace {

using namespace compare;

const taper::ScalarType kDtypes[] = {taper::kUInt8,   taper::kInt8,    taper::kInt16, taper::kInt32,   taper::kInt64,
                                     taper::kFloat32, taper::kFloat64, taper::kBool,  taper::kBFloat16};

struct Operation {
  std::string name;
  Both op;
};

// The rows of a table of tests/ops for that many operands, in both forms.
void add_rows(std::vector<Operation>& to, const ops::Rows<Both>& table, size_t operands) {
  for (const Row& row : rows_of(table)) {
    if (row.operands[0].size() == operands) to.push_back({row.name, row.op});
  }
}

// Of two tensors; the elementwise ones stand in ops/binary.h and ops/compare.h.
const std::vector<Operation> kPairs = {
    {"add, alpha 2", OP(add(x[0], x[1], 2))},
    {"add, alpha 1.5", OP(add(x[0], x[1], 1.5))},
    {"sub, alpha 2", OP(sub(x[0], x[1], 2))},
    {"addcmul", OP(addcmul(x[0], x[0], x[1]))},
    {"addcdiv", OP(addcdiv(x[0], x[0], x[1]))},
    {"where", OP(where(x[1] > 1, x[0], x[1]))},
    {"copy_", IN_PLACE(y.copy_(x[1]))},
    {"masked_fill, tensor", OP(masked_fill(x[0], x[0] > 1, x[1].sum().to(x[1].dtype())))},
    {"index_put_", IN_PLACE(y.index_put_({x[0] > 1}, x[1].reshape({-1})[0]))},
    {"cat", OP(cat(std::vector{x[0].reshape({-1}), x[1].reshape({-1})}))},
    {"stack", OP(stack(std::vector{x[0].sum(), x[1].sum()}))},
    {"matmul", OP(matmul(x[0].reshape({1, -1}), x[1].reshape({-1, 1}).slice(0, 0, x[0].numel())))},
    {"to", OP(x[0].to(x[1].dtype()))},
    {"type_as", OP(x[0].type_as(x[1]))},
};

// Of a tensor, some with numbers; the elementwise ones stand in ops/unary.h, ops/activation.h and
// ops/compare.h.
const std::vector<Operation> kSingles = {
    {"softmax", OP(softmax(x[0], -1))},
    {"softmax to float", OP(softmax(x[0], -1, l.kFloat32))},
    {"add 2", OP(x[0] + 2)},
    {"add 2.5", OP(x[0] + 2.5)},
    {"add true", OP(x[0] + true)},
    {"add 2.5, alpha 2", OP(x[0].add(2.5, 2))},
    {"add 2, alpha 2.5", OP(x[0].add(2, 2.5))},
    {"sub 2", OP(x[0] - 2)},
    {"sub true", OP(x[0] - true)},
    {"2 - x", OP(2 - x[0])},  // 2.5 - x of integers promotes; libtorch's C++ operator cuts the 2.5 to an integer
    {"mul 2", OP(x[0] * 2)},
    {"mul 2.5", OP(2.5 * x[0])},
    {"mul true", OP(x[0] * true)},
    {"div 2", OP(x[0] / 2)},
    {"2 / x", OP(2 / x[0])},
    {"pow 2.5", OP(pow(x[0], 2.5))},
    {"pow -1", OP(pow(x[0], -1))},
    {"2 pow", OP(pow(2, x[0]))},
    {"2.5 pow", OP(pow(2.5, x[0]))},
    {"lt 1.5", OP(x[0] < 1.5)},
    {"eq 1", OP(x[0] == 1)},
    {"clamp", OP(clamp(x[0], 1, 2))},
    {"clamp 1.5", OP(clamp(x[0], 1.5))},
    {"where 2", OP(where(x[0] > 1, x[0], 2))},
    {"where 2.5", OP(where(x[0] > 1, 2.5, x[0]))},
    {"masked_fill 2.5", OP(masked_fill(x[0], x[0] > 1, 2.5))},
    {"add_ 2.5", IN_PLACE(y.add_(2.5))},
    {"mul_ 2.5", IN_PLACE(y.mul_(2.5))},
    {"mul_ 2", IN_PLACE(y.mul_(2))},
    {"div_ 2", IN_PLACE(y.div_(2))},
    {"fill_ 2.5", IN_PLACE(y.fill_(2.5))},
    {"sum", OP(sum(x[0]))},
    {"sum dim", OP(x[0].sum(-1))},
    {"sum to int32", OP(x[0].sum(l.kInt32))},
    {"mean", OP(mean(x[0]))},
    {"mean to double", OP(x[0].mean(l.kFloat64))},
    {"var", OP(var(x[0]))},
    {"prod", OP(prod(x[0]))},
    {"max", OP(max(x[0]))},
    {"max dim", OP(std::get<0>(x[0].max(-1)))},
    {"amin", OP(amin(x[0]))},
    {"argmax", OP(argmax(x[0]))},
    {"all", OP(all(x[0]))},
    {"any dim", OP(x[0].any(-1))},
    {"norm", OP(norm(x[0]))},
    {"logsumexp", OP(x[0].logsumexp({-1}))},
    {"nonzero", OP(nonzero(x[0]))},
    {"one_hot", OP(one_hot(x[0]))},
    {"index", OP(l.ints({5, 6, 7}).index({x[0]}))},
    {"index_select", OP(index_select(l.ints({5, 6, 7}), 0, x[0]))},
    {"gather", OP(gather(l.ints({5, 6, 7}), 0, x[0]))},
};

// What libtorch refuses for some dtypes, for want of a kernel or by its own rules, and taper does as for the others.
bool is_ours_alone(const std::string& name) {
  static const char* const kNames[] = {"abs",          "floor",
                                       "ceil",         "round",
                                       "trunc",
                                       "argmax",  // of bool
                                       "abs_",         "floor_",
                                       "ceil_",        "round_",
                                       "trunc_",                           // of bool
                                       "square_",      "rounded in turn",  // of bool
                                       "hardtanh",     "hardtanh_",        // of unsigned integers
                                       "2 / x",                            // of integers
                                       "index",        "gather",           // by smaller integers
                                       "index_put_",                       // into a number, of another dtype
                                       "isclose, NaN",                     // of a number and a vector
                                       "prod",         "mish",
                                       "mish_"};  // of bfloat16
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

taper::Tensor values(bool zero_dim, taper::ScalarType dtype) {
  return (zero_dim ? taper::tensor(2) : taper::tensor({2, 1, 2})).to(dtype);
}

void check(const Operation& o, const std::vector<taper::Tensor>& inputs) {
  const Difference d = run(o.op, inputs, false);
  std::string text = o.name;
  for (const taper::Tensor& x : inputs)
    text += std::string(" ") + taper::to_string(x.dtype()) + (x.dim() == 0 ? " number" : "");
  INFO(text << d.why);
  if (d.theirs_threw && !d.ours_threw && is_ours_alone(o.name)) return;
  if (d.ours_threw && !d.theirs_threw && o.name.starts_with("threshold")) return;  // of integers, which taper refuses
  CHECK(d.ours_threw == d.theirs_threw);
  // In bfloat16 theirs may be a neighbour of the right value (test_half_types.cpp).
  const bool halves = std::any_of(inputs.begin(), inputs.end(), [](auto& x) { return x.dtype() == taper::kBFloat16; });
  CHECK(d.result <= (halves ? 0x1p-7 : 1e-6));
}

}  // namespace

TEST_CASE("the dtype of every operation of two tensors is libtorch's, for every pair of dtypes") {
  std::vector<Operation> pairs = kPairs;
  add_rows(pairs, ops::binary<Both>(), 2);
  add_rows(pairs, ops::compare<Both>(), 2);
  for (const Operation& o : pairs) {
    for (const auto a : kDtypes) {
      for (const auto b : kDtypes) {
        for (const bool a_number : {false, true}) {
          for (const bool b_number : {false, true}) check(o, {values(a_number, a), values(b_number, b)});
        }
      }
    }
  }
}

TEST_CASE("the dtype of every operation of a tensor and numbers is libtorch's, for every dtype") {
  std::vector<Operation> singles = kSingles;
  add_rows(singles, ops::unary<Both>(), 1);
  add_rows(singles, ops::activation<Both>(), 1);
  add_rows(singles, ops::compare<Both>(), 1);
  for (const Operation& o : singles) {
    for (const auto dtype : kDtypes) {
      for (const bool number : {false, true}) check(o, {values(number, dtype)});
    }
  }
}

TEST_CASE("integers wrap around and divide as libtorch's") {
  const Operation kOperations[] = {
      {"add", OP(x[0] + x[1])},
      {"sub", OP(x[0] - x[1])},
      {"mul", OP(x[0] * x[1])},
      {"div", OP(x[0] / x[1])},
      {"neg", OP(-x[0])},
      {"abs", OP(abs(x[0]))},
      {"sum", OP(sum(x[0]))},
      {"prod", OP(prod(x[0]))},
      {"square", OP(square(x[0]))},
      {"pow", OP(pow(x[0], 3))},
      {"to", OP(x[0].to(l.kInt32).to(l.kFloat32))},
      {"lt", OP(x[0] < x[1])},
      {"maximum", OP(maximum(x[0], x[1]))},
      {"clamp", OP(clamp(x[0], -5, 100))},
  };
  const taper::Tensor a = taper::tensor({0, 1, -1, 127, -128, 200, 40000, -3}),
                      b = taper::tensor({3, 2, 5, 2, -1, 100, 40000, 2});
  for (const Operation& o : kOperations) {
    for (const auto dtype : {taper::kUInt8, taper::kInt8, taper::kInt16, taper::kInt32, taper::kInt64}) {
      check(o, {a.to(dtype), b.to(dtype)});
    }
  }
}

TEST_CASE("what libtorch refuses is refused") {
  const std::vector<Operands> kOne = {{{2, 3}}};
  const Row kRows[] = {
      {"sizes that do not broadcast", OP(x[0] + x[1]), {{{2, 3}, {2}}, {{2, 3}, {4, 3}}, {{0}, {2}}}},
      {"in place beyond its sizes", IN_PLACE(y.add_(x[1])), {{{3}, {2, 3}}, {{}, {1}}, {{1}, {2}}}},
      {"copy_ beyond its sizes", IN_PLACE(y.copy_(x[1])), {{{3}, {2, 3}}, {{2, 3}, {2}}}},
      {"where", OP(where(x[0] > 0, x[0], x[1])), {{{2, 3}, {2}}}},
      {"where by numbers", OP(where(x[0], x[0], x[0])), kOne},
      {"clamp by nothing", OP(clamp(x[0])), kOne},
      {"mm", OP(mm(x[0], x[1])), {{{2, 3}, {2, 3}}, {{3}, {3, 2}}, {{2, 3}, {3}}, {{1, 2, 3}, {3, 2}}}},
      {"bmm", OP(bmm(x[0], x[1])), {{{2, 3}, {3, 2}}, {{2, 2, 3}, {3, 3, 2}}, {{2, 2, 3}, {2, 2, 3}}}},
      {"mv", OP(mv(x[0], x[1])), {{{2, 3}, {2}}, {{3}, {3}}}},
      {"dot", OP(dot(x[0], x[1])), {{{2}, {3}}, {{2, 1}, {2, 1}}}},
      {"outer", OP(outer(x[0], x[1])), {{{2, 1}, {2}}}},
      {"matmul", OP(matmul(x[0], x[1])), {{{2, 3}, {2, 3}}, {{}, {3}}, {{2, 2, 3}, {3, 3, 2}}, {{3}, {2}}}},
      {"addmm",
       OP(addmm(x[0], x[1], x[2])),
       {{{3}, {2, 3}, {3, 4}}, {{2, 4}, {2, 3}, {4, 4}}, {{1, 2, 4}, {2, 3}, {3, 4}}}},
      {"linear", OP(linear(x[0], x[1])), {{{2, 3}, {4, 5}}}},
      {"mixed mm", OP(mm(x[0], x[1].to(l.kInt64))), {{{2, 3}, {3, 2}}}},
      {"view", OP(x[0].view({4, 2})), kOne},
      {"view of a transposed", OP(x[0].t().view({6})), kOne},
      {"view, two -1", OP(x[0].view({-1, -1})), kOne},
      {"view, -2", OP(x[0].view({-2, 3})), kOne},
      {"reshape", OP(reshape(x[0], {5})), kOne},
      {"reshape of nothing", OP(reshape(x[0], {-1, 0})), {{{0, 3}}}},
      {"reshape, not divisible", OP(reshape(x[0], {-1, 4})), kOne},
      {"flatten", OP(flatten(x[0], 1, 0)), kOne},
      {"flatten dim", OP(flatten(x[0], 0, 2)), kOne},
      {"transpose", OP(transpose(x[0], 0, 2)), kOne},
      {"t", OP(t(x[0])), {{{2, 3, 4}}}},
      {"permute twice the same", OP(permute(x[0], {0, 0})), kOne},
      {"permute too few", OP(permute(x[0], {0})), kOne},
      {"squeeze", OP(squeeze(x[0], 2)), kOne},
      {"unsqueeze", OP(unsqueeze(x[0], 3)), kOne},
      {"expand", OP(x[0].expand({2, 4})), kOne},
      {"expand to fewer", OP(x[0].expand({3})), kOne},
      {"expand, -1 in front", OP(x[0].expand({-1, 2, 3})), kOne},
      {"select", OP(select(x[0], 0, 2)), kOne},
      {"select, negative", OP(select(x[0], 0, -3)), kOne},
      {"select of a number", OP(select(x[0], 0, 0)), {{{}}}},
      {"slice, step 0", OP(slice(x[0], 0, 0, 1, 0)), kOne},
      {"slice of a number", OP(slice(x[0])), {{{}}}},
      {"narrow", OP(narrow(x[0], 1, 2, 2)), kOne},
      {"narrow, negative length", OP(narrow(x[0], 1, 2, -1)), kOne},
      {"diagonal", OP(diagonal(x[0], 0, 1, 1)), kOne},
      {"as_strided beyond", OP(x[0].as_strided({3, 3}, {3, 1})), kOne},
      {"as_strided, too few strides", OP(x[0].as_strided({2, 3}, {1})), kOne},
      {"chunk", OP(x[0].chunk(0)[0]), kOne},
      {"split", OP(x[0].split(0)[0]), kOne},
      {"split_with_sizes", OP(x[0].split_with_sizes({1, 2})[0]), kOne},
      {"unbind of a number", OP(cat(x[0].unbind())), {{{}}}},
      {"cat of nothing", OP(cat(typename decltype(l)::List{})), kOne},
      {"cat", OP(cat(x)), {{{2, 3}, {2, 2}}, {{}, {}}, {{2, 3}, {3}}}},
      {"cat dim", OP(cat(x, 2)), {{{2, 3}, {2, 3}}}},
      {"stack", OP(stack(x)), {{{2, 3}, {2, 2}}}},
      {"stack of nothing", OP(stack(typename decltype(l)::List{})), kOne},
      {"sum dim", OP(x[0].sum(2)), kOne},
      {"sum dim twice", OP(x[0].sum(Sizes{0, 0})), kOne},
      {"sum dim -3", OP(x[0].sum(-3)), kOne},
      {"max of nothing", OP(max(x[0])), {{{0}}, {{2, 0}}}},
      {"max dim of nothing", OP(std::get<0>(x[0].max(1))), {{{2, 0}}}},
      {"argmax of nothing", OP(argmax(x[0])), {{{0}}}},
      {"amin of nothing", OP(amin(x[0])), {{{0}}}},
      {"softmax dim", OP(softmax(x[0], 2)), kOne},
      {"dropout", OP(dropout(x[0], 1.5, true)), kOne},
      {"index_select", OP(index_select(x[0], 0, l.ints({2}))), kOne},
      {"index_select, negative", OP(index_select(x[0], 0, l.ints({-1}))), kOne},
      {"index_select by a matrix", OP(index_select(x[0], 0, l.ints({1, 0}).reshape({1, 2}))), kOne},
      {"gather", OP(gather(x[0], 0, l.ints({2, 0}).reshape({1, 2}))), kOne},
      {"gather by fewer dims", OP(gather(x[0], 0, l.ints({1}))), kOne},
      {"gather beyond", OP(gather(x[0], 0, l.ints({0, 0, 0, 0}).reshape({1, 4}))), kOne},
      {"scatter_add", OP(scatter_add(x[0], 0, l.ints({2}).reshape({1, 1}), x[0])), kOne},
      {"index_add", OP(index_add(x[0], 0, l.ints({0}), x[0])), kOne},
      {"masked_fill", OP(masked_fill(x[0], x[1] > 0, 0)), {{{2, 3}, {2}}}},
      {"masked_fill with a vector", OP(masked_fill(x[0], x[0] > 0, x[0][0])), kOne},
      {"masked_select by numbers", OP(masked_select(x[0], x[0])), kOne},
      {"one_hot", OP(one_hot(l.ints({3}), 3)), kOne},
      {"one_hot of a negative", OP(one_hot(l.ints({-1}))), kOne},
      {"index by a number", OP(x[0].index({2})), kOne},
      {"index by a tensor", OP(x[0].index({l.ints({2})})), kOne},
      {"index by too many", OP(x[0].index({0, 0, 0})), kOne},
      {"index by a wrong mask", OP(x[0].index({l.ints({1, 0, 1}) == 1})), kOne},
      {"index by floats", OP(x[0].index({x[0]})), kOne},
      {"index by tensors of other sizes", OP(x[0].index({l.ints({0, 1}), l.ints({0, 1, 2})})), kOne},
      {"index_put_ of other sizes", IN_PLACE(y.index_put_({l.ints({0, 1})}, x[0].slice(1, 0, 2))), kOne},
      {"masked_fill_ of an expanded", IN_PLACE(y = x[0].expand({3, 2, 3}); y.masked_fill_(y > 0, 1)), kOne},
      {"add_ to an expanded", IN_PLACE(y = x[0].expand({3, 2, 3}); y.add_(1)), kOne},
      {"add_ to a leaf", IN_PLACE(y = x[0]; y.add_(1)), kOne},
      {"add_ to a view of a leaf", IN_PLACE(y = x[0][0]; y.add_(1)), kOne},
      {"item of many", OP(x[0] * x[0].item().toDouble()), kOne},
  };
  for (const Row& row : kRows) {
    for (const Operands& operands : row.operands) {
      std::mt19937 engine(1);
      std::vector<taper::Tensor> inputs;
      for (const Sizes& sizes : operands)
        inputs.push_back(draw(sizes, row.domain, Values::Uniform, engine).to(taper::kFloat32));
      const Difference d = run(row.op, inputs);
      INFO(row.name << d.why);
      CHECK(d.theirs_threw);
      CHECK(d.ours_threw);
    }
  }
}
