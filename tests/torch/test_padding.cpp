// Padding against libtorch.
#include "catch.h"
#include "compare.h"

#include <taper/layers/nn.h>

#include <sstream>

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

const Row kRows[] = {
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
  std::mt19937 engine(4);
  for (const Row& row : kRows) {
    for (const Operands& operands : row.operands) {
      for (const auto dtype : {taper::kFloat32, taper::kFloat64}) {
        const taper::Tensor drawn = draw(operands[0], -2, 2, Values::Special, engine).to(dtype);
        for (const taper::Tensor& x : {drawn, scattered(drawn)}) {
          const Difference d = run(row.op, {x});
          INFO(row.name << " of " << taper::detail::str(x.sizes()) << " " << taper::to_string(x.dtype()) << d.why);
          CHECK(d.ours_threw == d.theirs_threw);
          CHECK(d.result == 0);
          CHECK(d.gradient <= (dtype == taper::kFloat32 ? 1e-6 : 1e-14));
        }
      }
    }
  }
}

TEST_CASE("padding layers print as libtorch's, with taper's name") {
  const auto text = [](const auto& module) {
    std::ostringstream out;
    out << module;
    return out.str();
  };
  const auto same = [&](const auto& ours, const auto& theirs) {
    CHECK(text(ours) == "taper" + text(theirs).substr(5));  // "torch"
  };
  namespace tn = taper::nn;
  namespace on = torch::nn;
  same(tn::ReflectionPad1d(2), on::ReflectionPad1d(2));
  same(tn::ReflectionPad2d(tn::ReflectionPad2dOptions({1, 1, 2, 0})),
       on::ReflectionPad2d(on::ReflectionPad2dOptions({1, 1, 2, 0})));
  same(tn::ReplicationPad1d(tn::ReplicationPad1dOptions({3, 1})),
       on::ReplicationPad1d(on::ReplicationPad1dOptions({3, 1})));
  same(tn::ReplicationPad2d(2), on::ReplicationPad2d(2));
  same(tn::ZeroPad2d(tn::ZeroPad2dOptions({1, 1, 2, 0})), on::ZeroPad2d(on::ZeroPad2dOptions({1, 1, 2, 0})));
  same(tn::ConstantPad1d(2, 3.5), on::ConstantPad1d(2, 3.5));
  same(tn::ConstantPad2d(tn::ConstantPad2dOptions({3, 0, 2, 1}, 3.5)),
       on::ConstantPad2d(on::ConstantPad2dOptions({3, 0, 2, 1}, 3.5)));
}
