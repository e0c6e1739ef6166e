// Arithmetic's long tail against libtorch: results and gradients in float32 and float64, contiguous and scattered, of
// whole numbers and of NaN, infinities and extremes; results of integers and bool.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>

namespace {

using namespace compare;

const std::vector<Operands> kOne = {{{}}, {{7}}, {{3, 1, 4}}, {{0, 3}}, {{37, 113}}};
const std::vector<Operands> kTwo = {{{}, {}},     {{2, 3}, {2, 3}}, {{3}, {2, 1}},      {{2, 1, 3}, {4, 1}},
                                    {{}, {2, 3}}, {{0, 3}, {1, 3}}, {{37, 113}, {113}}, {{37, 113}, {37, 113}}};
const std::vector<Operands> kInto = {
    {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 3}, {}}, {{37, 113}, {37, 1}}, {{0, 3}, {3}}};
const std::vector<Operands> kThree = {{{2, 3}, {3}, {2, 1}}, {{4}, {}, {4}}, {{19, 33}, {19, 33}, {33}}};

// Both sides on drawn operands; `special` rows with values that are no ordinary numbers, too.
void check(const std::vector<Row>& rows, double tolerance = 1e-5, double tolerance64 = 1e-12) {
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    std::mt19937 engine(3);
    for (const Row& row : rows) {
      for (const Operands& operands : row.operands) {
        for (const Values values : {Values::Uniform, Values::Whole, Values::Special}) {
          if (values == Values::Special && !row.special) continue;
          std::vector<taper::Tensor> inputs;
          for (const Sizes& sizes : operands)
            inputs.push_back(draw(sizes, row.low, row.high, values, engine).to(dtype));
          for (const bool apart : {false, true}) {
            if (apart) {
              for (taper::Tensor& x : inputs) x = scattered(x);
            }
            const Difference d = run(row.op, inputs);
            std::string sizes;
            for (const Sizes& s : operands) sizes += taper::detail::str(taper::IntArrayRef(s));
            INFO(row.name << " " << sizes << " " << taper::to_string(dtype) << (apart ? ", scattered" : "")
                          << (values == Values::Whole     ? ", whole numbers"
                              : values == Values::Special ? ", special values"
                                                          : "")
                          << d.why);
            CHECK(d.ours_threw == d.theirs_threw);
            CHECK(d.result <= (dtype == taper::kFloat32 ? tolerance : tolerance64));
            CHECK(d.gradient <= (dtype == taper::kFloat32 ? tolerance : tolerance64));
          }
        }
      }
    }
  }
}

// The same of all pairs of dtypes, small whole numbers, without gradients.
void check_dtypes(const std::vector<Row>& rows, std::vector<taper::ScalarType> dtypes) {
  for (const Row& row : rows) {
    for (const auto a : dtypes) {
      for (const auto b : dtypes) {
        if (row.operands[0].size() == 1 && a != b) continue;
        std::mt19937 engine(5);
        std::vector<taper::Tensor> inputs;
        for (size_t i = 0; i < row.operands[0].size(); ++i) {
          const bool is_unsigned = i == 0 ? a == taper::kUInt8 : b == taper::kUInt8;
          const double low = is_unsigned ? std::max(row.low, 0.0) : row.low;
          inputs.push_back(draw(row.operands[0][i], low, row.high, Values::Whole, engine).to(i == 0 ? a : b));
        }
        const Difference d = run(row.op, inputs, false);
        INFO(row.name << " " << taper::to_string(a) << " " << taper::to_string(b) << d.why);
        CHECK(d.ours_threw == d.theirs_threw);
        CHECK(d.result <= 1e-5);
      }
    }
  }
}

void seed(uint64_t value) {
  taper::manual_seed(value);
  torch::manual_seed(value);
}

}  // namespace

