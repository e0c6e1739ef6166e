// Tables of operations whose derivatives are compared with central differences:
//
//   std::vector<Row> rows() { return {{"exp", "ExpBackward0", OF(exp(in[0])), {leaf({2, 3})}}}; }
//   const Table table(rows);
//   TEST_CASE("derivatives of ...") { table.check(); }
//
// rows_of() makes them of a table of tests/ops, where most operations have their only row. Every table is known to
// test_coverage.cpp, which fails for an operation that stands in none.
#pragma once

#include <taper/autograd/autograd.h>

#include "catch.h"
#include "ops/row.h"
#include "support/tensors.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>

namespace gradcheck_table {

using taper::Tensor;
using List = std::vector<Tensor>;
using support::leaf;

// A function of the list `in`, which captures by value.
#define OF(...) [=]([[maybe_unused]] const gradcheck_table::List& in) { return gradcheck_table::List{__VA_ARGS__}; }

struct Row {
  std::string name;
  const char* node;  // of the first result, as PyTorch names it; null where that is another operation's
  taper::autograd::CheckedFunction f;
  List inputs;
};

class Table {
 public:
  using Make = std::vector<Row> (*)();
  explicit Table(Make make) : make_(make) { all().push_back(this); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  std::vector<Row> rows() const {
    taper::manual_seed(1);
    return make_();
  }

  // First and second derivatives of each row, and the first with each input alone.
  void check() const {
    taper::autograd::GradcheckOptions options;
    options.rtol = 1e-6;
    for (const Row& row : rows()) {
      INFO(row.name);
      CHECK_NOTHROW(taper::autograd::gradcheck(row.f, row.inputs, options));
      CHECK_NOTHROW(taper::autograd::gradgradcheck(row.f, row.inputs, options));
      for (size_t i = 0; row.inputs.size() > 1 && i < row.inputs.size(); ++i) {
        INFO("input " << i << " alone");
        List inputs;
        for (size_t k = 0; k < row.inputs.size(); ++k) {
          inputs.push_back(k == i ? row.inputs[k] : row.inputs[k].detach());
        }
        if (inputs[i].requires_grad()) CHECK_NOTHROW(taper::autograd::gradcheck(row.f, inputs, options));
      }
      if (row.node) CHECK(std::string(row.f(row.inputs)[0].grad_fn()->name()) == row.node);
    }
  }

  static std::vector<const Table*>& all() {
    static std::vector<const Table*> tables;
    return tables;
  }

 private:
  Make make_;
};

// A leaf whose values lie apart in the domain, in random order: none near a multiple of 1/2, where functions have
// kinks, and no two as near as the step of a difference, which would change places. `reversed`: the last dimension is
// the outermost in memory.
inline Tensor draw(ops::Sizes sizes, const ops::Domain& domain, bool reversed, std::mt19937& engine) {
  ops::Sizes order;
  for (size_t d = 0; d < sizes.size(); ++d) order.push_back(static_cast<int64_t>(reversed ? sizes.size() - 1 - d : d));
  if (reversed) std::reverse(sizes.begin(), sizes.end());
  const Tensor t = taper::empty(sizes, taper::kFloat64);
  const int64_t steps = 2 * t.numel() + 20;
  std::uniform_real_distribution<double> place(0.25, 0.75);
  std::vector<double> values;
  for (int64_t i = 0; i < steps; ++i) {
    const double x = domain.low + (domain.high - domain.low) * (static_cast<double>(i) + place(engine)) / steps;
    if (std::abs(x * 2 - std::nearbyint(x * 2)) >= 0.05) values.push_back(x);
  }
  std::shuffle(values.begin(), values.end(), engine);
  std::copy_n(values.begin(), t.numel(), t.data_ptr<double>());
  return t.permute(order).detach().requires_grad_();
}

// The row with its inputs on a line each, x + s v of a random direction v, and its result as one number, weighed at
// random: a function of the numbers s at 0, which takes two evaluations an input, however many elements there are.
inline Row along_directions(const Row& row) {
  List directions, zeros;
  for (const Tensor& x : row.inputs) {
    directions.push_back(taper::randn(x.sizes(), taper::kFloat64));
    zeros.push_back(taper::zeros({}, taper::kFloat64).requires_grad_());
  }
  const Tensor weights = taper::randn(row.f(row.inputs)[0].sizes(), taper::kFloat64);
  const auto f = [row, directions, weights](const List& s) {
    List inputs;
    for (size_t i = 0; i < s.size(); ++i) inputs.push_back(row.inputs[i].detach() + s[i] * directions[i]);
    return List{(row.f(inputs)[0] * weights).sum()};
  };
  return {row.name + ", along a direction", nullptr, f, zeros};
}

// The operands that rows_of() leaves out, as "name, set 2". test_coverage.cpp knows how many there are.
inline std::set<std::string>& left_out() {
  static std::set<std::string> sets;
  return sets;
}

// Both forms of each operation with all its operands that have elements, are not refused and give finite results; the
// node is that of the first ones, or of all.
inline std::vector<Row> rows_of(const ops::Rows<ops::Ours>& table, bool one_node = false) {
  std::vector<Row> rows;
  std::mt19937 engine(17);
  for (const ops::Row<ops::Ours>& row : table) {
    if (row.node == ops::kUnchecked) continue;
    const size_t before = rows.size();
    for (size_t k = 0; k < row.operands.size(); ++k) {
      List inputs;
      bool is_large = false, is_empty = true;
      for (const ops::Sizes& sizes : row.operands[k]) {
        inputs.push_back(draw(sizes, row.smooth, k % 2 == 1, engine));
        is_large |= inputs.back().numel() > 50;
        is_empty &= inputs.back().numel() == 0;
      }
      const auto add = [&](const char* form, const char* node, ops::Ours op) {
        const Row all = {taper::detail::str(row.name, form, " of ", inputs[0].sizes()), node,
                         [op](const List& x) { return List{op.ours({}, x)}; }, inputs};
        if (is_large && node) CHECK(std::string(all.f(inputs)[0].grad_fn()->name()) == node);
        rows.push_back(is_large ? along_directions(all) : all);
      };
      try {
        const Tensor y = row.op.function.ours({}, inputs);
        if (is_empty) continue;
        if (!y.isfinite().all().item<bool>()) {
          left_out().insert(taper::detail::str(row.name, ", set ", k));
          continue;
        }
        add("", one_node || k == 0 ? row.node : nullptr, row.op.function);
        if (row.op.in_place && y.sizes() == inputs[0].sizes()) add(", in place", nullptr, *row.op.in_place);
      } catch (const taper::Error&) {
        left_out().insert(taper::detail::str(row.name, ", set ", k));
      }
    }
    if (rows.size() == before) throw taper::Error(std::string(row.name) + ": refuses all its operands");
  }
  return rows;
}

}  // namespace gradcheck_table
