#include "catch.h"
#include "support/scopes.h"
#include "support/tensors.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/reduce.h>
#include <taper/core/kernels/softmax.h>
#include <taper/core/parallel.h>
#include <taper/core/random.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

using namespace taper;
using namespace support;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::numeric_limits<double>::quiet_NaN();

// The elements of each slice of x over `dims` in row-major order, slices in row-major order of what is kept.
std::vector<std::vector<double>> slices(const Tensor& x, std::vector<int64_t> dims) {
  std::vector<bool> reduced(static_cast<size_t>(x.dim()), dims.empty());
  for (int64_t d : dims) reduced[static_cast<size_t>(d < 0 ? d + x.dim() : d)] = true;
  std::map<std::vector<int64_t>, std::vector<double>> found;
  const Tensor c = x.to(kFloat64).contiguous();
  for (int64_t i = 0; i < x.numel(); ++i) {
    std::vector<int64_t> key;
    int64_t rest = i;
    for (int64_t d = x.dim() - 1; d >= 0; --d) {
      if (!reduced[static_cast<size_t>(d)]) key.insert(key.begin(), rest % x.size(d));
      rest /= x.size(d);
    }
    found[key].push_back(c.data_ptr<double>()[i]);
  }
  std::vector<std::vector<double>> result;
  for (auto& [key, values] : found) result.push_back(values);
  return result;
}

using Naive = std::function<long double(const std::vector<double>&)>;

long double sum_of(const std::vector<double>& v, const auto& f) {
  long double s = 0;
  for (long double x : v) s += f(x);
  return s;
}
long double naive_sum(const std::vector<double>& v) {
  return sum_of(v, [](long double x) { return x; });
}
long double naive_var(const std::vector<double>& v, int correction) {
  const long double mean = naive_sum(v) / v.size();
  return sum_of(v, [&](long double x) { return (x - mean) * (x - mean); }) /
         (static_cast<long double>(v.size()) - correction);
}
long double naive_norm(const std::vector<double>& v, long double p) {
  return std::pow(sum_of(v, [&](long double x) { return std::pow(std::abs(x), p); }), 1 / p);
}
// The largest of f over the values.
double largest(const std::vector<double>& v, double (*f)(double)) {
  double found = -kInf;
  for (double x : v) found = std::max(found, f(x));
  return found;
}

void check_close(const Tensor& y, const Tensor& x, const std::vector<int64_t>& dims, const Naive& naive,
                 double tolerance) {
  const auto wanted = slices(x, dims);
  const Tensor c = y.to(kFloat64).contiguous();
  REQUIRE(c.numel() == static_cast<int64_t>(wanted.size()));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double w = static_cast<double>(naive(wanted[i])), got = c.data_ptr<double>()[i];
    if (std::isnan(w)) {
      CHECK(std::isnan(got));
    } else if (!(std::abs(got - w) <= tolerance * std::max(1.0, std::abs(w)))) {
      CAPTURE(i, dims, w, got, x.sizes().vec(), x.strides().vec());
      FAIL_CHECK("values differ");
    }
  }
}

// Layouts that take every way through the loops: rows, columns, runs of several dims, odd strides, expanded, one value.
std::vector<Tensor> layouts(ScalarType dtype) {
  const Tensor big = randn({3, 5, 7, 9}).mul(10).to(dtype);
  return {big,
          big.permute({2, 0, 3, 1}),
          big.slice(3, 1, 9, 2),
          big.slice(1, 0, 5, 3).transpose(0, 3),
          randn({4, 1, 6, 1}).mul(10).to(dtype).expand({4, 3, 6, 2}),
          randn({1, 1, 1, 1}).to(dtype),
          randn({2, 600, 3, 1}).mul(10).to(dtype),
          randn({1, 9, 1, 700}).mul(10).to(dtype)};
}
const std::vector<std::vector<int64_t>> kDims = {{},     {0},       {1},    {2},    {3},    {-1},
                                                 {0, 1}, {0, 2, 3}, {1, 3}, {0, 3}, {1, 2}, {3, 1, 2}};

}  // namespace

