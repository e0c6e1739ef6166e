// What the makers of tensors refuse.
#include <taper/core/factories.h>

#include "catch.h"

using namespace taper;

TEST_CASE("from_blob checks sizes, strides and dtype") {
  float data[4] = {0, 1, 2, 3};
  CHECK_THROWS_AS(from_blob(data, {-2}, {1}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {int64_t{1} << 62, 4}, {1, 1}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {3, 3}, {INT64_MAX, INT64_MAX}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {INT64_MAX}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {2}, {1}, ScalarType::Half), TypeError);
  CHECK_THROWS_AS(from_blob(data, {2}, ScalarType::Undefined), TypeError);
  CHECK_THROWS_AS(from_blob(nullptr, {2}, {1}), Error);
  CHECK(from_blob(nullptr, {2, 0}, {1, 1}).numel() == 0);
  CHECK(from_blob(data, {2, 2}, {1, 2})[0][1].item<float>() == 2);
}

TEST_CASE("arange counts what 64 bits can hold") {
  CHECK_THROWS_WITH(arange(0, 1e300), ContainsSubstring("fewer than 2^63"));
  CHECK_THROWS_WITH(arange(INT64_MIN, INT64_MAX), ContainsSubstring("fewer than 2^63"));
  const Tensor ends = arange(INT64_MIN, INT64_MAX, INT64_MAX);
  REQUIRE(ends.numel() == 3);
  CHECK(ends[2].item<int64_t>() == INT64_MAX - 1);
}

TEST_CASE("tensor({}) has no elements and the default dtype") {
  CHECK(tensor({}).sizes() == IntArrayRef({0}));
  CHECK(tensor({}).dtype() == get_default_dtype());
}
