// Views whose base is changed in place, and the other way round: which history they have then, and what was hung on it.
#include <taper/autograd/autograd.h>
#include <taper/autograd/node.h>
#include <taper/core/factories.h>
#include <taper/taper.h>

#include "catch.h"
#include "support/tensors.h"

using namespace taper;
using namespace support;
using autograd::tensor_list;

namespace {

// Every way to make a view, of a [2, 4] tensor.
struct View {
  const char* name;
  Tensor (*make)(const Tensor&);
};
const View kViews[] = {
    {"view", OF_X(x.view({4, 2}))},
    {"reshape", OF_X(x.reshape({8}))},
    {"flatten", OF_X(x.flatten())},
    {"unflatten", OF_X(x.unflatten(1, {2, 2}))},
    {"transpose", OF_X(x.transpose(0, 1))},
    {"permute", OF_X(x.permute({1, 0}))},
    {"t", OF_X(x.t())},
    {"mT", OF_X(x.mT())},
    {"movedim", OF_X(x.movedim(0, 1))},
    {"unsqueeze", OF_X(x.unsqueeze(1))},
    {"squeeze", OF_X(x.squeeze())},
    {"expand", OF_X(x.unsqueeze(0).expand({3, 2, 4}))},
    {"select", OF_X(x.select(0, 1))},
    {"operator[]", OF_X(x[0])},
    {"slice", OF_X(x.slice(1, 1, 4, 2))},
    {"narrow", OF_X(x.narrow(1, 1, 2))},
    {"diagonal", OF_X(x.diagonal())},
    {"unfold", OF_X(x.unfold(1, 2, 1))},
    {"as_strided", OF_X(x.as_strided({2, 2}, {1, 3}, 1))},
    {"chunk", OF_X(x.chunk(2, 1)[1])},
    {"split", OF_X(x.split(3, 1)[0])},
    {"unbind", OF_X(x.unbind(0)[1])},
    {"index", OF_X(x.index({taper::indexing::Slice(), taper::TensorIndex(2)}))},
    {"view of a view", OF_X(x.t().slice(0, 1, 3).unsqueeze(0))},
};

}  // namespace

// ---- nodes made late ------------------------------------------------------------------------------------------------

TEST_CASE("a view used twice after its base was changed collects both gradients before it passes them on") {
  const Tensor p = leaf_of({1, 2, 3});
  Tensor x = p * 1;
  const Tensor head = x.slice(0, 0, 2);
  x.mul_(2);
  int calls = 0;
  head.register_hook([&](const Tensor& dy) {
    ++calls;
    CHECK(holds(dy, {4, 4}));
  });
  head.retain_grad();
  (head.sum() + (head * 3).sum()).backward();
  CHECK(calls == 1);
  CHECK(holds(head.grad(), {4, 4}));
  CHECK(holds(p.grad(), {8, 8, 0}));
}

TEST_CASE("the history of a view is made when it is asked for; grad() of it is whole") {
  const Tensor q = leaf_of({1, 2, 3});
  Tensor y = q * 1;
  const Tensor head = y.slice(0, 0, 2);
  y.mul_(2);
  const Tensor loss = head.sum() + (head * 3).sum();
  CHECK(holds(autograd::grad({loss}, {head}, {}, true)[0], {4, 4}));
  CHECK(holds(autograd::grad({loss}, {q})[0], {8, 8, 0}));
}

TEST_CASE("two heads behind a flattened activation that is clipped in place") {
  manual_seed(0);
  nn::Conv2d conv(nn::Conv2dOptions(1, 2, 3));
  nn::Linear a(8, 2), b(8, 3);
  for (nn::Module* m :
       {static_cast<nn::Module*>(conv.get()), static_cast<nn::Module*>(a.get()), static_cast<nn::Module*>(b.get())})
    m->to(kFloat64);
  const Tensor x = randn({2, 1, 4, 4}, kFloat64);
  const auto loss = [&](bool in_place) {
    conv->zero_grad();
    Tensor h = conv(x);
    const Tensor flat = in_place ? h.flatten(1) : h.relu().flatten(1);
    if (in_place) h.relu_();
    (a(flat).sum() + b(flat).square().sum()).backward();
    return conv->weight.grad().clone();
  };
  CHECK(loss(true).allclose(loss(false), 1e-12, 1e-12));
}

