// In-place changes on the tape: what is allowed, what is found out, what the gradients are.
#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <functional>

#include "autograd/gradcheck_table.h"
#include "catch.h"
#include "ops/in_place.h"

using namespace taper;

namespace {

Tensor leaf(std::initializer_list<int64_t> sizes) { return (rand(sizes, kFloat64) + 0.5).requires_grad_(); }

const gradcheck_table::Table table([] { return gradcheck_table::rows_of(ops::in_place<ops::Ours>()); });

}  // namespace

TEST_CASE("the version counter counts changes through any tensor on the storage") {
  Tensor x = zeros({2, 3});
  CHECK(x._version() == 0);
  x.add_(1);
  x[0].mul_(2);
  x.detach().fill_(3);
  CHECK(x._version() == 3);
  CHECK(x.clone()._version() == 0);
}

TEST_CASE("a leaf that requires grad, or a view of it, is not changed while it is recorded") {
  Tensor x = leaf({2, 3});
  CHECK_THROWS_WITH(x.add_(1), ContainsSubstring("add_: a leaf that requires grad must not be changed in place"));
  CHECK_THROWS_WITH(x[0].add_(1), ContainsSubstring("add_: a view of a leaf that requires grad"));
  NoGradGuard no_grad;
  x.fill_(2);
  x[0].fill_(1);
  CHECK(x.sum().item<double>() == 9);
  CHECK(x.requires_grad());
}

TEST_CASE("several elements in one place are not written") {
  CHECK_THROWS_WITH(zeros({3, 1}).expand({3, 4}).add_(1),
                    ContainsSubstring("strides [1, 0]") && ContainsSubstring("clone()"));
  CHECK(zeros({3, 1}).expand({3, 4}).fill_(2).equal(full({3, 4}, 2)));
}

TEST_CASE("backward finds a saved value that was changed since, and names the operation") {
  const Tensor x = leaf({3});
  Tensor a = x * 1;
  const Tensor y = a.exp();
  const Tensor z = a * a;
  a.add_(1);
  CHECK_NOTHROW(y.sum().backward());  // exp needs its result only
  CHECK_THROWS_WITH(z.sum().backward(),
                    ContainsSubstring("backward: MulBackward0 needs a tensor of sizes [3] (Double)") &&
                        ContainsSubstring("version 1 instead of 0"));
  Tensor e = x.exp();
  e.mul_(2);
  CHECK_THROWS_WITH((e.sum() * 1).backward(), ContainsSubstring("ExpBackward0"));
}

TEST_CASE("a change of a view is found by what was saved of its base") {
  const Tensor x = leaf({2, 2});
  Tensor a = x * 1;
  const Tensor z = a * a;
  a[1].zero_();
  CHECK_THROWS_WITH(z.sum().backward(), ContainsSubstring("changed in place since"));
}

TEST_CASE("derivatives through in-place operations") { table.check(); }

TEST_CASE("retain_grad stays with a tensor that is changed in place") {
  const Tensor x = full({}, 2, kFloat64).requires_grad_();
  Tensor a = x * 3;
  a.retain_grad();
  a.mul_(5);
  (a * 7).backward();
  CHECK(a.grad().item<double>() == 7);
  CHECK(x.grad().item<double>() == 7 * 5 * 3);
}

TEST_CASE("detach_ cuts a tensor off; a view is not cut") {
  const Tensor x = leaf({2, 2});
  Tensor a = x * 2;
  a.detach_();
  CHECK_FALSE(a.requires_grad());
  CHECK(a.is_leaf());
  CHECK_THROWS_AS(x[0].detach_(), Error);
}

TEST_CASE("set_data swaps a leaf's value under its history") {
  const Tensor w = leaf({2});
  const Tensor y = w * w;
  w.set_data(ones({2}, kFloat64));
  CHECK(w.requires_grad());
  CHECK_THROWS_WITH(y.sum().backward(), ContainsSubstring("changed in place since"));
}

TEST_CASE("squeeze_ of a view, and views of a squeezed tensor, keep their derivatives") {
  const Tensor x = leaf({3, 1});
  const Tensor base = x * 2, view = base.narrow(0, 1, 2), other = base.narrow(0, 0, 1);
  view.squeeze_(1);
  view.mul_(5);
  base.squeeze_(1);
  (view.sum() + other.sum() * 3 + base.sum() * 7).backward();
  CHECK(x.grad().flatten().equal(tensor({20., 80., 80.}, kFloat64)));
}

TEST_CASE("changed in place by itself, or by a view of itself, a tensor does not own itself") {
  const Tensor w = ones({2, 2}).requires_grad_();
  const auto frees = [&](const std::function<void(const Tensor&)>& change) {
    float memory[4] = {1, 2, 3, 4};
    bool freed = false;
    {
      const Tensor y = from_blob(
          memory, {2, 2}, [&](void*) { freed = true; }, kFloat32);
      y.add_(w);
      change(y);
    }
    return freed;
  };
  CHECK(frees([](const Tensor& y) { y.mul_(y); }));
  CHECK(frees([](const Tensor& y) { y.div_(y.t()); }));
  CHECK(frees([](const Tensor& y) { y.addcmul_(y, y[0]); }));
  CHECK(frees([](const Tensor& y) { y.lerp_(y, y); }));
  CHECK(frees([](const Tensor& y) { y[0].mul_(y[1]); }));
  CHECK(frees([](const Tensor& y) { y.copy_(y.pow_(y)); }));
}
