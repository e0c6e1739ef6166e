// InferenceMode, the default dtype, and factories that follow a tensor.
#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>

#include <cmath>
#include <functional>
#include <thread>

#include "catch.h"

using namespace taper;

namespace {

// The default for a scope.
struct ByDefault {
  explicit ByDefault(ScalarType type) { set_default_dtype(scalarTypeToTypeMeta(type)); }
  ~ByDefault() { set_default_dtype(kFloat32); }
};

}  // namespace

TEST_CASE("nothing is recorded in inference mode, not even where the grad mode is switched on") {
  const Tensor w = ones({2}).requires_grad_();
  CHECK_FALSE(InferenceMode::is_enabled());
  {
    const InferenceMode guard;
    CHECK(InferenceMode::is_enabled());
    CHECK_FALSE(GradMode::is_enabled());
    CHECK_FALSE((w * 2).requires_grad());
    {
      const AutoGradMode on(true);
      CHECK_FALSE((w * 2).requires_grad());
    }
    {
      const InferenceMode off(false);
      CHECK((w * 2).requires_grad());
      CHECK_FALSE((w * 2).is_inference());
    }
    CHECK_FALSE((w * 2).requires_grad());
    std::thread([&] { CHECK((w * 2).requires_grad()); }).join();  // a mode of this thread
  }
  CHECK((w * 2).requires_grad());
  {
    const NoGradGuard no_grad;
    { const InferenceMode guard; }
    CHECK_FALSE(GradMode::is_enabled());
  }
  CHECK(GradMode::is_enabled());
}

TEST_CASE("tensors made in inference mode say so, and may be used for everything afterwards") {
  const Tensor before = ones({2, 2}).requires_grad_();
  Tensor made, view;
  {
    const InferenceMode guard;
    made = before * 3;
    view = before[0];
    CHECK(ones({2}).is_inference());
  }
  CHECK(made.is_inference());
  CHECK(made[0].is_inference());
  CHECK_FALSE(before.is_inference());
  CHECK_FALSE(view.is_inference());
  CHECK_FALSE(made.clone().is_inference());
  CHECK_FALSE((made * 2).is_inference());
  (before * made).sum().backward();  // made is saved
  CHECK(equal(before.grad(), full({2, 2}, 3.0)));
  made.add_(1);
  CHECK(equal(made, full({2, 2}, 4.0)));
  made.requires_grad_();
  CHECK((made * 2).requires_grad());
}

TEST_CASE("an exception leaves inference mode") {
  try {
    const InferenceMode guard;
    throw Error("stop");
  } catch (const Error&) {
    CHECK_FALSE(InferenceMode::is_enabled());
    CHECK(GradMode::is_enabled());
  }
}

TEST_CASE("the default dtype is that of factories, of numbers, and of what integers become") {
  const Tensor integers = tensor({1, 2}), singles = ones({2});
  CHECK(get_default_dtype() == kFloat32);
  {
    const ByDefault guard(kFloat64);
    CHECK(get_default_dtype_as_scalartype() == kFloat64);
    CHECK(typeMetaToScalarType(get_default_dtype()) == kFloat64);
    for (const Tensor& made : {empty({2}),
                               zeros({2}),
                               ones({2}),
                               full({2}, 1.5),
                               rand({2}),
                               randn({2}),
                               eye(2),
                               linspace(0, 1, 3),
                               logspace(0, 1, 3),
                               arange(1.5),
                               tensor({1.5, 2.5}),
                               tensor(1.5),
                               tensor(std::vector<float>{1, 2}),
                               scalar_tensor(1),
                               normal(0, 1, {2}),
                               integers / integers,
                               integers / 2,
                               integers.exp(),
                               integers + 1.5,
                               integers.sigmoid(),
                               atan2(integers, integers),
                               integers.mean(kFloat64),
                               xlogy(integers, 2),
                               integers.erfinv()}) {
      CHECK(made.dtype() == kFloat64);
    }
    CHECK(tensor({1, 2}).dtype() == kInt64);
    CHECK((singles * 1.5).dtype() == kFloat32);  // a number does not widen a tensor of its kind
    CHECK(zeros_like(singles).dtype() == kFloat32);
    CHECK(singles.new_zeros({2}).dtype() == kFloat32);
  }
  CHECK(ones({2}).dtype() == kFloat32);
  CHECK(tensor({1.5}).dtype() == kFloat32);
  CHECK_THROWS_AS(set_default_dtype(ScalarType::Undefined), TypeError);
}