TEST_CASE("functions of one number equal libtorch's") {
  check({
      {"tan", OP(tan(x[0])), kOne, -1.4, 1.4},
      {"asin", OP(asin(x[0])), kOne, -0.99, 0.99},
      {"acos", OP(acos(x[0])), kOne, -0.99, 0.99},
      {"atan", OP(atan(x[0])), kOne, -10, 10},
      {"sinh", OP(sinh(x[0])), kOne},
      {"cosh", OP(cosh(x[0])), kOne},
      {"asinh", OP(asinh(x[0])), kOne, -10, 10},
      {"acosh", OP(acosh(x[0])), kOne, 1.1, 10},
      {"atanh", OP(atanh(x[0])), kOne, -0.9, 0.9},
      {"exp2", OP(exp2(x[0])), kOne, -8, 8},
      {"log2", OP(log2(x[0])), kOne, 0.1, 100},
      {"log10", OP(log10(x[0])), kOne, 0.1, 100},
      {"erfc", OP(erfc(x[0])), kOne, -4, 4},
      {"erfinv", OP(erfinv(x[0])), kOne, -0.99, 0.99},
      {"trunc", OP(trunc(x[0])), kOne, -5, 5},
      {"frac", OP(frac(x[0])), kOne, -5, 5},
      {"lgamma", OP(lgamma(x[0])), kOne, 0.5, 20, false},
      {"lgamma below 0", OP(lgamma(x[0])), {{{7}}}, -2.8, -2.2, false},
      {"signbit", OP(signbit(x[0])), kOne},
      {"in place", IN_PLACE(y.sinh_().atan_().cosh_().log2_().erfc_()), kOne, 0.3, 0.7, false},
      {"tan_", IN_PLACE(y.tan_()), kOne, -1, 1, false},
      {"exp2_", IN_PLACE(y.exp2_()), kOne},
      {"erfinv_", IN_PLACE(y.erfinv_()), kOne, -0.9, 0.9},
      {"more in place", IN_PLACE(y.asin_().acos_().log10_().frac_().add_(2).lgamma_()), kOne, 0.6, 0.7, false},
      {"trunc_", IN_PLACE(y.trunc_()), kOne},
      {"nan_to_num", OP(nan_to_num(x[0])), kOne},
      {"nan_to_num, given", OP(x[0].nan_to_num(1.5, 2, -3)), kOne},
      {"nan_to_num_", IN_PLACE(y.nan_to_num_(0.5)), kOne},
  });
  // Theirs of float64 are good to ten digits, ours to 13 (tests/autograd/ops/test_gradcheck_math.cpp).
  check(
      {
          {"digamma", OP(digamma(x[0])), kOne, 0.5, 20, false},
          {"polygamma 1", OP(polygamma(1, x[0])), kOne, 0.7, 10, false},
          {"polygamma 3", OP(polygamma(3, x[0])), kOne, 0.7, 10, false},
      },
      1e-5, 1e-8);
}

