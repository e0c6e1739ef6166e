#include "catch.h"
#include "support/scopes.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/matmul.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>

#include <cmath>

using namespace taper;
using namespace support;

namespace {

using Sizes = std::vector<int64_t>;

// Broadcast product of matrices by the definition, in float64.
Tensor naive(const Tensor& a, const Tensor& b) {
  return (a.to(kFloat64).unsqueeze(-1) * b.to(kFloat64).unsqueeze(-3)).sum(-2);
}
double distance(const Tensor& a, const Tensor& b) {
  REQUIRE(a.sizes().vec() == b.sizes().vec());
  return a.numel() == 0 ? 0 : (a.to(kFloat64) - b.to(kFloat64)).abs().max().item<double>();
}

// The same values in other strides: as they are, transposed in memory, rows apart, every second column, with an offset.
std::vector<Tensor> layouts(const Tensor& x) {
  Tensor apart = zeros({x.size(0), x.size(1) + 3}, x.dtype()).narrow(1, 2, x.size(1));
  apart.copy_(x);
  Tensor strided = zeros({x.size(0), 2 * x.size(1) + 1}, x.dtype()).slice(1, 0, 2 * x.size(1), 2);
  strided.copy_(x);
  return {x, x.t().contiguous().t(), apart, strided};
}

}  // namespace

TEST_CASE("mm, addmm and linear agree with the definition for any sizes and strides") {
  manual_seed(1);
  for (ScalarType dtype : {kFloat32, kFloat64, kInt64, kInt32, kUInt8}) {
    for (const Sizes& s : std::vector<Sizes>{
             {1, 1, 1}, {2, 3, 4}, {17, 1, 5}, {1, 17, 33}, {17, 33, 1}, {3, 0, 2}, {0, 3, 2}, {2, 3, 0}}) {
      const Tensor a0 = randint(0, 5, {s[0], s[1]}).to(dtype), b0 = randint(0, 5, {s[1], s[2]}).to(dtype);
      const Tensor x = randint(0, 5, {s[2]}).to(dtype), wanted = naive(a0, b0);
      for (const Tensor& a : layouts(a0)) {
        for (const Tensor& b : layouts(b0)) {
          CAPTURE(s, dtype == kFloat32, a.strides().vec(), b.strides().vec());
          const Tensor y = a.mm(b);
          CHECK(y.dtype() == dtype);
          CHECK(distance(y, dtype == kUInt8 ? wanted.to(kUInt8) : wanted) == 0);  // small integers: exact in all types
          CHECK(distance(kernels::mm(a.t(), true, b.t(), true), y) == 0);
          if (dtype == kUInt8) continue;
          CHECK(distance(x.addmm(a, b, 2, 3), 2 * x.to(kFloat64) + 3 * wanted) == 0);
          CHECK(distance(x.addmm(a, b, 0), wanted) == 0);
          CHECK(distance(linear(a, b.t(), x), x.to(kFloat64) + wanted) == 0);
          CHECK(distance(linear(a, b.t()), wanted) == 0);
        }
      }
    }
  }
  // beta = 0 does not read what was there
  CHECK(full({2, 2}, std::nan("")).addmm(ones({2, 3}), ones({3, 2}), 0).sum().item<double>() == 12);
}

TEST_CASE("linear takes any number of leading dims") {
  manual_seed(2);
  const Tensor w = randn({5, 7}), b = randn({5});
  for (const Sizes& s : std::vector<Sizes>{{7}, {3, 7}, {2, 3, 7}, {2, 0, 7}, {2, 1, 3, 7}}) {
    const Tensor x = randn(s), y = linear(x, w, b);
    Sizes wanted = s;
    wanted.back() = 5;
    CHECK(y.sizes().vec() == wanted);
    CHECK(distance(y, (naive(x.reshape({x.numel() / 7, 7}), w.t()) + b).reshape(wanted)) < 1e-5);
    CHECK(distance(linear(x, w), (naive(x.reshape({x.numel() / 7, 7}), w.t())).reshape(wanted)) < 1e-5);
  }
  const Tensor odd = randn({3, 7, 2}).transpose(1, 2);  // not row-major
  CHECK(distance(linear(odd, w, b), linear(odd.contiguous(), w, b)) == 0);
  CHECK(distance(linear(zeros({3, 0}), zeros({5, 0}), b), b.expand({3, 5})) == 0);
}

