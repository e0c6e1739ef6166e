#include "autograd/gradcheck_table.h"
#include "support/tensors.h"

#include <taper/core/indexing.h>

using namespace taper;
using namespace taper::indexing;
using namespace support;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), y = leaf({2, 4}), cube = leaf({2, 3, 2}), s = leaf({});
  const Tensor t = randn({4, 3}, kFloat64).t().requires_grad_();
  const Tensor i = tensor({2, 0, 2}), j = tensor({{1}, {-1}});
  const Tensor mask = tensor({{true, false, true, false}, {false, true, true, false}, {true, true, false, false}});
  const Tensor rows = tensor({true, false, true});
  const Tensor where = tensor({{0, 2, 1, 1}, {2, 2, 0, 1}});
  const auto put = [](std::vector<TensorIndex> at, bool accumulate) {
    return [=](const List& in) {
      Tensor z = in[0] * 1;
      z.index_put_(ArrayRef<TensorIndex>(at), in[1], accumulate);
      return List{z};
    };
  };
  return {
      {"index with numbers", nullptr, OF(in[0].index({1, Slice(1, None, 2)})), {x}},
      {"index with a tensor", "IndexBackward0", OF(in[0].index({i})), {x}},
      {"index with [Tensor]", "IndexBackward0", OF(in[0][i]), {t}},
      {"index with two tensors", "IndexBackward0", OF(in[0].index({i, j})), {t}},
      {"index with tensors apart",
       "IndexBackward0",
       OF(in[0].index({tensor({1, 0}), Slice(), tensor({1, 1})})),
       {cube}},
      {"index with a slice and a tensor", "IndexBackward0", OF(in[0].index({Slice(0, 2), i})), {x}},
      {"index with a mask", "IndexBackward0", OF(in[0].index({mask})), {x}},
      {"index with a mask of rows", "IndexBackward0", OF(in[0].index({rows, 1})), {x}},
      {"masked_select", "MaskedSelectBackward0", OF(masked_select(in[0], mask)), {t}},
      {"masked_select broadcast", "MaskedSelectBackward0", OF(masked_select(in[0], mask)), {leaf({4})}},
      {"index_put_ of a slice", nullptr, put({Slice(0, 2)}, false), {x, y}},
      {"index_put_ added to a slice", nullptr, put({Slice(0, 2)}, true), {x, y}},
      {"index_put_", "IndexPutBackward0", put({tensor({2, 0})}, false), {x, y}},
      {"index_put_ accumulated", "IndexPutBackward0", put({tensor({2, 2})}, true), {x, y}},
      {"index_put_ of one value", "IndexPutBackward0", put({tensor({2, 0})}, false), {x, s}},
      {"index_put_ with a mask", "IndexPutBackward0", put({mask}, false), {x, s}},
      {"index_put_ through a view", nullptr, put({Slice(), tensor({3, 1})}, false), {x, leaf({3, 2})}},
      {"index_put_ after a number", nullptr, put({1, tensor({3, 1})}, true), {x, leaf({2})}},
      {"index_select", "IndexSelectBackward0", OF(in[0].index_select(-1, i)), {t}},
      {"gather", "GatherBackward0", OF(in[0].gather(0, where)), {x}},
      {"gather of part", "GatherBackward0", OF(in[0].gather(1, tensor({{3, 3}}))), {t}},
      {"take", "TakeBackward0", OF(in[0].take(tensor({{5, -1}, {5, 0}}))), {t}},
      {"take_along_dim", nullptr, OF(in[0].take_along_dim(tensor({{3, 0, 0}}), 1)), {x}},
      {"take_along_dim flattened", nullptr, OF(take_along_dim(in[0], tensor({7, 7}))), {t}},
      {"index_put", "IndexPutBackward0", OF(in[0].index_put({tensor({2, 0})}, in[1])), {x, y}},
      {"index_put accumulated", "IndexPutBackward0", OF(in[0].index_put({i.slice(0, 0, 2)}, in[1], true)), {x, y}},
      {"masked_fill", "MaskedFillBackward0", OF(in[0].masked_fill(mask, 2)), {x}},
      {"masked_fill with a tensor", "MaskedFillBackward0", OF(in[0].masked_fill(mask, in[1])), {x, s}},
      {"masked_fill broadcast", "MaskedFillBackward0", OF(in[0].masked_fill(mask, in[1])), {leaf({4}), s}},
      {"masked_fill_", "MaskedFillBackward0", OF((in[0] * 1).masked_fill_(mask, 2)), {x}},
      {"masked_fill_ with a tensor", "MaskedFillBackward0", OF((in[0] * 1).masked_fill_(mask, in[1])), {x, s}},
      {"cat", "CatBackward0", OF(cat({in[0], in[1]})), {x, y}},
      {"cat, last dim", "CatBackward0", OF(cat({in[0], in[1].t().narrow(0, 0, 3), in[0]}, -1)), {t, y}},
      {"cat with an empty vector", "CatBackward0", OF(cat({in[1], in[0]})), {x, leaf({0})}},
      {"cat with a constant", "CatBackward0", OF(cat({ones({1, 4}, kFloat64), in[0]})), {x}},
      {"stack", "StackBackward0", OF(stack({in[0], in[1]}, 1)), {x, t}},
      {"stack of numbers", "StackBackward0", OF(stack({in[0], in[0] * 2})), {s}},
      {"chunk", nullptr, [](const List& in) { return in[0].chunk(2); }, {x}},
      {"split",
       nullptr,
       [](const List& in) {
         return in[0].split({1, 3}, 1);
       },
       {t}},
      {"unbind", nullptr, [](const List& in) { return in[0].unbind(1); }, {x}},
      {"broadcast_tensors", nullptr, [](const List& in) { return broadcast_tensors(in); }, {leaf({2, 1}), leaf({3})}},
  };
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of indexing and joining, first and second") { table.check(); }

TEST_CASE("repeated indices add up, and what an index does not reach gets nothing") {
  const Tensor x = zeros({3}, kFloat64).requires_grad_();
  x.index({tensor({2, 2, -1})}).sum().backward();
  CHECK(values(x.grad()) == Values{0, 0, 3});
  const Tensor source = ones({2, 2}, kFloat64).requires_grad_();
  zeros({2, 2}, kFloat64).scatter_add(0, tensor({{1}}), source).sum().backward();
  CHECK(values(source.grad()) == Values{1, 0, 0, 0});
}

TEST_CASE("an index changed after its use is an error in backward") {
  const Tensor x = ones({3}).requires_grad_();
  Tensor at = tensor({0, 1});
  const Tensor y = x.index_select(0, at);
  at.fill_(2);
  CHECK_THROWS_WITH(y.sum().backward(), ContainsSubstring("IndexSelect"));
}

TEST_CASE("masked_fill_ and index_put_ refuse leaves that require grad, and work under no_grad") {
  Tensor x = ones({3}).requires_grad_();
  CHECK_THROWS_AS(x.masked_fill_(x > 0, 0), Error);
  CHECK_THROWS_AS(x.index_put_({0}, 5), Error);
  CHECK_THROWS_AS(x.index_put_({tensor({0})}, 5), Error);
  CHECK(values(x) == Values{1, 1, 1});
  const NoGradGuard no_grad;
  x.index_put_({tensor({0})}, 5);
  x.masked_fill_(x == 5, 7);
  CHECK(values(x) == Values{7, 1, 1});
}