TEST_CASE("functions of two numbers equal libtorch's") {
  // Of special values where theirs is not vectorised: their vectors lose the remainder by numbers such as 1e-40.
  for (const bool is_small : {true, false}) {
    const std::vector<Operands> operands =
        is_small ? std::vector<Operands>{{{}, {}}, {{3}, {2, 1}}, {{2, 3}, {2, 3}}} : kTwo;
    check({
        {"div, floor", OP(x[0].div(x[1], "floor")), operands, -7, 7, is_small},
        {"div, trunc", OP(x[0].div(x[1], "trunc")), operands, -7, 7, is_small},
        {"floor_divide", OP(x[0].detach().floor_divide(x[1].detach())), operands, -7, 7, is_small},
        {"fmod", OP(fmod(x[0], x[1])), operands, -7, 7, is_small},
        {"remainder", OP(remainder(x[0], x[1])), operands, -7, 7, is_small},
        {"number remainder", OP(remainder(5.5, x[0].detach())), {{{}}, {{3}}}, -7, 7, is_small},
        {"atan2_", IN_PLACE(y.atan2_(x[1])), kInto, 0.6, 3, false},
        {"hypot_", IN_PLACE(y.hypot_(x[1])), kInto, 0.6, 3, false},
        {"xlogy_", IN_PLACE(y.xlogy_(x[1]).xlogy_(3)), kInto, 0.6, 3, false},
        // Where both bounds are equal, theirs gives the gradient to none; here that is not compared.
        {"clamp by tensors", OP(x[0].clamp(x[1], x[2] + 0.25)), kThree, -2, 2, false},
    });
  }
  check({
      {"div, not rounded", OP(x[0].div(x[1], l.None)), kTwo, 0.5, 3},
      {"div number, floor", OP(x[0].div(0.7, "floor")), kOne, -7, 7},
      {"div number, trunc", OP(x[0].div(-1.3, "trunc")), kOne, -7, 7},
      {"fmod number", OP(fmod(x[0], 1.5)), kOne, -7, 7},
      {"remainder number", OP(x[0] % 1.5), kOne, -7, 7},
      {"remainder, negative number", OP(x[0].remainder(-1.5)), kOne, -7, 7},
      {"atan2", OP(atan2(x[0], x[1])), kTwo, -2, 2, false},
      {"atan2 of special values", OP(atan2(x[0].detach(), x[1].detach())), kTwo},
      {"hypot", OP(hypot(x[0], x[1])), kTwo, -2, 2, false},
      {"hypot of special values", OP(hypot(x[0].detach(), x[1].detach())), kTwo},
      {"logaddexp", OP(logaddexp(x[0], x[1])), kTwo, -20, 20},
      {"xlogy", OP(xlogy(x[0], x[1])), kTwo, -2, 2},
      {"xlogy number", OP(xlogy(x[0], 2.5)), kOne},
      {"number xlogy", OP(xlogy(2, x[0])), kOne},
      {"lerp", OP(lerp(x[0], x[1], 0.3)), kTwo},
      {"lerp, beyond", OP(lerp(x[0], x[1], 1.7)), kTwo, -2, 2, false},
      {"lerp by tensor", OP(lerp(x[0], x[1], x[2])), kThree, -2, 2, false},
      {"fmax", OP(fmax(x[0], x[1])), kTwo},
      {"fmin", OP(fmin(x[0], x[1])), kTwo},
      {"max, min", OP(max(x[0], min(x[0], x[1]))), kTwo, -2, 2, false},
      {"clamp_min", OP(x[0].clamp_min(x[1])), kInto},
      {"clamp_max", OP(x[0].clamp_max(x[1])), kInto},
      {"rsub", OP(rsub(x[0], x[1], 2)), kTwo},
      {"logical_xor", OP(logical_xor(x[0], x[1])), kTwo},
      {"aliases", OP(multiply(x[0], x[1]).subtract(x[1], 2).divide(3)), kTwo},
      {"comparisons", OP((0.5 < x[0]).logical_xor(x[0].greater_equal(1)).logical_and(1 != x[0])), kOne},
  });
  check({
      {"fmod_", IN_PLACE(y.fmod_(x[1]).fmod_(0.8)), kInto, 0.6, 7, false},
      {"remainder_", IN_PLACE(y.remainder_(x[1]).remainder_(0.8)), kInto, 0.6, 7, false},
      {"div_", IN_PLACE(y.div_(x[1], "floor").add_(x[0]).div_(2, "trunc")), kInto, 0.6, 7, false},
      {"lerp_", IN_PLACE(y.lerp_(x[1], 0.3).lerp_(x[1], x[1])), {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}},
      {"clamp_ by tensors", IN_PLACE(y.clamp_min_(x[1]).clamp_max_(x[1] + 1)), kInto, -2, 2, false},
      {"clip_", IN_PLACE(y.clip_(-1, 1).absolute_().negative_()), kOne},
      {"logical in place", IN_PLACE(auto z = y.detach().clone(); z.logical_xor_(x[1].detach()).logical_not_(); y = z),
       kInto},
  });
}

