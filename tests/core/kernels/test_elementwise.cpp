#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/isa/isa.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>

#include "catch.h"
#include "ops/activation.h"
#include "ops/unary.h"
#include "support/scopes.h"
#include "support/tensors.h"

using namespace taper;
using namespace taper::kernels;
using namespace support;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr ScalarType kDtypes[] = {kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64, kBool};

Tensor make(const std::vector<double>& values, IntArrayRef sizes, ScalarType dtype = kFloat64) {
  Tensor t = empty(sizes, kFloat64);
  std::copy(values.begin(), values.end(), t.data_ptr<double>());
  return to_dtype(t, dtype);
}
Tensor make(const std::vector<double>& values, ScalarType dtype = kFloat64) {
  return make(values, {static_cast<int64_t>(values.size())}, dtype);
}
Tensor strided(const Tensor& t, IntArrayRef sizes, IntArrayRef strides, int64_t offset = 0) {
  return Tensor(intrusive_ptr<TensorImpl>::make(t.impl()->storage(), t.dtype(), sizes, strides, offset));
}
Tensor transposed(const Tensor& t) { return strided(t, {t.size(1), t.size(0)}, {t.stride(1), t.stride(0)}); }

Tensor random_tensor(IntArrayRef sizes, ScalarType dtype, unsigned seed, double low = -3, double high = 3) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> uniform(low, high);
  Tensor t = empty(sizes, kFloat64);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<double>()[i] = uniform(engine);
  return to_dtype(t, dtype);
}

// Equal, or both NaN.
void require_same(const std::vector<double>& got, const std::vector<double>& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i << ": got " << got[i] << ", wanted " << wanted[i]);
    REQUIRE((got[i] == wanted[i] || (std::isnan(got[i]) && std::isnan(wanted[i]))));
  }
}

}  // namespace

