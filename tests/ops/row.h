// One row per operation. The gradient checks (tests/autograd/ops/test_gradcheck_*.cpp), the test of all forms
// (test_forms.cpp beside them), that of values (tests/core/kernels/test_elementwise.cpp) and the comparisons with
// libtorch (tests/torch: values, gradients, dtypes) read it:
//
//   {"tan", "TanBackward0", {IN_BOTH_FORMS(tan), VALUE(std::tan(x))}, kOne, {-1.4, 1.4}, {-1, 1}}
//
// Tables are templates of what runs an expression: taper alone (Ours) or, in tests/torch/compare.h, libtorch beside it.
#pragma once

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/indexing.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace ops {

// A side, for the few names that differ between the two.
struct Taper {
  using Tensor = taper::Tensor;
  using List = std::vector<Tensor>;
  static constexpr auto None = taper::indexing::None;
  static auto ellipsis() { return taper::indexing::Ellipsis; }
  template <class... T>
  static auto slice(T... bounds) {
    return taper::indexing::Slice(bounds...);
  }
  static constexpr auto kBool = taper::kBool;
  static constexpr auto kInt32 = taper::kInt32, kInt64 = taper::kInt64;
  static constexpr auto kFloat32 = taper::kFloat32, kFloat64 = taper::kFloat64;
  static Tensor ints(std::vector<int64_t> values) { return taper::tensor(values); }
  static taper::optional<int64_t> number(int64_t n) { return n; }
  static Tensor sum_to_size(const Tensor& x, std::vector<int64_t> sizes) { return taper::sum_to_size(x, sizes); }
  template <class M, class S>
  static Tensor normal(const M& mean, const S& std) {
    return taper::normal(mean, std);
  }
};

// A lambda of (l, x): x the operands, l the side.
#define OP(...) \
  []([[maybe_unused]] auto l, [[maybe_unused]] const auto& x) -> typename decltype(l)::Tensor { return __VA_ARGS__; }
// The same with statements: y is a copy of x[0], no leaf, changed in place.
#define IN_PLACE(...)                                                                           \
  []([[maybe_unused]] auto l, [[maybe_unused]] const auto& x) -> typename decltype(l)::Tensor { \
    auto y = x[0].clone();                                                                      \
    __VA_ARGS__;                                                                                \
    return y;                                                                                   \
  }
// f(x[0], arguments...) and x[0].f_(arguments...)
#define IN_BOTH_FORMS(f, ...) OP(f(x[0] __VA_OPT__(, ) __VA_ARGS__)), IN_PLACE(y.f##_(__VA_ARGS__))
// What an elementwise function of one tensor gives for a number x (tests/core/kernels/test_elementwise.cpp).
#define VALUE(...)                                 \
  ops::Value {                                     \
    [](double x) -> double { return __VA_ARGS__; } \
  }

struct Ours {
  template <class F>
  Ours(F f) : ours(f) {}  // NOLINT
  Taper::Tensor (*ours)(Taper, const Taper::List&);
};

using Sizes = std::vector<int64_t>;
using Operands = std::vector<Sizes>;

struct Value {
  double (*of)(double) = nullptr;
};

template <class Op>
struct Forms {
  template <class F>
  Forms(F f, Value v = {}) : function(f), value(v) {}  // NOLINT
  template <class F, class G>
  Forms(F f, G g, Value v = {}) : function(f), in_place(g), value(v) {}
  Op function;
  std::optional<Op> in_place;
  Value value;
};

// In place of a node: no gradient check, for want of a derivative or because its values lie at kinks.
inline constexpr char kUnchecked[] = "";

// Which special values (NaN, infinities, -0, huge and tiny ones) the comparison with libtorch mixes in: all; all, but
// compares no gradients, where libtorch's at NaN depend on the place in a vector; none.
enum Special { kSpecial, kSpecialResults, kOrdinary };

// The range of values.
struct Domain {
  double low = -2, high = 2;
  Special special = kSpecial;
};
inline constexpr Domain kPlain = {-2, 2, kOrdinary};

template <class Op>
struct Row {
  const char* name;
  const char* node;  // of the result, as PyTorch names it; null where it is another operation's
  Forms<Op> op;
  std::vector<Operands> operands;  // some of which both libraries may refuse
  Domain domain = {};
  // Of the gradient checks, away from poles. Multiples of 1/2, where functions have kinks, are avoided in any case.
  Domain smooth = domain;
};
template <class Op>
using Rows = std::vector<Row<Op>>;

// ---- operands -------------------------------------------------------------------------------------------------------
inline const std::vector<Operands> kOne = {{{2, 3}}, {{}}, {{7}}, {{3, 1, 4}}, {{0, 3}}, {{37, 113}}};
inline const std::vector<Operands> kMatrix = {{{4, 5}}, {{1, 5}}, {{33, 70}}};
inline const std::vector<Operands> kCube = {{{2, 3, 4}}, {{5, 1, 3}}, {{7, 16, 33}}};
inline const std::vector<Operands> kTwo = {
    {{2, 3}, {3}},       {{}, {}},           {{2, 3}, {2, 3}},       {{3}, {2, 1}},
    {{2, 1, 3}, {4, 1}}, {{2, 3}, {}},       {{}, {2, 3}},           {{0, 3}, {3}},
    {{0, 3}, {1, 3}},    {{37, 113}, {113}}, {{37, 113}, {37, 113}}, {{37, 1}, {37, 113}},
    {{37, 113}, {37, 1}}};
inline const std::vector<Operands> kThree = {
    {{2, 3}, {3}, {2, 1}}, {{}, {2}, {}}, {{0, 2}, {2}, {0, 1}}, {{4}, {}, {4}}, {{19, 33}, {19, 33}, {33}}};
inline const std::vector<Operands> kInto = {
    {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 3}, {}}, {{37, 113}, {37, 1}}, {{0, 3}, {3}}};
inline const std::vector<Operands> kAny = {{{2, 3}}, {{}}, {{7}}, {{0}}, {{3, 0, 2}}, {{3, 4, 5}}, {{33, 70}}};
inline const std::vector<Operands> kLines = {{{2, 3}},   {{7}},      {{0, 3}},   {{3, 4, 5}},
                                             {{3, 400}}, {{400, 3}}, {{2, 1000}}};
inline const std::vector<Operands> kMatrices = {{{4, 5}},    {{5, 4}},    {{1, 3}},  {{0, 3}},
                                                {{2, 3, 4}}, {{2, 3, 0}}, {{33, 70}}};

}  // namespace ops
