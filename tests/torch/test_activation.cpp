// The activations with parameters against libtorch: values, gradients, in place, random slopes, and printed text.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include <sstream>

namespace {

using namespace compare;

const std::vector<Operands> kAny = {{{}}, {{7}}, {{2, 6}}, {{0, 4}}, {{37, 112}}};
const std::vector<Operands> kHalved = {{{6}}, {{2, 6}}, {{0, 4}}, {{37, 112}}};

const std::vector<Row> kRows = {
    {"elu", BOTH(return N::elu(x[0], 0.7, 1.3, 0.9);), kAny, -8, 8},
    {"ELU", BOTH(return N::nn::ELU(N::nn::ELUOptions().alpha(0.5))(x[0]);), kAny, -8, 8},
    {"elu_", BOTH(auto y = x[0] * 1; return N::elu_(y, 0.7);), kAny, -8, 8},
    {"SELU", BOTH(return N::nn::SELU()(x[0]);), kAny, -8, 8},
    {"selu_", BOTH(auto y = x[0] * 1; return N::selu_(y);), kAny, -8, 8},
    {"CELU", BOTH(return N::nn::CELU(N::nn::CELUOptions().alpha(2))(x[0]);), kAny, -8, 8},
    {"celu_", BOTH(auto y = x[0] * 1; return N::celu_(y, 0.5);), kAny, -8, 8},
    {"Softplus", BOTH(return N::nn::Softplus(N::nn::SoftplusOptions().beta(2).threshold(6))(x[0]);), kAny, -8, 8},
    {"LogSigmoid", BOTH(return N::nn::LogSigmoid()(x[0]);), kAny, -30, 30},
    {"Mish", BOTH(return N::nn::Mish()(x[0]);), kAny, -30, 30},
    {"Softsign", BOTH(return N::nn::Softsign()(x[0]);), kAny, -8, 8},
    {"Tanhshrink", BOTH(return N::nn::Tanhshrink()(x[0]);), kAny, -8, 8},
    {"Hardtanh", BOTH(return N::nn::Hardtanh(N::nn::HardtanhOptions().min_val(-2).max_val(1))(x[0]);), kAny, -4, 4},
    {"hardtanh_", BOTH(auto y = x[0] * 1; return N::hardtanh_(y);), kAny},
    {"ReLU6", BOTH(return N::nn::ReLU6()(x[0]);), kAny, -8, 8},
    {"relu6_", BOTH(auto y = x[0] * 1; return N::relu6_(y);), kAny, -8, 8},
    {"Threshold", BOTH(return N::nn::Threshold(1, -3)(x[0]);), kAny, -4, 4},
    {"threshold_", BOTH(auto y = x[0] * 1; return N::threshold_(y, 0, -1);), kAny},
    {"Hardshrink", BOTH(return N::nn::Hardshrink(1)(x[0]);), kAny, -4, 4},
    {"Softshrink", BOTH(return N::nn::Softshrink(1)(x[0]);), kAny, -4, 4, false},  // libtorch makes 0 of NaN
    {"GLU", BOTH(return N::nn::GLU()(x[0]);), kHalved, -8, 8},
    {"Softmin", BOTH(return N::nn::Softmin(-1)(x[0]);), kAny, -8, 8, false},
    {"Softmax2d", BOTH(return N::nn::Softmax2d()(x[0]);), {{{3, 4, 5}}, {{2, 3, 4, 5}}}, -8, 8, false},
    {"prelu", BOTH(return N::prelu(x[0], x[1]);), {{{}, {1}}, {{7}, {1}}, {{2, 3}, {3}}, {{2, 3, 4}, {3}}}, -2, 2},
    {"rrelu", BOTH(return N::nn::functional::rrelu(x[0]);), kAny},
    {"rrelu, training",
     BOTH(N::manual_seed(3); return N::nn::functional::rrelu(
              x[0], N::nn::functional::RReLUFuncOptions().lower(0.1).upper(0.7).training(true));),
     kAny},
    {"rrelu_, training", BOTH(auto y = x[0] * 1; N::manual_seed(3); return N::rrelu_(y, 0.1, 0.7, true);), kAny},
};

}  // namespace