TEST_CASE("sum, mean, var, std, prod and norms agree with sums in long double, for any layout and dims") {
  using V = const std::vector<double>&;
  manual_seed(1);
  for (ScalarType dtype : {kFloat32, kFloat64}) {
    const double eps = dtype == kFloat32 ? 2e-6 : 1e-13;
    for (const Tensor& x : layouts(dtype)) {
      for (const auto& dims : kDims) {
        const auto check = [&](const Tensor& y, double tolerance, const Naive& naive) {
          check_close(y, x, dims, naive, tolerance);
        };
        check(x.sum(dims), 100 * eps, naive_sum);
        check(x.mean(dims), 20 * eps, [](V v) { return naive_sum(v) / v.size(); });
        check(x.var(dims, true), eps, [](V v) { return v.size() == 1 ? kNan : naive_var(v, 1); });
        check(x.std(dims, false), eps, [](V v) { return std::sqrt(naive_var(v, 0)); });
        check(x.norm(2, dims), eps, [](V v) { return naive_norm(v, 2); });
        check(x.norm(1, dims), eps, [](V v) { return naive_norm(v, 1); });
        check(x.norm(3, dims), 2 * eps, [](V v) { return naive_norm(v, 3); });
        check(x.norm(kInf, dims), 0, [](V v) { return largest(v, [](double e) { return std::abs(e); }); });
        check(x.norm(-kInf, dims), 0, [](V v) { return -largest(v, [](double e) { return -std::abs(e); }); });
        check(x.amax(dims), 0, [](V v) { return largest(v, [](double e) { return e; }); });
        check(x.amin(dims), 0, [](V v) { return -largest(v, [](double e) { return -e; }); });
      }
      for (const auto& dims : std::vector<std::vector<int64_t>>{{1}, {3}, {0, 2}}) {
        const auto naive = [](V v) { return std::log(sum_of(v, [](long double e) { return std::exp(e); })); };
        check_close((x / 10).logsumexp(dims), x / 10, dims, naive, 2 * eps);
      }
    }
  }
}

TEST_CASE("sums of odd lengths, from one element to a million and three") {
  manual_seed(2);
  for (int64_t n : {1, 2, 15, 16, 17, 63, 64, 65, 127, 2047, 2048, 2049, 4113, 65535, 65537, 1000003}) {
    const Tensor x = rand({n}), d = x.to(kFloat64);
    const auto v = values(x);
    const double wanted = static_cast<double>(naive_sum(v));
    CAPTURE(n);
    CHECK(std::abs(x.sum().item<double>() - wanted) <= 6e-8 * wanted);  // one rounding to float
    CHECK(std::abs(d.sum().item<double>() - wanted) <= 1e-15 * wanted * 8);
    CHECK(x.max().item<double>() == *std::max_element(v.begin(), v.end()));
    CHECK(x.min().item<double>() == *std::min_element(v.begin(), v.end()));
    CHECK(x.argmax().item<int64_t>() == std::max_element(v.begin(), v.end()) - v.begin());
    CHECK(x.var(false).item<double>() == Approx(static_cast<double>(naive_var(v, 0))).epsilon(1e-6).margin(1e-12));
    // columns: as many rows as n, few columns
    const Tensor rows = rand({n, 3});
    check_close(rows.sum(0), rows, {0}, naive_sum, 1e-7);
  }
}

TEST_CASE("the dim of a variance may be a number alone; a bool is `unbiased`") {
  const Tensor x = randn({3, 4}, kFloat64);
  const std::vector<int64_t> rows = {0};
  const int64_t last = -1;
  CHECK(equal(x.var(0), x.var(rows)));
  CHECK(equal(taper::std(x, 1), x.std({1}, true)));
  CHECK(equal(x.std(last), taper::std(x, {1}, true)));
  CHECK(equal(std::get<0>(var_mean(x, 0)), x.var(rows)));
  CHECK(equal(std::get<1>(std_mean(x, last)), x.mean(last)));
  CHECK(x.var(false).dim() == 0);
}