TEST_CASE("a transposed view taken before the change, with graphs of the gradient") {
  const Tensor p = leaf_of({1, 2, 3, 4});
  for (const bool create_graph : {false, true}) {
    Tensor h = (p * p).view({2, 2}).clone();
    const Tensor t = h.t();
    h.sub_(1);
    const Tensor loss = (t * t).sum() + t.sum();  // sum of (p^2 - 1)^2 + p^2 - 1
    const Tensor g = autograd::grad({loss}, {p}, {}, create_graph, create_graph)[0];
    CHECK(holds(g.detach(), {1 * 2, 7 * 4, 17 * 6, 31 * 8}));  // (2 (p^2 - 1) + 1) 2 p
    if (!create_graph) continue;
    CHECK(holds(autograd::grad({g.sum()}, {p})[0], {12 - 2, 48 - 2, 108 - 2, 192 - 2}));  // 12 p^2 - 2
  }
}

TEST_CASE("every node has a larger number than those of its inputs") {
  const Tensor p = leaf_of({1, 2, 3, 4});
  Tensor x = p * 1;
  std::vector<Tensor> views;
  for (const View& v : kViews) views.push_back(v.make(x.view({1, 4}).expand({2, 4}).clone().view({2, 4})));
  Tensor base = x.view({2, 2});
  const Tensor early = base.t();
  base.mul_(2);
  base.t().add_(early.detach());
  const Tensor loss = early.sum() + (early * 2).sum() + x.sum();
  std::vector<autograd::Node*> open{loss.grad_fn().get()};
  int edges = 0;
  while (!open.empty()) {
    autograd::Node* node = open.back();
    open.pop_back();
    for (size_t i = 0; i < node->num_inputs(); ++i) {
      autograd::Node* next = node->next_edge(i).function.get();
      if (!next) continue;
      ++edges;
      REQUIRE(next->sequence_nr() < node->sequence_nr());
      open.push_back(next);
    }
  }
  CHECK(edges > 10);
}

// ---- views made without recording -----------------------------------------------------------------------------------

TEST_CASE("a view made without recording is a constant for good") {
  for (const View& v : kViews) {
    for (const bool inference : {false, true}) {
      INFO(v.name << (inference ? ", InferenceMode" : ", NoGradGuard"));
      nn::Linear fc(4, 2);
      Tensor c;
      if (inference) {
        const InferenceMode mode;
        c = v.make(fc->weight);
      } else {
        const NoGradGuard no_grad;
        c = v.make(fc->weight);
      }
      const Tensor of_it = c.unsqueeze(0);
      {
        const NoGradGuard no_grad;
        fc->weight.mul_(2);  // as an optimiser does
      }
      CHECK_FALSE(c.requires_grad());
      CHECK_FALSE(of_it.requires_grad());
      CHECK_FALSE((c * 2).requires_grad());
      const Tensor x = leaf_of({1, 2}).to(kFloat32);
      (x.sum() * (c.sum() + of_it.sum())).backward();
      CHECK_FALSE(fc->weight.grad().defined());
      CHECK_THROWS_WITH(c.mul_(2), ContainsSubstring("must not be changed in place"));
    }
  }
}