TEST_CASE("integers, bool and promotion equal libtorch's") {
  const std::vector<Operands> kPair = {{{3, 5}, {5}}}, kSingle = {{{3, 5}}};
  const std::vector<taper::ScalarType> all = {taper::kUInt8,   taper::kInt8,    taper::kInt32, taper::kInt64,
                                              taper::kFloat32, taper::kFloat64, taper::kBool};
  check_dtypes(
      {
          {"fmod", OP(fmod(x[0], x[1])), kPair, 1, 9},
          {"remainder", OP(remainder(x[0], x[1])), kPair, 1, 9},
          {"floor_divide", OP(floor_divide(x[0], x[1])), kPair, 1, 9},
          {"div, trunc", OP(x[0].div(x[1], "trunc")), kPair, 1, 9},
          {"atan2", OP(atan2(x[0], x[1])), kPair, 1, 9},
          {"xlogy", OP(xlogy(x[0], x[1])), kPair, 1, 9},
          {"hypot", OP(hypot(x[0], x[1])), kPair, 1, 9},
          {"logaddexp", OP(logaddexp(x[0], x[1])), kPair, 1, 9},
          {"fmax", OP(fmax(x[0], x[1])), kPair, -5, 5},
          {"fmin", OP(fmin(x[0], x[1])), kPair, -5, 5},
          {"bitwise_and", OP(x[0] & x[1]), kPair, -9, 9},
          {"bitwise_or", OP(x[0] | x[1]), kPair, -9, 9},
          {"bitwise_xor", OP(x[0] ^ x[1]), kPair, -9, 9},
          {"bitwise number", OP((x[0] & 6) | 1), kSingle, -9, 9},
          {"bitwise_not", OP(~x[0]), kSingle, -9, 9},
          {"logical_xor", OP(logical_xor(x[0], x[1])), kPair, -2, 2},
          {"tan", OP(tan(x[0])), kSingle, 0, 1},
          {"exp2", OP(exp2(x[0])), kSingle, 0, 5},
          {"erfinv", OP(erfinv(x[0])), kSingle, 0, 1},
          {"lgamma", OP(lgamma(x[0])), kSingle, 1, 5},
          {"digamma", OP(digamma(x[0])), kSingle, 1, 5},
          {"signbit", OP(signbit(x[0])), kSingle, -5, 5},
          {"nan_to_num", OP(nan_to_num(x[0])), kSingle, -5, 5},
          {"cumsum", OP(cumsum(x[0], 1)), kSingle, -5, 5},
          {"cumprod", OP(cumprod(x[0], 0)), kSingle, -5, 5},
          {"prod", OP(prod(x[0], 1)), kSingle, -5, 5},
          {"count_nonzero", OP(count_nonzero(x[0], Sizes{1})), kSingle, -2, 2},
          {"nansum", OP(nansum(x[0], Sizes{1})), kSingle, -2, 2},
          {"negative remainder", OP(remainder(x[0], x[1] - 12)), {{{3, 5}, {5}}}, 1, 9},
      },
      all);
  // These take bool here, too.
  check_dtypes({{"trunc", OP(trunc(x[0])), kSingle, -5, 5}, {"trace", OP(trace(x[0])), kSingle, -2, 2}},
               {taper::kUInt8, taper::kInt32, taper::kInt64, taper::kFloat32, taper::kFloat64});
}

TEST_CASE("running results and reductions equal libtorch's") {
  const std::vector<Operands> kRun = {{{5}}, {{3, 4}}, {{2, 3, 4}}, {{2, 0}}, {{37, 300}}};
  const std::vector<Operands> kMatrix = {{{3, 4}}, {{37, 113}}, {{1, 5}}};
  check({
      {"cumsum", OP(cumsum(x[0], 0)), kRun, -2, 2, false},
      {"cumsum, last", OP(x[0].cumsum(-1)), kRun, -2, 2, false},
      {"cumsum of a number", OP(cumsum(x[0], 0)), {{{}}}},
      {"cumsum to double", OP(cumsum(x[0], 0, l.kFloat64)), kRun, -2, 2, false},
      {"cumprod", OP(cumprod(x[0], 0)), {{{5}}, {{3, 4}}, {{2, 3, 4}}, {{2, 0}}, {{20, 30}}}, -1.5, 1.5, false},
      {"cumprod, last", OP(x[0].cumprod(-1)), {{{5}}, {{3, 4}}, {{2, 3, 4}}, {{20, 30}}}, -1.5, 1.5, false},
      {"std_mean",
       OP(std::get<0>(std_mean(x[0], Sizes{1})) * std::get<1>(std_mean(x[0], Sizes{1}, true, true)).sum()),
       {{{3, 4}}, {{37, 113}}},
       -2,
       2,
       false},
      {"var_mean",
       OP(std::get<0>(var_mean(x[0])) * std::get<1>(var_mean(x[0], false))),
       {{{3, 4}}, {{37, 113}}},
       -2,
       2,
       false},
      {"nansum", OP((x[0] / x[0] * x[0]).detach().nansum()), kMatrix, -2, 2, false},
      {"nansum dims", OP(nansum(x[0], Sizes{0}, true)), kMatrix, -2, 2, false},
      {"aminmax", OP(std::get<0>(x[0].detach().aminmax()) + std::get<1>(x[0].detach().aminmax(1))), kMatrix, -2, 2,
       false},
      {"running in place", IN_PLACE(y.cumsum_(0).cumprod_(-1)), {{{5}}, {{3, 4}}}, -1.5, 1.5, false},
      {"prod dim", OP(prod(x[0], 0)), {{{5}}, {{3, 4}}, {{0, 4}}}, -2, 2, false},
      {"prod dim, kept", OP(x[0].prod(-1, true)), {{{5}}, {{3, 4}}, {{2, 3, 4}}}, -2, 2, false},
      {"var, correction", BOTH(return x[0].var({0}, N::optional<int64_t>(0), true);), kMatrix, -2, 2, false},
      {"std, correction",
       BOTH(return N::std(x[0], {1}, N::optional<int64_t>(2));),
       {{{3, 4}}, {{37, 113}}},
       -2,
       2,
       false},
      {"count_nonzero", OP(x[0].count_nonzero(Sizes{1})), kMatrix},
      {"trace", OP(trace(x[0])), kMatrix},
      {"norm to double", OP(norm(x[0], 3, l.kFloat64)), kMatrix, -2, 2, false},
      {"norm to double, dim", OP(x[0].norm(2, {1}, true, l.kFloat64)), kMatrix, -2, 2, false},
  });
  // Their float32 gradient of 300 values is 2e-5 from their own in float64.
  check({{"logcumsumexp", OP(logcumsumexp(x[0], -1)), {{{5}}, {{3, 4}}, {{2, 3, 4}}, {{20, 300}}}, -20, 20, false}},
        1e-4);
}

