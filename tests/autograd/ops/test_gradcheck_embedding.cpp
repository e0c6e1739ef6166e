#include <taper/autograd/functions.h>

#include "autograd/gradcheck_table.h"

using namespace taper;
using namespace gradcheck_table;

namespace {

std::vector<Row> make_rows() {
  const Tensor weight = leaf({5, 3}), words = tensor({0, 3, 3, 1, 4, 3}).view({2, 3});
  // squares: the lookup itself is linear, and its second derivative nothing
  const auto row = [=](const char* name, int64_t padding_idx, bool by_freq) {
    return Row{name,
               "EmbeddingBackward0",
               [=](const List& in) {
                 const Tensor y = embedding(in[0], words, padding_idx, by_freq);
                 return List{y, y.square()};
               },
               {weight}};
  };
  return {row("embedding", -1, false)};
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of embedding, first and second") { table.check(); }

// These change the gradient on purpose: it is no derivative.
TEST_CASE("embedding: padding_idx gets no gradient, scale_grad_by_freq the mean; also where a graph is asked for") {
  manual_seed(1);
  const Tensor weight = leaf({5, 3}), words = tensor({0, 3, 3, 1}), dy = leaf({4, 3});
  const auto gradient = [&](int64_t padding_idx, bool by_freq) {
    return autograd::grad({embedding(weight, words, padding_idx, by_freq)}, {weight}, {dy}, true, true)[0];
  };
  const Tensor plain = gradient(-1, false);
  CHECK(plain[3].equal(dy[1] + dy[2]));
  CHECK(gradient(3, false).equal(plain * tensor({1., 1., 1., 0., 1.}).unsqueeze(1)));
  CHECK(gradient(-1, true).allclose(plain * tensor({1., 1., 1., 0.5, 1.}).unsqueeze(1)));
  const auto f = [&](const List& in) {
    const AutoGradMode on(true);
    return autograd::grad({embedding(weight, words, 0, true)}, {weight}, {in[0]}, true, true);
  };
  CHECK_NOTHROW(autograd::gradcheck(f, {dy}));
}