TEST_CASE("every unary operation agrees with its formula, contiguous and strided, in float and double") {
  const ops::Rows<ops::Ours> others = {
      {"tanhshrink", nullptr, {OP(tanhshrink(x[0])), VALUE(x - std::tanh(x))}, ops::kOne, {1, 9}},
      {"softsign", nullptr, {OP(softsign(x[0])), VALUE(x / (1 + std::abs(x)))}, ops::kOne, {-9, 9}}};
  std::set<std::string> checked;
  for (const auto& table : {ops::unary<ops::Ours>(), ops::activation<ops::Ours>(), others}) {
    for (const ops::Row<ops::Ours>& row : table) {
      if (!row.op.value.of) continue;
      const std::string name = row.name;
      checked.insert(name.substr(0, name.find_first_of(" ,")));
      for (const ScalarType dtype : {kFloat32, kFloat64}) {
        // 41,240: several pieces
        const Tensor x = random_tensor({40, 1031}, dtype, 7, row.domain.low, row.domain.high);
        const double tolerance = dtype == kFloat32 ? 1e-6 : 1e-13;
        for (const Tensor& input : {x, transposed(x), strided(x, {40, 343}, {1031, 3})}) {
          const std::vector<double> in = values(input), out = values(row.op.function.ours({}, {input}));
          for (size_t i = 0; i < in.size(); ++i) {
            const double wanted = row.op.value.of(in[i]);
            INFO(name << ", x = " << in[i] << ", dtype " << to_string(dtype));
            const bool close = std::abs(out[i] - wanted) <= tolerance * std::abs(wanted) + 1e-30;
            if (!close) REQUIRE(out[i] == Approx(wanted).epsilon(tolerance));
          }
        }
      }
    }
  }
  // Those that the C++ library lacks are in autograd/ops/test_gradcheck_math.cpp; bitwise_not takes no floats.
  checked.insert({"erfinv", "digamma", "bitwise_not"});
#define TAPER_UNARY_LOOP(Name, name, ...)             \
  UNSCOPED_INFO(#name " needs a VALUE in tests/ops"); \
  CHECK(checked.contains(#name));
#include <taper/core/elementwise.def>
}

TEST_CASE("special values: zeros, infinities and NaN") {
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    // Repeated beyond any vector width, so that vector and remainder loops both see them.
    std::vector<double> x, wanted[8];
    for (int i = 0; i < 5; ++i) {
      const double in[] = {0.0, kInf, -kInf, kNan, -1.0};
      const double out[8][5] = {
          {1, kInf, 0, kNan, 0},            // exp (the -1 is checked above)
          {-kInf, kInf, kNan, kNan, kNan},  // log
          {0.5, 1, 0, kNan, 0},             // sigmoid
          {0, 1, -1, kNan, 0},              // tanh
          {0, 1, -1, kNan, 0},              // erf
          {0, kInf, 0, kNan, 0},            // relu
          {0, kInf, kNan, kNan, kNan},      // sqrt
          {0, 1, -1, 0, -1},                // sign
      };
      x.insert(x.end(), std::begin(in), std::end(in));
      for (int op = 0; op < 8; ++op) wanted[op].insert(wanted[op].end(), out[op], out[op] + 5);
    }
    const UnaryOp ops[] = {UnaryOp::Exp, UnaryOp::Log,  UnaryOp::Sigmoid, UnaryOp::Tanh,
                           UnaryOp::Erf, UnaryOp::Relu, UnaryOp::Sqrt,    UnaryOp::Sign};
    for (int op = 0; op < 8; ++op) {
      std::vector<double> got = values(unary(ops[op], make(x, dtype)));
      if (op == 0 || (op >= 2 && op <= 4)) {
        for (size_t i = 4; i < got.size(); i += 5) got[i] = 0;  // the finite one
      }
      INFO("op " << static_cast<int>(ops[op]));
      require_same(got, wanted[op]);
    }
    CHECK(std::signbit(values(unary(UnaryOp::Tanh, make({-0.0}, dtype)))[0]));
    CHECK(std::signbit(values(unary(UnaryOp::Round, make({-0.3}, dtype)))[0]));
    require_same(values(unary(UnaryOp::Round, make({0.5, 1.5, 2.5, -0.5, -1.5, 1e10}, dtype))), {0, 2, 2, 0, -2, 1e10});
  }
}

TEST_CASE("small floats are not flushed to zero") {
  const Tensor y = unary(UnaryOp::Exp, make({-100, -103}, kFloat32));
  CHECK(values(y)[0] == Approx(std::exp(-100.0)).epsilon(0.03).margin(0));
  CHECK(values(y)[1] > 0);
  CHECK(values(unary(UnaryOp::Sigmoid, make({-100}, kFloat32)))[0] > 0);
  CHECK(values(unary(UnaryOp::Log, make({1e-40}, kFloat32)))[0] == Approx(std::log(1e-40)).epsilon(1e-5));
}

TEST_CASE("binary arithmetic of every dtype, tensor with tensor and with number") {
  for (const ScalarType dtype : kDtypes) {
    if (dtype == kBool) continue;
    const Tensor a = make({1, 2, 3, 4, 5, 6, 7}, dtype), b = make({7, 6, 5, 4, 3, 2, 1}, dtype);
    require_same(values(binary(BinaryOp::Add, a, b)), {8, 8, 8, 8, 8, 8, 8});
    require_same(values(binary(BinaryOp::Sub, a, Scalar(1))), {0, 1, 2, 3, 4, 5, 6});
    require_same(values(binary(BinaryOp::Sub, Scalar(7), a)), {6, 5, 4, 3, 2, 1, 0});
    require_same(values(binary(BinaryOp::Mul, a, b)), {7, 12, 15, 16, 15, 12, 7});
    require_same(values(binary(BinaryOp::Maximum, a, b)), {7, 6, 5, 4, 5, 6, 7});
    require_same(values(binary(BinaryOp::Minimum, a, b)), {1, 2, 3, 4, 3, 2, 1});
    require_same(values(binary(BinaryOp::Pow, a, Scalar(2))), {1, 4, 9, 16, 25, 36, 49});
    CHECK(binary(BinaryOp::Div, a, b).dtype() == (is_floating_point(dtype) ? dtype : kFloat32));
    CHECK(values(binary(BinaryOp::Div, a, b))[0] == Approx(1.0 / 7));
    require_same(values(binary(BinaryOp::AddScaled, a, b, 2)), {15, 14, 13, 12, 11, 10, 9});
    require_same(values(ternary(TernaryOp::Addcmul, a, a, b, 2)), {15, 26, 33, 36, 35, 30, 21});
    require_same(values(kernels::clamp(a, 2, 5)), {2, 2, 3, 4, 5, 5, 5});
    require_same(values(compare(CompareOp::Lt, a, b)), {1, 1, 1, 0, 0, 0, 0});
    require_same(values(compare(CompareOp::Eq, a, Scalar(3))), {0, 0, 1, 0, 0, 0, 0});
  }
}

TEST_CASE("integers wrap around, and negative exponents round towards zero") {
  require_same(values(binary(BinaryOp::Add, make({127, 1}, kInt8), make({1, 1}, kInt8))), {-128, 2});
  require_same(values(binary(BinaryOp::Mul, make({255, 16}, kUInt8), make({255, 16}, kUInt8))), {1, 0});
  require_same(values(binary(BinaryOp::Mul, make({32767}, kInt16), make({32767}, kInt16))), {1});
  require_same(values(unary(UnaryOp::Neg, make({-128}, kInt8))), {-128});
  require_same(values(unary(UnaryOp::Abs, make({-128}, kInt8))), {-128});
  const Tensor big = full({1}, std::numeric_limits<int64_t>::max());
  CHECK(binary(BinaryOp::Add, big, big).item<int64_t>() == -2);
  CHECK(binary(BinaryOp::Mul, big, big).item<int64_t>() == 1);
  require_same(values(binary(BinaryOp::Pow, make({1, -1, -1, 2, 0}, kInt64), make({-3, -3, -2, -1, -1}, kInt64))),
               {1, -1, 1, 0, 0});
  CHECK(binary(BinaryOp::Pow, make({3}, kInt64), make({40}, kInt64)).item<int64_t>() ==
        static_cast<int64_t>(12157665459056928801ull));
}

TEST_CASE("bool: add is or, mul is and, and what makes no sense is an error") {
  const Tensor a = make({1, 1, 0, 0}, kBool), b = make({1, 0, 1, 0}, kBool);
  require_same(values(binary(BinaryOp::Add, a, b)), {1, 1, 1, 0});
  require_same(values(binary(BinaryOp::Mul, a, b)), {1, 0, 0, 0});
  CHECK(binary(BinaryOp::Add, a, b).dtype() == kBool);
  CHECK(binary(BinaryOp::Add, a, Scalar(1)).dtype() == kInt64);
  require_same(values(predicate(PredicateOp::Not, a)), {0, 0, 1, 1});
  REQUIRE_THROWS_WITH(binary(BinaryOp::Sub, a, b), ContainsSubstring("sub") && ContainsSubstring("Bool"));
  REQUIRE_THROWS_AS(unary(UnaryOp::Neg, a), TypeError);
}

TEST_CASE("NaN: comparisons are false, maximum and minimum pass it on, clamp and relu keep it") {
  for (const ScalarType dtype : {kFloat32, kFloat64}) {
    const Tensor a = make({kNan, 1, kNan, 2}, dtype), b = make({1, kNan, kNan, 1}, dtype);
    require_same(values(compare(CompareOp::Eq, a, a)), {0, 1, 0, 1});
    require_same(values(compare(CompareOp::Ne, a, a)), {1, 0, 1, 0});
    require_same(values(compare(CompareOp::Le, a, b)), {0, 0, 0, 0});
    require_same(values(compare(CompareOp::Ge, a, b)), {0, 0, 0, 1});
    require_same(values(binary(BinaryOp::Maximum, a, b)), {kNan, kNan, kNan, 2});
    require_same(values(binary(BinaryOp::Minimum, a, b)), {kNan, kNan, kNan, 1});
    require_same(values(kernels::clamp(a, -1, 1)), {kNan, 1, kNan, 1});
    require_same(values(unary(UnaryOp::Relu, a)), {kNan, 1, kNan, 2});
    require_same(values(predicate(PredicateOp::IsNan, a)), {1, 0, 1, 0});
    require_same(values(predicate(PredicateOp::IsInf, make({kInf, -kInf, kNan, 1}, dtype))), {1, 1, 0, 0});
    require_same(values(predicate(PredicateOp::IsFinite, make({kInf, -kInf, kNan, 1}, dtype))), {0, 0, 0, 1});
    require_same(values(unary(UnaryOp::LeakyRelu, make({kNan, -2, 3}, dtype), {0.5})), {kNan, -1, 3});
  }
  require_same(values(kernels::clamp(make({1}), 2, 1)), {1});  // max has the last word
  require_same(values(kernels::clamp(make({1, 2}), kNan, 1)), {kNan, kNan});
}

TEST_CASE("the promotion table") {
  const std::vector<std::pair<ScalarType, ScalarType>> pairs = {
      {kUInt8, kInt8}, {kUInt8, kInt16}, {kBool, kInt32}, {kInt64, kFloat32}, {kFloat32, kFloat64}, {kBool, kBool}};
  const ScalarType wanted[] = {kInt16, kInt16, kInt32, kFloat32, kFloat64, kBool};
  for (size_t i = 0; i < pairs.size(); ++i) {
    CHECK(promote_types(pairs[i].first, pairs[i].second) == wanted[i]);
    CHECK(promote_types(pairs[i].second, pairs[i].first) == wanted[i]);
  }
  // Dimensions outrank zero-dim tensors, which outrank numbers, within a kind.
  const Tensor ints = make({1}, {1}, kInt32), floats = make({1}, {1}, kFloat32),
               zero_dim = make({1}, IntArrayRef{}, kFloat64);
  CHECK(result_type(floats, zero_dim) == kFloat32);
  CHECK(result_type(zero_dim, floats) == kFloat32);
  CHECK(result_type(ints, zero_dim) == kFloat64);
  CHECK(result_type(make({1}, IntArrayRef{}, kInt64), ints) == kInt32);
  CHECK(result_type(make({1}, IntArrayRef{}, kInt64), make({1}, IntArrayRef{}, kInt32)) == kInt64);
  CHECK(result_type(ints, Scalar(2.5)) == kFloat32);
  CHECK(result_type(ints, Scalar(2)) == kInt32);
  CHECK(result_type(floats, Scalar(2)) == kFloat32);
  CHECK(result_type(make({1}, kBool), Scalar(2)) == kInt64);
  CHECK(result_type(make({1}, kBool), Scalar(true)) == kBool);
  for (const ScalarType a : kDtypes) {
    for (const ScalarType b : kDtypes) {
      CHECK(compare(CompareOp::Eq, make({1, 0}, a), make({1, 0}, b)).dtype() == kBool);
      require_same(values(compare(CompareOp::Eq, make({1, 0}, a), make({1, 1}, b))), {1, 0});
      CHECK(kernels::where(make({1, 0}, kBool), make({1, 0}, a), make({1, 0}, b)).dtype() == promote_types(a, b));
    }
  }
}

TEST_CASE("broadcasting, with any strides, agrees with indexing by hand") {
  const Tensor a = random_tensor({5, 1, 7}, kFloat32, 1), b = random_tensor({6, 1}, kFloat32, 2);
  const Tensor sum = binary(BinaryOp::Add, a, b);
  CHECK(sum.sizes() == IntArrayRef({5, 6, 7}));
  const Tensor big_a = random_tensor({70, 90}, kFloat64, 3), big_b = random_tensor({90, 70}, kFloat64, 4);
  const Tensor mixed = binary(BinaryOp::Sub, big_a, transposed(big_b));
  const Tensor column = binary(BinaryOp::Mul, big_a, strided(big_b, {70, 1}, {3, 1}));
  const Tensor row = binary(BinaryOp::Div, strided(big_b, {90}, {70}), big_a);
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 6; ++j) {
      for (int64_t k = 0; k < 7; ++k) {
        REQUIRE(sum.data_ptr<float>()[(i * 6 + j) * 7 + k] == a.data_ptr<float>()[i * 7 + k] + b.data_ptr<float>()[j]);
      }
    }
  }
  const double *x = big_a.data_ptr<double>(), *y = big_b.data_ptr<double>();
  for (int64_t i = 0; i < 70; ++i) {
    for (int64_t j = 0; j < 90; ++j) {
      REQUIRE(mixed.data_ptr<double>()[i * 90 + j] == x[i * 90 + j] - y[j * 70 + i]);
      REQUIRE(column.data_ptr<double>()[i * 90 + j] == x[i * 90 + j] * y[i * 3]);
      REQUIRE(row.data_ptr<double>()[i * 90 + j] == y[j * 70] / x[i * 90 + j]);
    }
  }
}

