// The activation modules against libtorch: values, gradients, random slopes, and printed text. The functions stand in
// ops/activation.h.
#include "catch.h"
#include "compare.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

namespace {

using namespace compare;

const std::vector<Operands> kAny = {{{}}, {{7}}, {{2, 6}}, {{0, 4}}, {{37, 112}}};
const std::vector<Operands> kHalved = {{{6}}, {{2, 6}}, {{0, 4}}, {{37, 112}}};

const std::vector<Row> kRows = {
    {"ELU", BOTH(return N::nn::ELU(N::nn::ELUOptions().alpha(0.5))(x[0]);), kAny, {-8, 8}},
    {"SELU", BOTH(return N::nn::SELU()(x[0]);), kAny, {-8, 8}},
    {"CELU", BOTH(return N::nn::CELU(N::nn::CELUOptions().alpha(2))(x[0]);), kAny, {-8, 8}},
    {"Softplus", BOTH(return N::nn::Softplus(N::nn::SoftplusOptions().beta(2).threshold(6))(x[0]);), kAny, {-8, 8}},
    {"LogSigmoid", BOTH(return N::nn::LogSigmoid()(x[0]);), kAny, {-30, 30}},
    {"Mish", BOTH(return N::nn::Mish()(x[0]);), kAny, {-30, 30}},
    {"Softsign", BOTH(return N::nn::Softsign()(x[0]);), kAny, {-8, 8}},
    {"Tanhshrink", BOTH(return N::nn::Tanhshrink()(x[0]);), kAny, {-8, 8}},
    {"Hardtanh", BOTH(return N::nn::Hardtanh(N::nn::HardtanhOptions().min_val(-2).max_val(1))(x[0]);), kAny, {-4, 4}},
    {"ReLU6", BOTH(return N::nn::ReLU6()(x[0]);), kAny, {-8, 8}},
    {"Threshold", BOTH(return N::nn::Threshold(1, -3)(x[0]);), kAny, {-4, 4}},
    {"Hardshrink", BOTH(return N::nn::Hardshrink(1)(x[0]);), kAny, {-4, 4}},
    {"Softshrink", BOTH(return N::nn::Softshrink(1)(x[0]);), kAny, {-4, 4, kOrdinary}},  // libtorch makes 0 of NaN
    {"GLU", BOTH(return N::nn::GLU()(x[0]);), kHalved, {-8, 8}},
    {"Softmin", BOTH(return N::nn::Softmin(-1)(x[0]);), kAny, {-8, 8, kOrdinary}},
    {"Softmax2d", BOTH(return N::nn::Softmax2d()(x[0]);), {{{3, 4, 5}}, {{2, 3, 4, 5}}}, {-8, 8, kOrdinary}},
    {"rrelu", BOTH(return N::nn::functional::rrelu(x[0]);), kAny},
    {"rrelu, training",
     BOTH(N::manual_seed(3); return N::nn::functional::rrelu(
              x[0], N::nn::functional::RReLUFuncOptions().lower(0.1).upper(0.7).training(true));),
     kAny},
    {"rrelu_, training", BOTH(auto y = x[0] * 1; N::manual_seed(3); return N::rrelu_(y, 0.1, 0.7, true);), kAny},
};

}  // namespace

TEST_CASE("activation modules equal libtorch's") {
  // libtorch's derivative at NaN depends on where in the vector it stands
  check(kRows, {.special = kSpecialResults, .refused = false});
}

TEST_CASE("activations with parameters print as libtorch's") {
  check_printed(SIDES(N::nn::ELU()));
  check_printed(SIDES(N::nn::ELU(N::nn::ELUOptions().alpha(0.5).inplace(true))));
  check_printed(SIDES(N::nn::SELU()));
  check_printed(SIDES(N::nn::SELU(true)));
  check_printed(SIDES(N::nn::CELU()));
  check_printed(SIDES(N::nn::CELU(N::nn::CELUOptions().alpha(2).inplace(true))));
  check_printed(SIDES(N::nn::GLU()));
  check_printed(SIDES(N::nn::GLU(1)));
  check_printed(SIDES(N::nn::Hardshrink()));
  check_printed(SIDES(N::nn::Hardshrink(0.3)));
  check_printed(SIDES(N::nn::Hardtanh()));
  check_printed(SIDES(N::nn::Hardtanh(N::nn::HardtanhOptions().min_val(-2).max_val(0.5).inplace(true))));
  check_printed(SIDES(N::nn::LogSigmoid()));
  check_printed(SIDES(N::nn::PReLU()));
  check_printed(SIDES(N::nn::PReLU(N::nn::PReLUOptions().num_parameters(3).init(0.1))));
  check_printed(SIDES(N::nn::ReLU6()));
  check_printed(SIDES(N::nn::ReLU6(true)));
  check_printed(SIDES(N::nn::RReLU()));
  check_printed(SIDES(N::nn::RReLU(N::nn::RReLUOptions().lower(0.1).upper(0.2).inplace(true))));
  check_printed(SIDES(N::nn::Softplus()));
  check_printed(SIDES(N::nn::Softplus(N::nn::SoftplusOptions().beta(2).threshold(3))));
  check_printed(SIDES(N::nn::Softshrink(0.25)));
  check_printed(SIDES(N::nn::Softsign()));
  check_printed(SIDES(N::nn::Softmin(1)));
  check_printed(SIDES(N::nn::Softmax2d()));
  check_printed(SIDES(N::nn::Tanhshrink()));
  check_printed(SIDES(N::nn::Threshold(0.1, 20)));
  check_printed(SIDES(N::nn::Threshold(N::nn::ThresholdOptions(0.1, 20).inplace(true))));
  check_printed(SIDES(N::nn::Mish()));
  check_printed(SIDES(N::nn::BCELoss()));
  check_printed(SIDES(N::nn::SmoothL1Loss()));
  check_printed(SIDES(N::nn::HuberLoss()));
  check_printed(SIDES(N::nn::KLDivLoss()));
  check_printed(SIDES(N::nn::PoissonNLLLoss()));
  check_printed(SIDES(N::nn::SoftMarginLoss()));
  check_printed(SIDES(N::nn::HingeEmbeddingLoss(N::nn::HingeEmbeddingLossOptions().margin(0.5))));
  check_printed(SIDES(N::nn::MarginRankingLoss(N::nn::MarginRankingLossOptions().margin(0.5))));
  check_printed(SIDES(N::nn::CosineEmbeddingLoss()));
  check_printed(SIDES(N::nn::CosineEmbeddingLoss(N::nn::CosineEmbeddingLossOptions().margin(0.5))));
  check_printed(SIDES(N::nn::TripletMarginLoss()));
  check_printed(SIDES(N::nn::TripletMarginLoss(N::nn::TripletMarginLossOptions().p(1).swap(true))));
  check_printed(SIDES(N::nn::CosineSimilarity()));
  check_printed(SIDES(N::nn::PairwiseDistance(N::nn::PairwiseDistanceOptions().p(1).keepdim(true))));
}
