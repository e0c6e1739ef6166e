// One expression, run by taper and by libtorch on the same values: results and gradients side by side.
//
//   {"mul", OP(x[0] * x[1]), {{{2, 3}, {3}}, {{}, {4}}}}
//
// OP is a lambda of (l, x) (ops/row.h): x the operands, l the side, Taper or Torch. Most rows stand in tests/ops, where
// the gradient checks read them, too: rows_of() makes them of those tables.
#pragma once

#include "bridge.h"
#include "catch.h"
#include "ops/row.h"

#include <algorithm>
#include <functional>
#include <random>

namespace compare {

using ops::Domain, ops::Operands, ops::Sizes, ops::Taper;
using ops::kInto, ops::kOne, ops::kOrdinary, ops::kPlain, ops::kSpecialResults, ops::kThree, ops::kTwo;

struct Torch {
  using Tensor = at::Tensor;
  using List = std::vector<Tensor>;
  static constexpr auto None = c10::nullopt;
  static auto ellipsis() { return torch::indexing::Ellipsis; }
  template <class... T>
  static auto slice(T... bounds) {
    return torch::indexing::Slice(bounds...);
  }
  static constexpr auto kBool = torch::kBool;
  static constexpr auto kInt32 = torch::kInt32, kInt64 = torch::kInt64;
  static constexpr auto kFloat32 = torch::kFloat32, kFloat64 = torch::kFloat64;
  static Tensor ints(std::vector<int64_t> values) { return torch::tensor(values); }
  static c10::optional<int64_t> number(int64_t n) { return n; }
  static Tensor sum_to_size(const Tensor& x, std::vector<int64_t> sizes) { return x.sum_to_size(sizes); }
  template <class M, class S>
  static Tensor normal(const M& mean, const S& std) {
    return at::normal(mean, std);
  }
};

// An OP whose two sides differ in the namespace N alone: BOTH(return N::elu(x[0], 0.5);)
#define BOTH(...)                                                                           \
  compare::Both(                                                                            \
      [](compare::Taper, [[maybe_unused]] const compare::Taper::List& x) -> taper::Tensor { \
        namespace N = taper;                                                                \
        __VA_ARGS__                                                                         \
      },                                                                                    \
      [](compare::Torch, [[maybe_unused]] const compare::Torch::List& x) -> at::Tensor {    \
        namespace N = torch;                                                                \
        __VA_ARGS__                                                                         \
      })

// A std::pair of an expression's values on both sides, which differ in the namespace N alone: SIDES(N::nn::ELU())
#define SIDES(...)           \
  std::pair(                 \
      [&] {                  \
        namespace N = taper; \
        return __VA_ARGS__;  \
      }(),                   \
      [&] {                  \
        namespace N = torch; \
        return __VA_ARGS__;  \
      }())

// Modules of both sides print alike, but for the name of the library.
void check_printed(const auto& sides) {
  CHECK(support::printed(sides.first) == bridge::printed_as_taper(sides.second));
}

struct Both {
  template <class F>
  Both(F f) : ours(f), theirs(f) {}  // NOLINT
  template <class F, class G>
  Both(F f, G g) : ours(f), theirs(g) {}
  Taper::Tensor (*ours)(Taper, const Taper::List&);
  Torch::Tensor (*theirs)(Torch, const Torch::List&);
};

struct Row {
  std::string name;
  Both op;
  std::vector<Operands> operands;
  Domain domain = {};
};

// The rows of a table of tests/ops, those of the form in place behind the others.
inline std::vector<Row> rows_of(const ops::Rows<Both>& table) {
  std::vector<Row> rows;
  for (const ops::Row<Both>& row : table) rows.push_back({row.name, row.op.function, row.operands, row.domain});
  for (const ops::Row<Both>& row : table) {
    if (row.op.in_place) rows.push_back({std::string(row.name) + "_", *row.op.in_place, row.operands, row.domain});
  }
  return rows;
}

// Values: uniform; whole numbers, which tie and hit the kinks; or with NaN, infinities, -0, huge and tiny ones among
// them.
enum class Values { Uniform, Whole, Special };

inline taper::Tensor draw(const Sizes& sizes, const Domain& domain, Values values, std::mt19937& engine) {
  const taper::Tensor x = taper::empty(sizes, taper::kFloat64);
  const double special[] = {NAN, INFINITY, -INFINITY, -0.0, 0.0, 1e30, -1e30, 1e-40, 50, -50};
  std::uniform_real_distribution<double> uniform(domain.low, domain.high);
  for (int64_t i = 0; i < x.numel(); ++i) {
    double v = uniform(engine);
    if (values == Values::Whole) v = std::max(std::round(v), std::ceil(domain.low));
    if (values == Values::Special && engine() % 2) v = special[engine() % std::size(special)];
    x.data_ptr<double>()[i] = v;
  }
  return x;
}

// The same values with gaps between them, and the dimensions in reverse order in memory.
inline taper::Tensor scattered(const taper::Tensor& x) {
  if (x.dim() == 0) return x.expand({2}).contiguous()[1];
  Sizes sizes, reverse;
  for (int64_t d = x.dim(); d-- > 0;) {
    sizes.push_back(x.size(d));
    reverse.push_back(d);
  }
  sizes.back() *= 2;
  const taper::Tensor y = taper::zeros(sizes, x.dtype()).slice(-1, 1, taper::nullopt, 2).permute(reverse);
  return y.copy_(x).detach();
}

// The largest |a - b| / max(1, |b|); infinity when sizes or dtypes differ or a NaN stands against a number.
inline double relative_difference(const taper::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined() ? 0 : INFINITY;
  if (bridge::counterpart(a.dtype()) != b.scalar_type() || a.sizes().vec() != b.sizes().vec()) return INFINITY;
  if (a.dtype() == taper::kInt64) return at::equal(bridge::to_torch(a), b) ? 0 : INFINITY;
  const at::Tensor p = bridge::to_torch(a).to(torch::kDouble).reshape(-1);
  const at::Tensor q = b.detach().to(torch::kDouble).reshape(-1).contiguous();
  double largest = 0;
  for (int64_t i = 0; i < p.numel(); ++i) {
    const double u = p.data_ptr<double>()[i], v = q.data_ptr<double>()[i];
    if (u == v || (std::isnan(u) && std::isnan(v))) continue;
    const double d = std::abs(u - v) / std::max(1.0, std::abs(v));
    largest = std::max(largest, std::isnan(d) ? INFINITY : d);
  }
  return largest;
}

struct Difference {
  double result = 0, gradient = 0;
  bool ours_threw = false, theirs_threw = false;
  std::string why;  // what they said
};

// f(), or what it threw: its first line is added to `why`.
template <class F>
bool throws(const char* who, std::string& why, F f) {
  try {
    f();
    return false;
  } catch (const std::exception& e) {
    const std::string text = e.what();
    why += std::string("\n") + who + " threw: " + text.substr(0, text.find('\n'));
    return true;
  }
}

// Both sides on `inputs`, forward and, where the result has a gradient, backward with a random cotangent.
inline Difference run(const Both& op, const std::vector<taper::Tensor>& inputs, bool with_gradient = true,
                      bool none_missing = false) {
  Difference d;
  Taper::List x;
  Torch::List tx;
  for (const taper::Tensor& input : inputs) {
    const bool trained = with_gradient && input.is_floating_point();
    x.push_back(input.detach().requires_grad_(trained));
    tx.push_back(bridge::to_torch(input).requires_grad_(trained));
  }
  taper::Tensor y, dy;
  at::Tensor ty;
  d.ours_threw = throws("taper", d.why, [&] { y = op.ours({}, x); });
  d.theirs_threw = throws("libtorch", d.why, [&] { ty = op.theirs({}, tx); });
  if (d.ours_threw || d.theirs_threw) return d;
  d.result = relative_difference(y, ty);
  if (y.requires_grad() != ty.requires_grad()) d.gradient = INFINITY;
  if (d.result == INFINITY || d.gradient == INFINITY || !y.requires_grad()) return d;
  std::mt19937 engine(5);
  dy = draw(y.sizes().vec(), {-1, 1}, Values::Uniform, engine).to(y.dtype());
  d.ours_threw = throws("taper", d.why, [&] { y.backward(dy); });
  d.theirs_threw = throws("libtorch", d.why, [&] { ty.backward(bridge::to_torch(dy)); });
  if (d.ours_threw || d.theirs_threw) return d;
  for (size_t i = 0; i < x.size(); ++i) {
    // Both sides leave out some gradients that are 0, not always the same ones; `none_missing` forbids it here where
    // libtorch does not.
    if (none_missing && !x[i].grad().defined() && tx[i].grad().defined()) d.gradient = INFINITY;
    const taper::Tensor dx = x[i].grad().defined() ? x[i].grad() : taper::zeros_like(x[i]);
    const at::Tensor tdx = tx[i].grad().defined() ? tx[i].grad() : torch::zeros_like(tx[i]);
    d.gradient = std::max(d.gradient, relative_difference(dx, tdx));
  }
  return d;
}

// How rows are compared: relative tolerances, and with which values.
struct Checks {
  double result32 = 1e-5, result64 = 1e-12;
  double gradient32 = result32, gradient64 = result64;
  bool whole = true;                     // whole numbers, too
  ops::Special special = ops::kSpecial;  // and special values, where the row does not say less
  bool ties = true;                      // gradients of whole numbers, too, which may be equal
  bool integers = false;                 // results of integers and bool, too
  bool refused = true;                   // both sides may refuse operands
  bool none_missing = false;             // taper leaves no gradient undefined that libtorch gives
  std::vector<const char*> gaps = {};    // what libtorch says where it refuses what taper does
};

// The largest differences, and where.
struct Largest {
  Difference difference;
  std::string result_at = "-", gradient_at = "-";
};

// Both sides of each row: results and gradients in float32 and float64, contiguous and scattered.
inline Largest check(const std::vector<Row>& rows, const Checks& checks = {}) {
  Largest largest;
  std::vector<taper::ScalarType> dtypes = {taper::kFloat32, taper::kFloat64};
  if (checks.integers) dtypes.insert(dtypes.end(), {taper::kInt64, taper::kInt32, taper::kUInt8, taper::kBool});
  const auto compare_one = [&](const Row& row, const std::vector<taper::Tensor>& x, Values values, const char* layout) {
    const bool is_single = x.empty() || x[0].dtype() == taper::kFloat32;
    std::string at = row.name;
    for (const taper::Tensor& t : x) at += taper::detail::str(" ", t.sizes(), " ", t.dtype());
    at += values == Values::Whole ? ", whole numbers" : values == Values::Special ? ", special values" : "";
    const Difference d = run(row.op, x, checks.ties || values == Values::Uniform, checks.none_missing);
    INFO(at << layout << d.why);
    const auto is_gap = [&](const char* text) { return d.why.find(text) != std::string::npos; };
    if (d.theirs_threw && !d.ours_threw && std::any_of(checks.gaps.begin(), checks.gaps.end(), is_gap)) return;
    CHECK(d.ours_threw == d.theirs_threw);
    CHECK((checks.refused || !d.ours_threw));
    CHECK(d.result <= (is_single ? checks.result32 : checks.result64));
    if (d.result > largest.difference.result) largest.difference.result = d.result, largest.result_at = at;
    if (values == Values::Special && std::max(checks.special, row.domain.special) == kSpecialResults) return;
    CHECK(d.gradient <= (is_single ? checks.gradient32 : checks.gradient64));
    if (d.gradient > largest.difference.gradient) largest.difference.gradient = d.gradient, largest.gradient_at = at;
  };
  for (const auto dtype : dtypes) {
    std::mt19937 engine(3);
    for (const Row& row : rows) {
      for (const Operands& operands : row.operands) {
        for (const Values values : {Values::Uniform, Values::Whole, Values::Special}) {
          if (values == Values::Whole && !checks.whole) continue;
          if (values == Values::Special && std::max(checks.special, row.domain.special) == kOrdinary) continue;
          if (values != Values::Whole && !taper::is_floating_point(dtype)) continue;
          std::vector<taper::Tensor> x, apart;
          for (const Sizes& sizes : operands) {
            const taper::Tensor drawn = draw(sizes, row.domain, values, engine);
            x.push_back((dtype == taper::kUInt8 ? drawn.abs() : drawn).to(dtype));
            apart.push_back(scattered(x.back()));
          }
          compare_one(row, x, values, "");
          compare_one(row, apart, values, ", scattered");
        }
      }
    }
  }
  return largest;
}

}  // namespace compare
