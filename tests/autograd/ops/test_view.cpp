// Views: geometry, shared memory, derivatives over any strides.
#include "autograd/gradcheck_table.h"

using namespace taper;

namespace {
Tensor counted(std::initializer_list<int64_t> sizes) {
  int64_t n = 1;
  for (int64_t s : sizes) n *= s;
  return arange(n, kFloat64).view(sizes);
}
}  // namespace

TEST_CASE("view keeps the order of elements and shares the memory") {
  Tensor x = counted({2, 6});
  const Tensor y = x.view({3, -1});
  CHECK(y.sizes() == IntArrayRef({3, 4}));
  CHECK(y.is_alias_of(x));
  x.fill_(7);
  CHECK(y[2][3].item<double>() == 7);
  CHECK(x.view({-1}).sizes() == IntArrayRef({12}));
  CHECK(x.view({1, 2, 1, 6, 1}).strides() == IntArrayRef({12, 6, 6, 1, 1}));
}

TEST_CASE("view of strided memory where a cut exists, an error where none does") {
  const Tensor x = counted({4, 6});
  CHECK(x.slice(1, 0, 3).view({2, 2, 3}).strides() == IntArrayRef({12, 6, 1}));
  CHECK(x.t().view({6, 2, 2}).strides() == IntArrayRef({1, 12, 6}));
  CHECK(x.select(1, 2).view({2, 2}).equal(x.select(1, 2).clone().view({2, 2})));
  CHECK_THROWS_WITH(x.t().view({24}),
                    ContainsSubstring("sizes [6, 4] and strides [1, 6]") && ContainsSubstring("reshape()"));
  CHECK(x.t().reshape({24}).equal(x.t().contiguous().view({24})));
  CHECK_FALSE(x.t().reshape({24}).is_alias_of(x));
  CHECK(x.reshape({2, 12}).is_alias_of(x));
  CHECK(ones({3, 1}).expand({3, 4}).view({3, 2, 2}).strides() == IntArrayRef({1, 0, 0}));
}

TEST_CASE("sizes that do not hold the elements") {
  const Tensor x = counted({2, 3});
  CHECK_THROWS_AS(x.view({4}), ValueError);
  CHECK_THROWS_AS(x.view({-1, -1}), ValueError);
  CHECK_THROWS_AS(x.view({-1, 4}), ValueError);
  CHECK_THROWS_AS(x.view({-2, 3}), ValueError);
  CHECK_THROWS_AS(x.reshape({int64_t{1} << 62, 8}), ValueError);
  CHECK_THROWS_WITH(zeros({0, 3}).view({-1, 0}), ContainsSubstring("ambiguous"));
}

TEST_CASE("views of empty and zero-dim tensors") {
  CHECK(zeros({0, 3}).view({3, 0}).sizes() == IntArrayRef({3, 0}));
  CHECK(zeros({0, 3}).view({-1, 3}).sizes() == IntArrayRef({0, 3}));
  CHECK(zeros({2, 0}).t().reshape({0}).numel() == 0);
  CHECK(zeros({}).view({1, 1}).sizes() == IntArrayRef({1, 1}));
  CHECK(zeros({1}).view(IntArrayRef{}).dim() == 0);
  CHECK(zeros({}).flatten().sizes() == IntArrayRef({1}));
  CHECK(zeros({}).t().dim() == 0);
  CHECK(zeros({}).transpose(0, -1).dim() == 0);
  CHECK(zeros({0, 4}).slice(0, 0, 5).sizes() == IntArrayRef({0, 4}));
  CHECK_THROWS_AS(zeros({})[0], IndexError);
  CHECK_THROWS_AS(zeros({0})[0], IndexError);
}

TEST_CASE("dimensions by name") {
  const Tensor x = counted({2, 3, 4});
  CHECK(x.transpose(0, -1).sizes() == IntArrayRef({4, 3, 2}));
  CHECK(x.permute({2, 0, 1}).strides() == IntArrayRef({1, 12, 4}));
  CHECK(x.permute({-1, 0, 1}).equal(x.permute({2, 0, 1})));
  CHECK_THROWS_AS(x.permute({0, 0, 1}), ValueError);
  CHECK_THROWS_AS(x.permute({0, 1}), ValueError);
  CHECK_THROWS_AS(x.transpose(0, 3), IndexError);
  CHECK_THROWS_AS(x.t(), Error);
  CHECK(x.flatten(1).sizes() == IntArrayRef({2, 12}));
  CHECK(x.flatten(0, 1).sizes() == IntArrayRef({6, 4}));
  CHECK(x.flatten(1, 1).sizes() == IntArrayRef({2, 3, 4}));
  CHECK_THROWS_AS(x.flatten(2, 1), ValueError);
}

