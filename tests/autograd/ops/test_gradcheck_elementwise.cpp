// Derivatives of every elementwise operation, first and second, against central differences in double.
#include <limits>

#include "autograd/gradcheck_table.h"
#include "ops/binary.h"
#include "ops/softmaxes.h"
#include "ops/unary.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

// What stands in no table of tests/ops.
std::vector<Row> more_rows() {
  const Tensor x = leaf({2, 3});
  const auto seeded = [](auto f) {
    return [f](const List& in) {
      manual_seed(3);
      return List{f(in[0])};
    };
  };
  return {
      {"dropout", nullptr, seeded([](const Tensor& t) { return dropout(t, 0.4, true); }), {x}},
      {"to", nullptr, OF(in[0].to(kFloat64, false, true) * in[0]), {x}},
      {"draws in place",
       nullptr,
       seeded([](const Tensor& t) {
         return (t.clone().uniform_() + t.clone().normal_() + t.clone().bernoulli_() + t.clone().random_(0, 5)) * t;
       }),
       {x}},
  };
}
const Table unary([] { return rows_of(ops::unary<ops::Ours>(), true); });
const Table binary([] { return rows_of(ops::binary<ops::Ours>(), true); });
const Table softmaxes([] { return rows_of(ops::softmaxes<ops::Ours>()); });
const Table more(more_rows);

}  // namespace

TEST_CASE("first and second derivatives of elementwise operations") {
  unary.check();
  binary.check();
  softmaxes.check();
  more.check();
}

TEST_CASE("derivatives at ties, kinks and edges, of either operand") {
  const auto slopes = [](const std::function<Tensor(const Tensor&)>& f, const std::vector<double>& at) {
    const Tensor x = tensor(at, kFloat64).requires_grad_(), y = f(x);
    const Tensor dx = autograd::grad({y}, {x}, {full_like(y, 3)})[0];
    return std::vector<double>(dx.data_ptr<double>(), dx.data_ptr<double>() + dx.numel());
  };
  using Values = std::vector<double>;
  const Tensor zero = zeros({3}, kFloat64);
  CHECK(slopes([&](const Tensor& x) { return maximum(x, zero); }, {-1, 0, 1}) == Values{0, 1.5, 3});
  CHECK(slopes([&](const Tensor& x) { return maximum(zero, x); }, {-1, 0, 1}) == Values{0, 1.5, 3});
  CHECK(slopes([&](const Tensor& x) { return minimum(x, zero); }, {-1, 0, 1}) == Values{3, 1.5, 0});
  CHECK(slopes([&](const Tensor& x) { return minimum(zero, x); }, {-1, 0, 1}) == Values{3, 1.5, 0});
  CHECK(slopes([](const Tensor& x) { return clamp(x, -1, 1); }, {-2, -1, 0, 1, 2}) == Values{0, 3, 3, 3, 0});
  CHECK(slopes([](const Tensor& x) { return x.clamp_min(-1); }, {-2, -1, 0}) == Values{0, 3, 3});
  CHECK(slopes([](const Tensor& x) { return x.clamp_max(1); }, {0, 1, 2}) == Values{3, 3, 0});
  // 0^x is 0 or 1, and infinite below 0
  CHECK(slopes([](const Tensor& x) { return pow(0, x); }, {0, 1, 2.5}) == Values{0, 0, 0});
  CHECK(slopes([](const Tensor& x) { return pow(0, x); }, {-1})[0] == -std::numeric_limits<double>::infinity());
  CHECK(slopes([&](const Tensor& x) { return pow(zero, x); }, {0, 1, 2.5}) == Values{0, 0, 0});
  CHECK(slopes([&](const Tensor& x) { return pow(x, zero); }, {-1, 0, 1}) == Values{0, 0, 0});
}