TEST_CASE("matmul follows the rules for 1, 2 and more dims") {
  manual_seed(3);
  const auto check = [](const Sizes& sa, const Sizes& sb, const Sizes& wanted) {
    const Tensor a = randn(sa, kFloat64), b = randn(sb, kFloat64);
    CAPTURE(sa, sb);
    const Tensor y = a.matmul(b);
    CHECK(y.sizes().vec() == wanted);
    const Tensor full = naive(sa.size() == 1 ? a.unsqueeze(0) : a, sb.size() == 1 ? b.unsqueeze(1) : b);
    CHECK(distance(y, full.reshape(wanted)) < 1e-12);
  };
  check({4}, {4}, {});
  check({3, 4}, {4}, {3});
  check({4}, {4, 5}, {5});
  check({3, 4}, {4, 5}, {3, 5});
  check({2, 3, 4}, {4}, {2, 3});
  check({2, 3, 4}, {4, 5}, {2, 3, 5});
  check({4}, {2, 4, 5}, {2, 5});
  check({3, 4}, {2, 4, 5}, {2, 3, 5});
  check({2, 3, 4}, {2, 4, 5}, {2, 3, 5});
  check({1, 3, 4}, {2, 4, 5}, {2, 3, 5});
  check({6, 1, 3, 4}, {2, 4, 5}, {6, 2, 3, 5});
  check({2, 3, 4}, {6, 1, 4, 5}, {6, 2, 3, 5});
  check({0, 3, 4}, {4, 5}, {0, 3, 5});
  check({2, 3, 0}, {2, 0, 5}, {2, 3, 5});
  check({300, 3, 4}, {300, 4, 5}, {300, 3, 5});
  // strides of batches: transposed, expanded, permuted
  const Tensor a = randn({5, 4, 3}, kFloat64), b = randn({5, 4, 6}, kFloat64);
  CHECK(distance(a.transpose(1, 2).bmm(b), naive(a.transpose(1, 2), b)) < 1e-12);
  CHECK(distance(a.permute({1, 2, 0}).bmm(b.permute({1, 0, 2})), naive(a.permute({1, 2, 0}), b.permute({1, 0, 2}))) <
        1e-12);
  CHECK(distance(a.narrow(0, 0, 1).expand({5, 4, 3}).transpose(1, 2).matmul(b),
                 naive(a.narrow(0, 0, 1).transpose(1, 2), b)) < 1e-12);
}

TEST_CASE("dot, mv and outer") {
  manual_seed(4);
  for (int64_t n : {0, 1, 15, 17, 64, 1000, 100003}) {
    const Tensor a = randn({n}), b = randn({n});
    CHECK(a.dot(b).item<double>() == Approx((a.to(kFloat64) * b.to(kFloat64)).sum().item<double>()).margin(1e-4));
  }
  const Tensor a = randn({3, 4}, kFloat64), x = randn({8}, kFloat64).slice(0, 0, 8, 2);
  CHECK(distance(a.mv(x), (a * x).sum(1)) < 1e-14);
  CHECK(distance(a.t().mv(a.select(1, 2)), (a.t() * a.select(1, 2)).sum(1)) < 1e-14);
  CHECK(distance(x.outer(a.select(0, 0)), x.unsqueeze(1) * a.select(0, 0)) == 0);
  CHECK(tensor({1, 2, 3}).dot(tensor({4, 5, 6})).item<int64_t>() == 32);
}

TEST_CASE("products have the same bits for any number of threads") {
  manual_seed(5);
  const Tensor a = randn({257, 300}), b = randn({300, 129}), c = randn({40, 33, 20}), d = randn({40, 20, 31});
  check_threads([&] { return std::vector<Tensor>{a.mm(b), a.t().mm(a), c.bmm(d), linear(a, b.t(), b.select(0, 0))}; });
}

TEST_CASE("errors of products name the operation and both operands") {
  const Tensor a = zeros({2, 3}), b = zeros({4, 5});
  CHECK_THROWS_WITH(a.mm(b), "mm: the inner dimensions must agree; got [2, 3] and [4, 5]");
  CHECK_THROWS_WITH(a.mm(zeros({3})), ContainsSubstring("mm") && ContainsSubstring("[3]"));
  CHECK_THROWS_WITH(a.mm(zeros({3, 2}, kFloat64)), ContainsSubstring("Float") && ContainsSubstring("Double"));
  CHECK_THROWS_AS(a.mm(zeros({3, 2}, kFloat64)), TypeError);
  CHECK_THROWS_AS(zeros({2, 2}, kBool).mm(zeros({2, 2}, kBool)), TypeError);
  CHECK_THROWS_WITH(a.matmul(b),
                    ContainsSubstring("matmul") && ContainsSubstring("[2, 3]") && ContainsSubstring("[4, 5]"));
  CHECK_THROWS_WITH(a.matmul(scalar_tensor(1.0)), ContainsSubstring("matmul"));
  CHECK_THROWS_WITH(zeros({2, 3, 4}).matmul(zeros({3, 4, 5})), ContainsSubstring("[2]") && ContainsSubstring("[3]"));
  CHECK_THROWS_WITH(zeros({2, 3, 4}).bmm(zeros({3, 4, 5})), ContainsSubstring("bmm"));
  CHECK_THROWS_WITH(a.bmm(b), ContainsSubstring("3 dimensions"));
  CHECK_THROWS_WITH(a.mv(zeros({4})), ContainsSubstring("mv"));
  CHECK_THROWS_WITH(zeros({3}).dot(zeros({4})), ContainsSubstring("dot") && ContainsSubstring("[4]"));
  CHECK_THROWS_WITH(zeros({3}).addmm(a, zeros({3, 2})), ContainsSubstring("addmm"));
  CHECK_THROWS_WITH(linear(a, b), ContainsSubstring("[2, 3]") && ContainsSubstring("[4, 5]"));
  CHECK_THROWS_WITH(linear(a, zeros({4, 3}), zeros({3})), ContainsSubstring("[4]") && ContainsSubstring("[3]"));
  CHECK_THROWS_WITH(linear(a, zeros({4, 3}, kFloat64)), ContainsSubstring("Double"));
  CHECK_THROWS_WITH(linear(scalar_tensor(1.0), b), ContainsSubstring("linear"));
}