TEST_CASE("squeeze and unsqueeze") {
  const Tensor x = zeros({1, 3, 1});
  CHECK(x.squeeze().sizes() == IntArrayRef({3}));
  CHECK(x.squeeze(0).sizes() == IntArrayRef({3, 1}));
  CHECK(x.squeeze(1).sizes() == IntArrayRef({1, 3, 1}));
  CHECK(x.squeeze(-1).unsqueeze(-1).unsqueeze(0).sizes() == IntArrayRef({1, 1, 3, 1}));
  CHECK_THROWS_AS(x.unsqueeze(4), IndexError);
  Tensor y = zeros({2, 3});
  CHECK(y.unsqueeze_(1).sizes() == IntArrayRef({2, 1, 3}));
  CHECK(y.squeeze_(1).sizes() == IntArrayRef({2, 3}));
}

TEST_CASE("expand stretches sizes of 1 and adds dimensions in front") {
  const Tensor x = counted({3, 1});
  CHECK(x.expand({3, 4}).strides() == IntArrayRef({1, 0}));
  CHECK(x.expand({2, -1, 4}).sizes() == IntArrayRef({2, 3, 4}));
  CHECK(x.expand({3, 0}).numel() == 0);
  CHECK(x.expand_as(zeros({3, 2})).equal(cat({x, x}, 1)));
  CHECK_THROWS_AS(x.expand({2, 4}), ValueError);
  CHECK_THROWS_AS(x.expand({3}), ValueError);
  CHECK_THROWS_AS(x.expand({-1, 3, 1}), ValueError);
}

TEST_CASE("parts: Python's rules for bounds") {
  const Tensor x = counted({10});
  const auto cut = [&](optional<int64_t> a, optional<int64_t> b, int64_t step) { return x.slice(0, a, b, step); };
  CHECK(cut(2, 5, 1).equal(arange(2, 5, kFloat64)));
  CHECK(cut(-3, nullopt, 1).equal(arange(7, 10, kFloat64)));
  CHECK(cut(nullopt, -8, 1).equal(arange(0, 2, kFloat64)));
  CHECK(cut(1, 100, 4).equal(arange(1, 10, 4, kFloat64)));
  CHECK(cut(5, 2, 1).numel() == 0);
  CHECK(cut(-100, 3, 1).numel() == 3);
  CHECK(cut(0, 10, INT64_MAX).numel() == 1);
  CHECK(cut(INT64_MIN, INT64_MAX, 1).numel() == 10);
  CHECK_THROWS_AS(cut(0, 1, 0), ValueError);
  CHECK_THROWS_AS(x.slice(1), IndexError);
  CHECK(x.narrow(0, 3, 4).equal(arange(3, 7, kFloat64)));
  CHECK(x.narrow(0, -2, 2).equal(arange(8, 10, kFloat64)));
  CHECK(x.narrow(0, 10, 0).numel() == 0);
  CHECK_THROWS_AS(x.narrow(0, 8, 3), IndexError);
  CHECK_THROWS_AS(x.narrow(0, 0, -1), IndexError);
  CHECK_THROWS_AS(x.narrow(0, 1, INT64_MAX), IndexError);
  CHECK(x[-1].item<double>() == 9);
  CHECK_THROWS_WITH(x[10], ContainsSubstring("[-10, 9]") && ContainsSubstring("got 10"));
  CHECK(counted({3, 4}).select(1, -1).equal(tensor({3., 7., 11.}, kFloat64)));
}

TEST_CASE("diagonals") {
  const Tensor x = counted({3, 4});
  CHECK(x.diagonal().equal(tensor({0., 5., 10.}, kFloat64)));
  CHECK(x.diagonal(1).equal(tensor({1., 6., 11.}, kFloat64)));
  CHECK(x.diagonal(-2).equal(tensor({8.}, kFloat64)));
  CHECK(x.diagonal(9).numel() == 0);
  CHECK(x.diagonal(INT64_MIN).numel() == 0);
  CHECK(counted({2, 3, 3}).diagonal(0, 1, 2).sizes() == IntArrayRef({2, 3}));
  CHECK_THROWS_AS(x.diagonal(0, 1, 1), ValueError);
}

TEST_CASE("as_strided stays within its storage") {
  const Tensor x = counted({3, 4});
  CHECK(x.as_strided({2, 2}, {1, 4}).equal(tensor({{0., 4.}, {1., 5.}}, kFloat64)));
  CHECK(x.as_strided({2}, {1}, 10).equal(tensor({10., 11.}, kFloat64)));
  CHECK_THROWS_AS(x.as_strided({2}, {1}, 200), ValueError);
  CHECK_THROWS_AS(x.as_strided({2}, {-1}), ValueError);
  CHECK_THROWS_AS(x.as_strided({2}, {INT64_MAX}), ValueError);
  CHECK_THROWS_AS(x.as_strided({2}, {1, 1}), ValueError);
  CHECK_THROWS_AS(x.as_strided({1}, {1}, -1), ValueError);
}

