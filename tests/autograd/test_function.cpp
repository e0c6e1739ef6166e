// Custom functions, and gradcheck's own eyesight.
#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

#include "catch.h"
#include "support/tensors.h"

using namespace taper;
using namespace support;
using autograd::AutogradContext;
using autograd::tensor_list;

namespace {

struct Cube : autograd::Function<Cube> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x) {
    ctx->save_for_backward({x});
    return x * x * x;
  }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) {
    const Tensor x = ctx->get_saved_variables()[0];
    return {dy[0] * 3 * x * x};
  }
};

// y = k e^x with its result saved, a number among the arguments, two outputs of which one has no gradient.
struct ScaledExp : autograd::Function<ScaledExp> {
  static tensor_list forward(AutogradContext* ctx, const Tensor& x, double k) {
    const Tensor index = x.argmax(), y = x.exp() * k;
    ctx->save_for_backward({y});
    ctx->saved_data["k"] = k;
    ctx->mark_non_differentiable({index});
    return {index, y};
  }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) {
    CHECK(ctx->saved_data["k"].toDouble() == 2);
    return {dy[1] * ctx->get_saved_variables()[0], Tensor()};
  }
};

struct Twins : autograd::Function<Twins> {
  static inline bool materialize = true;
  static inline std::vector<bool> defined;
  static tensor_list forward(AutogradContext* ctx, const Tensor& x) {
    ctx->set_materialize_grads(materialize);
    return {x * 2, x * 3};
  }
  static tensor_list backward(AutogradContext*, tensor_list dy) {
    defined = {dy[0].defined(), dy[1].defined()};
    Tensor dx;
    if (dy[0].defined()) dx = dy[0] * 2;
    if (dy[1].defined()) dx = dx.defined() ? dx + dy[1] * 3 : dy[1] * 3;
    return {dx};
  }
};

struct DoubleInPlace : autograd::Function<DoubleInPlace> {
  static Tensor forward(AutogradContext* ctx, Tensor x) {
    x.mul_(2);
    ctx->mark_dirty({x});
    return x;
  }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {dy[0] * 2}; }
};

struct Through : autograd::Function<Through> {
  static Tensor forward(AutogradContext*, const Tensor& x) { return x; }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {dy[0] * 5}; }
};

struct WrongCount : autograd::Function<WrongCount> {
  static Tensor forward(AutogradContext*, const Tensor& x, const Tensor& y) { return x + y; }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {dy[0]}; }
};

struct WrongSizes : autograd::Function<WrongSizes> {
  static Tensor forward(AutogradContext*, const Tensor& x) { return x * 2; }
  static tensor_list backward(AutogradContext*, tensor_list) { return {ones({7}, kFloat64)}; }
};

struct WrongRule : autograd::Function<WrongRule> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x) {
    ctx->save_for_backward({x});
    return x * x;
  }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) {
    const Tensor x = ctx->get_saved_variables()[0];
    // Right in itself, with a second derivative that is missing a term; or plainly wrong.
    return {wrong_first ? dy[0] * x : dy[0] * 2 * x.detach()};
  }
  static inline bool wrong_first = false;
};

}  // namespace

TEST_CASE("a custom function is differentiated once and twice") {
  const std::vector<Tensor> inputs{leaf({2, 3})};
  const auto f = [](const std::vector<Tensor>& x) { return std::vector<Tensor>{Cube::apply(x[0])}; };
  CHECK(autograd::gradcheck(f, inputs));
  CHECK(autograd::gradgradcheck(f, inputs));
}

TEST_CASE("a custom function with numbers, saved results and outputs without gradient") {
  const Tensor x = leaf({3});
  const tensor_list y = ScaledExp::apply(x, 2.0);
  CHECK_FALSE(y[0].requires_grad());
  CHECK(y[1].requires_grad());
  const auto f = [](const std::vector<Tensor>& v) { return std::vector<Tensor>{ScaledExp::apply(v[0], 2.0)[1]}; };
  CHECK(autograd::gradcheck(f, {x}));
  CHECK(autograd::gradgradcheck(f, {x}));
}

TEST_CASE("cotangents that are missing come as zeros, or undefined when asked so") {
  const Tensor x = leaf({3});
  Twins::materialize = true;
  Twins::apply(x)[1].sum().backward();
  CHECK(Twins::defined == std::vector<bool>{true, true});
  CHECK(x.grad().equal(full({3}, 3, kFloat64)));
  Twins::materialize = false;
  Twins::apply(x)[0].sum().backward();
  CHECK(Twins::defined == std::vector<bool>{true, false});
  CHECK(x.grad().equal(full({3}, 5, kFloat64)));
}

