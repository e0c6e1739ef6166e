// bfloat16 and float16: the numbers themselves, and every operation in bfloat16 against the same in float32.
#include "catch.h"
#include "ops/all.h"
#include "support/tensors.h"

#include <taper/autograd/autograd.h>
#include <taper/core/kernels/copy.h>

#include <bit>
#include <cmath>
#include <random>

using namespace taper;

namespace {

template <class T>
T of_bits(int bits) {
  return T(static_cast<unsigned short>(bits), T::from_bits());
}

// The value of 16 bits by the definition of such a format.
double value_of(int bits, int fraction_bits, int exponent_bits) {
  const int fraction = bits & ((1 << fraction_bits) - 1), exponent = bits >> fraction_bits & ((1 << exponent_bits) - 1);
  const int bias = (1 << (exponent_bits - 1)) - 1, last = (1 << exponent_bits) - 1;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == last) return fraction ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - fraction_bits);
  return sign * std::ldexp((1 << fraction_bits) + fraction, exponent - bias - fraction_bits);
}

template <class T>
void check_values(int fraction_bits, int exponent_bits) {
  for (int bits = 0; bits < 65536; ++bits) {
    const float x = of_bits<T>(bits);
    const double expected = value_of(bits, fraction_bits, exponent_bits);
    const bool nan = std::isnan(expected);
    const bool right = nan ? std::isnan(x) : static_cast<double>(x) == expected && std::signbit(x) == (bits >> 15 != 0);
    const bool back = nan ? std::isnan(static_cast<float>(T(x))) : T(x).x == bits;
    if (!right || !back) FAIL("bits " << bits << ": " << x);
  }
}

// The nearest of all numbers, of two the one with an even last bit; beyond the largest as if the next power of 2 was
// one of them.
template <class T>
void check_rounding() {
  std::vector<double> values;  // of bits 0, 1, 2, ...
  for (int bits = 0; !std::isinf(static_cast<float>(of_bits<T>(bits))); ++bits)
    values.push_back(static_cast<float>(of_bits<T>(bits)));
  const double beyond = 2 * values.back() - values[values.size() - 2];
  values.push_back(beyond);
  std::mt19937 random(1);
  for (int i = 0; i < 300000; ++i) {
    const size_t low = random() % (values.size() - 1);
    const double between = values[low] + (values[low + 1] - values[low]) * (i % 3 == 0 ? 0.5 : (random() % 1000) / 1e3);
    const float x = static_cast<float>(between) * (random() % 2 ? 1.f : -1.f);
    const double size = std::fabs(static_cast<double>(x));
    const size_t at = static_cast<size_t>(std::upper_bound(values.begin(), values.end(), size) - values.begin());
    const size_t above = std::min(at, values.size() - 1), below = above - 1;
    const double up = values[above] - size, down = size - values[below];
    const size_t nearest = up < down || (up == down && above % 2 == 0) ? above : below;
    const int bits = static_cast<int>(nearest) | (x < 0 ? 0x8000 : 0);
    if (T(x).x != bits) FAIL("of " << x << ": " << T(x).x << " instead of " << bits);
  }
}

}  // namespace

TEST_CASE("every number of 16 bits has its value and comes back") {
  check_values<BFloat16>(7, 8);
  check_values<Half>(10, 5);
}

TEST_CASE("float32 is rounded to the nearest number of 16 bits, ties to even") {
  check_rounding<BFloat16>();
  check_rounding<Half>();
  CHECK(BFloat16(NAN).x == 0x7fc0);
  CHECK(std::isinf(static_cast<float>(BFloat16(3.4e38f))));
  CHECK(std::isinf(static_cast<float>(Half(65520.f))));
  CHECK(static_cast<float>(Half(65519.f)) == 65504.f);
}

