// The backward pass: accumulation, roots, cotangents, what is freed, what is computed, errors that change nothing.
#include <taper/autograd/autograd.h>
#include <taper/autograd/node.h>
#include <taper/core/factories.h>

#include <limits>
#include <thread>

#include "catch.h"

using namespace taper;

namespace {
Tensor leaf(double value) { return full({}, value, kFloat64).requires_grad_(); }
double value(const Tensor& t) { return t.item<double>(); }
}  // namespace

TEST_CASE("gradients of a diamond add up") {
  const Tensor x = leaf(3);
  const Tensor a = x * x, b = a * 2, c = a * a;
  (b + c).backward();  // d/dx (2 x^2 + x^4)
  CHECK(value(x.grad()) == 4 * 3 + 4 * 27);
}

TEST_CASE("a tensor used twice in one operation gets both parts") {
  const Tensor x = leaf(3);
  (x * x).backward();
  CHECK(value(x.grad()) == 6);
}

TEST_CASE("backward adds to .grad, in place when nothing is recorded") {
  const Tensor x = leaf(2);
  (x * 3).backward();
  const Tensor first = x.grad();
  (x * 4).backward();
  CHECK(value(x.grad()) == 7);
  CHECK(first.is_same(x.grad()));
}

TEST_CASE("two leaves never share the memory of their gradients") {
  const Tensor x = leaf(1), y = leaf(2);
  (x + y).backward();
  CHECK_FALSE(x.grad().is_alias_of(y.grad()));
  const Tensor v = ones({3, 4}, kFloat64).requires_grad_();
  v.sum().backward();
  CHECK(v.grad().is_contiguous());
  CHECK(v.grad().equal(ones({3, 4}, kFloat64)));
}

TEST_CASE("the cotangent given is not changed and not kept") {
  const Tensor x = ones({3}, kFloat64).requires_grad_();
  const Tensor dy = full({3}, 2, kFloat64);
  (x + 0).backward(dy, true);
  (x + 0).backward(dy);
  CHECK(dy.equal(full({3}, 2, kFloat64)));
  CHECK_FALSE(x.grad().is_alias_of(dy));
  CHECK(x.grad().equal(full({3}, 4, kFloat64)));
}

TEST_CASE("a leaf is its own root") {
  const Tensor x = leaf(5);
  x.backward();
  CHECK(value(x.grad()) == 1);
}

TEST_CASE("several roots at once") {
  const Tensor x = leaf(2), y = leaf(3);
  const Tensor a = x * y, b = x * x;
  autograd::backward({a, b}, {full({}, 10, kFloat64), full({}, 100, kFloat64)});
  CHECK(value(x.grad()) == 10 * 3 + 100 * 4);
  CHECK(value(y.grad()) == 10 * 2);
}

TEST_CASE("a root that another root comes from") {
  const Tensor x = leaf(2);
  const Tensor a = x * x, b = a * a;
  autograd::backward({b, a});
  CHECK(value(x.grad()) == 4 * 8 + 4);
}

TEST_CASE("gradients are brought to sizes and dtype of what they belong to") {
  const Tensor x = ones({3, 1}, kFloat32).requires_grad_(), y = ones({4}, kFloat64).requires_grad_();
  (x * y).sum().backward();
  CHECK(x.grad().dtype() == kFloat32);
  CHECK(x.grad().sizes() == IntArrayRef({3, 1}));
  CHECK(x.grad().equal(full({3, 1}, 4)));
  CHECK(y.grad().equal(full({4}, 3, kFloat64)));
}

TEST_CASE("backward through a freed graph names the operation; retain_graph keeps it") {
  const Tensor x = leaf(2);
  const Tensor y = x.exp();
  y.backward({}, true);
  y.backward();
  CHECK(value(x.grad()) == Approx(2 * std::exp(2.0)));
  CHECK_THROWS_WITH(y.backward(),
                    "backward: ExpBackward0 has no saved values any more: an earlier backward through this "
                    "graph freed them; call that one with retain_graph = true, or compute the forward pass "
                    "again");
}

TEST_CASE("an error in the middle leaves every .grad as it was") {
  const Tensor x = leaf(2), y = leaf(3);
  x.mutable_grad() = full({}, 7, kFloat64);
  Tensor bad = y * 1;
  bad.register_hook([](const Tensor&) -> Tensor { throw ValueError("no"); });
  const Tensor z = x * 2 + bad.exp();
  CHECK_THROWS_AS(z.backward(), ValueError);
  CHECK(value(x.grad()) == 7);
  CHECK_FALSE(y.grad().defined());
}

