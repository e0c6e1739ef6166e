// Order, rearrangement and scattering against libtorch: values, indices and gradients; float32, float64, integers and
// bool; contiguous and scattered operands, no elements, zero-dim; ties and NaN.
#include "catch.h"
#include "compare.h"
#include "ops/order.h"
#include "ops/rearrange.h"
#include "ops/scatter.h"

namespace {

using namespace compare;
using ops::kAny, ops::kLines, ops::kScattered;

struct Family {
  std::vector<Row> rows;
  bool special = false;  // with NaN and infinities
  bool ties = true;      // gradients also where values are equal
  bool integers = true;  // of every dtype
};

// ---- order ----------------------------------------------------------------------------------------------------------
const Family kOrder = {{
                           {"sort", OP(std::get<0>(sort(x[0], true, -1, false))), kAny},
                           {"sort, indices", OP(std::get<1>(x[0].sort(true, -1, false))), kAny},
                           {"sort descending", OP(std::get<0>(x[0].sort(true, 0, true))), kLines},
                           {"sort descending, indices", OP(std::get<1>(x[0].sort(true, 0, true))), kLines},
                           {"argsort", OP(argsort(x[0], true, -1, true)), kLines},
                       },
                       true};
const Family kPicked = {rows_of(ops::order<Both>()), true, false};
const Family kMode = {{
                          {"mode, indices", OP(std::get<1>(x[0].mode(0, true))), {{{5}}, {{3, 4}}}},
                      },
                      false,
                      false};
const Family kCounted = {{
    {"_unique", OP(std::get<0>(_unique(x[0].detach()))), kAny},
    {"_unique2, inverse", OP(std::get<1>(_unique2(x[0].detach(), true, true, true))), kAny},
    {"_unique2, counts", OP(std::get<2>(_unique2(x[0].detach(), true, true, true))), kAny},
    {"unique_consecutive", OP(std::get<0>(unique_consecutive(x[0].detach()))), kAny},
    {"unique_consecutive, inverse", OP(std::get<1>(unique_consecutive(x[0].detach(), true, true))), kAny},
    {"unique_consecutive, counts", OP(std::get<2>(unique_consecutive(x[0].detach(), true, true))), kAny},
    {"unique_consecutive, dim", OP(std::get<0>(unique_consecutive(x[0].detach(), true, true, 0))), kLines},
    {"unique_dim", OP(std::get<0>(unique_dim(x[0].detach(), 0))), {{{9}}, {{20, 1}}, {{20, 2}}, {{3, 20, 2}}}},
    {"unique_dim, inverse", OP(std::get<1>(unique_dim(x[0].detach(), -1))), {{{9}}, {{1, 20}}, {{2, 20}}}},
    {"unique_dim, counts", OP(std::get<2>(unique_dim(x[0].detach(), -1))), {{{9}}, {{1, 20}}, {{2, 20}}}},
    {"searchsorted", OP(searchsorted(std::get<0>(x[0].sort()), x[1])), {{{9}, {5}}, {{2, 9}, {2, 4}}, {{3}, {}}}},
    {"searchsorted right",
     OP(searchsorted(std::get<0>(x[0].sort()), x[1], false, true)),
     {{{9}, {5, 2}}, {{2, 9}, {2, 4}}, {{2, 9}, {3, 4}}, {{0}, {2}}}},
    {"searchsorted, sorter",
     OP(searchsorted(x[0], x[1], true, false, "right", x[0].argsort())),
     {{{9}, {5}}, {{2, 9}, {2, 4}}}},
    {"searchsorted of a number", OP(searchsorted(std::get<0>(x[0].sort()), 0.5)), {{{9}}, {{0}}, {{2, 3}}}},
    {"bucketize", OP(bucketize(x[1], std::get<0>(x[0].sort()), true)), {{{9}, {5}}, {{3}, {2, 2}}}},
    {"isin", OP(isin(x[0], x[1])), {{{3, 20}, {5}}, {{7}, {0}}, {{0}, {2}}, {{}, {2, 2}}}},
    {"isin, invert", OP(isin(x[0], x[1], false, true)), {{{3, 20}, {5}}}},
    {"isin number", OP(isin(x[0], 1)), {{{3, 20}}}},
}};
const Family kHistograms = {{
                                {"histc", OP(histc(x[0], 7)), {{{50}}, {{3, 20}}, {{1}}}},
                                {"histc of a range", OP(x[0].histc(5, -1, 1)), {{{50}}, {{0}}}},
                                {"histc backwards", OP(x[0].histc(5, 1, -1)), {{{50}}}},
                                {"bincount", OP((x[0] + 2).to(l.kInt64).bincount()), {{{50}}, {{0}}, {{2, 2}}}},
                                {"bincount of weights",
                                 OP(bincount((x[0].detach() + 2).to(l.kInt64), x[1].detach(), 7)),
                                 {{{50}, {50}}, {{3}, {2}}}},
                            },
                            false,
                            true,
                            false};

// ---- rearrangement --------------------------------------------------------------------------------------------------
const Family kRearranged = {rows_of(ops::rearrange<Both>())};
const Family kTriangles = {{
    {"tril_indices", BOTH(return N::tril_indices(3, 4, 1);), {{{}}}},
    {"triu_indices", BOTH(return N::triu_indices(4, 3, -1);), {{{}}}},
}};

// ---- scattering -----------------------------------------------------------------------------------------------------
const Family kWritten = {rows_of(ops::scatter<Both>())};
const Family kScatterReduced = {{
    {"sum", OP(scatter_reduce(x[0], 0, TAPER_TWICE, x[1], "sum")), kScattered},
    {"sum without self", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "sum", false)), kScattered},
    {"mean", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "mean")), kScattered},
    {"mean without self", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "mean", false)), kScattered},
    {"prod", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "prod")), {{{4, 5}, {2, 3}}, {{3, 5}, {2, 3}}}, {0.5, 2}},
    {"prod without self", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "prod", false)), {{{4, 5}, {2, 3}}}, {0.5, 2}},
    {"amax", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "amax")), kScattered},
    {"amin without self", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "amin", false)), {{{4, 5}, {2, 3}}}},
    {"in place", IN_PLACE(y.scatter_reduce_(1, TAPER_TWICE, x[1], "mean")), {{{4, 5}, {2, 3}}}},
    {"no such", OP(x[0].scatter_reduce(0, TAPER_TWICE, x[1], "average")), {{{4, 5}, {2, 3}}}},
    {"add", OP(scatter(x[0].detach(), 0, TAPER_TWICE, x[1].detach(), "add")), {{{4, 5}, {2, 3}}}},
    {"multiply", OP(x[0].detach().scatter(0, TAPER_TWICE, x[1].detach(), "multiply")), {{{4, 5}, {2, 3}}}},
    {"multiply by a number", OP(x[0].detach().scatter(0, TAPER_TWICE, 3, "multiply")), {{{4, 5}}}},
}};