TEST_CASE("a view of a constant or of a value with history, made without recording, is not changed while recording") {
  const Tensor p = leaf_of({1, 2}), w = leaf_of({5});
  const Tensor x = p * 1, plain = tensor({1.0, 2.0}, kFloat64);
  for (const Tensor& base : {x, plain}) {
    Tensor v, u;
    {
      const NoGradGuard no_grad;
      v = base.slice(0, 0, 1);
    }
    u = v.view({1, 1});
    for (const Tensor& view : {v, u}) {
      CHECK_THROWS_WITH(view.mul_(w), ContainsSubstring("without recording") && ContainsSubstring("mul_"));
      CHECK_THROWS_WITH(view.copy_(w), ContainsSubstring("without recording") && ContainsSubstring("copy_"));
    }
    CHECK(holds(base.detach(), {1, 2}));
    const NoGradGuard no_grad;
    v.mul_(2);  // where nothing is recorded it may
    CHECK(holds(base.detach(), {2, 2}));
  }
  Tensor v;
  {
    const NoGradGuard no_grad;
    v = x.slice(0, 0, 1);
  }
  CHECK_THROWS_WITH(v.mul_(2), ContainsSubstring("without recording"));  // x has a history, so it would be recorded
  CHECK_NOTHROW(plain.slice(0, 0, 1).mul_(2));
}

TEST_CASE("a view of a tensor that only later requires grad stays a constant") {
  const Tensor b = tensor({1.0, 2.0}, kFloat64);
  const Tensor v = b.slice(0, 0, 1);
  b.requires_grad_();
  {
    const NoGradGuard no_grad;
    b.mul_(2);
  }
  CHECK_FALSE(v.requires_grad());
  CHECK(holds(v, {2}));
}

TEST_CASE("a view of a constant follows when the constant gets a history") {
  const Tensor b = tensor({1.0, 2.0}, kFloat64), w = leaf_of({3, 4});
  const Tensor v = b.slice(0, 0, 1);
  b.mul_(w);
  CHECK(v.requires_grad());
  (v * 10).sum().backward();
  CHECK(holds(w.grad(), {10, 0}));
}

// ---- changes of what has views --------------------------------------------------------------------------------------

TEST_CASE("a change without recording leaves the history of views as it is") {
  const Tensor p = leaf_of({1, 2});
  const Tensor v = p.slice(0, 0, 1);
  const auto before = v.grad_fn();
  {
    const NoGradGuard no_grad;
    p.mul_(2);
    v.mul_(2);
  }
  CHECK(v.grad_fn() == before);
  (v * v).sum().backward();
  CHECK(holds(p.grad(), {2 * 4, 0}));
}

TEST_CASE("a view has no history any more when its base was overwritten and then detached") {
  const Tensor p = leaf_of({1, 2});
  Tensor x = p * 1;
  const Tensor v = x.slice(0, 0, 1);
  x.mul_(2);
  x.detach_();
  CHECK_FALSE(v.requires_grad());
  CHECK_THROWS_WITH(v.sum().backward(), ContainsSubstring("must require grad"));
}

TEST_CASE("a base with other memory (set_data) is no base of the views before") {
  const Tensor p = leaf_of({1, 2});
  Tensor x = p * 1;
  const Tensor v = x.slice(0, 0, 1);
  x.set_data(tensor({5.0, 6.0}, kFloat64));
  CHECK_THROWS_WITH(v.mul_(3), ContainsSubstring("a view whose base was given other memory"));
  x.mul_(2);
  CHECK(holds(autograd::grad({x.sum()}, {p}, {}, true)[0], {2, 2}));
  CHECK(holds(autograd::grad({v.sum()}, {p})[0], {1, 0}));
}

// ---- what hangs on a view -------------------------------------------------------------------------------------------