#define EINSUM(text) BOTH(return N::einsum(text, x);)
TEST_CASE("products of more than two kinds equal libtorch's") {
  check(
      {
          {"addmv", OP(addmv(x[0], x[1], x[2], 2, 0.5)), {{{3}, {3, 4}, {4}}, {{1}, {3, 4}, {4}}}, -2, 2, false},
          {"addr", OP(addr(x[0], x[1], x[2], 2, 0.5)), {{{3, 4}, {3}, {4}}, {{4}, {3}, {4}}}, -2, 2, false},
          {"baddbmm",
           OP(baddbmm(x[0], x[1], x[2], 2, 0.5)),
           {{{2, 3, 5}, {2, 3, 4}, {2, 4, 5}}, {{5}, {2, 3, 4}, {2, 4, 5}}},
           -2,
           2,
           false},
          {"addbmm", OP(addbmm(x[0], x[1], x[2], 2, 0.5)), {{{3, 5}, {2, 3, 4}, {2, 4, 5}}}, -2, 2, false},
          {"addmm_", IN_PLACE(y.addmm_(x[1], x[2], 2, 3)), {{{3, 5}, {3, 4}, {4, 5}}}, -2, 2, false},
          {"inner",
           OP(inner(x[0], x[1])),
           {{{3}, {3}}, {{2, 3}, {4, 3}}, {{}, {2, 3}}, {{2, 2, 3}, {3}}},
           -2,
           2,
           false},
          {"tensordot", OP(tensordot(x[0], x[1], {0, 2}, {1, 0})), {{{2, 3, 4}, {4, 2, 5}}}, -2, 2, false},
          {"tensordot of nothing", OP(tensordot(x[0], x[1], {}, {})), {{{2}, {3}}}, -2, 2, false},
          {"vdot", OP(x[0].vdot(x[1])), {{{7}, {7}}}, -2, 2, false},
          {"kron", OP(kron(x[0], x[1])), {{{2, 3}, {4, 1}}, {{3}, {2, 2}}, {{}, {3}}}, -2, 2, false},
          {"cross", OP(cross(x[0], x[1])), {{{3}, {3}}, {{2, 3}, {2, 3}}, {{3, 3}, {3, 3}}}, -2, 2, false},
          {"cross dim", OP(cross(x[0], x[1], -1)), {{{2, 3}, {2, 3}}, {{3, 3}, {3, 3}}}, -2, 2, false},
          {"cdist",
           OP(cdist(x[0], x[1])),
           {{{5, 3}, {4, 3}}, {{2, 5, 3}, {2, 4, 3}}, {{2, 5, 3}, {1, 4, 3}}, {{0, 3}, {4, 3}}},
           -2,
           2,
           false},
          {"cdist 1", OP(cdist(x[0], x[1], 1)), {{{5, 3}, {4, 3}}, {{2, 5, 3}, {4, 3}}}, -2, 2, false},
          {"cdist 3", OP(cdist(x[0], x[1], 3)), {{{5, 3}, {4, 3}}}, -2, 2, false},
          {"cdist 0", OP(cdist(x[0], x[1], 0)), {{{5, 3}, {4, 3}}}, -2, 2, false},
          {"cdist inf", OP(cdist(x[0], x[1], INFINITY)), {{{5, 3}, {4, 3}}}, -2, 2, false},
          {"pdist", OP(pdist(x[0])), {{{5, 3}}, {{3}}}, -2, 2, false},  // libtorch crashes where there are no pairs
          {"pdist 1", OP(pdist(x[0], 1)), {{{5, 3}}}, -2, 2, false},
          {"pdist 3", OP(pdist(x[0], 3)), {{{5, 3}}}, -2, 2, false},
          {"pdist 0", OP(pdist(x[0], 0)), {{{5, 3}}}, -2, 2, false},
          {"pdist inf", OP(pdist(x[0], INFINITY)), {{{5, 3}}}, -2, 2, false},
          {"mm", EINSUM("ij,jk->ik"), {{{3, 4}, {4, 5}}, {{0, 4}, {4, 5}}}, -2, 2, false},
          {"implicit", EINSUM("ij,jk"), {{{3, 4}, {4, 5}}}, -2, 2, false},
          {"implicit order", EINSUM("ba,Ab"), {{{3, 4}, {5, 3}}}, -2, 2, false},
          {"batch", EINSUM("bij,bjk->bik"), {{{2, 3, 4}, {2, 4, 5}}}, -2, 2, false},
          {"ellipsis",
           EINSUM("...ij,...jk->...ik"),
           {{{2, 3, 4}, {2, 4, 5}}, {{2, 3, 4}, {4, 5}}, {{2, 1, 3, 4}, {6, 4, 5}}},
           -2,
           2,
           false},
          {"ellipsis, implicit", EINSUM("i...,i..."), {{{3, 2}, {3, 2}}, {{3}, {3, 4}}}, -2, 2, false},
          {"ellipsis summed", EINSUM("...i->i"), {{{2, 3, 4}}}, -2, 2, false},
          {"diagonal", EINSUM("ii->i"), {{{3, 3}}}, -2, 2, false},
          {"trace", EINSUM("...ii"), {{{2, 3, 3}}}, -2, 2, false},
          {"thrice", EINSUM("iij,iii->ij"), {{{3, 3, 2}, {3, 3, 3}}}, -2, 2, false},
          {"sum", EINSUM("ijk->"), {{{2, 3, 4}}}, -2, 2, false},
          {"permute", EINSUM("ijk->kij"), {{{2, 3, 4}}}, -2, 2, false},
          {"outer", EINSUM("i,j"), {{{3}, {4}}}, -2, 2, false},
          {"elementwise", EINSUM("ij,ij->ij"), {{{3, 4}, {3, 4}}}, -2, 2, false},
          {"three", EINSUM("bn,anm,bm->ba"), {{{2, 3}, {5, 3, 4}, {2, 4}}}, -2, 2, false},
          {"summed alone", EINSUM("ij,kl->i"), {{{2, 3}, {4, 5}}}, -2, 2, false},
          {"sizes of 1", EINSUM("ij,jk->ik"), {{{3, 1}, {4, 5}}, {{3, 4}, {1, 5}}}, -2, 2, false},
          {"kept sizes of 1", EINSUM("ij,ij->ij"), {{{3, 1}, {3, 4}}}, -2, 2, false},
          {"nothing to sum over", EINSUM("ij,jk"), {{{3, 0}, {0, 5}}}, -2, 2, false},
      },
      5e-5);
}