TEST_CASE("a variance that its mean dwarfs keeps its digits") {
  const Tensor x = arange(8, kFloat64) + 1e8;
  CHECK(x.var().item<double>() == Approx(6.0).epsilon(1e-12));
  const Tensor f = arange(8, kFloat32) + 1e6;
  CHECK(f.var(IntArrayRef({0}), false).item<double>() == Approx(5.25));
  // A sum that float accumulators would stop adding to.
  CHECK(ones({1 << 25}).sum().item<double>() == double{1 << 25});
}

TEST_CASE("reductions have the same bits for any number of threads") {
  manual_seed(3);
  const Tensor flat = randn({1000003}), columns = randn({70001, 5}), wide = randn({40, 5000}),
               images = randn({9, 4, 50, 61});
  check_threads([&] {
    return std::vector<Tensor>{flat.sum(),
                               flat.var(),
                               flat.norm(),
                               columns.sum(0),
                               columns.var(IntArrayRef(0)),
                               wide.sum(0),
                               wide.sum(1),
                               images.sum({0, 2, 3}),
                               images.mean({0, 2, 3}),
                               flat.softmax(0),
                               wide.softmax(0),
                               wide.log_softmax(1),
                               columns.prod(),
                               flat.logsumexp(0)};
  });
}

TEST_CASE("reductions of integers and bool") {
  const Tensor x = tensor({{200, 100}, {100, 100}}).to(kUInt8);
  CHECK(x.sum().dtype() == kInt64);
  CHECK(x.sum().item<int64_t>() == 500);
  CHECK(x.sum(optional<ScalarType>(kInt32)).dtype() == kInt32);
  CHECK(x.sum(optional<ScalarType>(kFloat32)).dtype() == kFloat32);
  CHECK(values(x.sum(0)) == std::vector<double>{300, 200});
  CHECK(x.prod().item<int64_t>() == 200000000);
  CHECK(x.max().dtype() == kUInt8);
  const Tensor b = tensor({true, false, true});
  CHECK(b.sum().item<int64_t>() == 2);
  CHECK(b.any().item<bool>());
  CHECK_FALSE(b.all().item<bool>());
  CHECK(b.any().dtype() == kBool);
  CHECK(x.all().dtype() == kUInt8);  // as in PyTorch
  CHECK(values(tensor({{1, 0}, {1, 1}}).all(0)) == std::vector<double>{1, 0});
  CHECK(values(tensor({{1, 0}, {0, 0}}).any(1)) == std::vector<double>{1, 0});
  CHECK(tensor({kNan, 1.0}).all().item<bool>());
  CHECK(tensor({{1, 2}, {3, 4}}).mean(optional<ScalarType>(kFloat64)).item<double>() == 2.5);
  CHECK(zeros({3}, kInt64).amax().dtype() == kInt64);
  CHECK_THROWS_AS(tensor({1, 2}).mean(), TypeError);
  CHECK_THROWS_AS(tensor({1, 2}).var(), TypeError);
  CHECK_THROWS_AS(tensor({1, 2}).norm(), TypeError);
}

TEST_CASE("reductions of nothing") {
  const Tensor none = zeros({0}), rows = zeros({0, 3});
  CHECK(none.sum().item<double>() == 0);
  CHECK(std::isnan(none.mean().item<double>()));
  CHECK(std::isnan(none.var().item<double>()));
  CHECK(none.prod().item<double>() == 1);
  for (double p : {2.0, 0.5, kInf, -kInf}) CHECK(none.norm(p).item<double>() == 0);
  CHECK(none.all().item<bool>());
  CHECK_FALSE(none.any().item<bool>());
  CHECK(none.logsumexp(0).item<double>() == -kInf);
  CHECK_THROWS_AS(none.max(), IndexError);
  CHECK_THROWS_AS(none.min(), IndexError);
  CHECK_THROWS_AS(none.argmax(), IndexError);
  CHECK_THROWS_WITH(rows.amax({0}), ContainsSubstring("amax") && ContainsSubstring("[0, 3]"));
  CHECK(values(rows.sum(0)) == std::vector<double>{0, 0, 0});
  CHECK(rows.sum(1).sizes().vec() == std::vector<int64_t>{0});
  CHECK(rows.amax({1}).numel() == 0);
  CHECK(std::get<1>(rows.max(1)).numel() == 0);
  CHECK_THROWS_AS(rows.max(0), IndexError);
  CHECK(zeros({3, 0, 2}).sum({0, 2}).numel() == 0);
  CHECK(values(zeros({3, 0, 2}).mean({0, 1}))[0] != values(zeros({3, 0, 2}).mean({0, 1}))[0]);
}