TEST_CASE("activations with parameters equal libtorch's") {
  std::mt19937 engine(3);
  for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
    for (const Row& row : kRows) {
      for (const Operands& operands : row.operands) {
        for (const Values values : {Values::Uniform, Values::Whole, Values::Special}) {
          if (values == Values::Special && !row.special) continue;
          std::vector<taper::Tensor> inputs;
          for (const Sizes& sizes : operands)
            inputs.push_back(draw(sizes, row.low, row.high, values, engine).to(dtype));
          const Difference d = run(row.op, inputs);
          INFO(row.name << " " << taper::detail::str(taper::IntArrayRef(operands[0])) << " " << taper::to_string(dtype)
                        << " values " << static_cast<int>(values) << d.why);
          const double tolerance = dtype == taper::kFloat32 ? 1e-5 : 1e-12;
          CHECK(!d.ours_threw);
          CHECK(!d.theirs_threw);
          CHECK(d.result <= tolerance);
          // libtorch's derivative at NaN depends on where in the vector it stands
          if (values != Values::Special) CHECK(d.gradient <= tolerance);
        }
      }
    }
  }
}

TEST_CASE("activations with parameters print as libtorch's") {
  const auto same = [](const auto& ours, const auto& theirs) {
    std::ostringstream a, b;
    a << ours;
    b << theirs;
    std::string text = b.str();
    text.replace(0, 5, "taper");
    CHECK(a.str() == text);
  };
#define SAME(...)              \
  {                            \
    const auto ours = [] {     \
      namespace N = taper::nn; \
      return __VA_ARGS__;      \
    }();                       \
    const auto theirs = [] {   \
      namespace N = torch::nn; \
      return __VA_ARGS__;      \
    }();                       \
    same(ours, theirs);        \
  }
  SAME(N::ELU())
  SAME(N::ELU(N::ELUOptions().alpha(0.5).inplace(true)))
  SAME(N::SELU())
  SAME(N::SELU(true))
  SAME(N::CELU())
  SAME(N::CELU(N::CELUOptions().alpha(2).inplace(true)))
  SAME(N::GLU())
  SAME(N::GLU(1))
  SAME(N::Hardshrink())
  SAME(N::Hardshrink(0.3))
  SAME(N::Hardtanh())
  SAME(N::Hardtanh(N::HardtanhOptions().min_val(-2).max_val(0.5).inplace(true)))
  SAME(N::LogSigmoid())
  SAME(N::PReLU())
  SAME(N::PReLU(N::PReLUOptions().num_parameters(3).init(0.1)))
  SAME(N::ReLU6())
  SAME(N::ReLU6(true))
  SAME(N::RReLU())
  SAME(N::RReLU(N::RReLUOptions().lower(0.1).upper(0.2).inplace(true)))
  SAME(N::Softplus())
  SAME(N::Softplus(N::SoftplusOptions().beta(2).threshold(3)))
  SAME(N::Softshrink(0.25))
  SAME(N::Softsign())
  SAME(N::Softmin(1))
  SAME(N::Softmax2d())
  SAME(N::Tanhshrink())
  SAME(N::Threshold(0.1, 20))
  SAME(N::Threshold(N::ThresholdOptions(0.1, 20).inplace(true)))
  SAME(N::Mish())
  SAME(N::BCELoss())
  SAME(N::SmoothL1Loss())
  SAME(N::HuberLoss())
  SAME(N::KLDivLoss())
  SAME(N::PoissonNLLLoss())
  SAME(N::SoftMarginLoss())
  SAME(N::HingeEmbeddingLoss(N::HingeEmbeddingLossOptions().margin(0.5)))
  SAME(N::MarginRankingLoss(N::MarginRankingLossOptions().margin(0.5)))
  SAME(N::CosineEmbeddingLoss())
  SAME(N::CosineEmbeddingLoss(N::CosineEmbeddingLossOptions().margin(0.5)))
  SAME(N::TripletMarginLoss())
  SAME(N::TripletMarginLoss(N::TripletMarginLossOptions().p(1).swap(true)))
  SAME(N::CosineSimilarity())
  SAME(N::PairwiseDistance(N::PairwiseDistanceOptions().p(1).keepdim(true)))
#undef SAME
}