TEST_CASE(
    "a default dtype of integers is that of factories and of fractions, which are cut off; divisions are errors") {
  const Tensor x = tensor({1, 2, 3}, kInt32), singles = tensor({1.5, 2.5});
  for (const ScalarType type : {kInt64, kInt32, kUInt8, kBool}) {
    INFO(type);
    const ByDefault guard(type);
    CHECK(get_default_dtype() == type);
    for (const Tensor& made : {empty({2}), zeros({2}), ones({2}), full({2}, 1.5), eye(2), tensor({1.5, 2.5}),
                               tensor(1.5), tensor({}), scalar_tensor(1.5), where(x > 1, 1.5, 2.5)}) {
      CHECK(made.dtype() == type);
    }
    CHECK(equal(tensor({1.5, 0.}), tensor({1, 0}).to(type)));
    CHECK(equal(x + 1.5, tensor({2, 3, 4}, kInt32)));
    CHECK(equal(x * 1.5, x));
    CHECK(equal(singles + 1.5, tensor({3., 4.}, kFloat32)));
    CHECK(tensor({1, 2}).dtype() == kInt64);
    CHECK(arange(3).dtype() == kInt64);
    CHECK(singles.mean().dtype() == kFloat32);
    if (type != kBool) CHECK(equal(linspace(0, 4, 3), tensor({0, 2, 4}).to(type)));
    const std::vector<std::function<Tensor()>> errors = {
        [&] { return x / x; },
        [&] { return x / 2; },
        [&] { return x.exp(); },
        [&] { return x.sigmoid(); },
        [&] { return x.sqrt(); },
        [&] { return x.mean(); },
        [&] { return x.softmax(0); },
        [&] { return x.logsumexp(0); },
        [&] { return atan2(x, x); },
        [&] { return xlogy(x, 2); },
        [&] { return x.lgamma(); },
        [&] { return polygamma(1, x); },
        [&] { return rand({2}); },
        [&] { return randn({2}); },
        [&] { return normal(0, 1, {2}); },
        [&] { return ones({2}, requires_grad()); },
    };
    for (size_t i = 0; i < errors.size(); ++i) {
      INFO(i);
      CHECK_THROWS_AS(errors[i](), Error);
    }
  }
}

TEST_CASE("new_ tensors take the dtype of theirs, or the one they are told") {
  const Tensor like = ones({1}, kInt32);
  CHECK(like.new_empty({2, 3}).sizes() == IntArrayRef({2, 3}));
  CHECK(like.new_empty({2}).dtype() == kInt32);
  CHECK(equal(like.new_zeros({2}), zeros({2}, kInt32)));
  CHECK(equal(like.new_ones({2}, kFloat64), ones({2}, kFloat64)));
  CHECK(equal(like.new_full({2}, 7), full({2}, 7, kInt32)));
  CHECK(like.new_ones({2}, dtype(kFloat32).requires_grad(true)).requires_grad());
  CHECK(randint_like(ones({4}), 5).dtype() == kFloat32);
  CHECK((randint_like(ones({100}, kInt64), 3, 5) >= 3).all().item<bool>());
}

TEST_CASE("logspace runs from base^start to base^end, both included") {
  const Tensor x = logspace(0, 3, 4, 10, kFloat64);
  for (int64_t i = 0; i < 4; ++i) CHECK(x[i].item<double>() == Approx(std::pow(10, i)).epsilon(1e-15));
  CHECK(logspace(0, 3, 4, 2, kInt64)[3].item<int64_t>() == 8);
  CHECK(logspace(0, 3, 0).numel() == 0);
  CHECK_THROWS_AS(logspace(0, 3, -1), ValueError);
}
