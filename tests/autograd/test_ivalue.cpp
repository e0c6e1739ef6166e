#include <taper/autograd/ivalue.h>
#include <taper/core/factories.h>

#include "catch.h"
#include "support/text.h"

using namespace taper;

TEST_CASE("an IValue says what it holds and gives it back") {
  const Tensor x = ones({2, 3});
  CHECK((IValue(x).isTensor() && IValue(x).toTensor().is_same(x) && IValue(x).to<Tensor>().is_same(x)));
  CHECK((IValue(3).isInt() && IValue(3).toInt() == 3 && IValue(3).to<int>() == 3 && !IValue(3).isDouble()));
  CHECK((IValue(2.5).isDouble() && IValue(2.5).to<float>() == 2.5F));
  CHECK((IValue(true).isBool() && IValue(true).toBool() && IValue(true).isScalar()));
  CHECK((IValue("abc").isString() && IValue("abc").toStringRef() == "abc"));
  CHECK((IValue().isNone() && IValue(nullopt).isNone() && IValue(optional<int64_t>()).isNone()));
  CHECK(IValue(optional<int64_t>(3)).toInt() == 3);
  CHECK(IValue(std::vector<int64_t>{1, 2}).toIntVector() == std::vector<int64_t>{1, 2});
  CHECK(IValue(std::vector<double>{1, 2.5}).toDoubleVector() == std::vector<double>{1, 2.5});
  CHECK(IValue(std::vector<Tensor>{x, x}).toTensorVector()[1].is_same(x));
  CHECK((IValue(std::vector<bool>{true}).isBoolList() && IValue(std::vector<Tensor>()).isTensorList()));
  CHECK(
      (IValue(std::vector<double>()).isDoubleList() && IValue(std::vector<int64_t>()).isList() && !IValue(3).isList()));
  for (const Scalar s : {Scalar(3), Scalar(2.5), Scalar(true)}) {
    CHECK(IValue(s).toScalar().type() == s.type());
    CHECK(IValue(s).toScalar().toDouble() == s.toDouble());
  }
}

TEST_CASE("an IValue of another kind is an error that names the kind") {
  CHECK_THROWS_WITH(IValue(3).toTensor(), Catch::Matchers::ContainsSubstring("it is of kind Int"));
  CHECK_THROWS_AS(IValue(3).toDouble(), TypeError);
  CHECK_THROWS_AS(IValue(ones({1})).toInt(), TypeError);
  CHECK_THROWS_AS(IValue("x").toScalar(), TypeError);
  CHECK_THROWS_AS(IValue().toBool(), TypeError);
  CHECK_THROWS_AS(IValue(std::vector<int64_t>()).toTensorVector(), TypeError);
}

TEST_CASE("an IValue prints as libtorch's") {
  const auto text = [](const IValue& value) { return support::printed(value); };
  CHECK(text(3) == "3");
  CHECK(text(3.5) == "3.5");
  CHECK(text(2.0) == "2.");
  CHECK(text(true) == "True");
  CHECK(text("abc") == "abc");
  CHECK(text({}) == "None");
  CHECK(text(std::vector<int64_t>{1, 2}) == "[1, 2]");
  CHECK(text(std::vector<double>{1, 2.5}) == "[1., 2.5]");
  CHECK(text(std::vector<bool>{true, false}) == "[True, False]");
  const std::string ones_text = support::printed(ones({2}));
  CHECK(text(ones({2})) == ones_text);
  CHECK(text(std::vector<Tensor>{ones({2})}) == "[" + ones_text + "]");
  CHECK(IValue(std::vector<Tensor>()).tagKind() == "GenericList");
  CHECK((IValue(1).tagKind() == "Int" && IValue(1.).tagKind() == "Double" && IValue("").tagKind() == "String"));
}