TEST_CASE("what backward refuses") {
  const Tensor x = ones({2}, kFloat64).requires_grad_();
  CHECK_THROWS_WITH((x * 2).backward(), ContainsSubstring("sizes [2] needs a gradient of the same sizes"));
  CHECK_THROWS_WITH((x * 2).backward(ones({3}, kFloat64)), ContainsSubstring("[2]; got [3]"));
  CHECK_THROWS_AS((x * 2).backward(ones({2}, kInt64)), TypeError);
  CHECK_THROWS_WITH(ones({2}).backward(), ContainsSubstring("must require grad"));
  CHECK_THROWS_AS(Tensor().backward(), Error);
  CHECK_THROWS_WITH(autograd::backward({x.sum()}, {Tensor(), Tensor()}), ContainsSubstring("got 2 for 1 tensors"));
  x.mutable_grad() = ones({5}, kFloat64);
  CHECK_THROWS_WITH(x.sum().backward(), ContainsSubstring("replaced by Double of sizes [5]"));
}

TEST_CASE("inputs: only these get gradients") {
  const Tensor x = leaf(2), y = leaf(3);
  const Tensor a = x * y;
  (a * a).backward({}, nullopt, false, TensorList({y, a}));
  CHECK_FALSE(x.grad().defined());
  CHECK(value(y.grad()) == 2 * 6 * 2);
  CHECK(value(a.grad()) == 12);
}

TEST_CASE("grad gives the sums as values and touches no .grad") {
  const Tensor x = leaf(2), y = leaf(3);
  const Tensor a = x * y, z = a * a;
  const auto g = autograd::grad({z}, {x, a, y, x});
  CHECK(value(g[0]) == 36);
  CHECK(value(g[1]) == 12);
  CHECK(value(g[2]) == 24);
  CHECK(value(g[3]) == 36);
  CHECK_FALSE(x.grad().defined());
  CHECK_FALSE(a.grad().defined());
}

TEST_CASE("grad of a root with respect to itself") {
  const Tensor x = leaf(2);
  const Tensor y = x * 3;
  CHECK(value(autograd::grad({y}, {y})[0]) == 1);
  CHECK(value(autograd::grad({x}, {x})[0]) == 1);
}

TEST_CASE("grad of an input that nothing depends on") {
  const Tensor x = leaf(2), y = leaf(3);
  const Tensor z = x * 2;
  CHECK_THROWS_WITH(autograd::grad({z}, {x, y}, {}, true),
                    ContainsSubstring("must depend on input 1 (Double of sizes [])"));
  const auto g = autograd::grad({z}, {x, y}, {}, nullopt, false, /*allow_unused=*/true);
  CHECK(value(g[0]) == 2);
  CHECK_FALSE(g[1].defined());
  CHECK_THROWS_WITH(autograd::grad({leaf(1) * 1}, {ones({2})}), ContainsSubstring("input 0 must require grad"));
}

TEST_CASE("a pass towards given inputs runs nothing beside the way") {
  const Tensor x = leaf(2), y = leaf(3);
  Tensor aside = y * 1;
  int calls = 0;
  aside.register_hook([&](const Tensor&) { ++calls; });
  const Tensor z = x * x + aside.exp();
  CHECK(value(autograd::grad({z}, {x})[0]) == 4);
  CHECK(calls == 0);
}

TEST_CASE("a derivative is told which inputs are not wanted in this pass") {
  struct Watch : autograd::Function<Watch> {
    static Tensor forward(autograd::AutogradContext*, const Tensor& a, const Tensor& b) { return a + b; }
    static autograd::tensor_list backward(autograd::AutogradContext* ctx, autograd::tensor_list dy) {
      return {ctx->needs_input_grad(0) ? dy[0] : Tensor(), ctx->needs_input_grad(1) ? dy[0] * 1000 : Tensor()};
    }
  };
  const Tensor x = leaf(2), y = leaf(3);
  const Tensor z = Watch::apply(x, y);
  std::string seen;
  CHECK(value(autograd::grad({z}, {x}, {}, true)[0]) == 1);
  CHECK(value(autograd::grad({z}, {y}, {}, true)[0]) == 1000);
  CHECK(value(autograd::grad({z}, {x, y})[1]) == 1000);
}

