#include "autograd/gradcheck_table.h"
#include "ops/reduce.h"
#include "support/tensors.h"

#include <cmath>
#include <limits>

using namespace taper;
using namespace support;
using namespace gradcheck_table;

namespace {

// d (sum of cotangent f(x)) / dx
Values gradient(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  const Tensor input = leaf_of(x), y = f(input);
  return values(autograd::grad({y}, {input}, {ones_like(y)})[0]);
}

// The shared table, and what the comparison with libtorch has no row for.
std::vector<Row> make_rows() {
  const Tensor x = leaf({2, 3, 2}), v = leaf({5});
  const Tensor one_zero = leaf_of(tensor({2., 0., -3., 0.5})), two_zeros = leaf_of(tensor({2., 0., -3., 0.})),
               three_zeros = leaf_of(tensor({0., 0., -3., 0.}));
  const Tensor transposed = leaf_of(randn({2, 3}, kFloat64)).detach().t().requires_grad_();
  std::vector<Row> rows = rows_of(ops::reduce<ops::Ours>());
  const std::vector<Row> more = {
      {"sum of a transposed", "SumBackward1", OF(in[0].sum(0)), {transposed}},
      {"prod with a zero", "ProdBackward0", OF(in[0].prod()), {one_zero}},
      {"prod with two zeros", "ProdBackward0", OF(in[0].prod()), {two_zeros}},
      {"prod with three zeros", "ProdBackward0", OF(in[0].prod()), {three_zeros}},
      {"prod of a matrix", "ProdBackward0", OF(in[0].prod()), {transposed}},
      {"norm 0.5", "NormBackward1", OF(in[0].norm(0.5, 0)), {x}},
      {"zero-dim", "VarBackward0", OF(in[0].var(0, false)), {leaf_of(scalar_tensor(2.0))}},
  };
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of the reductions, first and second") { table.check(); }

TEST_CASE("ties: max over all shares evenly, max along a dim takes the first") {
  const Tensor x = tensor({{1., 3.}, {3., 2.}});
  CHECK(gradient([](const Tensor& t) { return t.max(); }, x) == Values{0, 0.5, 0.5, 0});
  CHECK(gradient([](const Tensor& t) { return t.amin(IntArrayRef()); }, x) == Values{1, 0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.amax(0); }, tensor({{1., 3.}, {1., 2.}})) == Values{0.5, 1, 0.5, 0});
  CHECK(gradient([](const Tensor& t) { return std::get<0>(t.max(0)); }, tensor({{1., 3.}, {1., 2.}})) ==
        Values{1, 1, 0, 0});
  const double nan = std::nan("");
  CHECK(gradient([](const Tensor& t) { return t.max(); }, tensor({1., nan, nan})) == Values{0, 0.5, 0.5});
}

TEST_CASE("derivatives at the corners: norms and std at 0, prod of zeros, logsumexp of -inf") {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor zero = zeros({3}), some = tensor({0., 3., -4.});
  CHECK(gradient([](const Tensor& t) { return t.norm(); }, zero) == Values{0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.norm(); }, tensor({0., 4., 0.})) == Values{0, 1, 0});
  CHECK(gradient([](const Tensor& t) { return t.norm(1); }, some) == Values{0, 1, -1});
  CHECK(gradient([](const Tensor& t) { return t.norm(0); }, some) == Values{0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.norm(3); }, zero) == Values{0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.norm(1.5); }, some)[0] == 0);
  CHECK(gradient([](const Tensor& t) { return t.norm(0.5); }, some)[0] == 0);
  CHECK(gradient([inf](const Tensor& t) { return t.norm(inf); }, tensor({4., 3., -4.})) == Values{0.5, 0, -0.5});
  CHECK(gradient([](const Tensor& t) { return t.std(); }, ones({3})) == Values{0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.prod(); }, some) == Values{-12, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.prod(); }, tensor({0., 3., 0.})) == Values{0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.prod(); }, tensor({0., 0., 0., 0., 1.})) == Values{0, 0, 0, 0, 0});
  CHECK(gradient([](const Tensor& t) { return t.logsumexp(0); }, tensor({-inf, -inf})) == Values{0, 0});
  CHECK(gradient([](const Tensor& t) { return t.logsumexp(0); }, tensor({-inf, 0.})) == Values{0, 1});
}

TEST_CASE("the second derivative of a norm leaves zeros out where it would be infinite") {
  const auto second = [](double p, const Tensor& x) {
    const Tensor input = leaf_of(x), dx = autograd::grad({input.norm(p)}, {input}, {}, true, true)[0];
    return autograd::grad({dx.sum()}, {input})[0];
  };
  for (const double p : {0.5, 1.5}) {
    const Tensor others = second(p, tensor({3., -4.}));
    CHECK(allclose(second(p, tensor({3., 0., -4.})), stack({others[0], zeros_like(others[0]), others[1]})));
  }
}

TEST_CASE("reductions in another dtype send the gradient back in the input's") {
  const Tensor x = ones({2, 2}).requires_grad_();
  x.sum(optional<ScalarType>(kFloat64)).backward();
  CHECK(x.grad().dtype() == kFloat32);
  const Tensor y = x.mean(optional<ScalarType>(kFloat64));
  CHECK(y.dtype() == kFloat64);
  CHECK(values(autograd::grad({y}, {x})[0]) == Values{0.25, 0.25, 0.25, 0.25});
  CHECK_FALSE(x.argmax().requires_grad());
  CHECK_FALSE((x > 0).any().requires_grad());
}
