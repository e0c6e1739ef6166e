#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

Tensor transposed(IntArrayRef sizes) { return randn(sizes, kFloat64).transpose(-1, -2).requires_grad_(); }

std::vector<Row> make_rows() {
  const auto mat = OF(in[0].matmul(in[1]));
  const auto lin = OF(linear(in[0], in[1], in[2]));
  const auto lin2 = OF(linear(in[0], in[1]));
  return {
      {"mm", "MmBackward0", OF(in[0].mm(in[1])), {leaf({2, 3}), leaf({3, 4})}},
      {"mm transposed", "MmBackward0", OF(in[0].mm(in[1])), {transposed({3, 2}), transposed({4, 3})}},
      {"mm with itself", "MmBackward0", OF(in[0].mm(in[0].t())), {leaf({2, 3})}},
      {"mm with a constant", "MmBackward0", OF(in[0].mm(in[1])), {leaf({2, 3}), randn({3, 2}, kFloat64)}},
      {"constant mm", "MmBackward0", OF(in[0].mm(in[1])), {randn({2, 3}, kFloat64), leaf({3, 2})}},
      {"bmm", "BmmBackward0", OF(in[0].bmm(in[1])), {leaf({2, 2, 3}), leaf({2, 3, 2})}},
      {"mv", "MvBackward0", OF(in[0].mv(in[1])), {leaf({2, 3}), leaf({3})}},
      {"dot", "DotBackward0", OF(in[0].dot(in[1])), {leaf({3}), leaf({3})}},
      {"outer", nullptr, OF(in[0].outer(in[1])), {leaf({2}), leaf({3})}},
      {"addmm", "AddmmBackward0", OF(in[0].addmm(in[1], in[2])), {leaf({2, 4}), leaf({2, 3}), leaf({3, 4})}},
      {"addmm, vector, factors",
       "AddmmBackward0",
       OF(in[0].addmm(in[1], in[2], 2, -0.5)),
       {leaf({4}), leaf({2, 3}), leaf({3, 4})}},
      {"addmm without summand",
       "AddmmBackward0",
       OF(in[0].addmm(in[1], in[2], 0)),
       {leaf({4}), leaf({2, 3}), leaf({3, 4})}},
      {"linear", "AddmmBackward0", lin, {leaf({2, 3}), leaf({4, 3}), leaf({4})}},
      {"linear of one row", "AddmmBackward0", lin, {leaf({3}), leaf({4, 3}), leaf({4})}},
      {"linear of three dims", "AddmmBackward0", lin, {leaf({2, 2, 3}), leaf({4, 3}), leaf({4})}},
      {"linear, transposed", "AddmmBackward0", lin, {transposed({2, 3, 2}), transposed({3, 4}), leaf({4})}},
      {"linear without bias", "MmBackward0", lin2, {leaf({2, 3}), leaf({4, 3})}},
      {"linear without bias, one row", "MmBackward0", lin2, {leaf({3}), leaf({4, 3})}},
      {"linear, input alone", "AddmmBackward0", lin, {leaf({2, 3}), randn({4, 3}, kFloat64), randn({4}, kFloat64)}},
      {"linear, weight alone", "AddmmBackward0", lin, {randn({2, 3}, kFloat64), leaf({4, 3}), randn({4}, kFloat64)}},
      {"linear, bias alone", "AddmmBackward0", lin, {randn({2, 3}, kFloat64), randn({4, 3}, kFloat64), leaf({4})}},
      {"matmul 1 1", "DotBackward0", mat, {leaf({3}), leaf({3})}},
      {"matmul 2 1", "MvBackward0", mat, {leaf({2, 3}), leaf({3})}},
      {"matmul 1 2", nullptr, mat, {leaf({3}), leaf({3, 2})}},
      {"matmul 3 1", nullptr, mat, {leaf({2, 2, 3}), leaf({3})}},
      {"matmul 1 3", nullptr, mat, {leaf({3}), leaf({2, 3, 2})}},
      {"matmul 3 2", nullptr, mat, {leaf({2, 2, 3}), leaf({3, 2})}},
      {"matmul 2 3", "BmmBackward0", mat, {leaf({2, 3}), leaf({2, 3, 2})}},
      {"matmul broadcast", "BmmBackward0", mat, {leaf({2, 1, 2, 3}), leaf({3, 3, 2})}},
      {"matmul of transposed batches", "BmmBackward0", mat, {transposed({2, 3, 2}), transposed({2, 2, 3})}},
  };
}
const gradcheck_table::Table table(make_rows);

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