TEST_CASE("sizes that do not fit are an error with both shapes and the dimension") {
  const Tensor a = empty({2, 3}), b = empty({2, 4});
  REQUIRE_THROWS_WITH(binary(BinaryOp::Add, a, b),
                      ContainsSubstring("add:") && ContainsSubstring("[2, 3]") && ContainsSubstring("[2, 4]"));
  REQUIRE_THROWS_WITH(binary(BinaryOp::Add, make({}, {0, 3}), empty({2, 3})), ContainsSubstring("[0, 3]"));
}

TEST_CASE("empty and zero-dim tensors") {
  const Tensor none = make({}, {0, 3});
  CHECK(unary(UnaryOp::Exp, none).sizes() == IntArrayRef({0, 3}));
  CHECK(binary(BinaryOp::Add, none, make({1, 2, 3})).sizes() == IntArrayRef({0, 3}));
  CHECK(compare(CompareOp::Lt, none, Scalar(1)).numel() == 0);
  const Tensor two = make({2}, IntArrayRef{}), three = make({3}, IntArrayRef{});
  CHECK(binary(BinaryOp::Mul, two, three).dim() == 0);
  CHECK(binary(BinaryOp::Mul, two, three).item<double>() == 6);
}

TEST_CASE("operations into a tensor: strides, other dtypes, operands that overlap it") {
  const Tensor a = make({1, 2, 3, 4}, {2, 2});
  Tensor x = to_dtype(a, kFloat64);
  binary_out(x, BinaryOp::Add, x, transposed(x));  // reads what it writes, in another order
  require_same(values(x), {2, 5, 5, 8});

  x = make({1, 2, 3, 4, 5});
  binary_out(strided(x, {4}, {1}, 1), BinaryOp::Add, strided(x, {4}, {1}, 1), strided(x, {4}, {1}));  // shifted by one
  require_same(values(x), {1, 3, 5, 7, 9});

  x = make({7, 0, -8, 0, 9.5, 0});
  binary_out(strided(x, {3}, {2}), BinaryOp::Fmod, strided(x, {3}, {2}), make({4, 3, 2}));  // by a loop of its own
  require_same(values(x), {3, 0, -2, 0, 1.5, 0});

  Tensor half = make({1, 2, 3}, kFloat32);
  binary_out(half, BinaryOp::Mul, half, make({0.5, 0.5, 0.5}, kFloat64));  // a wider result is narrowed
  require_same(values(half), {0.5, 1, 1.5});

  Tensor ints = make({1, 2, 3}, kInt64);
  REQUIRE_THROWS_WITH(binary_out(ints, BinaryOp::Div, ints, Scalar(2)),
                      ContainsSubstring("Float") && ContainsSubstring("Long"));
  REQUIRE_THROWS_AS(binary_out(ints, BinaryOp::Add, ints, Scalar(0.5)), TypeError);
  REQUIRE_THROWS_WITH(binary_out(ints, BinaryOp::Add, ints, make({1, 1, 1}, {3, 1}, kInt64)),
                      ContainsSubstring("[3, 3]"));
  require_same(values(ints), {1, 2, 3});

  Tensor matrix = random_tensor({80, 90}, kFloat32, 5);
  const Tensor before = to_dtype(matrix, kFloat32), other = random_tensor({90, 80}, kFloat32, 6);
  binary_out(transposed(matrix), BinaryOp::Sub, transposed(matrix), other);
  require_same(values(matrix), values(binary(BinaryOp::Sub, before, transposed(other))));

  binary_out(half, BinaryOp::AddScaled, half, half, 2);
  require_same(values(half), {1.5, 3, 4.5});
  ternary_out(half, TernaryOp::Addcdiv, half, half, half, 1);
  require_same(values(half), {2.5, 4, 5.5});
  clamp_out(half, half, nullopt, 5);
  require_same(values(half), {2.5, 4, 5});
  unary_out(half, UnaryOp::Neg, half);
  require_same(values(half), {-2.5, -4, -5});
}

