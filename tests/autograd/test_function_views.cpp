// Custom functions that return views or their own arguments, that change arguments, that call backward().
#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>

#include <thread>

#include "catch.h"
#include "support/tensors.h"

using namespace taper;
using namespace support;
using autograd::AutogradContext;
using autograd::tensor_list;

namespace {

struct TwoViews : autograd::Function<TwoViews> {
  static tensor_list forward(AutogradContext*, const Tensor& x) {
    const Tensor y = 2 * x;
    return {y.slice(0, 0, 1), y.slice(0, 1)};
  }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {2 * cat({dy[0], dy[1]})}; }
};
struct Rows : autograd::Function<Rows> {
  static tensor_list forward(AutogradContext*, const Tensor& x) { return (2 * x).unbind(0); }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {2 * stack(dy)}; }
};
struct ViewAs : autograd::Function<ViewAs> {
  static Tensor forward(AutogradContext*, const Tensor& x) { return x.view_as(x); }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {100 * dy[0]}; }
};
struct AsItIs : autograd::Function<AsItIs> {
  static Tensor forward(AutogradContext*, const Tensor& x) { return x; }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {100 * dy[0]}; }
};
struct TenTimesInMemory : autograd::Function<TenTimesInMemory> {
  static Tensor forward(AutogradContext* ctx, Tensor x) {
    for (int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] *= 10;
    ctx->mark_dirty({x});
    return x;
  }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {dy[0] * 10}; }
};
struct KeepsDirty : autograd::Function<KeepsDirty> {
  static Tensor forward(AutogradContext* ctx, Tensor x) {
    x.mul_(2);
    ctx->mark_dirty({x});
    return x * 1;
  }
  static tensor_list backward(AutogradContext*, tensor_list dy) { return {dy[0] * 2}; }
};

Tensor gradient(const Tensor& y, const Tensor& x) { return autograd::grad({y}, {x}, {}, true)[0]; }

// The output of `F` that is a view: what libtorch refuses is refused, and what is left is right.
template <class F>
void check_alias() {
  const auto refused = ContainsSubstring("clone() the output first");
  const Tensor p = leaf_of({1, 2});
  Tensor x = p * 1;
  const Tensor y = F::apply(x);
  CHECK(y.is_alias_of(x));
  CHECK_THROWS_WITH(y.mul_(3), refused);
  CHECK_THROWS_WITH(y[0].mul_(3), refused);
  CHECK_THROWS_WITH(y.copy_(p), refused);
  CHECK(holds(x.detach(), {1, 2}));
  CHECK(holds(gradient(y.sum() + x.sum(), p), {101, 101}));
  {
    const NoGradGuard no_grad;
    x.mul_(3);
  }
  x.detach().mul_(2);  // without recording, nothing changes but the values
  CHECK(holds(gradient((y * y).sum(), p), {1200, 2400}));
  const Tensor row = y[0];
  x.mul_(3);
  CHECK_THROWS_WITH(y.sum(), refused);
  CHECK_THROWS_WITH(row * 2, refused);
  CHECK(holds(gradient(x.sum(), p), {3, 3}));
  CHECK(holds(gradient(F::apply(x).clone().mul_(2).sum(), p), {600, 600}));
}

}  // namespace

TEST_CASE("a view that a custom function returns keeps the function's derivative") {
  check_alias<ViewAs>();
  check_alias<AsItIs>();
}

TEST_CASE("the same of a leaf") {
  const Tensor p = leaf_of({1, 2});
  const Tensor y = AsItIs::apply(p), z = ViewAs::apply(p);
  CHECK_THROWS_AS(y.mul_(3), Error);
  CHECK_THROWS_AS(z.mul_(3), Error);
  {
    const NoGradGuard no_grad;
    p.mul_(3);
  }
  CHECK(holds(gradient(y.sum() + z.sum(), p), {200, 200}));
}

TEST_CASE("several outputs that are parts of one tensor") {
  const Tensor p = leaf_of({1, 2});
  const tensor_list y = TwoViews::apply(p);
  CHECK_THROWS_WITH(y[0].mul_(10), ContainsSubstring("TwoViews") && ContainsSubstring("clone()"));
  CHECK(holds(gradient(y[0].sum() + y[1].sum(), p), {2, 2}));
  CHECK(holds(gradient(y[0].clone().mul_(10).sum() + y[1].sum(), p), {20, 2}));
  {
    const NoGradGuard no_grad;
    y[0].mul_(10);
  }
  y[0].detach().add_(1);
  CHECK(holds(gradient((y[0] * y[0]).sum() + y[1].sum(), p), {2 * 2 * 21, 2}));
  const Tensor m = ones({3, 2}, kFloat64).requires_grad_();
  const tensor_list rows = Rows::apply(m);
  CHECK_THROWS_WITH(rows[1].zero_(), ContainsSubstring("Rows"));
  CHECK(gradient(rows[0].sum() + 5 * rows[2].sum(), m).equal(tensor({{2., 2.}, {0., 0.}, {10., 10.}}, kFloat64)));
}