// ---- draws ----------------------------------------------------------------------------------------------------------

namespace {

using bridge::counterpart;
using bridge::max_difference;
using bridge::to_torch;

const std::vector<std::vector<int64_t>> kDrawn = {{}, {7}, {16}, {33, 31}, {0}};

}  // namespace

TEST_CASE("exponential_, log_normal_, cauchy_ and geometric_ give libtorch's values") {
  seed(1);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const auto& sizes : kDrawn) {
      const auto pair = [&](auto draw) {
        auto x = taper::empty(sizes, dtype);
        auto y = torch::empty(sizes, counterpart(dtype));
        draw(x);
        draw(y);
        CHECK(relative_difference(x, y) <= (dtype == taper::kFloat32 ? 1e-7 : 1e-12));
      };
      pair([](auto& x) { x.exponential_(); });
      pair([](auto& x) { x.exponential_(2.5); });
      pair([](auto& x) { x.log_normal_(); });
      pair([](auto& x) { x.log_normal_(0.5, 0.25); });
      pair([](auto& x) { x.cauchy_(); });
      pair([](auto& x) { x.cauchy_(3, 0.5); });
      pair([](auto& x) { x.geometric_(0.3); });
    }
  }
  taper::Tensor x = taper::empty({50}, taper::kInt64);
  CHECK(max_difference(x.geometric_(0.1), torch::empty({50}, torch::kLong).geometric_(0.1)) == 0);
  CHECK(max_difference(taper::rand({3}), torch::rand({3})) == 0);  // both streams stand at the same place
}