TEST_CASE("fused derivative kernels agree with their formulas") {
  const Tensor dy = random_tensor({1000}, kFloat64, 8), x = random_tensor({1000}, kFloat64, 9);
  const double step = 1e-6;
  const auto slope = [&](UnaryOp op, const Parameters& p) {
    const Tensor up = unary(op, binary(BinaryOp::Add, x, Scalar(step)), p),
                 down = unary(op, binary(BinaryOp::Sub, x, Scalar(step)), p);
    return binary(BinaryOp::Div, binary(BinaryOp::Sub, up, down), Scalar(2 * step));
  };
  struct Rule {
    UnaryOp op;
    bool by_result = false;
    Parameters p = {};
  };
  const Rule rules[] = {{UnaryOp::Relu, true},
                        {UnaryOp::Sigmoid, true},
                        {UnaryOp::Tanh, true},
                        {UnaryOp::Gelu},
                        {UnaryOp::Silu},
                        {UnaryOp::LeakyRelu, false, {0.25}},
                        {UnaryOp::Elu, false, {0.5, 1.5, 2}},
                        {UnaryOp::Softplus, false, {2, 3}},
                        {UnaryOp::LogSigmoid},
                        {UnaryOp::Mish},
                        {UnaryOp::Tanhshrink},
                        {UnaryOp::Softsign},
                        {UnaryOp::Hardtanh, true, {-1.5, 2}},
                        {UnaryOp::Threshold, false, {0.5, -2}},
                        {UnaryOp::Hardshrink, false, {0.5}},
                        {UnaryOp::Softshrink, false, {0.5}}};
  constexpr size_t kActivations = 0
#define TAPER_ACTIVATION_LOOP(...) +1
#include <taper/core/elementwise.def>
      ;
  REQUIRE(std::size(rules) == kActivations);
  for (const auto& [op, by_result, p] : rules) {
    const std::vector<double> wanted = values(binary(BinaryOp::Mul, dy, slope(op, p)));
    const Tensor saved = by_result ? unary(op, x, p) : x;
    const std::vector<double> got = values(derivative(op, dy, saved, p));
    const std::vector<double> got32 = values(derivative(op, to_dtype(dy, kFloat32), to_dtype(saved, kFloat32), p));
    for (size_t i = 0; i < got.size(); ++i) {
      INFO("op " << static_cast<int>(op) << ", x = " << values(x)[i]);
      REQUIRE(got[i] == Approx(wanted[i]).margin(1e-8));
      REQUIRE(got32[i] == Approx(wanted[i]).epsilon(1e-4).margin(1e-5));
    }
  }
}