TEST_CASE("hooks stay with the value that they were hung on, retain_grad() stays with the tensor") {
  const Tensor p = leaf_of({1, 2});
  Tensor x = p * 1;
  const Tensor v = x.slice(0, 0, 1);
  std::vector<double> seen;
  const unsigned id = v.register_hook([&](const Tensor& dy) { seen.push_back(dy.item<double>()); });
  v.retain_grad();
  const Tensor early = v * 5;
  x.mul_(2);
  const Tensor late = v * 7;
  CHECK(v.retains_grad());
  SECTION("both run") {
    (early + late).sum().backward();
    CHECK(seen == std::vector<double>{5});
    CHECK(holds(v.grad(), {7}));
    CHECK(holds(p.grad(), {5 + 7 * 2, 0}));
  }
  SECTION("a hook of an earlier value can still be removed") {
    v.remove_hook(id);
    (early + late).sum().backward();
    CHECK(seen.empty());
    CHECK_THROWS_AS(v.remove_hook(id), IndexError);
  }
  SECTION("a hook hung on the new value sees the new gradient") {
    v.register_hook([&](const Tensor& dy) { return dy * 10; });
    (early + late).sum().backward();
    CHECK(holds(v.grad(), {70}));
    CHECK(holds(p.grad(), {5 + 70 * 2, 0}));
  }
}

TEST_CASE("the same when the view itself is changed, and when its own geometry changes") {
  const Tensor p = leaf_of({1, 2, 3, 4});
  Tensor x = p * 1;
  Tensor v = x.view({2, 2});
  int calls = 0;
  const unsigned id = v.register_hook([&](const Tensor&) { ++calls; });
  v.retain_grad();
  const Tensor early = v.sum();
  v.mul_(2);
  v.t_();
  const Tensor m = tensor({{1.0, 2.0}, {3.0, 4.0}}, kFloat64);
  const Tensor loss = (v * m).sum() + early;
  SECTION("kept") {
    loss.backward();
    CHECK(calls == 1);
    CHECK(v.grad().equal(m));
    CHECK(holds(p.grad(), {1 + 2 * 1, 1 + 2 * 3, 1 + 2 * 2, 1 + 2 * 4}));
  }
  SECTION("removed") {
    v.remove_hook(id);
    loss.backward();
    CHECK(calls == 0);
  }
}

TEST_CASE("retain_grad() of what becomes a leaf is its .grad") {
  const Tensor p = leaf_of({1, 2});
  const Tensor y = p * 1;
  y.retain_grad();
  y.sum().backward();
  y.detach_();
  y.requires_grad_();
  (y * 2).sum().backward();
  CHECK(holds(y.grad(), {3, 3}));
}

TEST_CASE("a hook that removes itself, or one before it, keeps none from running") {
  const Tensor p = leaf_of({1, 2});
  for (const Tensor& x : {p, p * 1}) {
    std::vector<unsigned> ids(4);
    std::vector<int> calls(4);
    ids[0] = x.register_hook([&](const Tensor&) { ++calls[0]; });
    ids[1] = x.register_hook([&](const Tensor&) {
      ++calls[1];
      x.remove_hook(ids[1]);
      x.remove_hook(ids[0]);
    });
    ids[2] = x.register_hook([&](const Tensor&) { ++calls[2]; });
    ids[3] = x.register_hook([&](const Tensor& dy) { return ++calls[3], dy * 5; });
    const Tensor loss = x.sum();
    loss.backward({}, true);
    CHECK(calls == std::vector<int>{1, 1, 1, 1});
    loss.backward();
    CHECK(calls == std::vector<int>{1, 1, 2, 2});
    x.remove_hook(ids[2]);
    CHECK_THROWS_AS(x.remove_hook(ids[0]), IndexError);
    x.remove_hook(ids[3]);
  }
  CHECK(holds(p.grad(), {20, 20}));
}

TEST_CASE("a hook may remove itself") {
  const Tensor p = leaf_of({1});
  unsigned id = 0;
  int calls = 0;
  const auto once = std::make_shared<int>(0);
  id = p.register_hook([&, once](const Tensor& dy) {
    p.remove_hook(id);
    ++*once;
    ++calls;
    return dy * 2;
  });
  (p * 3).sum().backward();
  (p * 3).sum().backward();
  CHECK(calls == 1);
  CHECK(holds(p.grad(), {9}));
}
