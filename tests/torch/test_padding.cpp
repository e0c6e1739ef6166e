// Padding against libtorch.
#include "catch.h"
#include "compare.h"

#include <taper/layers/nn.h>

namespace {

using namespace compare;
using taper::constant_pad_nd;
using taper::reflection_pad1d;
using taper::reflection_pad2d;
using taper::replication_pad1d;
using taper::replication_pad2d;
namespace tf = taper::nn::functional;
namespace of = torch::nn::functional;

template <class L>
auto pad(L, const typename L::Tensor& x, std::vector<int64_t> border, int mode) {
  if constexpr (std::is_same_v<L, Taper>) {
    const tf::PadFuncOptions::mode_t modes[] = {taper::kConstant, taper::kReflect, taper::kReplicate, taper::kCircular};
    return tf::pad(x, tf::PadFuncOptions(border).mode(modes[mode]));
  } else {
    const of::PadFuncOptions::mode_t modes[] = {torch::kConstant, torch::kReflect, torch::kReplicate, torch::kCircular};
    return of::pad(x, of::PadFuncOptions(border).mode(modes[mode]));
  }
}

const std::vector<Operands> kImages = {{{2, 3, 4, 5}}, {{3, 6, 7}}, {{0, 2, 4, 4}}};
const std::vector<Operands> kLines = {{{2, 3, 5}}, {{3, 7}}, {{0, 2, 4}}};

const std::vector<Row> kRows = {
    {"constant", OP(pad(l, x[0], {1, 2}, 0)), kLines},
    {"constant, two dims", OP(pad(l, x[0], {1, 0, 2, 3}, 0)), kImages},
    {"constant, cutting off", OP(pad(l, x[0], {-1, 2, 1, -2}, 0)), kImages},
    {"constant with a value", OP(constant_pad_nd(x[0], {1, 2, 0, 1}, 2.5)), kImages},
    {"reflect", OP(pad(l, x[0], {3, 2}, 1)), kLines},
    {"reflect, two dims", OP(pad(l, x[0], {3, 2, 0, 1}, 1)), kImages},
    {"reflection_pad1d", OP(reflection_pad1d(x[0], {2, 1})), kLines},
    {"reflection_pad2d", OP(reflection_pad2d(x[0], {2, 1, 3, 0})), kImages},
    {"replicate", OP(pad(l, x[0], {9, 2}, 2)), kLines},
    {"replicate, two dims", OP(pad(l, x[0], {3, 2, 0, 8}, 2)), kImages},
    {"replication_pad1d", OP(replication_pad1d(x[0], {2, 1})), kLines},
    {"replication_pad2d", OP(replication_pad2d(x[0], {2, 1, 3, 0})), kImages},
    {"circular", OP(pad(l, x[0], {4, 2}, 3)), {{{2, 3, 5}}, {{0, 2, 4}}}},
    {"circular, two dims", OP(pad(l, x[0], {4, 2, 0, 3}, 3)), {{{2, 3, 4, 5}}, {{0, 2, 4, 4}}}},
};

}  // namespace

TEST_CASE("padding equals libtorch's: results and gradients") {
  check(kRows, {.result32 = 0, .result64 = 0, .gradient32 = 1e-6, .gradient64 = 1e-14});
}

TEST_CASE("padding layers print as libtorch's, with taper's name") {
  check_printed(SIDES(N::nn::ReflectionPad1d(2)));
  check_printed(SIDES(N::nn::ReflectionPad2d(N::nn::ReflectionPad2dOptions({1, 1, 2, 0}))));
  check_printed(SIDES(N::nn::ReplicationPad1d(N::nn::ReplicationPad1dOptions({3, 1}))));
  check_printed(SIDES(N::nn::ReplicationPad2d(2)));
  check_printed(SIDES(N::nn::ZeroPad2d(N::nn::ZeroPad2dOptions({1, 1, 2, 0}))));
  check_printed(SIDES(N::nn::ConstantPad1d(2, 3.5)));
  check_printed(SIDES(N::nn::ConstantPad2d(N::nn::ConstantPad2dOptions({3, 0, 2, 1}, 3.5))));
}
