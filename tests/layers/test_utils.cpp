#include "catch.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/utils/clip_grad.h>
#include <taper/layers/utils/parameters.h>

#include <cmath>

using namespace taper;
namespace utils = taper::nn::utils;

namespace {

// Parameters whose gradients are (3, -4) and (12); a third has none.
std::vector<Tensor> three_parameters() {
  std::vector<Tensor> p = {zeros({2}, requires_grad()), zeros({1}, requires_grad()), zeros({5}, requires_grad())};
  p[0].mutable_grad() = tensor({3., -4.});
  p[1].mutable_grad() = tensor({12.});
  return p;
}

}  // namespace

TEST_CASE("clip_grad_norm_ returns the norm and scales down to the limit") {
  auto p = three_parameters();
  CHECK(utils::clip_grad_norm_(p, 1) == Approx(13));
  CHECK(p[0].grad().allclose(tensor({3. / 13, -4. / 13})));
  CHECK(p[1].grad().item<double>() == Approx(12. / 13));
  CHECK(!p[2].grad().defined());
}

TEST_CASE("clip_grad_norm_ leaves small gradients alone and takes any norm") {
  auto p = three_parameters();
  CHECK(utils::clip_grad_norm_(p, 100) == Approx(13));
  CHECK(p[0].grad().equal(tensor({3., -4.})));
  CHECK(utils::clip_grad_norm_(p, 100, INFINITY) == 12);
  CHECK(utils::clip_grad_norm_(p, 100, 1) == Approx(19));
  CHECK(utils::clip_grad_norm_(p, 100, 3) == Approx(std::cbrt(27 + 64 + 1728)));
  CHECK(utils::clip_grad_norm_(p[1], 6) == Approx(12));
  CHECK(p[1].grad().item<double>() == Approx(6));
  CHECK(utils::clip_grad_norm_(std::vector<Tensor>{}, 1) == 0);
  CHECK(utils::clip_grad_norm_(p[2], 1) == 0);
}

TEST_CASE("clip_grad_norm_ refuses a norm that is not finite where asked to, changing nothing") {
  for (double bad : {NAN, INFINITY}) {
    auto p = three_parameters();
    p[1].mutable_grad().fill_(bad);
    CHECK_THROWS_AS(utils::clip_grad_norm_(p, 1, 2, /*error_if_nonfinite=*/true), Error);
    CHECK(p[0].grad().equal(tensor({3., -4.})));
    CHECK(!std::isfinite(utils::clip_grad_norm_(p, 1)));
    CHECK_THROWS_AS(utils::clip_grad_norm_(p, 1, INFINITY, true), Error);
  }
  CHECK_THROWS_AS(utils::clip_grad_norm_(three_parameters(), -1), ValueError);
  CHECK_THROWS_AS(utils::clip_grad_norm_(three_parameters(), NAN), ValueError);
}

TEST_CASE("clip_grad_value_ limits each value") {
  auto p = three_parameters();
  utils::clip_grad_value_(p, 3.5);
  CHECK(p[0].grad().equal(tensor({3., -3.5})));
  CHECK(p[1].grad().item<double>() == 3.5);
  utils::clip_grad_value_(p[0], 1);
  CHECK(p[0].grad().equal(tensor({1., -1.})));
  CHECK_THROWS_AS(utils::clip_grad_value_(p, -1), ValueError);
}

TEST_CASE("parameters go to a vector and back") {
  manual_seed(0);
  const std::vector<Tensor> p = {randn({2, 3}, requires_grad()), randn({4}, requires_grad())};
  const Tensor v = utils::parameters_to_vector(p);
  CHECK(v.sizes() == IntArrayRef{10});
  v.square().sum().backward();
  CHECK(p[1].grad().allclose(2 * p[1].detach()));
  utils::vector_to_parameters(arange(10, kFloat32), p);
  CHECK(p[0].detach().equal(arange(6, kFloat32).reshape({2, 3})));
  CHECK(p[1].detach().equal(arange(6, 10, kFloat32)));
  CHECK(p[0].is_leaf());
  CHECK_THROWS_WITH(utils::vector_to_parameters(zeros({9}), p), ContainsSubstring("[9]") && ContainsSubstring("10"));
  CHECK_THROWS_AS(utils::parameters_to_vector({}), ValueError);
}