TEST_CASE("numeric_limits of the types of 16 bits") {
  using B = std::numeric_limits<BFloat16>;
  using H = std::numeric_limits<Half>;
  CHECK(static_cast<float>(B::epsilon()) == 0x1p-7f);
  CHECK(static_cast<float>(B::min()) == 0x1p-126f);
  CHECK(static_cast<float>(B::max()) == 0x1.fep127f);
  CHECK(static_cast<float>(B::lowest()) == -0x1.fep127f);
  CHECK(static_cast<float>(H::epsilon()) == 0x1p-10f);
  CHECK(static_cast<float>(H::min()) == 0x1p-14f);
  CHECK(static_cast<float>(H::max()) == 65504.f);
  CHECK(std::isnan(static_cast<float>(B::quiet_NaN())));
  CHECK(std::isinf(static_cast<float>(H::infinity())));
}

TEST_CASE("tensors of 16 bits are made, converted, read and printed") {
  for (const ScalarType dtype : {kBFloat16, kHalf}) {
    CHECK(element_size(dtype) == 2);
    CHECK(full({2}, 1.5, dtype)[0].item<float>() == 1.5f);
    CHECK(tensor({1.0, 2.0}, dtype).to(kInt64).equal(tensor({1, 2})));
    CHECK(arange(5, dtype).sum().item<double>() == 10);
    CHECK(eye(3, dtype).to(kFloat32).equal(eye(3)));
    CHECK(linspace(0, 1, 5, dtype).to(kFloat32).equal(linspace(0, 1, 5)));
    CHECK(zeros({2}, kInt32).to(dtype).dtype() == dtype);
    CHECK_FALSE(tensor({-0.0, NAN}, dtype).to(kBool)[0].item<bool>());
  }
  CHECK(ones({2}, kBFloat16).toString() == "CPUBFloat16Type");
  CHECK(ones({2}, kHalf).toString() == "CPUHalfType");
  const Tensor x = tensor({1.0, 257.0}, kBFloat16);
  CHECK(x.data_ptr<BFloat16>()[1] == 256.f);
  CHECK(x.accessor<BFloat16, 1>()[0] == 1.f);
  CHECK_THROWS_AS(x.data_ptr<float>(), TypeError);
}

TEST_CASE("functions of every value of bfloat16 are right to the last place") {
  Tensor x = empty({65536}, kBFloat16);
  auto* const bits = static_cast<uint16_t*>(x.data_ptr());
  for (int i = 0; i < 65536; ++i) bits[i] = static_cast<uint16_t>(i);
  const auto check = [&](const char* name, const Tensor& y, double (*exact)(double)) {
    const Tensor values = y.to(kFloat32);
    for (int i = 0; i < 65536; ++i) {
      const float at = of_bits<BFloat16>(i), got = values.data_ptr<float>()[i];
      const float wanted = BFloat16(static_cast<float>(exact(static_cast<double>(at))));
      if (got != wanted && !(std::isnan(got) && std::isnan(wanted))) FAIL(name << " of " << at << ": " << got);
    }
  };
  check("exp", x.exp(), std::exp);
  check("expm1", x.expm1(), std::expm1);
  check("log", x.log(), std::log);
  check("log1p", x.log1p(), std::log1p);
  check("sqrt", x.sqrt(), std::sqrt);
  check("tanh", x.tanh(), std::tanh);
  check("sinh", x.sinh(), std::sinh);
  check("cosh", x.cosh(), std::cosh);
  check("erf", x.erf(), std::erf);
  check("atan", x.atan(), std::atan);
  check("sigmoid", x.sigmoid(), [](double v) { return 1 / (1 + std::exp(-v)); });
  check("silu", silu(x), [](double v) { return std::isinf(v) && v < 0 ? NAN : v / (1 + std::exp(-v)); });
}

TEST_CASE("bfloat16 beside other types gives PyTorch's dtype") {
  const Tensor b = ones({2}, kBFloat16), h = ones({2}, kHalf);
  CHECK((b + ones({2}, kInt64)).dtype() == kBFloat16);
  CHECK((b + 1.5).dtype() == kBFloat16);
  CHECK((b + h).dtype() == kFloat32);
  CHECK((b + ones({2})).dtype() == kFloat32);
  CHECK((b + ones({2}, kFloat64)).dtype() == kFloat64);
  CHECK((b + ones({}, kFloat64)).dtype() == kBFloat16);
  CHECK((b == 1).dtype() == kBool);
  CHECK(b.sum().dtype() == kBFloat16);
  CHECK(b.sum(kFloat32).dtype() == kFloat32);
}