TEST_CASE("derivatives of every order") {
  const Tensor x = leaf(2);
  Tensor y = x.pow(5);
  double expected = 32, power = 5;
  for (int order = 1; order <= 5; ++order) {
    y = autograd::grad({y}, {x}, {}, nullopt, /*create_graph=*/true)[0];
    expected = expected * power-- / 2;
    CHECK(value(y) == Approx(expected));
  }
}

TEST_CASE("create_graph with backward: .grad has a history of its own") {
  const Tensor x = leaf(3);
  (x * x * x).backward({}, nullopt, /*create_graph=*/true);
  const Tensor g = x.grad();
  CHECK(g.requires_grad());
  x.mutable_grad() = Tensor();
  g.backward();
  CHECK(value(x.grad()) == 18);
}

TEST_CASE("hooks see and replace gradients; leaves' hooks see the sum") {
  const Tensor x = leaf(2);
  Tensor a = x * 3;
  std::vector<double> seen;
  a.register_hook([&](const Tensor& g) { seen.push_back(value(g)); });
  a.register_hook([](const Tensor& g) { return g * 10; });
  const unsigned gone = a.register_hook([](const Tensor& g) { return g * 1e9; });
  a.remove_hook(gone);
  x.register_hook([&](const Tensor& g) { seen.push_back(value(g)); });
  (a * 5 + x).backward();
  CHECK(seen == std::vector<double>{5, 151});
  CHECK(value(x.grad()) == 151);
  CHECK_THROWS_AS(a.remove_hook(gone), IndexError);
  CHECK_THROWS_AS(ones({1}).register_hook([](const Tensor&) {}), Error);
  a = x * 3;
  a.register_hook([](const Tensor&) { return ones({7}, kFloat64); });
  CHECK_THROWS_WITH(a.backward(), ContainsSubstring("a hook must return a gradient like the one it was given"));
}

TEST_CASE("retain_grad keeps the gradient of a result, after its hooks") {
  const Tensor x = leaf(2);
  const Tensor a = x * 3;
  a.retain_grad();
  a.retain_grad();
  CHECK(a.retains_grad());
  CHECK_FALSE(a.grad().defined());
  a.register_hook([](const Tensor& g) { return g * 2; });
  (a * a).backward({}, true);
  CHECK(value(a.grad()) == 24);
  (a * 1).backward();
  CHECK(value(a.grad()) == 26);
}

TEST_CASE("a backward inside a hook") {
  const Tensor x = leaf(2), w = leaf(5);
  Tensor a = x * 3;
  a.register_hook([&](const Tensor&) {
    AutoGradMode grad(true);
    (w * w).backward();
  });
  (a * a).backward();
  CHECK(value(w.grad()) == 10);
  CHECK(value(x.grad()) == 36);
}

TEST_CASE("passes of several threads that share a leaf lose nothing") {
  const Tensor x = leaf(1);
  const auto train = [&] {
    for (int i = 0; i < 200; ++i) (x * 2).backward();
  };
  std::thread other(train);
  train();
  other.join();
  CHECK(value(x.grad()) == 800);
}

TEST_CASE("nothing is recorded without grad mode or without inputs that require it") {
  const Tensor x = leaf(2);
  {
    NoGradGuard no_grad;
    CHECK_FALSE((x * 2).requires_grad());
    {
      AutoGradMode grad(true);
      CHECK((x * 2).requires_grad());
    }
    CHECK_FALSE(GradMode::is_enabled());
  }
  CHECK(GradMode::is_enabled());
  CHECK_FALSE((x.detach() * 2).requires_grad());
  CHECK_FALSE((x > 1).requires_grad());
  CHECK_FALSE(x.argmax().requires_grad());
  CHECK(x.is_leaf());
  CHECK_FALSE((x * 2).is_leaf());
  CHECK_THROWS_AS(ones({2}, kInt64).requires_grad_(), TypeError);
  CHECK_THROWS_AS((x * 2).set_requires_grad(false), Error);
}

TEST_CASE("a chain of a million nodes: backward and destruction need no stack") {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int i = 0; i < 1000000; ++i) y = y + 1;
  autograd::grad({y}, {x}, {}, true);
  y.backward();
  CHECK(value(x.grad()) == 1);
  y = Tensor();
}

TEST_CASE("a million nodes that wait at the same time") {
  const Tensor x = leaf(1);
  std::vector<Tensor> parts(100000);
  for (Tensor& part : parts) part = x * 2;
  stack(parts).sum().backward();
  CHECK(value(x.grad()) == 200000);
}