TEST_CASE("var and std of one element are NaN unless biased") {
  CHECK(std::isnan(ones({1}).var().item<double>()));
  CHECK(std::isnan(ones({4, 1}).std(1, true)[0].item<double>()));
  CHECK(ones({1}).var(false).item<double>() == 0);
}

TEST_CASE("dims: keepdim, negative, zero-dim tensors, errors") {
  const Tensor x = ones({2, 3, 4});
  CHECK(x.sum({0, -1}, true).sizes().vec() == std::vector<int64_t>{1, 3, 1});
  CHECK(x.sum({0, -1}).sizes().vec() == std::vector<int64_t>{3});
  CHECK(x.sum(IntArrayRef(), true).sizes().vec() == std::vector<int64_t>{1, 1, 1});
  CHECK(x.argmax(nullopt, true).sizes().vec() == std::vector<int64_t>{1, 1, 1});
  CHECK(std::get<0>(x.max(1, true)).sizes().vec() == std::vector<int64_t>{2, 1, 4});
  const Tensor zero_dim = scalar_tensor(3.0);
  CHECK(zero_dim.sum(0).item<double>() == 3);
  CHECK(zero_dim.sum(-1).item<double>() == 3);
  CHECK(std::get<1>(zero_dim.max(0)).item<int64_t>() == 0);
  CHECK(zero_dim.argmax().item<int64_t>() == 0);
  CHECK(zero_dim.softmax(0).item<double>() == 1);
  CHECK_THROWS_WITH(x.sum(3), ContainsSubstring("sum") && ContainsSubstring("[-3, 2]") && ContainsSubstring("3"));
  CHECK_THROWS_AS(x.sum(3), IndexError);
  CHECK_THROWS_AS(x.sum({0, -3}), ValueError);
  CHECK_THROWS_AS(x.max(-4), IndexError);
}

TEST_CASE("max and argmax: the first of equals, NaN wins, any dim") {
  const Tensor x = tensor({{1., 3., 3.}, {3., 2., 3.}});
  CHECK(x.argmax().item<int64_t>() == 1);
  CHECK(values(x.argmax(1)) == std::vector<double>{1, 0});
  CHECK(values(x.argmax(0)) == std::vector<double>{1, 0, 0});
  CHECK(values(x.argmin(0)) == std::vector<double>{0, 1, 0});
  CHECK(values(x.t().argmax(0)) == std::vector<double>{1, 0});
  const Tensor n = tensor({{1., kNan, kInf}, {kNan, kNan, 0.}});
  for (const Tensor& m : {n.max(), n.min(), std::get<0>(n.max(1))[0], std::get<0>(n.min(0))[0]})
    CHECK(std::isnan(m.item<double>()));
  CHECK(values(n.argmax(1)) == std::vector<double>{1, 0});
  CHECK(values(n.argmin(0)) == std::vector<double>{1, 0, 1});
  for (int64_t at = 0; at < 150; at += 7) {
    Tensor long_row = rand({150});
    long_row.data_ptr<float>()[at] = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(long_row.max().item<double>()));
    CHECK(std::isnan(long_row.amin().item<double>()));
    CHECK(long_row.argmax().item<int64_t>() == at);
  }
  CHECK(tensor({true, false}).argmax().item<int64_t>() == 0);
}