namespace {

// dx of a view (or of what `f` does) as a function of x and dy, so that its own derivatives can be taken.
Tensor derivative(const std::function<Tensor(const Tensor&)>& f, const Tensor& x, const Tensor& dy) {
  const AutoGradMode recording(true);
  const Tensor input = x.requires_grad() ? x : x.detach().requires_grad_();
  return autograd::grad({f(input)}, {input}, {dy}, true, true)[0];
}

std::vector<gradcheck_table::Row> make_rows() {
  const std::vector<std::pair<const char*, std::function<Tensor(const Tensor&)>>> views = {
      {"view", OF_X(x.contiguous().view({4, -1}))},
      {"reshape", OF_X(x.reshape({3, 8}))},
      {"flatten", OF_X(x.flatten(1))},
      {"transpose", OF_X(x.transpose(0, 2))},
      {"permute", OF_X(x.permute({1, 2, 0}))},
      {"t", OF_X(x[0].t())},
      {"squeeze", OF_X(x.slice(1, 1, 2).squeeze())},
      {"squeeze dim", OF_X(x.slice(1, 1, 2).squeeze(1))},
      {"unsqueeze", OF_X(x.unsqueeze(1))},
      {"expand", OF_X(x.slice(1, 0, 1).expand({2, 2, 3, 4}))},
      {"select", OF_X(x.select(1, -1))},
      {"select of expanded", OF_X(x.slice(1, 0, 1).expand({2, 3, 4}).select(1, 2))},
      {"slice", OF_X(x.slice(2, 1, 4, 2))},
      {"slice of expanded", OF_X(x.slice(0, 0, 1).expand({2, 3, 4}).slice(0, 1))},
      {"narrow", OF_X(x.narrow(0, 1, 1))},
      {"diagonal", OF_X(x.diagonal(-1, 1, 2))},
      {"diagonal outside", OF_X(x.diagonal(9, 1, 2).sum() + x.sum())},
      {"as_strided", OF_X(x.contiguous().as_strided({2, 3}, {3, 2}, 1))},
      {"as_strided with repeated elements", OF_X(x.contiguous().as_strided({3, 2, 2}, {1, 1, 0}))},
      {"chunk", OF_X(x.chunk(2, 2)[1])},
      {"split", OF_X(x.split(2, 1)[1])},
      {"unbind", OF_X(x.unbind(1)[2])},
  };
  const std::vector<std::pair<const char*, Tensor>> layouts = {
      {"row-major", randn({2, 3, 4}, kFloat64)},
      {"permuted", randn({4, 2, 3}, kFloat64).permute({1, 2, 0})},
      {"with gaps", randn({2, 6, 8}, kFloat64).slice(1, 1, 6, 2).slice(2, 0, 8, 2)},
  };
  using List = gradcheck_table::List;
  std::vector<gradcheck_table::Row> rows;
  for (const auto& [layout, x] : layouts) {
    for (const auto& [name, f] : views) {
      // Squared, so that second derivatives are not all 0.
      const auto square = [f = f](const List& in) {
        const Tensor y = f(in[0]);
        return List{y * y};
      };
      rows.push_back({std::string(name) + ", " + layout, "MulBackward0", square, {x.detach().requires_grad_()}});
    }
  }
  // What the derivatives of parts and of changed parts are made of.
  const auto part = [](const Tensor& x) { return x.slice(1, 1, 3); };
  const auto changed = [part](const Tensor& x) {
    const Tensor y = x * 1;
    part(y).exp_();
    return y;
  };
  const Tensor x = gradcheck_table::leaf({2, 3}), dy = gradcheck_table::leaf({2, 2}),
               dx = gradcheck_table::leaf({2, 3});
  rows.push_back({"derivative of a part",
                  "ScatterPlaceBackward0",
                  [=](const List& in) { return List{derivative(part, in[0], in[1])}; },
                  {x, dy}});
  rows.push_back({"derivative of that",
                  "GatherPlaceBackward0",
                  [=](const List& in) {
                    const auto scatter = [&](const Tensor& d) { return derivative(part, in[0], d); };
                    return List{derivative(scatter, in[1], in[2])};
                  },
                  {x, dy, dx}});
  rows.push_back({"derivative of a changed part",
                  nullptr,
                  [=](const List& in) { return List{derivative(changed, in[0], in[1])}; },
                  {x, dx}});
  return rows;
}
const gradcheck_table::Table table(make_rows);

}  // namespace

TEST_CASE("derivatives of views, over any strides of their input") { table.check(); }

TEST_CASE("squeeze_ of a saved tensor is found by backward") {
  const Tensor w = ones({3, 1}).requires_grad_();
  const Tensor x = counted({3, 1}).to(kFloat32).clone();
  const Tensor y = (x * w).sum();
  x.squeeze_(1);  // the derivative would broadcast [3] with [3, 1]
  CHECK(x._version() == 1);
  CHECK_THROWS_WITH(y.backward(), ContainsSubstring("changed in place since"));
}

TEST_CASE("expand of nothing, and parts that only seem to add up, are errors") {
  CHECK_THROWS_AS(Tensor().expand({1}), Error);
  const Tensor x = counted({2, 3});
  CHECK_THROWS_AS(x.split_with_sizes({INT64_MAX, INT64_MAX, 4}), ValueError);
  CHECK(x.chunk(INT64_MAX).size() == 2);
  CHECK(zeros({INT64_MAX, 0}).chunk(2)[1].size(0) == INT64_MAX / 2);
}
