// Derivatives of arithmetic's long tail, and what it does at edges and with wrong input.
#include <taper/core/indexing.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "autograd/gradcheck_table.h"
#include "ops/running.h"
#include "support/tensors.h"

using namespace taper;
using namespace support;
using namespace gradcheck_table;

namespace {

// Values of (low, high), none of which is near a multiple of 1/2.
Tensor between(double low, double high, IntArrayRef sizes) {
  const Tensor t = rand(sizes, kFloat64) * (high - low) + low;
  const Tensor near = ((t * 2 - (t * 2).round()).abs() < 0.05).to(kFloat64);
  return (t + near * 0.03 * (high - low) / (high - low + 1)).requires_grad_();
}

Tensor with_zeros(IntArrayRef sizes, std::initializer_list<int64_t> places) {
  const Tensor t = randn(sizes, kFloat64);
  for (const int64_t place : places) t.view(-1)[place] = 0;
  return t.requires_grad_();
}

std::vector<Row> rows() {
  std::vector<Row> r = {
      {"digamma", "DigammaBackward0", OF(digamma(in[0])), {between(0.6, 4, {2, 3})}},
      {"polygamma", "PolygammaBackward0", OF(polygamma(2, in[0])), {between(0.8, 4, {2, 3})}},
      {"polygamma below 0", "PolygammaBackward0", OF(polygamma(1, in[0])), {between(-1.8, -1.2, {2, 3})}},
      {"trunc_ and digamma_",
       nullptr,
       OF(in[0].clone().digamma_() + in[0].clone().trunc_()),
       {between(1.1, 1.9, {2, 3})}},
      {"div rounded",
       "DivBackward2",
       OF(div(in[0], in[1], "floor")),
       {between(3.1, 3.4, {2, 3}), between(2.1, 2.4, {3})}},
      {"div rounded, number", "DivBackward3", OF(div(in[0], 2, "trunc")), {between(3.1, 3.4, {2, 3})}},
      {"fmod", "FmodBackward1", OF(fmod(in[0], in[1])), {between(-7.4, -7.1, {2, 3}), between(2.1, 2.4, {3})}},
      {"remainder",
       "RemainderBackward1",
       OF(remainder(in[0], in[1])),
       {between(-7.4, -7.1, {2, 3}), between(2.1, 2.4, {3})}},
      {"number remainder", "RemainderBackward1", OF(7 % in[0]), {between(2.1, 2.3, {2, 3})}},
      {"xlogy of 0", "XlogyBackward0", OF(xlogy(in[0], in[1])), {with_zeros({2, 3}, {1, 3}), between(0.6, 2, {3})}},
      {"xlogy, numbers", nullptr, OF(xlogy(in[0], 3) * xlogy(2, in[0])), {between(0.6, 2, {2, 3})}},
      {"lerp_",
       nullptr,
       OF(in[0].clone().lerp_(in[1], 0.6).lerp_(in[1], in[2])),
       {leaf({2, 3}), leaf({3}), leaf({2, 1})}},
      {"quotients in place",
       nullptr,
       OF(in[0].clone().fmod_(in[1]).remainder_(in[1]).remainder_(0.7).fmod_(0.6)),
       {between(7.1, 7.4, {2, 3}), between(2.1, 2.2, {3})}},
      {"floor_divide_",
       nullptr,
       OF(in[0].clone().floor_divide_(in[1]).floor_divide_(2) + in[0].clone().div_(2, "trunc")),
       {between(7.1, 7.4, {2, 3}), between(2.1, 2.2, {3})}},
      {"rsub and others",
       nullptr,
       OF(rsub(in[0], in[1], 2) * subtract(in[0], in[1]) / multiply(in[1], in[1]) + rsub(in[0], 3)),
       {leaf({2, 3}), between(0.6, 2, {3})}},
      {"cumprod of zeros", "CumprodBackward0", OF(cumprod(in[0], 0)), {with_zeros({5, 3}, {1, 6, 8, 12})}},
      {"cumprod_ of zeros", nullptr, OF(in[0].clone().cumprod_(-1)), {with_zeros({5}, {2})}},
      {"prod dim of zeros", "ProdBackward1", OF(prod(in[0], 0, true)), {with_zeros({4, 3}, {1, 4, 9})}},
      {"aminmax", nullptr, OF(std::get<0>(aminmax(in[0], 1)), std::get<1>(aminmax(in[0]))), {leaf({2, 4})}},
  };
  // Draws have no derivative; what is multiplied by them has.
  for (const auto& [name, draw] : std::vector<std::pair<const char*, std::function<Tensor(const List&)>>>{
           {"bernoulli", [](const List& x) { return bernoulli(x[0].sigmoid()); }},
           {"bernoulli by tensor", [](const List& x) { return bernoulli(x[0], x[0].sigmoid()); }},
           {"bernoulli_", [](const List& x) { return x[0].clone().bernoulli_(sigmoid(x[0].detach())); }},
           {"normal", [](const List& x) { return normal(x[0]) - x[0].detach(); }},
           {"normal, std", [](const List& x) { return (normal(1, x[0].square()) - 1) / x[0].detach().square(); }},
           {"random_", [](const List& x) { return x[0].clone().random_() * 1e-15; }},
           {"random_ from", [](const List& x) { return x[0].clone().random_(3, nullopt) * 1e-15; }},
           {"exponential_", [](const List& x) { return x[0].clone().exponential_(); }},
           {"log_normal_", [](const List& x) { return x[0].clone().log_normal_(0, 0.1); }},
           {"cauchy_", [](const List& x) { return x[0].clone().cauchy_().clamp(-5, 5); }},
           {"geometric_", [](const List& x) { return x[0].clone().geometric_(0.3); }}}) {
    r.push_back({name,
                 nullptr,
                 [draw = draw](const List& x) {  // clang 14 captures no binding
                   manual_seed(3);
                   return List{draw(x) * x[0]};
                 },
                 {leaf({2, 3})}});
  }
  return r;
}
const gradcheck_table::Table table(rows);
const gradcheck_table::Table running([] { return rows_of(ops::running<ops::Ours>()); });
const gradcheck_table::Table sums_of_exponentials([] { return rows_of(ops::logcumsumexp<ops::Ours>()); });

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("derivatives of arithmetic's long tail") {
  table.check();
  running.check();
  sums_of_exponentials.check();
}

TEST_CASE("erfinv is the inverse of erf to the last digits, near 1 too") {
  for (const double y : {1e-9, 0.1, 0.4769, 0.9, 1.5, 2.5, 4.0, 5.5}) {
    CHECK(erfinv(erf(tensor({y}, kFloat64))).item<double>() == Approx(y).epsilon(y < 3 ? 1e-13 : 1e-2));
  }
  // 1 - 2^-53, by erfc: the equation holds to a few units
  const double edge = erfinv(tensor({1 - 0x1p-53}, kFloat64)).item<double>();
  CHECK(std::erfc(edge) == Approx(0x1p-53).epsilon(1e-13));
  CHECK(values(erfinv(tensor({1., -1.}, kFloat64))) == Values{kInf, -kInf});
  CHECK(isnan(erfinv(tensor({1.1, kNan}, kFloat64))).all().item<bool>());
}

TEST_CASE("lgamma, digamma and polygamma take known values, below 0 by their reflections") {
  constexpr double kPi = 3.14159265358979323846, kEuler = 0.57721566490153286061, kZeta3 = 1.20205690315959428540;
  const auto at = [](const Tensor& y) { return y.item<double>(); };
  const auto t = [](double x) { return tensor(x, kFloat64); };
  CHECK(at(lgamma(t(0.5))) == Approx(std::log(kPi) / 2).epsilon(1e-14));
  CHECK(at(digamma(t(1))) == Approx(-kEuler).epsilon(1e-14));
  CHECK(at(digamma(t(0.5))) == Approx(-kEuler - 2 * std::log(2)).epsilon(1e-14));
  CHECK(at(digamma(t(-0.5))) == Approx(-kEuler - 2 * std::log(2) + 2).epsilon(1e-13));
  CHECK(at(digamma(t(1e10))) == Approx(std::log(1e10)).epsilon(1e-9));
  CHECK(at(polygamma(1, t(1))) == Approx(kPi * kPi / 6).epsilon(1e-14));
  CHECK(at(polygamma(1, t(0.5))) == Approx(kPi * kPi / 2).epsilon(1e-14));
  CHECK(at(polygamma(1, t(-0.5))) == Approx(kPi * kPi / 2 + 4).epsilon(1e-13));
  CHECK(at(polygamma(2, t(1))) == Approx(-2 * kZeta3).epsilon(1e-14));
  CHECK(at(polygamma(3, t(1))) == Approx(std::pow(kPi, 4) / 15).epsilon(1e-13));
  CHECK(at(polygamma(2, t(0.5))) == Approx(-14 * kZeta3).epsilon(1e-13));
  CHECK(at(polygamma(2, t(-0.5))) == Approx(-14 * kZeta3 + 16).epsilon(1e-12));
  CHECK(at(polygamma(1, t(-1e9 - 0.5))) == Approx(kPi * kPi).epsilon(1e-8));  // at once, not in 1e9 steps
  CHECK(at(digamma(t(0))) == -kInf);
  CHECK(std::isnan(at(digamma(t(-3)))));
  CHECK(at(polygamma(1, t(-3))) == kInf);
  CHECK(at(polygamma(1, t(kInf))) == 0);
  CHECK_THROWS_AS(polygamma(-1, t(1)), ValueError);
}

TEST_CASE("integers divide, wrap around and never trap") {
  const int64_t lowest = std::numeric_limits<int64_t>::min();
  const Tensor a = tensor({7, -7, 7, -7}), b = tensor({2, 2, -2, -2});
  CHECK(values(div(a, b, "floor")) == Values{3, -4, -4, 3});
  CHECK(values(div(a, b, "trunc")) == Values{3, -3, -3, 3});
  CHECK(values(fmod(a, b)) == Values{1, -1, 1, -1});
  CHECK(values(a % b) == Values{1, 1, -1, -1});
  CHECK((a % b).dtype() == kInt64);
  CHECK(floor_divide(tensor(lowest), -1).item<int64_t>() == lowest);
  CHECK(fmod(tensor(lowest), -1).item<int64_t>() == 0);
  CHECK(remainder(tensor({int64_t{200}}).to(kUInt8), 7).item<int64_t>() == 4);
  for (const char* mode : {"floor", "trunc"}) {
    CHECK_THROWS_WITH(div(a, tensor({1, 0, 1, 1}), mode),
                      ContainsSubstring("divided by 0") && ContainsSubstring("[4]"));
    CHECK_THROWS_AS(div(a, 0, mode), ValueError);
  }
  CHECK_THROWS_AS(a % 0, ValueError);
  CHECK_THROWS_AS(fmod(a, tensor(0)), ValueError);
  CHECK((tensor({1.0}) % 0).isnan().item<bool>());
  CHECK(fmod(empty({0}, kInt64), tensor(0)).numel() == 0);
  CHECK_THROWS_WITH(div(a, b, "up"), ContainsSubstring("rounding mode") && ContainsSubstring("up"));
  CHECK_THROWS_AS(tensor({7}).div_(tensor({2.5}), "floor"), TypeError);
}

namespace {

// What the four divisions must give, from the C library's fmod.
template <class T>
std::array<T, 4> divided(T a, T b) {
  const T rest = std::fmod(a, b);
  const bool lower = rest != 0 && (rest < 0) != (b < 0);
  const T quotient = (a - rest) / b - (lower ? 1 : 0), whole = std::floor(quotient);
  T floored = quotient - whole > T(0.5) ? whole + 1 : whole;
  if (quotient == 0) floored = std::copysign(T(0), a / b);
  if (b == 0) floored = a / b;
  return {rest, lower ? rest + b : rest, floored, std::trunc(a / b)};
}

template <class T>
bool same_bits(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

template <class T>
void check_divided(const Tensor& a, const Tensor& b) {
  const Tensor a2 = a.clone(), b2 = b.clone(), c = stack({a, b}, 1);  // c: every other element
  const Tensor results[] = {fmod(a, b),
                            remainder(a, b),
                            div(a, b, "floor"),
                            div(a, b, "trunc"),
                            a2.fmod_(b),
                            stack({remainder(c.select(1, 0), c.select(1, 1)), b}, 1).select(1, 0),
                            floor_divide(c.select(1, 0), b),
                            b2.copy_(a).div_(b, "trunc")};
  for (int64_t i = 0; i < a.numel(); ++i) {
    const T x = a.data_ptr<T>()[i], z = b.data_ptr<T>()[i];
    const std::array<T, 4> expected = divided(x, z);
    for (size_t r = 0; r < 8; ++r) {
      const T got = results[r].data_ptr<T>()[i * results[r].stride(0)], wanted = expected[r % 4];
      if (!same_bits(got, wanted)) {
        FAIL("result " << r << " of " << x << " by " << z << " must be " << wanted << "; got " << got);
      }
    }
  }
}

}  // namespace

TEST_CASE("fmod is the C library's, bit for bit, whatever the quotient, and what follows from it, too") {
  manual_seed(5);
  const auto check = []<class T>(T, ScalarType dtype) {
    const int64_t n = 5000;
    const auto of_all_sizes = [&] {  // some near whole multiples of others
      const Tensor x = randn({n}, kFloat64) * exp2(randint(-40, 40, {n}, kFloat64));
      return x.to(dtype);
    };
    const Tensor b = of_all_sizes(), some = of_all_sizes(), near = b * randint(1, 1 << 20, {n}, dtype);
    for (const Tensor& a : {some, near, near * (1 + std::numeric_limits<T>::epsilon()), some * 1e-30, b}) {
      b[0] = kInf;
      b[1] = -kInf;
      check_divided<T>(a, b);
    }
    check_divided<T>(randint(-50, 50, {n}, dtype) / 4, randint(-20, 20, {n}, dtype) / 4);
    // Random bits: quotients of all sizes, NaN, infinities, numbers below the normal ones.
    std::mt19937_64 engine(6);
    const auto random_bits = [&] {
      const Tensor x = empty({n}, dtype);
      for (int64_t i = 0; i < n; ++i) {
        const uint64_t bits = engine();
        std::memcpy(x.data_ptr<T>() + i, &bits, sizeof(T));
      }
      return x;
    };
    const Tensor x = random_bits();
    check_divided<T>(x, random_bits());
    check_divided<T>(x, x * randn({n}, dtype) * 1e-9);
    check_divided<T>(x, x.flip(0) * 1e-30);
    using Limits = std::numeric_limits<T>;
    std::vector<T> special;
    for (const T v : {T(0), T(1), T(3), T(0.5), T(kInf), T(kNan), Limits::min(), Limits::max(), Limits::denorm_min(),
                      1 - Limits::epsilon(), 1 / Limits::epsilon(), 2 / Limits::epsilon() - 1}) {
      special.insert(special.end(), {v, -v});
    }
    const Tensor s = from_blob(special.data(), {static_cast<int64_t>(special.size()), 1}, dtype).clone();
    const Tensor grid = s.expand({-1, s.numel()}).contiguous();
    check_divided<T>(grid.flatten(), grid.t().flatten());
    // Rows of which only some numbers have a large quotient, and one number beside many.
    const Tensor mixed = randn({n}, dtype);
    mixed[300] = 1e30;
    mixed[4999] = kNan;
    check_divided<T>(mixed, randn({n}, dtype));
    for (const double number : {3.0, -0.75, 1e-30}) {
      const Tensor by = fmod(mixed, number), same = fmod(mixed, full({n}, number, dtype));
      CHECK(allclose(by, same, 0, 0, true));
      CHECK(allclose(remainder(number, mixed), remainder(full({n}, number, dtype), mixed), 0, 0, true));
    }
  };
  check(float{}, kFloat32);
  check(double{}, kFloat64);
}

TEST_CASE("bits: and, or, exclusive or, not, of integers and bool, by operators and in place") {
  const Tensor a = tensor({12, 10, -1}), b = tensor({10, 3, 5});
  CHECK(values(a & b) == Values{8, 2, 5});
  CHECK(values(a | b) == Values{14, 11, -1});
  CHECK(values(a ^ b) == Values{6, 9, -6});
  CHECK(values(~a) == Values{-13, -11, 0});
  CHECK(values(1 & b) == Values{0, 1, 1});
  const Tensor yes = tensor({true, true, false}), no = tensor({true, false, false});
  CHECK(values(yes & no) == Values{1, 0, 0});
  CHECK(values(yes ^ no) == Values{0, 1, 0});
  CHECK(values(~yes) == Values{0, 0, 1});
  CHECK((yes & a).dtype() == kInt64);
  Tensor c = a.clone();
  c &= b;
  c |= 1;
  c ^= b;
  CHECK(values(c) == values(((a & b) | 1) ^ b));
  CHECK(values(c.bitwise_not_()) == values(~(((a & b) | 1) ^ b)));
  CHECK_THROWS_WITH(tensor({1.5}) & 1, ContainsSubstring("bitwise_and") && ContainsSubstring("kInt64"));
  CHECK_THROWS_AS(~tensor({1.5}), TypeError);
  CHECK(values(tensor({0., 2., -1.}).logical_xor_(tensor({1, 1, 0}))) == Values{1, 0, 1});
  CHECK(values(tensor({0., 2.}).logical_not_()) == Values{1, 0});
  CHECK(values(signbit(tensor({-0.0, 0.0, -2.0, kInf}))) == Values{1, 0, 1, 0});
}

TEST_CASE("running sums add in double, of any strides, along any dimension") {
  const Tensor ones_ = ones({3000001});
  CHECK(cumsum(ones_ * 0.1, 0)[3000000].item<double>() == Approx(300000.1).epsilon(1e-7));
  const Tensor x = arange(24).view({2, 3, 4});
  for (const int64_t dim : {0, 1, 2, -1}) {
    CHECK(equal(cumsum(x, dim), cumsum(x.transpose(0, 2).contiguous().transpose(0, 2), dim)));
    CHECK(equal(cumsum(x, dim).narrow(dim, x.size(dim) - 1, 1), sum(x, dim, true)));
    CHECK(equal(cumprod(x + 1, dim).narrow(dim, x.size(dim) - 1, 1), prod(x + 1, dim, true)));
  }
  CHECK(cumsum(tensor({true, true}), 0).dtype() == kInt64);
  CHECK(cumsum(tensor({1, 2}), 0, kFloat32).dtype() == kFloat32);
  CHECK(cumsum(tensor(5.0), 0).item<double>() == 5);
  CHECK(cumsum(empty({2, 0}), 1).sizes() == IntArrayRef({2, 0}));
  CHECK_THROWS_AS(cumsum(x, 3), IndexError);
  CHECK_THROWS_WITH(x.clone().cumsum_(0, kFloat32), ContainsSubstring("cumsum_"));
  const Tensor low = tensor({-kInf, -kInf, 0., 1000., -kInf}, kFloat64).requires_grad_();
  const Tensor y = logcumsumexp(low, 0);
  CHECK(values(y).at(1) == -kInf);
  CHECK(values(y).at(3) == 1000);
  CHECK(values(y).at(4) == 1000);
  CHECK(logcumsumexp(tensor({0., kNan, 0.}), 0).isnan()[2].item<bool>());
  y.sum().backward();
  CHECK(values(low.grad()) == Values{0, 0, 1, 2, 0});
}

TEST_CASE("the derivative of a long running product of zeros takes linear time and memory") {
  const Tensor x = zeros({300000}, kFloat64).requires_grad_();
  cumprod(x, 0).sum().backward();
  CHECK(x.grad()[0].item<double>() == 1);
  CHECK(x.grad().sum().item<double>() == 1);
}

TEST_CASE("einsum: forms and errors") {
  const Tensor a = arange(6).view({2, 3}), b = arange(12).view({3, 4}), c = arange(9).view({3, 3});
  CHECK(equal(einsum("ij,jk", {a, b}), mm(a, b)));
  CHECK(equal(einsum(" i j , j k -> k i ", {a, b}), mm(a, b).t()));
  CHECK(equal(einsum("ij->ji", {a}), a.t()));
  CHECK(equal(einsum("ji", {a}), a.t()));
  CHECK(equal(einsum("ij->", {a}), a.sum()));
  CHECK(equal(einsum("ij->j", {a}), a.sum(0)));
  CHECK(equal(einsum("ii->i", {c}), c.diagonal()));
  CHECK(equal(einsum("ii", {c}), c.trace()));
  CHECK(equal(einsum("i,j->ij", {a[0], a[1]}), outer(a[0], a[1])));
  CHECK(equal(einsum("ij,ij->i", {a, a}), (a * a).sum(1)));
  CHECK(equal(einsum("ij,jk,kl->il", {a, b, b.t()}), mm(mm(a, b), b.t())));
  CHECK(equal(einsum("...j,jk->...k", {stack({a, a}), b}), matmul(stack({a, a}), b)));
  CHECK(equal(einsum("b...,b...->b...", {a, a}), a * a));
  CHECK(equal(einsum("Aa,aB", {a, b}), mm(a, b)));
  CHECK(einsum("ij,jk", {ones({0, 3}), ones({3, 2})}).sizes() == IntArrayRef({0, 2}));
  CHECK(equal(einsum("ij,jk", {ones({2, 0}), ones({0, 2})}), zeros({2, 2})));
  CHECK_THROWS_WITH(einsum("ij,jk->ik", {a}), ContainsSubstring("as many operands"));
  CHECK_THROWS_WITH(einsum("ij,jk->ik", {a, a}), ContainsSubstring("one size") && ContainsSubstring("3"));
  CHECK_THROWS_WITH(einsum("ijk", {a}), ContainsSubstring("every dimension") && ContainsSubstring("[2, 3]"));
  CHECK_THROWS_WITH(einsum("i1", {a}), ContainsSubstring("letters"));
  CHECK_THROWS_WITH(einsum("ij->ik", {a}), ContainsSubstring("right side"));
  CHECK_THROWS_WITH(einsum("ij->ii", {a}), ContainsSubstring("right side"));
  CHECK_THROWS_WITH(einsum("i..j", {a}), ContainsSubstring("..."));
  CHECK_THROWS_AS(einsum("", {}), ValueError);
}

TEST_CASE("products and distances refuse what does not fit") {
  CHECK_THROWS_AS(tensordot(ones({2, 3}), ones({3, 2}), {0}, {0}), ValueError);
  CHECK_THROWS_AS(tensordot(ones({2, 3}), ones({3, 2}), {0, 0}, {1, 1}), ValueError);
  CHECK_THROWS_AS(addmv(ones({2}), ones({3, 2}), ones({2})), Error);
  CHECK_THROWS_AS(baddbmm(ones({2, 2}), ones({1, 3, 2}), ones({1, 2, 3})), Error);
  CHECK_THROWS_AS(cross(ones({2}), ones({2})), Error);
  CHECK_THROWS_AS(cdist(ones({2, 3}), ones({2, 4})), Error);
  CHECK_THROWS_AS(cdist(ones({2, 3}), ones({2, 3}), -1), ValueError);
  CHECK_THROWS_AS(pdist(ones({2, 3}), -1), ValueError);
  CHECK_THROWS_AS(pdist(ones({3})), Error);
  CHECK_THROWS_AS(pdist(ones({2, 3}, kInt64)), TypeError);
  CHECK_THROWS_AS(trace(ones({3})), Error);
  CHECK_THROWS_AS(ones({2}).addmv_(ones({3, 2}), ones({2})), Error);
  CHECK_THROWS_AS(lerp(ones({2}), ones({2}, kFloat64), 0.5), TypeError);
  CHECK_THROWS_AS(ones({2}).clamp(), ValueError);
  CHECK(equal(cdist(tensor({{0., 0.}, {1e20, 0.}}), tensor({{3., 4.}}))[0], tensor({5.})));
}

TEST_CASE("aliases do what they stand for") {
  const Tensor x = tensor({0.3, -0.7}), z = tensor({0.5, 2.0});
  CHECK(equal(absolute(x), abs(x)));
  CHECK(equal(x.negative(), -x));
  CHECK(equal(fix(x * 3), trunc(x * 3)));
  CHECK(equal(arcsin(x), asin(x)));
  CHECK(equal(x.clone().arctan_(), atan(x)));
  CHECK(equal(multiply(x, z), x * z));
  CHECK(equal(x.divide(2), x / 2));
  CHECK(equal(x.clone().subtract_(z), x - z));
  CHECK(equal(x.greater(0), x > 0));
  CHECK(equal(less_equal(x, z), x <= z));
  CHECK(equal(0 < x, x > 0));
  CHECK(equal(0.3 == x.to(kFloat64), x.to(kFloat64) == 0.3));
  CHECK(equal(clip(x, 0), x.clamp(0)));
  CHECK(equal(max(x, z), maximum(x, z)));
  CHECK(equal(x.vdot(z), x.dot(z)));
  CHECK(equal(rsub(x, 1), 1 - x));
}
