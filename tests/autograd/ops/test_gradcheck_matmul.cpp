#include "autograd/gradcheck_table.h"
#include "ops/matmul.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

const gradcheck_table::Table table([] { return rows_of(ops::matmul<ops::Ours>()); });

}  // namespace

TEST_CASE("derivatives of the products, first and second") { table.check(); }

TEST_CASE("gradients of products without rows, columns or inner dimension are zeros of the right sizes") {
  for (const auto& [rows, in, out] :
       std::vector<std::tuple<int64_t, int64_t, int64_t>>{{0, 3, 2}, {2, 0, 3}, {2, 3, 0}}) {
    for (bool three_dims : {false, true}) {
      const Tensor x = three_dims ? leaf({1, rows, in}) : leaf({rows, in}), w = leaf({out, in}), b = leaf({out});
      linear(x, w, b).sum().backward();
      CHECK(x.grad().sizes().vec() == x.sizes().vec());
      CHECK(w.grad().sizes().vec() == w.sizes().vec());
      CHECK(b.grad().sum().item<double>() == static_cast<double>(rows * out));
      CHECK(x.grad().abs().sum().item<double>() + w.grad().abs().sum().item<double>() ==
            Approx((x.grad().abs().sum() + w.grad().abs().sum()).item<double>()));
    }
  }
}
