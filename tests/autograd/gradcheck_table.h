// Tables of operations whose derivatives are compared with central differences:
//
//   std::vector<Row> rows() {
//     return {{"exp", "ExpBackward0", [](const List& x) { return List{exp(x[0])}; }, {leaf({2, 3})}}};
//   }
//   const Table table(rows);
//   TEST_CASE("derivatives of ...") { table.check(); }
//
// Every table is known to test_coverage.cpp, which fails for an operation that stands in none.
#pragma once

#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

#include "catch.h"

namespace gradcheck_table {

using taper::Tensor;
using List = std::vector<Tensor>;

struct Row {
  std::string name;
  const char* node;  // of the first result, as PyTorch names it; null where that is another operation's
  taper::autograd::CheckedFunction f;
  List inputs;
};

inline Tensor leaf(taper::IntArrayRef sizes) { return taper::randn(sizes, taper::kFloat64).requires_grad_(); }

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
    for (const Row& row : rows()) {
      INFO(row.name);
      CHECK_NOTHROW(taper::autograd::gradcheck(row.f, row.inputs));
      CHECK_NOTHROW(taper::autograd::gradgradcheck(row.f, row.inputs));
      for (size_t i = 0; row.inputs.size() > 1 && i < row.inputs.size(); ++i) {
        INFO("input " << i << " alone");
        List inputs;
        for (size_t k = 0; k < row.inputs.size(); ++k) {
          inputs.push_back(k == i ? row.inputs[k] : row.inputs[k].detach());
        }
        if (inputs[i].requires_grad()) CHECK_NOTHROW(taper::autograd::gradcheck(row.f, inputs));
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

}  // namespace gradcheck_table
