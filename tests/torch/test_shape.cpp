// Order, rearrangement and scattering against libtorch: values, indices and gradients; float32, float64, integers and
// bool; contiguous and scattered operands, no elements, zero-dim; ties and NaN.
#include "catch.h"
#include "compare.h"

namespace {

using namespace compare;

struct Family {
  const char* name;
  std::vector<Row> rows;
  bool special = false;  // with NaN and infinities
  bool ties = true;      // gradients also where values are equal
  bool integers = true;  // of every dtype
};

const std::vector<Operands> kAny = {{{}}, {{7}}, {{0}}, {{2, 3}}, {{3, 0, 2}}, {{3, 4, 5}}, {{33, 70}}};
const std::vector<Operands> kLines = {{{7}}, {{2, 3}}, {{0, 3}}, {{3, 4, 5}}, {{3, 400}}, {{400, 3}}, {{2, 1000}}};
const std::vector<Operands> kMatrices = {{{4, 5}}, {{5, 4}}, {{1, 3}}, {{0, 3}}, {{2, 3, 4}}, {{2, 3, 0}}, {{33, 70}}};

// ---- order ----------------------------------------------------------------------------------------------------------
const Family kOrder = {"order",
                       {
                           {"sort", OP(std::get<0>(sort(x[0], true, -1, false))), kAny},
                           {"sort, indices", OP(std::get<1>(x[0].sort(true, -1, false))), kAny},
                           {"sort descending", OP(std::get<0>(x[0].sort(true, 0, true))), kLines},
                           {"sort descending, indices", OP(std::get<1>(x[0].sort(true, 0, true))), kLines},
                           {"argsort", OP(argsort(x[0], true, -1, true)), kLines},
                       },
                       true};
const Family kPicked = {"picked",
                        {
                            {"sort", OP(std::get<0>(sort(x[0]))), kAny},
                            {"sort descending", OP(std::get<0>(x[0].sort(0, true))), kLines},
                            {"msort", OP(msort(x[0])), kLines},
                            {"topk", OP(std::get<0>(topk(x[0], 2))), kLines},
                            {"topk, many", OP(std::get<0>(x[0].topk(x[0].size(-1) * 2 / 3, -1, true))), kLines},
                            {"topk, smallest", OP(std::get<0>(x[0].topk(1, -1, false))), kLines},
                            {"topk, all", OP(std::get<0>(x[0].topk(x[0].size(0), 0))), kLines},
                            {"topk of none", OP(std::get<0>(x[0].topk(0, 0))), kLines},
                            {"topk of too many", OP(std::get<0>(x[0].topk(5000, 0))), kLines},
                            {"topk of a number", OP(std::get<0>(x[0].topk(1))), {{{}}}},
                            {"kthvalue", OP(std::get<0>(kthvalue(x[0], 2))), kLines},
                            {"kthvalue, first dim", OP(std::get<0>(x[0].kthvalue(1, 0, true))), kLines},
                            {"kthvalue of 0", OP(std::get<0>(x[0].kthvalue(0, 0, true))), kLines},
                            {"median", OP(median(x[0])), {{{7}}, {{2, 3}}, {{3, 4, 5}}, {{2, 1000}}}},
                            {"median dim", OP(std::get<0>(x[0].median(-1, true))), kLines},
                            {"median dim 0", OP(std::get<0>(median(x[0], 0))), kLines},
                            {"nanmedian", OP(nanmedian(x[0])), {{{7}}, {{2, 3}}, {{3, 400}}}},
                            {"nanmedian dim", OP(std::get<0>(x[0].nanmedian(-1))), kLines},
                        },
                        true,
                        false};
const Family kMode = {"mode",
                      {
                          {"mode", OP(std::get<0>(mode(x[0]))), kLines},
                          {"mode dim 0", OP(std::get<0>(x[0].mode(0, true))), kLines},
                          {"mode, indices", OP(std::get<1>(x[0].mode(0, true))), {{{5}}, {{3, 4}}}},
                      },
                      false,
                      false};
const Family kCounted = {
    "counted",
    {
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
const Family kHistograms = {"histograms",
                            {
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
const Family kRearranged = {
    "rearranged",
    {
        {"flip", OP(flip(x[0], {0, -1})), kMatrices},
        {"flip of the last", OP(x[0].flip(-1)), kLines},
        {"flip of a number", OP(x[0].flip(0)), {{{}}}},
        {"flip twice", OP(x[0].flip({0, 0})), kLines},
        {"fliplr", OP(fliplr(x[0])), kLines},
        {"flipud", OP(flipud(x[0])), kAny},
        {"rot90", OP(rot90(x[0])), kMatrices},
        {"rot90 backwards", OP(x[0].rot90(-1, {1, 0})), kMatrices},
        {"rot90 twice", OP(x[0].rot90(6, {-1, 0})), kMatrices},
        {"roll", OP(roll(x[0], {1, -7}, {0, 1})), kMatrices},
        {"roll flattened", OP(x[0].roll(3)), kAny},
        {"roll, wrong", OP(x[0].roll({3, 1}, 0)), kAny},
        {"repeat", OP(x[0].repeat({2, 1, 3})), kAny},
        {"repeat of nothing", OP(x[0].repeat({0, 2, 1})), kLines},
        {"repeat, too few", OP(x[0].repeat(2)), kLines},
        {"tile", OP(tile(x[0], {2, 3})), kAny},
        {"repeat_interleave", OP(repeat_interleave(x[0], 3, -1)), kLines},
        {"repeat_interleave flattened", OP(x[0].repeat_interleave(2)), kAny},
        {"repeat_interleave by a tensor", OP(x[0].repeat_interleave(l.ints({2, 0, 3}), 1)), {{{4, 3}}, {{4, 2}}}},
        {"repeat_interleave alone", OP(repeat_interleave(l.ints({2, 0, 3}))), {{{}}}},
        {"tril", OP(tril(x[0])), kLines},
        {"tril below", OP(x[0].tril(-2)), kMatrices},
        {"triu", OP(triu(x[0], 2)), kMatrices},
        {"triu below", OP(x[0].triu(-100)), kMatrices},
        {"tril_", IN_PLACE(y.tril_(1)), kMatrices},
        {"triu_", IN_PLACE(y.triu_(-1)), kMatrices},
        {"diag", OP(diag(x[0])), kLines},
        {"diag, offset", OP(x[0].diag(-2)), {{{4}}, {{4, 5}}, {{0}}}},
        {"diag_embed", OP(diag_embed(x[0], 1, -1, 0)), kLines},
        {"diag_embed below", OP(x[0].diag_embed(-2)), kAny},
        {"diagflat", OP(diagflat(x[0], 1)), {{{}}, {{3}}, {{2, 2}}, {{0}}}},
        {"unfold", OP(x[0].unfold(0, 2, 1)), kLines},
        {"unfold of the last", OP(x[0].unfold(-1, 1, 2)), kLines},
        {"unfold of nothing", OP(x[0].unfold(0, 0, 1)), kLines},
        {"unfold of a number", OP(x[0].unfold(0, 1, 1)), {{{}}}},
        {"unflatten", OP(x[0].unflatten(-1, {-1, 1})), kLines},
        {"unflatten, wrong", OP(x[0].unflatten(0, {2, 2})), kLines},
        {"ravel", OP(ravel(x[0])), kAny},
        {"movedim", OP(movedim(x[0], 0, -1)), kLines},
        {"movedim of two", OP(x[0].movedim({2, 0}, {0, 1})), {{{2, 3, 4}}, {{2, 3, 4, 5}}, {{2, 3}}}},
        {"movedim twice", OP(x[0].movedim({0, 0}, {0, 1})), kMatrices},
        {"moveaxis", OP(moveaxis(x[0], {0}, {1})), kMatrices},
        {"swapaxes", OP(swapaxes(x[0], 0, 1) + swapdims(x[0], 1, 0)), kMatrices},
        {"mT", OP(x[0].mT()), kMatrices},
        {"numpy_T", OP(x[0].numpy_T()), kMatrices},
        {"transpose_", IN_PLACE(y.transpose_(0, -1); y.add_(1)), kMatrices},
        {"t_", IN_PLACE(y.t_()), {{{4, 5}}, {{3}}, {{2, 2, 2}}}},
        {"squeeze_", IN_PLACE(y.unsqueeze_(0).squeeze_()), kAny},
        {"broadcast_to", OP(broadcast_to(x[0], {2, 4, 3})), {{{3}}, {{4, 1}}, {{2}}}},
        {"atleast", OP(atleast_1d(x[0]) + atleast_2d(x[0]) + atleast_3d(x[0])), {{{}}, {{1}}, {{1, 1}}}},
        {"atleast_3d", OP(atleast_3d(x[0])), kAny},
        {"hstack", OP(hstack(x)), {{{2}, {3}}, {{}, {3}}, {{2, 1}, {2, 3}}, {{2}, {2, 3}}}},
        {"vstack", OP(vstack(x)), {{{3}, {3}}, {{}, {1}}, {{2, 3}, {3}}, {{2, 3}, {2}}}},
        {"row_stack", OP(row_stack(x)), {{{3}, {3}}}},
        {"dstack", OP(dstack(x)), {{{3}, {3}}, {{}, {1}}, {{2, 3}, {2, 3}}}},
        {"column_stack", OP(column_stack(x)), {{{3}, {3}}, {{}, {1}}, {{2, 3}, {2}}, {{2, 3}, {3}}}},
        {"concat", OP(concat(x, -1)), {{{2, 1}, {2, 3}}}},
        {"block_diag", OP(block_diag(x)), {{{2, 3}, {}, {2}}, {{0, 2}, {1, 1}}, {{2, 2, 2}, {1}}}},
        {"meshgrid", OP(meshgrid(x, "ij")[0] * meshgrid(x, "ij")[1]), {{{2}, {3}, {4}}, {{}, {3}}, {{2, 1}, {3}}}},
        {"meshgrid xy", OP(meshgrid(x, "xy")[0] * meshgrid(x, "xy")[1]), {{{2}, {3}, {4}}, {{2}, {3}}}},
        {"cartesian_prod", OP(cartesian_prod(x)), {{{2}}, {{2}, {3}}, {{2}, {3}, {2}}, {{2}, {0}}}},
        {"combinations", OP(combinations(x[0])), {{{4}}, {{1}}, {{0}}}},
        {"combinations of three", OP(combinations(x[0], 3, true)), {{{4}}, {{1}}, {{0}}, {{2, 2}}}},
        {"tensor_split", OP(tensor_split(x[0], 3, 0)[1]), kLines},
        {"tensor_split at", OP(x[0].tensor_split({1, -1, 100}, -1)[1]), kLines},
        {"tensor_split by a tensor", OP(x[0].tensor_split(l.ints({2, 1}), 0)[1]), kLines},
        {"hsplit", OP(hsplit(x[0], 2)[1]), {{{4}}, {{3, 4}}, {{3, 3}}}},
        {"vsplit", OP(x[0].vsplit({1, 2})[1]), {{{4}}, {{3, 4}}}},
        {"dsplit", OP(x[0].dsplit(2)[1]), {{{4}}, {{3, 4, 2}}, {{3, 3, 3}}}},
        {"pixel_shuffle", OP(pixel_shuffle(x[0], 2)), {{{8, 2, 3}}, {{2, 4, 1, 2}}, {{3, 2, 2}}, {{4, 4}}}},
        {"pixel_unshuffle", OP(pixel_unshuffle(x[0], 2)), {{{2, 2, 4}}, {{2, 1, 6, 2}}, {{1, 3, 2}}}},
        {"channel_shuffle", OP(channel_shuffle(x[0], 3)), {{{1, 6, 2}}, {{2, 3, 2, 2}}, {{1, 4, 2}}, {{1, 6}}}},
        {"tril_indices", BOTH(return N::tril_indices(3, 4, 1);), {{{}}}},
        {"triu_indices", BOTH(return N::triu_indices(4, 3, -1);), {{{}}}},
    }};

// ---- scattering -----------------------------------------------------------------------------------------------------
const std::vector<Operands> kInto = {{{4, 5}, {2, 3}}, {{4, 5}, {3, 4}}, {{3, 5}, {2, 3}}, {{4, 2}, {2, 3}}};
#define AT l.ints({3, 1, 0, 0, 2, 1}).reshape({2, 3})     // no place twice
#define TWICE l.ints({3, 1, 0, 3, 1, 1}).reshape({2, 3})  // some
const Family kScattered = {
    "scattered",
    {
        {"scatter", OP(scatter(x[0], 0, AT, x[1])), kInto},
        {"scatter a number", OP(x[0].scatter(0, TWICE, 2)), kInto},
        {"scatter along 1", OP(x[0].scatter(1, AT, x[1])), kInto},
        {"scatter of nothing", OP(x[0].scatter(1, l.ints({}), x[1])), {{{4, 5}, {0}}}},
        {"scatter in a vector", OP(x[0].scatter(0, l.ints({1, 0}), x[1])), {{{4}, {2}}, {{1}, {2}}, {{4}, {1}}}},
        {"scatter_", IN_PLACE(y.scatter_(-2, AT, x[1])), kInto},
        {"scatter_ a number", IN_PLACE(y.scatter_(1, TWICE, -1)), kInto},
        {"scatter_add", OP(scatter_add(x[0], 0, TWICE, x[1])), kInto},
        {"scatter_add_", IN_PLACE(y.scatter_add_(1, TWICE, x[1])), kInto},
        {"index_add", OP(index_add(x[0], 0, l.ints({3, 3}), x[1])), {{{4, 5}, {2, 5}}, {{4, 5}, {3, 5}}}},
        {"index_add, alpha", OP(x[0].index_add(1, l.ints({3, 3}), x[1], -2)), {{{4, 5}, {4, 2}}}},
        {"index_add_", IN_PLACE(y.index_add_(0, l.ints({3, 3}), x[1] * 1, 2)), {{{4, 5}, {2, 5}}}},
        {"index_copy", OP(index_copy(x[0], 0, l.ints({3, 1}), x[1])), {{{4, 5}, {2, 5}}, {{4}, {2}}, {{4, 5}, {5}}}},
        {"index_copy_", IN_PLACE(y.index_copy_(-1, l.ints({3, 1}), x[1])), {{{4, 5}, {4, 2}}}},
        {"index_copy, negative", OP(index_copy(x[0], 0, l.ints({3, -1}), x[1])), {{{4, 5}, {2, 5}}}},
        {"index_fill", OP(index_fill(x[0], 0, l.ints({0, -1}), 3)), {{{4, 5}}, {{1}}, {{}}}},
        {"index_fill with a tensor", OP(x[0].index_fill(1, l.ints({0, 4}), x[1])), {{{4, 5}, {}}, {{4, 5}, {1}}}},
        {"index_fill_", IN_PLACE(y.index_fill_(1, l.ints({0, 7}), 3)), {{{4, 5}}, {{4, 9}}}},
        {"put", OP(put(x[0], l.ints({5, 0, -1}), x[1])), {{{4, 5}, {3}}, {{4, 5}, {1, 3}}, {{5}, {3}}, {{4, 5}, {2}}}},
        {"put_", IN_PLACE(y.put_(l.ints({5, 0, 5}), x[1], true)), {{{4, 5}, {3}}}},
        {"put_ across", IN_PLACE(y.t_().put_(l.ints({5, 0, 3}), x[1])), {{{4, 5}, {3}}}},
        {"take", OP(take(x[0], l.ints({5, -1, 5, 0}).reshape({2, 2}))), {{{4, 5}}, {{2, 2, 3}}, {{3}}}},
        {"take_along_dim", OP(take_along_dim(x[0], l.ints({1, 0, 1}).reshape({1, 3}), 1)), {{{4, 5}}, {{1, 2}}, {{3}}}},
        {"take_along_dim flattened", OP(x[0].take_along_dim(l.ints({1, 0, 1}).reshape({1, 3}))), {{{4, 5}}, {{2}}}},
        {"masked_scatter", OP(masked_scatter(x[0], x[0] > 0, x[1])), {{{4, 5}, {20}}, {{4, 5}, {5, 5}}, {{4, 5}, {0}}}},
        {"masked_scatter_",
         IN_PLACE(y.masked_scatter_(l.ints({0, 1, 0, 1, 1}) == 1, x[1])),
         {{{4, 5}, {12}}, {{5}, {3}}, {{5}, {2}}, {{3, 4}, {12}}}},
        {"masked_fill_ with a tensor", IN_PLACE(y.masked_fill_(x[0] > 0, x[1])), {{{4, 5}, {}}, {{4, 5}, {1}}}},
        {"select_scatter", OP(select_scatter(x[0], x[1], 0, 2)), {{{4, 5}, {5}}, {{4, 5}, {1}}}},
        {"slice_scatter", OP(x[0].slice_scatter(x[1], 1, 1, 100, 2)), {{{4, 5}, {4, 2}}, {{4, 5}, {2}}}},
        {"diagonal_scatter", OP(diagonal_scatter(x[0], x[1], 1)), {{{4, 5}, {4}}, {{4, 5}, {3}}}},
        {"fill_diagonal_", IN_PLACE(y.fill_diagonal_(3)), {{{4, 5}}, {{7, 3}}, {{3, 3, 3}}, {{3, 2, 3}}, {{3}}}},
        {"fill_diagonal_ wrapped", IN_PLACE(y.fill_diagonal_(3, true)), {{{4, 5}}, {{7, 3}}, {{3, 2}}, {{9, 2}}}},
        {"nonzero_numpy", OP(nonzero_numpy(x[0] > 0)[0]), kLines},
        {"argwhere", OP(argwhere(x[0] > 0)), kAny},
        {"where of a condition", OP(where(x[0] > 0).back()), kLines},
        {"where of numbers", OP(where(x[0] > 0, 1, 2)), kAny},
        {"where of floats", OP(where(x[0] > 0, 1.5, 2)), kAny},
    }};
const Family kScatterReduced = {
    "scatter_reduce",
    {
        {"sum", OP(scatter_reduce(x[0], 0, TWICE, x[1], "sum")), kInto},
        {"sum without self", OP(x[0].scatter_reduce(0, TWICE, x[1], "sum", false)), kInto},
        {"mean", OP(x[0].scatter_reduce(0, TWICE, x[1], "mean")), kInto},
        {"mean without self", OP(x[0].scatter_reduce(0, TWICE, x[1], "mean", false)), kInto},
        {"prod", OP(x[0].scatter_reduce(0, TWICE, x[1], "prod")), {{{4, 5}, {2, 3}}, {{3, 5}, {2, 3}}}, 0.5, 2},
        {"prod without self", OP(x[0].scatter_reduce(0, TWICE, x[1], "prod", false)), {{{4, 5}, {2, 3}}}, 0.5, 2},
        {"amax", OP(x[0].scatter_reduce(0, TWICE, x[1], "amax")), kInto},
        {"amin without self", OP(x[0].scatter_reduce(0, TWICE, x[1], "amin", false)), {{{4, 5}, {2, 3}}}},
        {"in place", IN_PLACE(y.scatter_reduce_(1, TWICE, x[1], "mean")), {{{4, 5}, {2, 3}}}},
        {"no such", OP(x[0].scatter_reduce(0, TWICE, x[1], "average")), {{{4, 5}, {2, 3}}}},
        {"add", OP(scatter(x[0].detach(), 0, TWICE, x[1].detach(), "add")), {{{4, 5}, {2, 3}}}},
        {"multiply", OP(x[0].detach().scatter(0, TWICE, x[1].detach(), "multiply")), {{{4, 5}, {2, 3}}}},
        {"multiply by a number", OP(x[0].detach().scatter(0, TWICE, 3, "multiply")), {{{4, 5}}}},
    }};
#undef AT
#undef TWICE

// ---- running them ---------------------------------------------------------------------------------------------------
// libtorch has no kernel for the dtype, or no derivative where taper has one.
bool is_gap(const std::string& why) {
  const auto says = [&](const char* text) { return why.find(text) != std::string::npos; };
  return says("not implemented") || says("Unsupported input type") || says("invalid gradient") ||
         says("must match the size of tensor b");
}

void check(const Family& family) {
  std::mt19937 engine(4);
  std::vector<taper::ScalarType> dtypes = {taper::kFloat32, taper::kFloat64};
  if (family.integers) dtypes.insert(dtypes.end(), {taper::kInt64, taper::kInt32, taper::kUInt8, taper::kBool});
  for (const Row& row : family.rows) {
    for (const Operands& operands : row.operands) {
      for (const auto dtype : dtypes) {
        for (const Values values : {Values::Uniform, Values::Whole, Values::Special}) {
          if (values == Values::Special && !family.special) continue;
          if (!taper::is_floating_point(dtype) && values != Values::Whole) continue;
          for (const bool apart : {false, true}) {
            std::vector<taper::Tensor> inputs;
            for (const Sizes& sizes : operands) {
              taper::Tensor x = draw(sizes, row.low, row.high, values, engine);
              if (dtype == taper::kUInt8) x = x.abs();
              x = x.to(dtype);
              inputs.push_back(apart ? scattered(x) : x);
            }
            const Difference d = run(row.op, inputs, family.ties || values == Values::Uniform);
            std::string text = taper::detail::str(row.name, " ", dtype, apart ? ", scattered" : "", ", values ",
                                                  static_cast<int>(values));
            for (const Sizes& sizes : operands) text += " " + taper::detail::str(taper::IntArrayRef(sizes));
            INFO(family.name << ": " << text << d.why);
            if (d.theirs_threw && !d.ours_threw && is_gap(d.why)) continue;
            CHECK(d.ours_threw == d.theirs_threw);
            CHECK(d.result <= (dtype == taper::kFloat32 ? 1e-6 : 1e-14));
            CHECK(d.gradient <= (dtype == taper::kFloat32 ? 1e-5 : 1e-12));
          }
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("sort equals libtorch's") { check(kOrder); }
TEST_CASE("topk, kthvalue and medians equal libtorch's") { check(kPicked); }
TEST_CASE("mode equals libtorch's") { check(kMode); }
TEST_CASE("unique, searchsorted and isin equal libtorch's") { check(kCounted); }
TEST_CASE("histograms equal libtorch's") { check(kHistograms); }
TEST_CASE("what moves values elsewhere equals libtorch's") { check(kRearranged); }
TEST_CASE("scatter and its kin equal libtorch's") { check(kScattered); }
TEST_CASE("scatter_reduce equals libtorch's") { check(kScatterReduced); }