TEST_CASE("random_ without bounds, to a bound and from one gives libtorch's values in every dtype") {
  seed(2);
  for (const auto dtype : {taper::kUInt8, taper::kInt8, taper::kInt16, taper::kInt32, taper::kInt64, taper::kFloat32,
                           taper::kFloat64, taper::kBool}) {
    INFO(taper::to_string(dtype));
    const auto x = taper::empty({50}, dtype);
    const auto y = torch::empty({50}, counterpart(dtype));
    const auto same = [&] { return at::equal(to_torch(x), y); };
    x.random_();
    y.random_();
    CHECK(same());
    x.random_(2);
    y.random_(2);
    CHECK(same());
    x.random_(0, taper::optional<int64_t>());
    y.random_(0, c10::optional<int64_t>());
    CHECK(same());
    if (dtype == taper::kBool) continue;
    x.random_(100, taper::optional<int64_t>());
    y.random_(100, c10::optional<int64_t>());
    CHECK(same());
  }
}

TEST_CASE("bernoulli with probabilities, and normal of means and deviations, give libtorch's values") {
  seed(3);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const auto& sizes : kDrawn) {
      const taper::Tensor p = taper::rand(sizes, dtype);
      const torch::Tensor q = torch::rand(sizes, counterpart(dtype));
      CHECK(max_difference(taper::bernoulli(p), torch::bernoulli(q)) == 0);
      CHECK(max_difference(p.bernoulli(0.3), q.bernoulli(0.3)) == 0);
      CHECK(max_difference(taper::zeros(sizes).bernoulli_(p), torch::zeros(sizes).bernoulli_(q)) == 0);
      const double tolerance = dtype == taper::kFloat32 ? 2e-6 : 1e-14;
      CHECK(relative_difference(taper::normal(p, 0.5), at::normal(q, 0.5)) <= tolerance);
      CHECK(relative_difference(taper::normal(0.5, p), at::normal(0.5, q)) <= tolerance);
      CHECK(relative_difference(taper::normal(p, p), at::normal(q, q)) <= tolerance);
      CHECK(relative_difference(taper::normal(1, 2, sizes), torch::normal(1., 2., sizes)) <= 2e-6);
    }
    taper::Tensor x = taper::zeros({5, 6}, dtype);
    torch::Tensor y = torch::zeros({5, 6}, counterpart(dtype));
    x.t().bernoulli_(taper::full({6, 5}, 0.4, taper::kFloat64));
    y.t().bernoulli_(torch::full({6, 5}, 0.4, torch::kDouble));
    CHECK(max_difference(x, y) == 0);
  }
  CHECK(max_difference(taper::randint_like(taper::ones({9}), 3, 8), torch::randint_like(torch::ones({9}), 3, 8)) == 0);
}

TEST_CASE("multinomial gives libtorch's draws, with and without replacement") {
  seed(4);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{6}, {4, 6}, {3, 200}}) {
      const taper::Tensor p = taper::rand(sizes, dtype);
      const torch::Tensor q = torch::rand(sizes, counterpart(dtype));
      for (const int64_t n : {1, 4, 6}) {
        CHECK(max_difference(taper::multinomial(p, n), torch::multinomial(q, n)) == 0);
        CHECK(max_difference(p.multinomial(2 * n, true), q.multinomial(2 * n, true)) == 0);
      }
    }
  }
}
