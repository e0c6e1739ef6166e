#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <cmath>
#include <limits>

#include "catch.h"
#include "support/tensors.h"

using namespace taper;
using namespace support;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor float_leaf(const std::vector<float>& v) { return tensor(v).requires_grad_(); }
// d sum(f(x)) / dx
std::vector<double> slope(const Tensor& x, const Tensor& y) {
  x.mutable_grad() = Tensor();
  y.sum().backward();
  return values(x.grad());
}
using Values = std::vector<double>;

}  // namespace

TEST_CASE("operators with a number on either side") {
  const Tensor x = tensor({1.f, 2.f, 4.f});
  CHECK(values(x + 1) == Values{2, 3, 5});
  CHECK(values(1 + x) == Values{2, 3, 5});
  CHECK(values(1 - x) == Values{0, -1, -3});
  CHECK(values(4 / x) == Values{4, 2, 1});
  CHECK(values(-x * 2) == Values{-2, -4, -8});
  CHECK(values(x.pow(2)) == Values{1, 4, 16});
  CHECK(values(pow(2, x)) == Values{2, 4, 16});
  CHECK((1 / tensor({2, 4})).dtype() == kFloat32);
  CHECK((tensor({2, 4}) / tensor({4, 4})).dtype() == kFloat32);
  CHECK(values(x.add(x, 2)) == Values{3, 6, 12});
  CHECK(values(x.sub(x, 0.5)) == Values{0.5, 1, 2});
}

TEST_CASE("node names are PyTorch's") {
  const Tensor x = float_leaf({1, 2, 3});
  const auto name = [](const Tensor& t) { return std::string(t.grad_fn()->name()); };
  CHECK(name(x + x) == "AddBackward0");
  CHECK(name(x + 1) == "AddBackward1");
  CHECK(name(x * x) == "MulBackward0");
  CHECK(name(x.relu()) == "ReluBackward0");
  CHECK(name(x.log1p()) == "Log1PBackward0");
  CHECK(name(dropout(x, 0.5, true)) == "MulBackward0");
  CHECK(name(x.clone().copy_(x)) == "CopyBackwards");
}

TEST_CASE("gradients at kinks and edges are PyTorch's") {
  const Tensor x = float_leaf({-1, 0, 1});
  CHECK(slope(x, x.relu()) == Values{0, 0, 1});
  CHECK(slope(x, x.abs()) == Values{-1, 0, 1});
  CHECK(slope(x, x.clamp(-1, 1)) == Values{1, 1, 1});
  CHECK(slope(x, maximum(x, zeros({3}))) == Values{0, 0.5, 1});
  CHECK(slope(x, minimum(x, zeros({3}))) == Values{1, 0.5, 0});
  CHECK(slope(x, x.pow(1)) == Values{1, 1, 1});
  CHECK(slope(x, pow(zeros({3}), x))[1] == 0);
  CHECK(slope(x, pow(zeros({3}), x))[2] == 0);
  CHECK(slope(x, pow(x, zeros({3}))) == Values{0, 0, 0});
  CHECK(slope(x, leaky_relu(x, 0.25)) == Values{0.25, 0.25, 1});
  const Tensor n = float_leaf({kNan});
  CHECK(std::isnan(values(n.relu())[0]));
}

TEST_CASE("in place: values, versions, what may not be changed") {
  Tensor x = tensor({{1.f, 2.f}, {3.f, 4.f}});
  const int64_t before = x._version();
  x.add_(x.t());
  CHECK(values(x) == Values{2, 5, 5, 8});
  CHECK(x._version() == before + 1);
  x += 1;
  x *= 2;
  x -= x / 2;
  x /= 3;
  CHECK(values(x) == Values{1, 2, 2, 3});
  x.mul_(x);
  CHECK(values(x) == Values{1, 4, 4, 9});
  x.sqrt_().neg_().abs_().clamp_(0, 2).zero_().fill_(3);
  CHECK(values(x) == Values{3, 3, 3, 3});

  Tensor ints = tensor({1, 2});
  REQUIRE_THROWS_WITH(ints.div_(2), ContainsSubstring("Float") && ContainsSubstring("Long"));
  REQUIRE_THROWS_AS(ints.add_(0.5), TypeError);
  REQUIRE_THROWS_AS(ints.exp_(), TypeError);
  REQUIRE_THROWS_AS(ints.add_(float_leaf({1, 2})), TypeError);  // also where a gradient would be recorded
  CHECK(values(ints) == Values{1, 2});
  REQUIRE_THROWS_AS(x.add_(zeros({3, 2, 2})), Error);

  Tensor w = float_leaf({1, 2});
  REQUIRE_THROWS_AS(w.add_(1), Error);
  {
    const NoGradGuard no_grad;
    w.add_(1);
  }
  CHECK(values(w) == Values{2, 3});
}

TEST_CASE("in place on a part changes the gradient of that part alone") {
  const Tensor x = float_leaf({1, 2, 3, 4});
  Tensor y = x * 1;
  y.narrow(0, 1, 2).mul_(10);
  CHECK(slope(x, y) == Values{1, 10, 10, 1});
  Tensor z = x * 1;
  z[0].fill_(5);
  z[3] += z[2];
  CHECK(values(z) == Values{5, 2, 3, 7});
  CHECK(slope(x, z) == Values{0, 1, 2, 1});
}

