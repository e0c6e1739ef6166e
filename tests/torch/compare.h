// One expression, run by taper and by libtorch on the same values: results and gradients side by side.
//
//   {"mul", OP(x[0] * x[1]), {{{2, 3}, {3}}, {{}, {4}}}}
//
// OP is a lambda of (l, x) (ops/row.h): x the operands, l the side, Taper or Torch.
#pragma once

#include "bridge.h"
#include "ops/row.h"

#include <algorithm>
#include <functional>
#include <random>

namespace compare {

using ops::Taper, ops::Sizes, ops::Operands;

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

struct Both {
  template <class F>
  Both(F f) : ours(f), theirs(f) {}  // NOLINT
  template <class F, class G>
  Both(F f, G g) : ours(f), theirs(g) {}
  Taper::Tensor (*ours)(Taper, const Taper::List&);
  Torch::Tensor (*theirs)(Torch, const Torch::List&);
};

struct Row {
  const char* name;
  Both op;
  std::vector<Operands> operands;
  double low = -2, high = 2;  // of the values
  bool special = true;        // false: never with special values
};

// Values: uniform; whole numbers, which tie and hit the kinks; or with NaN, infinities, -0, huge and tiny ones among
// them.
enum class Values { Uniform, Whole, Special };

inline taper::Tensor draw(const Sizes& sizes, double low, double high, Values values, std::mt19937& engine) {
  const taper::Tensor x = taper::empty(sizes, taper::kFloat64);
  const double special[] = {NAN, INFINITY, -INFINITY, -0.0, 0.0, 1e30, -1e30, 1e-40, 50, -50};
  std::uniform_real_distribution<double> uniform(low, high);
  for (int64_t i = 0; i < x.numel(); ++i) {
    double v = uniform(engine);
    if (values == Values::Whole) v = std::max(std::round(v), std::ceil(low));
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
  dy = draw(Sizes(y.sizes().begin(), y.sizes().end()), -1, 1, Values::Uniform, engine).to(y.dtype());
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

}  // namespace compare
