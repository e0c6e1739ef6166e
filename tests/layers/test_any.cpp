#include "catch.h"

#include <taper/core/factories.h>
#include <taper/layers/nn.h>

using namespace taper;

namespace {

struct ShiftImpl : nn::Module {
  Tensor forward(const Tensor& x, double factor = 2, int64_t shift = 1) { return x * factor + shift; }

 protected:
  TAPER_FORWARD_HAS_DEFAULT_ARGS({1, nn::AnyValue(2.0)}, {2, nn::AnyValue(int64_t{1})})
};
TAPER_MODULE(Shift);

// Inherits the defaults.
struct DeepShiftImpl : ShiftImpl {
  Tensor forward(const Tensor& x, double factor = 2, int64_t shift = 1) {
    return ShiftImpl::forward(x, -factor, shift);
  }
};
TAPER_MODULE(DeepShift);

struct HalfDefaultImpl : nn::Module {
  Tensor forward(const Tensor& x, double factor, double shift = 0) { return x * factor + shift; }
  TAPER_FORWARD_HAS_DEFAULT_ARGS({2, nn::AnyValue(0.0)})
};
TAPER_MODULE(HalfDefault);

struct NothingImpl : nn::Module {
  int forward() { return 7; }
};
TAPER_MODULE(Nothing);

}  // namespace

TEST_CASE("an AnyModule calls what it holds, whatever its type") {
  nn::AnyModule any, linear(nn::Linear(2, 3));
  CHECK(any.is_empty());
  any = nn::Linear(2, 3);
  any = std::make_shared<nn::TanhImpl>();
  CHECK(any.type_info() == typeid(nn::TanhImpl));
  any = linear;
  CHECK(any.ptr() == linear.ptr());
  CHECK(any.get<nn::LinearImpl>().weight.size(0) == 3);
  CHECK(any.get<nn::Linear>().ptr() == linear.ptr());
  CHECK(any.ptr<nn::LinearImpl>() == linear.ptr());
  const Tensor x = ones({1, 2});
  CHECK(any.any_forward(x).get<Tensor>().equal(linear.forward(x)));
  CHECK(any.any_forward(nn::AnyValue(x)).get<Tensor>().equal(linear.forward(x)));
  CHECK(nn::AnyModule(Nothing()).forward<int>() == 7);
  CHECK(nn::AnyModule(nn::Sequential(nn::ReLU())).forward(x).equal(x));
}

TEST_CASE("a copy of an AnyModule shares the module, a clone does not") {
  const nn::AnyModule linear(nn::Linear(2, 3));
  nn::AnyModule copy = linear, clone = linear.clone();
  CHECK(copy.ptr() == linear.ptr());
  CHECK(clone.ptr() != linear.ptr());
  const Tensor x = ones({1, 2});
  CHECK(clone.forward(x).equal(copy.forward(x)));
  CHECK(nn::AnyModule().clone().is_empty());
  CHECK_THROWS_WITH(nn::AnyModule(Shift()).clone(), ContainsSubstring("Cloneable"));
}

TEST_CASE("errors of an AnyModule name the types") {
  nn::AnyModule linear(nn::Linear(2, 3));
  CHECK_THROWS_WITH(linear.forward(1), ContainsSubstring("argument 0 must be a taper::Tensor; got a int"));
  CHECK_THROWS_WITH(linear.forward(), ContainsSubstring("takes 1 argument(s); got 0"));
  CHECK_THROWS_WITH(linear.forward<int>(ones({1, 2})), ContainsSubstring("asked for as a int"));
  CHECK_THROWS_WITH(linear.get<nn::ReLUImpl>(),
                    ContainsSubstring("must be a taper::nn::ReLUImpl; got a taper::nn::LinearImpl"));
  CHECK_THROWS_WITH(nn::AnyModule().forward(1), ContainsSubstring("it is empty"));
  CHECK_THROWS_WITH(nn::AnyModule().type_info(), ContainsSubstring("it is empty"));
}

TEST_CASE("default arguments of a forward may be left out") {
  const Tensor x = ones({1});
  CHECK(nn::Sequential(Shift())->forward(x).item<float>() == 3);
  CHECK(nn::Sequential(nn::ReLU(), Shift(), Shift())->forward(x).item<float>() == 7);
  CHECK(nn::AnyModule(Shift()).forward(x, 5.0).item<float>() == 6);
  CHECK(nn::AnyModule(Shift()).forward(x, 5.0, int64_t{2}).item<float>() == 7);
  CHECK(nn::AnyModule(DeepShift()).forward(x).item<float>() == -1);
  CHECK_THROWS_WITH(nn::AnyModule(Shift()).forward(), ContainsSubstring("argument 0 has no default; got 0 of 3"));
  CHECK_THROWS_WITH(nn::AnyModule(HalfDefault()).forward(x), ContainsSubstring("argument 1 has no default"));
  CHECK_THROWS_WITH(nn::AnyModule(Shift()).forward(x, 5.0, int64_t{2}, 1), ContainsSubstring("takes 3 argument(s)"));
  CHECK_THROWS_WITH(nn::AnyModule(Shift()).forward(x, 5), ContainsSubstring("double"));
}

TEST_CASE("an AnyValue gives its value as its own type alone") {
  nn::AnyValue value(std::string("text"));
  const nn::AnyValue copy = value;
  CHECK(nn::AnyValue(copy).get<std::string>() == "text");
  CHECK(value.type_info() == typeid(std::string));
  CHECK(value.try_get<int>() == nullptr);
  *value.try_get<std::string>() += "s";
  CHECK(value.get<std::string>() == "texts");
  CHECK_THROWS_WITH(value.get<int>(), ContainsSubstring("asked for as a int"));
  CHECK_THROWS_AS(nn::AnyValue().get<int>(), TypeError);
  CHECK(nn::AnyValue("literal").get<const char*>() == std::string("literal"));
}