TEST_CASE("a chain of custom functions whose saved tensors hold the chain is destroyed flat") {
  struct Keep : autograd::Function<Keep> {
    static Tensor forward(autograd::AutogradContext* ctx, const Tensor& x) {
      ctx->save_for_backward({x});
      return x + 1;
    }
    static autograd::tensor_list backward(autograd::AutogradContext*, autograd::tensor_list dy) { return dy; }
  };
  Tensor y = leaf(1);
  for (int i = 0; i < 100000; ++i) y = Keep::apply(y);
  y = Tensor();
}

TEST_CASE("anomaly mode names the operation of the first NaN, forward and backward") {
  autograd::DetectAnomalyGuard guard;
  const Tensor x = leaf(-1);
  CHECK_THROWS_WITH(x.sqrt(), ContainsSubstring("behind SqrtBackward0 must not be NaN"));
  const Tensor zero = leaf(0);
  const Tensor y = (zero * 0).sqrt() * zero;  // 0 * inf on the way back
  CHECK_THROWS_WITH(y.backward(),
                    ContainsSubstring("the gradient from SqrtBackward0 to its input 0 must not be NaN") ||
                        ContainsSubstring("the gradient from MulBackward1 to its input 0 must not be NaN"));
  CHECK_FALSE(zero.grad().defined());
}

TEST_CASE("anomaly mode ends with its scope") {
  { autograd::DetectAnomalyGuard guard; }
  CHECK_FALSE(autograd::AnomalyMode::is_enabled());
  CHECK(std::isnan(value(leaf(-1).sqrt())));
}

TEST_CASE("the graph in print") {
  const Tensor w = ones({3, 4}).requires_grad_(), x = ones({4, 2});
  const Tensor loss = w.matmul(x).relu().sum();
  CHECK(autograd::graph_text(loss) ==
        "1  SumBackward0 []  <- 2\n"
        "2  ReluBackward0 [3, 2]  <- 3\n"
        "3  MmBackward0 [3, 2]  <- leaf Float [3, 4], -\n");
  CHECK(autograd::graph_text(w) == "leaf Float [3, 4], requires grad\n");
  CHECK(autograd::graph_dot(loss) ==
        "digraph tape {\n  rankdir=BT;\n  node [shape=box];\n"
        "  n1 [label=\"SumBackward0\\n[]\"];\n  n2 [label=\"ReluBackward0\\n[3, 2]\"];\n"
        "  n3 [label=\"MmBackward0\\n[3, 2]\"];\n  leaf1 [shape=ellipse,label=\"leaf Float [3, 4]\"];\n"
        "  n2 -> n1;\n  n3 -> n2;\n  leaf1 -> n3;\n}\n");
}

TEST_CASE("a .grad that cannot be added to is an error before any other is written") {
  const Tensor a = leaf(1), b = leaf(2);
  b.mutable_grad() = zeros({}, kInt64);
  CHECK_THROWS_WITH((a * b).backward(), ContainsSubstring("replaced by Long"));
  CHECK_FALSE(a.grad().defined());

  const Tensor c = ones({3}).requires_grad_(), d = ones({3}).requires_grad_();
  d.mutable_grad() = zeros({}).expand({3});
  CHECK_THROWS_WITH((c * d).sum().backward(), ContainsSubstring("must be apart in memory"));
  CHECK_FALSE(c.grad().defined());
}

TEST_CASE("a tensor that requires grad keeps a floating-point dtype") {
  const Tensor x = leaf(1);
  CHECK_THROWS_AS(x.set_data(zeros({}, kInt64)), TypeError);
  CHECK(x.dtype() == kFloat64);
}

TEST_CASE("an empty list of inputs is an error, none at all means all leaves") {
  const Tensor x = leaf(3);
  CHECK_THROWS_WITH((x * x).backward({}, nullopt, false, autograd::tensor_list{}),
                    ContainsSubstring("the list of inputs must not be empty"));
  CHECK_FALSE(x.grad().defined());
  autograd::backward({x * x}, {}, nullopt, false, {});
  CHECK(value(x.grad()) == 6);
}

TEST_CASE("a leaf that does not require grad any more gets none") {
  const Tensor x = leaf(3), w = leaf(2);
  const Tensor y = x * w;
  x.requires_grad_(false);
  y.backward();
  CHECK_FALSE(x.grad().defined());
  CHECK(value(w.grad()) == 3);
}