// ---- running them ---------------------------------------------------------------------------------------------------
void check(const Family& family) {
  compare::check(family.rows, {.result32 = 1e-6,
                               .result64 = 1e-14,
                               .gradient32 = 1e-5,
                               .gradient64 = 1e-12,
                               .special = family.special ? ops::kSpecial : kOrdinary,
                               .ties = family.ties,
                               .integers = family.integers,
                               // no kernel for the dtype, or no derivative where taper has one
                               .gaps = {"not implemented", "Unsupported input type", "invalid gradient",
                                        "must match the size of tensor b"}});
}

}  // namespace

TEST_CASE("sort equals libtorch's") { check(kOrder); }
TEST_CASE("topk, kthvalue and medians equal libtorch's") { check(kPicked); }
TEST_CASE("mode equals libtorch's") { check(kMode); }
TEST_CASE("unique, searchsorted and isin equal libtorch's") { check(kCounted); }
TEST_CASE("histograms equal libtorch's") { check(kHistograms); }
TEST_CASE("what moves values elsewhere equals libtorch's") {
  check(kRearranged);
  check(kTriangles);
}
TEST_CASE("scatter and its kin equal libtorch's") { check(kWritten); }
TEST_CASE("scatter_reduce equals libtorch's") { check(kScatterReduced); }
