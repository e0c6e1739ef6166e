#include "autograd/gradcheck_table.h"
#include "ops/index.h"
#include "ops/views.h"
#include "support/tensors.h"

#include <taper/core/indexing.h>

using namespace taper;
using namespace taper::indexing;
using namespace support;
using namespace gradcheck_table;

namespace {

// What libtorch has not, and what gives several results.
std::vector<Row> make_rows() {
  const Tensor x = leaf({3, 4}), t = randn({4, 3}, kFloat64).t().requires_grad_();
  const auto added = [](std::vector<TensorIndex> at) {
    return [=](const List& in) {
      const Tensor z = in[0] * 1;
      z.index_put_(ArrayRef<TensorIndex>(at), in[1], true);
      return List{z};
    };
  };
  return {
      {"[Tensor]", "IndexBackward0", OF(in[0][tensor({2, 0, 2})]), {t}},
      {"index_put_ added to a slice", nullptr, added({Slice(0, 2)}), {x, leaf({2, 4})}},
      {"index_put_ added after a number", nullptr, added({1, tensor({3, 1})}), {x, leaf({2})}},
      {"chunk", nullptr, [](const List& in) { return in[0].chunk(2); }, {x}},
      {"split",
       nullptr,
       [](const List& in) {
         return in[0].split(IntArrayRef({1, 3}), 1);
       },
       {t}},
      {"unbind", nullptr, [](const List& in) { return in[0].unbind(1); }, {x}},
      {"broadcast_tensors", nullptr, [](const List& in) { return broadcast_tensors(in); }, {leaf({2, 1}), leaf({3})}},
  };
}
const gradcheck_table::Table views([] { return rows_of(ops::views<ops::Ours>()); });
const gradcheck_table::Table indices([] { return rows_of(ops::index<ops::Ours>()); });
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of views, indexing and joining, first and second") {
  views.check();
  indices.check();
  table.check();
}

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
