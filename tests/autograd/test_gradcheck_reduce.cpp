#include "autograd/gradcheck_table.h"

#include <cmath>
#include <limits>

using namespace taper;
using gradcheck_table::List;
using gradcheck_table::Row;

namespace {

using Values = std::vector<double>;

using gradcheck_table::leaf;
Tensor leaf(const Tensor& values) { return values.to(kFloat64).clone().requires_grad_(); }

Values values(const Tensor& t) {
  const Tensor c = t.detach().to(kFloat64).contiguous();
  return {c.data_ptr<double>(), c.data_ptr<double>() + c.numel()};
}
// d (sum of cotangent f(x)) / dx
Values gradient(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  const Tensor input = leaf(x), y = f(input);
  return values(autograd::grad({y}, {input}, {ones_like(y)})[0]);
}

std::vector<Row> make_rows() {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor x = leaf({2, 3, 2}), v = leaf({5}), rows = leaf({3, 4});
  const Tensor one_zero = leaf(tensor({2., 0., -3., 0.5})), two_zeros = leaf(tensor({2., 0., -3., 0.})),
               three_zeros = leaf(tensor({0., 0., -3., 0.}));
  const Tensor transposed = leaf(randn({2, 3}, kFloat64)).detach().t().requires_grad_();
#define TAPER_F(expression) [=]([[maybe_unused]] const List& in) { return List{expression}; }
  return {
      {"sum", "SumBackward0", TAPER_F(in[0].sum()), {x}},
      {"sum of a transposed", "SumBackward1", TAPER_F(in[0].sum(0)), {transposed}},
      {"sum over dims", "SumBackward1", TAPER_F(in[0].sum({0, 2})), {x}},
      {"sum keepdim", "SumBackward1", TAPER_F(in[0].sum(-2, true)), {x}},
      {"mean", "MeanBackward0", TAPER_F(in[0].mean()), {x}},
      {"mean over dims", "MeanBackward1", TAPER_F(in[0].mean({1, 2})), {x}},
      {"mean keepdim", "MeanBackward1", TAPER_F(in[0].mean(0, true)), {x}},
      {"var", "VarBackward0", TAPER_F(in[0].var()), {x}},
      {"var over dims", "VarBackward0", TAPER_F(in[0].var({0, 1}, false)), {x}},
      {"var keepdim", "VarBackward0", TAPER_F(in[0].var(1, true, true)), {x}},
      {"std", "StdBackward0", TAPER_F(in[0].std()), {x}},
      {"std over a dim", "StdBackward0", TAPER_F(in[0].std(1, false)), {x}},
      {"prod", "ProdBackward0", TAPER_F(in[0].prod()), {v}},
      {"prod with a zero", "ProdBackward0", TAPER_F(in[0].prod()), {one_zero}},
      {"prod with two zeros", "ProdBackward0", TAPER_F(in[0].prod()), {two_zeros}},
      {"prod with three zeros", "ProdBackward0", TAPER_F(in[0].prod()), {three_zeros}},
      {"prod of a matrix", "ProdBackward0", TAPER_F(in[0].prod()), {transposed}},
      {"max", "MaxBackward1", TAPER_F(in[0].max()), {x}},
      {"min", "MinBackward1", TAPER_F(in[0].min()), {x}},
      {"max along a dim", "MaxBackward0", TAPER_F(std::get<0>(in[0].max(1))), {x}},
      {"min keepdim", "MinBackward0", TAPER_F(std::get<0>(in[0].min(-1, true))), {x}},
      {"amax", "AmaxBackward0", TAPER_F(in[0].amax({0, 1})), {x}},
      {"amin", "AminBackward0", TAPER_F(in[0].amin(2, true)), {x}},
      {"norm", "NormBackward0", TAPER_F(in[0].norm()), {x}},
      {"norm over dims", "NormBackward1", TAPER_F(in[0].norm(2, {0, 2})), {x}},
      {"norm 1", "NormBackward1", TAPER_F(in[0].norm(1, 1, true)), {x}},
      {"norm 3", "NormBackward1", TAPER_F(in[0].norm(3, 1)), {x}},
      {"norm 1.5", "NormBackward0", TAPER_F(in[0].norm(1.5)), {x}},
      {"norm 0.5", "NormBackward1", TAPER_F(in[0].norm(0.5, 0)), {x}},
      {"norm inf", "NormBackward1", TAPER_F(in[0].norm(inf, 1)), {x}},
      {"norm -inf", "NormBackward1", TAPER_F(in[0].norm(-inf, 1)), {x}},
      {"logsumexp", "LogsumexpBackward0", TAPER_F(in[0].logsumexp({0, 1})), {x}},
      {"logsumexp keepdim", "LogsumexpBackward0", TAPER_F(in[0].logsumexp(-1, true)), {rows}},
      {"sum_to_size", nullptr, TAPER_F(sum_to_size(in[0], {3, 1})), {x}},
      {"zero-dim", "VarBackward0", TAPER_F(in[0].var(0, false)), {leaf(scalar_tensor(2.0))}},
  };
#undef TAPER_F
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