namespace {

struct Both {
  Tensor y;
  std::vector<Tensor> grads;
};

// Result and gradients, with the cotangent that `seed` draws.
Both run(const ops::Ours& op, const std::vector<Tensor>& values, ScalarType dtype) {
  std::vector<Tensor> x;
  for (const Tensor& v : values) x.push_back(v.to(dtype).detach().requires_grad_(v.is_floating_point()));
  manual_seed(2);
  Both both{op.ours({}, x), {}};
  if (!both.y.requires_grad()) return both;
  manual_seed(3);
  const Tensor dy = rand(both.y.sizes()).add(0.5).to(kBFloat16).to(both.y.dtype());
  both.y.backward(dy);
  for (const Tensor& leaf : x) both.grads.push_back(leaf.grad());
  return both;
}

// The largest difference, in units of the last place of a bfloat16 of the size of the largest value, or of 1.
// Infinite where one has a NaN or an infinity that the other has not.
double units(const Tensor& a, const Tensor& b) {
  if (a.numel() == 0) return 0;
  const Tensor x = a.detach().to(kFloat64), y = b.detach().to(kFloat64);
  if (!isnan(x).equal(isnan(y)) || !isinf(x).equal(isinf(y))) return INFINITY;
  const Tensor finite = isfinite(x) & isfinite(y), zero = zeros({}, kFloat64);
  const double largest = where(finite, y, zero).abs().max().item<double>();
  return where(finite, x - y, zero).abs().max().item<double>() / std::max(largest, 1.0) * 128;
}

// Where a value decides, rounding may decide otherwise: of nearly equal values, of results that jump.
bool jumps(const std::string& name) {
  for (const char* each :
       {"isclose", "isclose, NaN", "cdist inf", "pdist inf", "clamp_max", "round to even", "pow of any"}) {
    if (name == each) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("every operation in bfloat16 is the one in float32, rounded") {
  size_t checked = 0, exact = 0;
  for (const ops::Row<ops::Ours>& row : ops::all<ops::Ours>()) {
    for (const ops::Operands& operands : row.operands) {
      manual_seed(1);
      std::vector<Tensor> x;
      const double width = row.smooth.high - row.smooth.low;
      for (const ops::Sizes& sizes : operands) {
        x.push_back((rand(sizes) * width + row.smooth.low).to(kBFloat16).to(kFloat32));
      }
      for (const auto& op : {std::optional(row.op.function), row.op.in_place}) {
        if (!op) continue;
        INFO(row.name << " of " << (x.empty() ? IntArrayRef() : x[0].sizes()));
        Both wide;
        try {
          wide = run(*op, x, kFloat32);
        } catch (const Error&) {
          continue;  // operands it refuses
        }
        Both half;
        CHECK_NOTHROW(half = run(*op, x, kBFloat16));
        if (!half.y.defined()) continue;
        ++checked;
        const bool floats = wide.y.dtype() == kFloat32;
        CHECK((floats ? half.y.dtype() == kBFloat16 || half.y.dtype() == kFloat32 : half.y.dtype() == wide.y.dtype()));
        REQUIRE(half.y.sizes().equals(wide.y.sizes()));
        if (jumps(row.name)) continue;
        CHECK(units(half.y, wide.y) <= 4);
        // Operations of one step are rounded once; the others, and what is changed in place twice, at each step.
        exact += half.y.detach().equal(wide.y.detach().to(half.y.dtype())) || half.y.isnan().any().item<bool>();
        REQUIRE(half.grads.size() == wide.grads.size());
        for (size_t i = 0; i < half.grads.size(); ++i) {
          CHECK(half.grads[i].defined() == wide.grads[i].defined());
          if (!half.grads[i].defined()) continue;
          CHECK(half.grads[i].dtype() == kBFloat16);
          CHECK(units(half.grads[i], wide.grads[i]) <= 8);
        }
      }
    }
  }
  CHECK(checked > 500);
  CHECK(static_cast<double>(exact) > 0.85 * static_cast<double>(checked));
}
