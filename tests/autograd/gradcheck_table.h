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
#include <random>

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

// A leaf with values of [low, high], away from the kinks: multiples of 1/2 are avoided by a margin far above the step.
inline Tensor draw(const ops::Sizes& sizes, double low, double high, std::mt19937& engine) {
  const Tensor t = taper::empty(sizes, taper::kFloat64);
  std::uniform_real_distribution<double> uniform(low, high);
  for (int64_t i = 0; i < t.numel(); ++i) {
    double& x = t.data_ptr<double>()[i];
    do x = uniform(engine);
    while (std::abs(x * 2 - std::nearbyint(x * 2)) < 0.05);
  }
  return t.requires_grad_();
}

// Both forms of each operation with its first operands that are few; with all few ones where `all`.
inline std::vector<Row> rows_of(const ops::Rows<ops::Ours>& table, bool all = false) {
  std::vector<Row> rows;
  std::mt19937 engine(17);
  for (const ops::Row<ops::Ours>& row : table) {
    bool found = false;
    for (const ops::Operands& operands : row.operands) {
      List inputs;
      for (const ops::Sizes& sizes : operands) inputs.push_back(draw(sizes, row.low, row.high, engine));
      const auto is_few = [](const Tensor& x) { return x.numel() > 0 && x.numel() <= 50; };
      if (!std::all_of(inputs.begin(), inputs.end(), is_few) || (found && !all)) continue;
      found = true;
      const auto of = [](ops::Ours op) { return [op](const List& x) { return List{op.ours({}, x)}; }; };
      const std::string name = taper::detail::str(row.name, " of ", inputs[0].sizes());
      rows.push_back({name, row.node, of(row.op.function), inputs});
      const bool fits = row.op.function.ours({}, inputs).sizes() == inputs[0].sizes();
      if (row.op.in_place && fits) rows.push_back({name + ", in place", nullptr, of(*row.op.in_place), inputs});
    }
    if (!found) throw taper::Error(std::string(row.name) + ": no operands are few enough for the gradient check");
  }
  return rows;
}

}  // namespace gradcheck_table
