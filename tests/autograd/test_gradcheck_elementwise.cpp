// Derivatives of every elementwise operation, first and second, against central differences in double.
#include <cmath>
#include <limits>
#include <random>

#include "autograd/gradcheck_table.h"

using namespace taper;

namespace {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

// Inputs are drawn from [low, high], away from the kinks: multiples of 1/2 are avoided by a margin far above the step.
struct Row {
  const char* name;
  Function f;
  double low = -2, high = 2;
  std::vector<std::vector<int64_t>> sizes = {{2, 3}};
};

Tensor draw(const std::vector<int64_t>& sizes, double low, double high, std::mt19937& engine) {
  Tensor t = empty(sizes, kFloat64);
  std::uniform_real_distribution<double> uniform(low, high);
  for (int64_t i = 0; i < t.numel(); ++i) {
    double& x = t.data_ptr<double>()[i];
    do x = uniform(engine);
    while (std::abs(x * 2 - std::nearbyint(x * 2)) < 0.05);
  }
  return t;
}

// Two tensors that broadcast both ways.
const std::vector<std::vector<int64_t>> kBoth = {{2, 3}, {2, 1}}, kBoth2 = {{3}, {2, 1}};
const std::vector<std::vector<int64_t>> kThree = {{2, 3}, {3}, {2, 1}};
const Tensor mask() { return tensor({{1, 0, 1}, {0, 0, 1}}).to(kBool); }

const std::vector<Row>& rows() {
  using V = const std::vector<Tensor>&;
  static const std::vector<Row> table = {
      {"add", [](V x) { return add(x[0], x[1], 1.5); }, -2, 2, kBoth},
      {"add number", [](V x) { return (x[0] + 2).add(1, 3); }},
      {"sub", [](V x) { return sub(x[0], x[1], 1.5); }, -2, 2, kBoth2},
      {"sub number", [](V x) { return (2 - x[0]).sub(1, 3); }},
      {"mul", [](V x) { return x[0] * x[1]; }, -2, 2, kBoth},
      {"mul number", [](V x) { return 3 * (x[0] * 2.5); }},
      {"div", [](V x) { return x[0] / x[1]; }, 0.6, 2, kBoth2},
      {"div number", [](V x) { return 3 / (x[0] / 2.5); }, 0.6, 2},
      {"pow number", [](V x) { return pow(x[0], 2.5) + pow(x[0], 3) + pow(x[0], 1) + pow(x[0], 0); }, 0.6, 2},
      {"pow number 2", [](V x) { return pow(x[0], 2); }},
      {"pow", [](V x) { return pow(x[0], x[1]); }, 0.6, 2, kBoth},
      {"number pow", [](V x) { return pow(2.5, x[0]); }},
      {"maximum", [](V x) { return maximum(x[0], x[1] + 0.01); }, -2, 2, kBoth},
      {"minimum", [](V x) { return minimum(x[0], x[1] + 0.01); }, -2, 2, kBoth},
      {"addcmul", [](V x) { return addcmul(x[0], x[1], x[2], 1.5); }, -2, 2, kThree},
      {"addcdiv", [](V x) { return addcdiv(x[0], x[1], x[2], 1.5); }, 0.6, 2, kThree},
      {"neg", [](V x) { return -x[0]; }},
      {"abs", [](V x) { return abs(x[0]); }},
      {"sign", [](V x) { return sign(x[0]); }},
      {"exp", [](V x) { return exp(x[0]); }},
      {"expm1", [](V x) { return expm1(x[0]); }},
      {"log", [](V x) { return log(x[0]); }, 0.6, 2},
      {"log1p", [](V x) { return log1p(x[0]); }, -0.45, 2},
      {"sqrt", [](V x) { return sqrt(x[0]); }, 0.6, 2},
      {"rsqrt", [](V x) { return rsqrt(x[0]); }, 0.6, 2},
      {"square", [](V x) { return square(x[0]); }},
      {"reciprocal", [](V x) { return reciprocal(x[0]); }, 0.6, 2},
      {"sin", [](V x) { return sin(x[0]); }},
      {"cos", [](V x) { return cos(x[0]); }},
      {"erf", [](V x) { return erf(x[0]); }},
      {"floor", [](V x) { return floor(x[0]); }},
      {"ceil", [](V x) { return ceil(x[0]); }},
      {"round", [](V x) { return round(x[0]); }},
      {"clamp", [](V x) { return clamp(x[0], -0.5, 1); }},
      {"clamp one side", [](V x) { return x[0].clamp_min(0.5) + x[0].clamp_max(0); }},
      {"where", [](V x) { return where(mask(), x[0], x[1]); }, -2, 2, kBoth},
      {"where number", [](V x) { return where(mask(), x[0], 2) * where(mask(), 3, x[0]); }},
      {"relu", [](V x) { return relu(x[0]); }},
      {"sigmoid", [](V x) { return sigmoid(x[0]); }},
      {"tanh", [](V x) { return tanh(x[0]); }},
      {"leaky_relu", [](V x) { return leaky_relu(x[0], 0.1); }},
      {"gelu", [](V x) { return gelu(x[0]); }},
      {"silu", [](V x) { return silu(x[0]); }},
      {"softplus", [](V x) { return softplus(x[0], 2, 2.5); }},
      {"softmax", [](V x) { return softmax(x[0], 1); }},
      {"softmax dim 0", [](V x) { return softmax(x[0], 0); }},
      {"log_softmax", [](V x) { return log_softmax(x[0], -1); }},
      {"log_softmax dim 0", [](V x) { return log_softmax(x[0], 0); }},
      {"dropout",
       [](V x) {
         manual_seed(3);
         return dropout(x[0], 0.4, true);
       }},
      {"clone", [](V x) { return clone(x[0]); }},
      {"contiguous", [](V x) { return x[0].t().contiguous(); }},
      {"to", [](V x) { return x[0].to(kFloat64, false, true) * x[0]; }},
      // In place, on a copy that is not a leaf.
      {"add_", [](V x) { return x[0].clone().add_(x[1], 2).add_(3); }, -2, 2, kBoth},
      {"sub_", [](V x) { return x[0].clone().sub_(x[1], 2).sub_(3); }, -2, 2, kBoth},
      {"mul_", [](V x) { return x[0].clone().mul_(x[1]).mul_(3); }, -2, 2, kBoth},
      {"div_", [](V x) { return x[0].clone().div_(x[1]).div_(3); }, 0.6, 2, kBoth},
      {"pow_", [](V x) { return x[0].clone().pow_(x[1]).pow_(3); }, 0.6, 1.4, kBoth},
      {"addcmul_", [](V x) { return x[0].clone().addcmul_(x[1], x[2], 2); }, -2, 2, kThree},
      {"addcdiv_", [](V x) { return x[0].clone().addcdiv_(x[1], x[2], 2); }, 0.6, 2, kThree},
      {"functions in place",
       [](V x) {
         return x[0].clone().neg_().exp_().log1p_().sqrt_().rsqrt_().square_().reciprocal_().log_().expm1_().erf_();
       },
       0.6, 2},
      {"more functions in place", [](V x) { return x[0].clone().sin_().cos_().tanh_().sigmoid_().relu_().abs_(); }},
      {"clamp_", [](V x) { return x[0].clone().clamp_(-0.5, 1); }},
      {"copy_", [](V x) { return x[0].clone().copy_(x[1]) * x[0]; }, -2, 2, kBoth},
      {"fill_", [](V x) { return x[0].clone().fill_(x[1]) * x[0]; }, -2, 2, {{2, 3}, {}}},
      {"uniform_ and others",
       [](V x) {
         manual_seed(3);
         const auto drawn = [&] { return x[0].clone(); };
         return (drawn().uniform_() + drawn().normal_() + drawn().bernoulli_() + drawn().random_(0, 5)) * x[0];
       }},
      {"zero_", [](V x) { return x[0].clone().zero_() + x[0].clone().fill_(2) * x[0]; }},
  };
  return table;
}

std::vector<gradcheck_table::Row> make_rows() {
  std::vector<gradcheck_table::Row> made;
  for (const Row& row : rows()) {
    std::mt19937 engine(17);
    gradcheck_table::List inputs;
    for (const auto& sizes : row.sizes) inputs.push_back(draw(sizes, row.low, row.high, engine).requires_grad_());
    made.push_back({row.name, nullptr, [f = row.f](const auto& x) { return gradcheck_table::List{f(x)}; }, inputs});
  }
  return made;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("first and second derivatives of elementwise operations") { table.check(); }

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