TEST_CASE("a value saved for backward and changed since is an error that names the operation") {
  const Tensor x = float_leaf({1, 2, 3});
  Tensor y = x.exp();
  const Tensor loss = y.sum();
  y.add_(1);
  REQUIRE_THROWS_WITH(loss.backward(), ContainsSubstring("ExpBackward0"));
  // What saves nothing of the changed tensor goes through.
  Tensor z = x * 2;
  z.add_(1).mul_(3);
  CHECK(slope(x, z) == Values{6, 6, 6});
}

TEST_CASE("bool and integer semantics") {
  const Tensor t = tensor({true, false});
  REQUIRE_THROWS_WITH(t - t, ContainsSubstring("bool"));
  REQUIRE_THROWS_AS(1 - t, TypeError);
  CHECK((t + 1).dtype() == kInt64);
  CHECK(t.square().dtype() == kInt64);
  REQUIRE_THROWS_WITH(tensor({1, 2}).pow(-1), ContainsSubstring("negative exponent"));
  REQUIRE_THROWS_WITH(tensor({1, 2}).add(tensor({1, 2}), 0.5), ContainsSubstring("0.5"));
  CHECK(tensor({1, 2}).exp().dtype() == kFloat32);
  REQUIRE_THROWS_AS(gelu(tensor({1, 2})), TypeError);
  REQUIRE_THROWS_AS(softmax(tensor({1, 2}), 0), TypeError);
  CHECK(softmax(tensor({1, 2}), 0, kFloat64).dtype() == kFloat64);
}

TEST_CASE("a number beside integers keeps all its bits") {
  const int64_t odd = (int64_t{1} << 53) + 1;  // no double
  const Tensor zero = zeros({1}, kInt64), one = ones({1}, kInt64);
  for (const Tensor& t :
       {zero + odd, odd - zero, one * odd, zero.add(one, odd), addcmul(zero, one, one, odd), zero.clamp(odd, odd + 1),
        zero.masked_fill(zero == 0, odd), where(zero == 0, odd, zero), zero.index_fill(0, zero, odd), full({1}, odd)}) {
    CHECK(t.item<int64_t>() == odd);
  }
  CHECK_FALSE((full({1}, odd - 1) == odd).item<bool>());
}

TEST_CASE("comparisons, isclose, allclose, equal") {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor a = tensor({1.f, kNan, inf, -inf, 1.f}), b = tensor({1.f + 1e-6f, kNan, inf, inf, 1.1f});
  CHECK(values(isclose(a, b)) == Values{1, 0, 1, 0, 0});
  CHECK(values(isclose(a, b, 1e-5, 1e-8, true)) == Values{1, 1, 1, 0, 0});
  CHECK(values(isclose(a, b, 0, 0)) == Values{0, 0, 1, 0, 0});
  CHECK_FALSE(allclose(a, a));
  CHECK(allclose(a, a, 1e-5, 1e-8, true));
  CHECK(equal(tensor({1, 2}), tensor({1, 2})));
  CHECK_FALSE(equal(zeros({2}), zeros({3})));
  CHECK(equal(zeros({0}), zeros({0})));
  REQUIRE_THROWS_AS(isclose(a, b.to(kFloat64)), TypeError);
  REQUIRE_THROWS_AS(allclose(a, b, -1), ValueError);
  CHECK(values(tensor({1, 2, 3}) > 2) == Values{0, 0, 1});
  CHECK(values(tensor({1, 2, 3}) == 2.5) == Values{0, 0, 0});
}

TEST_CASE("where, softplus and dropout") {
  const Tensor c = tensor({true, false});
  CHECK(values(where(c, tensor({1.f, 2.f}), 5)) == Values{1, 5});
  CHECK(where(c, 1.5, tensor({1, 2})).dtype() == kFloat32);
  CHECK(values(tensor({1, 2}).where(c, tensor({3, 4}))) == Values{1, 4});
  REQUIRE_THROWS_AS(where(tensor({1, 0}), tensor({1, 2}), tensor({1, 2})), TypeError);
  const Values s = values(softplus(tensor({-200.f, 0.f, 30.f}), 1));
  CHECK(s[0] == 0);
  CHECK(s[1] == Approx(std::log(2.0)));
  CHECK(s[2] == 30);

  manual_seed(1);
  const Tensor x = ones({10000});
  const Tensor y = dropout(x, 0.25, true);
  double kept = 0;
  for (const double v : values(y)) {
    CHECK((v == 0 || v == Approx(1 / 0.75)));
    kept += v != 0;
  }
  CHECK(kept == Approx(7500).margin(150));
  CHECK(dropout(x, 0.25, false).is_same(x));
  CHECK(values(dropout(x, 1, true).sum()) == Values{0});
  REQUIRE_THROWS_WITH(dropout(x, 1.5, true), ContainsSubstring("1.5"));
  REQUIRE_THROWS_AS(dropout(x, kNan, false), ValueError);
}

TEST_CASE("to, clone, contiguous, copy_") {
  const Tensor x = float_leaf({1, 2, 3});
  CHECK(x.to(kFloat32).is_same(x));
  CHECK_FALSE(x.to(kFloat32, false, true).is_same(x));
  CHECK(x.to(kCPU).is_same(x));
  CHECK(slope(x, x.to(kFloat64) * 2) == Values{2, 2, 2});
  CHECK(x.grad().dtype() == kFloat32);
  CHECK(x.contiguous().is_same(x));
  Tensor y = zeros({2, 3});
  y.copy_(x);
  CHECK(slope(x, y) == Values{2, 2, 2});
  CHECK_FALSE(x.detach().requires_grad());
  CHECK(x.detach().is_alias_of(x));
  CHECK(values(tensor({1.9f, -1.9f}).to(kInt64)) == Values{1, -1});
}