TEST_CASE("softmax and log_softmax agree with the formula in long double, along any dim") {
  manual_seed(4);
  for (ScalarType dtype : {kFloat32, kFloat64}) {
    const double eps = dtype == kFloat32 ? 1e-6 : 1e-14;
    for (const Tensor& x : {randn({5, 7}).to(dtype), randn({3, 1000}).to(dtype), (randn({2, 37, 18}) * 30).to(dtype),
                            randn({6, 4, 5}).to(dtype).permute({2, 0, 1}), randn({1}).to(dtype)}) {
      for (int64_t dim = -x.dim(); dim < x.dim(); ++dim) {
        const Tensor y = x.softmax(dim).to(kFloat64), log_y = x.log_softmax(dim).to(kFloat64);
        const Tensor wide = x.to(kFloat64), e = (wide - wide.amax(dim, true)).exp();
        const Tensor wanted = e / e.sum(dim, true);
        CHECK((y - wanted).abs().max().item<double>() < eps);
        CHECK((log_y - wanted.log()).abs().max().item<double>() < 60 * eps);
        CHECK((y.sum(dim) - 1).abs().max().item<double>() < 10 * eps);

        // the fused derivatives
        const Tensor dy = randn(x.sizes()).to(dtype), dw = dy.to(kFloat64);
        const Tensor dx = kernels::softmax_backward(dy, y.to(dtype), dim).to(kFloat64);
        CHECK((dx - y * (dw - (dw * y).sum(dim, true))).abs().max().item<double>() < 20 * eps);
        const Tensor dlog = kernels::log_softmax_backward(dy, log_y.to(dtype), dim).to(kFloat64);
        CHECK((dlog - (dw - wanted * dw.sum(dim, true))).abs().max().item<double>() < 200 * eps);
      }
    }
  }
}

TEST_CASE("softmax at the edges: large values, infinities, NaN, nothing") {
  CHECK(values(tensor({1e30, 1e30}).softmax(0)) == std::vector<double>{0.5, 0.5});
  CHECK(values(tensor({-kInf, 0.}).softmax(0)) == std::vector<double>{0, 1});
  CHECK(values(tensor({-kInf, 0.}).log_softmax(0)) == std::vector<double>{-kInf, 0});
  for (const Tensor& bad : {tensor({-kInf, -kInf}), tensor({kInf, 0.}), tensor({kNan, 0.})}) {
    CHECK(std::isnan(values(bad.softmax(0))[0]));
    CHECK(std::isnan(values(bad.log_softmax(0))[0]));
  }
  CHECK(zeros({0, 3}).softmax(1).sizes().vec() == std::vector<int64_t>{0, 3});
  CHECK(zeros({3, 0}).softmax(1).numel() == 0);
  CHECK_THROWS_AS(zeros({3}).softmax(1), IndexError);
  CHECK_THROWS_AS(kernels::softmax(zeros({3}, kInt64), 0), TypeError);
}

TEST_CASE("logsumexp neither overflows nor turns -inf into NaN") {
  CHECK(tensor({1000., 1000.}).logsumexp(0).item<double>() == Approx(1000 + std::log(2.0)));
  CHECK(tensor({-kInf, -kInf}).logsumexp(0).item<double>() == -kInf);
  CHECK(tensor({kInf, 1.}).logsumexp(0).item<double>() == kInf);
  CHECK(std::isnan(tensor({kNan, 1.}).logsumexp(0).item<double>()));
}

TEST_CASE("sum_to_size undoes broadcasting") {
  const Tensor x = ones({2, 3, 4});
  CHECK(sum_to_size(x, {3, 1}).sizes().vec() == std::vector<int64_t>{3, 1});
  CHECK(sum_to_size(x, {3, 1}).sum().item<double>() == 24);
  CHECK(sum_to_size(x, {1, 1, 4}).sizes().vec() == std::vector<int64_t>{1, 1, 4});
  CHECK(sum_to_size(x, {}).item<double>() == 24);
  CHECK(sum_to_size(x, {2, 3, 4}).is_same(x));
  CHECK_THROWS_WITH(sum_to_size(x, {2, 1}), ContainsSubstring("[2, 1]") && ContainsSubstring("[2, 3, 4]"));
  CHECK_THROWS_AS(sum_to_size(x, {1, 2, 3, 4}), Error);
}

TEST_CASE("sum and mean of an undefined tensor are errors") {
  CHECK_THROWS_AS(taper::sum(Tensor()), Error);
  CHECK_THROWS_AS(taper::mean(Tensor()), Error);
}
