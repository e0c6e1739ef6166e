// tests/torch/test_print.cpp compares the text with libtorch's for many tensors; here are the rules.
#include "catch.h"
#include "support/text.h"

#include <taper/core/factories.h>

#include <cmath>

using taper::tensor;
using taper::to_string;

TEST_CASE("whole numbers print without a point, in columns of one width") {
  CHECK(to_string(taper::arange(6).reshape({2, 3})) == " 0  1  2\n 3  4  5\n[ CPULongType{2,3} ]");
  CHECK(to_string(tensor({1., 20.})) == "  1\n 20\n[ CPUFloatType{2} ]");
}

TEST_CASE("fractions print with four digits, with a common factor or an exponent where they need one") {
  CHECK(to_string(tensor({1.5, -2.25})) == " 1.5000\n-2.2500\n[ CPUFloatType{2} ]");
  CHECK(to_string(tensor({1e-3, 1e-4})) == "0.001 *\n 1.0000\n 0.1000\n[ CPUFloatType{2} ]");
  CHECK(to_string(tensor({1., 1e-5})) == " 1.0000e+00\n 1.0000e-05\n[ CPUFloatType{2} ]");
}

TEST_CASE("values that are no numbers do not decide the format") {
  CHECK(to_string(tensor({1., NAN, INFINITY})) == " 1\nnan\ninf\n[ CPUFloatType{3} ]");
}

TEST_CASE("scalars, empty and undefined tensors print their type alone or after the value") {
  CHECK(to_string(tensor(5.25)) == "5.25\n[ CPUFloatType{} ]");
  CHECK(to_string(taper::zeros({0, 3}, taper::kBool)) == "[ CPUBoolType{0,3} ]");
  CHECK(to_string(taper::Tensor()) == "[ Tensor (undefined) ]");
}

TEST_CASE("more than two dims print matrix by matrix") {
  CHECK(to_string(taper::ones({2, 1, 2})) == "(1,.,.) = \n  1  1\n\n(2,.,.) = \n  1  1\n[ CPUFloatType{2,1,2} ]");
}

TEST_CASE("wide matrices are cut at 80 characters") {
  const std::string text = to_string(taper::ones({2, 50}));
  CHECK_THAT(text, ContainsSubstring("Columns 1 to 26"));
  CHECK_THAT(text, ContainsSubstring("Columns 27 to 50"));
}

TEST_CASE("views print what they show, and streams take tensors") {
  CHECK(support::printed(taper::arange(4).reshape({2, 2}).t()) == " 0  2\n 1  3\n[ CPULongType{2,2} ]");
  CHECK(tensor(true).toString() == "CPUBoolType");
}