TEST_CASE("an argument changed in place is marked dirty") {
  const Tensor x = leaf({3});
  Tensor a = x * 1;
  const Tensor y = DoubleInPlace::apply(a);
  CHECK(y.is_same(a));
  (a * a).sum().backward();
  CHECK(x.grad().allclose(8 * x));
  const Tensor b = x * 1;
  DoubleInPlace::apply(b[0]);  // through a view
  CHECK(autograd::grad({b.sum()}, {x})[0].equal(tensor({2., 1., 1.}, kFloat64)));
  CHECK_THROWS_WITH(DoubleInPlace::apply(x),
                    ContainsSubstring("a leaf that requires grad must not be changed in place"));
}

TEST_CASE("an argument returned as it is gets a history of its own") {
  const Tensor x = leaf({3});
  const Tensor y = Through::apply(x);
  CHECK_FALSE(y.is_same(x));
  y.sum().backward();
  CHECK(x.grad().equal(full({3}, 5, kFloat64)));
}

TEST_CASE("what a custom function must return, and the name in the error") {
  const Tensor x = leaf({3});
  CHECK_THROWS_WITH(WrongCount::apply(x, x).sum().backward(),
                    ContainsSubstring("WrongCount: backward must return 2 gradients") && ContainsSubstring("got 1"));
  CHECK_THROWS_WITH(WrongSizes::apply(x).sum().backward(),
                    ContainsSubstring("WrongSizes must give input 0 a gradient of its sizes [3]; got [7]"));
}

TEST_CASE("saved tensors of a custom function are freed with the graph, and checked for changes") {
  const Tensor x = leaf({3});
  const Tensor y = Cube::apply(x).sum();
  y.backward();
  CHECK_THROWS_WITH(y.backward(), ContainsSubstring("retain_graph = true"));
  Tensor a = x * 1;
  const Tensor z = Cube::apply(a);
  a.add_(1);
  CHECK_THROWS_WITH(z.sum().backward(), ContainsSubstring("Cube") && ContainsSubstring("changed in place since"));
}

TEST_CASE("nothing is recorded for arguments without grad") {
  CHECK_FALSE(Cube::apply(ones({3})).requires_grad());
  NoGradGuard no_grad;
  CHECK_FALSE(Cube::apply(leaf({3})).requires_grad());
}

TEST_CASE("gradcheck sees a wrong first and a wrong second derivative") {
  const auto f = [](const std::vector<Tensor>& x) { return std::vector<Tensor>{WrongRule::apply(x[0])}; };
  const std::vector<Tensor> inputs{(rand({2}, kFloat64) + 1).requires_grad_()};
  autograd::GradcheckOptions quiet;
  quiet.raise_exception = false;
  WrongRule::wrong_first = false;
  CHECK(autograd::gradcheck(f, inputs));
  CHECK_FALSE(autograd::gradgradcheck(f, inputs, quiet));
  WrongRule::wrong_first = true;
  CHECK_FALSE(autograd::gradcheck(f, inputs, quiet));
  CHECK_THROWS_WITH(autograd::gradcheck(f, inputs),
                    ContainsSubstring("gradcheck: the derivative of input 0 at [0] must be"));
}

TEST_CASE("gradcheck sees the rules that a cotangent of ones would hide") {
  // softmax sums to 1, so its gradient under a cotangent of ones is 0 whatever the rule.
  struct ZeroRule : autograd::Function<ZeroRule> {
    static Tensor forward(AutogradContext*, const Tensor& x) { return x.softmax(0); }
    static tensor_list backward(AutogradContext*, tensor_list dy) { return {dy[0] * 0}; }
  };
  autograd::GradcheckOptions quiet;
  quiet.raise_exception = false;
  const auto f = [](const std::vector<Tensor>& x) { return std::vector<Tensor>{ZeroRule::apply(x[0])}; };
  CHECK_FALSE(autograd::gradcheck(f, {leaf({3})}, quiet));
}

TEST_CASE("gradcheck refuses what it cannot judge") {
  const auto f = [](const std::vector<Tensor>& x) { return std::vector<Tensor>{x[0] * 2}; };
  CHECK_THROWS_AS(autograd::gradcheck(f, {ones({2}).requires_grad_()}), TypeError);
  CHECK_THROWS_AS(autograd::gradcheck(f, {ones({2}, kFloat64)}), ValueError);
  const auto noise = [](const std::vector<Tensor>& x) { return std::vector<Tensor>{x[0] * randn({}, kFloat64)}; };
  CHECK_THROWS_WITH(autograd::gradcheck(noise, {leaf({2})}), ContainsSubstring("the same result each time"));
}