TEST_CASE("the bits do not depend on the number of threads") {
  const Tensor a = random_tensor({300, 1000}, kFloat32, 10), b = random_tensor({1000}, kFloat32, 11);
  check_threads([&] { return std::vector<Tensor>{unary(UnaryOp::Sigmoid, binary(BinaryOp::Mul, a, b))}; });
}

TEST_CASE("polygamma of a huge order takes no time") {
  const Tensor y = kernels::polygamma(int64_t{1} << 62, full({1}, 1, kFloat64));
  CHECK(std::isinf(y.item<double>()));
  CHECK(kernels::polygamma(30, full({1}, 0.25, kFloat64)).item<double>() == Approx(-1.2235e51).epsilon(1e-3));
}

TEST_CASE("a divisor that is 0 in the dtype of the quotient is an error") {
  const Tensor x = full({2}, 5, kUInt8);
  CHECK_THROWS_WITH(x.div(256, "floor"), Catch::Matchers::ContainsSubstring("must not be divided by 0"));
  CHECK_THROWS_AS(x.fmod(512), ValueError);
  CHECK_THROWS_AS(x.remainder(scalar_tensor(256, kInt64)), ValueError);
  CHECK(x.remainder(scalar_tensor(258, kInt64)).equal(full({2}, 1, kUInt8)));
  CHECK(x.remainder(full({1}, 256, kInt64)).equal(full({2}, 5, kInt64)));
}

TEST_CASE("numbers beyond the dtype: arithmetic wraps around, comparison does not, conversion is an error") {
  CHECK(binary(BinaryOp::Add, make({1}, kInt8), Scalar(300)).item<int8_t>() == 45);
  CHECK(binary(BinaryOp::Add, make({1}, kUInt8), Scalar(-1)).item<uint8_t>() == 0);
  require_same(values(compare(CompareOp::Eq, make({44}, kUInt8), Scalar(300))), {0});
  require_same(values(compare(CompareOp::Gt, make({44}, kUInt8), Scalar(-1))), {1});
  REQUIRE_THROWS_AS(Scalar(kNan).to<int64_t>(), ValueError);
  REQUIRE_THROWS_AS(Scalar(1e19).to<int64_t>(), ValueError);
  REQUIRE_THROWS_WITH(Scalar(300).to<uint8_t>(), ContainsSubstring("300"));
  CHECK(Scalar(-1).to<uint8_t>() == 255);
  CHECK(Scalar(2.9).to<int32_t>() == 2);
  CHECK((-Scalar(3)).to<int64_t>() == -3);
}