TEST_CASE("outputs that are views, of arguments without grad, are as free as any") {
  const Tensor x = tensor({1.0, 2.0}, kFloat64);
  Tensor y = ViewAs::apply(x);
  y.mul_(2);
  CHECK(holds(x, {2, 4}));
}

// ---- mark_dirty -----------------------------------------------------------------------------------------------------

TEST_CASE("mark_dirty moves the version, however forward wrote") {
  const Tensor p = leaf_of({1, 2});
  Tensor x = p * 1;
  const auto version = x._version();
  const Tensor squares = x * x;
  const Tensor y = TenTimesInMemory::apply(x);
  CHECK(x._version() > version);
  CHECK(y.is_same(x));
  CHECK_THROWS_WITH(squares.sum().backward(),
                    ContainsSubstring("MulBackward0") && ContainsSubstring("changed in place"));
  CHECK(holds(gradient(x.sum(), p), {10, 10}));
  const NoGradGuard no_grad;
  const auto before = x._version();
  TenTimesInMemory::apply(x);
  CHECK(x._version() > before);
}

TEST_CASE("mark_dirty of a view, and a view of what is marked") {
  const Tensor p = leaf_of({1, 2});
  Tensor x = p * 1;
  const Tensor v = x.slice(0, 0, 1);
  TenTimesInMemory::apply(v);
  CHECK(holds(gradient(x.sum(), p), {10, 1}));
  TenTimesInMemory::apply(x);
  CHECK(holds(gradient(v.sum(), p), {100, 0}));
  Tensor constant;
  {
    const NoGradGuard no_grad;
    constant = x.slice(0, 0, 1);
  }
  CHECK_THROWS_WITH(TenTimesInMemory::apply(constant), ContainsSubstring("without recording"));
}

TEST_CASE("what is marked as dirty must be returned") {
  const Tensor p = leaf_of({1, 2});
  CHECK_THROWS_WITH(KeepsDirty::apply(p * 1), ContainsSubstring("KeepsDirty: forward must return every input that it "
                                                                "marks as dirty"));
}

// ---- backward within backward ---------------------------------------------------------------------------------------

namespace {

// y = x by a derivative that runs a backward pass of its own, `levels` deep.
struct Nested : autograd::Function<Nested> {
  static inline bool grad_mode = true;
  static Tensor forward(AutogradContext* ctx, const Tensor& x, int64_t levels) {
    ctx->saved_data["levels"] = levels;
    return x * 1;
  }
  static tensor_list backward(AutogradContext* ctx, tensor_list dy) {
    const int64_t levels = ctx->saved_data["levels"].toInt();
    grad_mode = grad_mode && GradMode::is_enabled();
    TAPER_CHECK(levels != -1, "the deepest level fails");
    if (levels == 0) return {dy[0], {}};
    const Tensor inner = dy[0].detach().requires_grad_();
    const AutoGradMode on(true);
    Nested::apply(inner, levels < 0 ? levels + 1 : levels - 1).backward(ones_like(inner));
    return {inner.grad() * dy[0], {}};
  }
};

}  // namespace

TEST_CASE("backward passes nest deeper than a stack is high") {
  const Tensor x = leaf_of({3});
  Nested::apply(x, int64_t{4000}).sum().backward();
  CHECK(holds(x.grad(), {1}));
  CHECK_THROWS_WITH(Nested::apply(x, int64_t{-200}).sum().backward(), ContainsSubstring("the deepest level fails"));
  CHECK(holds(x.grad(), {1}));
  Tensor g;
  std::thread([&] { g = autograd::grad({Nested::apply(x, int64_t{100}).sum()}, {x})[0]; }).join();
  CHECK(holds(g, {1}));
}

TEST_CASE("backward passes that nest without end are an error") {
  struct Endless : autograd::Function<Endless> {
    static Tensor forward(AutogradContext*, const Tensor& x) { return x * 1; }
    static tensor_list backward(AutogradContext*, tensor_list dy) {
      const AutoGradMode on(true);
      const Tensor inner = dy[0].detach().requires_grad_();
      Endless::apply(inner).sum().backward();
      return {inner.grad()};
    }
  };
  CHECK_THROWS_WITH(Endless::apply(leaf_of({3})).sum().backward(), ContainsSubstring("may be nested"));
}
