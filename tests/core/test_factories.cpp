// What the makers of tensors refuse.
#include <taper/autograd/functions.h>
#include <taper/core/factories.h>

#include <cmath>

#include "catch.h"
#include "support/text.h"

using namespace taper;

TEST_CASE("from_blob checks sizes, strides and dtype") {
  float data[4] = {0, 1, 2, 3};
  CHECK_THROWS_AS(from_blob(data, {-2}, {1}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {int64_t{1} << 62, 4}, {1, 1}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {3, 3}, {INT64_MAX, INT64_MAX}), ValueError);
  CHECK_THROWS_AS(from_blob(data, {INT64_MAX}), ValueError);
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

TEST_CASE("values in braces print as they are written") {
  const auto text = [](const detail::TensorDataContainer& values) { return support::printed(values); };
  CHECK(text({{1, 2}, {3, 4}}) == "{{1, 2}, {3, 4}}");
  CHECK(text({{{1.1, 2.}}, {{3., 4.}}}) == "{{{1.1, 2}}, {{3, 4}}}");
  CHECK(text(std::vector<float>{1, 2.5}) == "{1, 2.5}");
  CHECK(text(3) + text(2.5) + text({}) == "32.5{}");
  CHECK(text({{}, {}}) == "{{}, {}}");
  CHECK(text({true, false}) == "{1, 0}");
  CHECK(text({INT64_MAX}) == "{9223372036854775807}");
}

TEST_CASE("questions to a tensor about its dtype, its device and its only value") {
  const Tensor x = ones({2});
  CHECK((x.is_signed() && is_signed(x) && x.to(kInt8).is_signed()));
  CHECK_FALSE((x.to(kUInt8).is_signed() || x.to(kBool).is_signed()));
  CHECK((is_floating_point(x) && !is_floating_point(x.to(kInt64)) && !is_inference(x)));
  CHECK((x.get_device() == -1 && get_device(x) == -1));
  CHECK_THROWS_AS(Tensor().get_device(), Error);
  CHECK((tensor(2.).is_nonzero() && tensor({true}).is_nonzero() && is_nonzero(tensor(NAN))));
  CHECK_FALSE((tensor(0).is_nonzero() || tensor({false}).is_nonzero()));
  CHECK_THROWS_WITH(x.is_nonzero(), ContainsSubstring("one element"));
  CHECK_THROWS_AS(ones({0}).is_nonzero(), Error);
  CHECK_THROWS_AS(Tensor().is_nonzero(), Error);
}

TEST_CASE("the storage is what views share") {
  const Tensor x = arange(6, kFloat32).view({2, 3});
  CHECK((x.has_storage() && !Tensor().has_storage()));
  CHECK(x.storage().nbytes() == 24);
  CHECK(x.storage().data() == x.data_ptr());
  CHECK(x[1].storage().data<float>()[1] == 1);
  CHECK(x[1].storage().is_alias_of(x.storage()));
  CHECK_FALSE(x.clone().storage().is_alias_of(x.storage()));
  CHECK((ones({1}).storage().unique() && !x.storage().unique()));
  CHECK(x.storage());
}

TEST_CASE("device types, layouts and memory formats print as in libtorch") {
  const auto text = [](const auto& value) { return support::printed(value); };
  CHECK(text(kCPU) + text(kCUDA) + text(Device(kCPU)) == "cpucudacpu");
  CHECK(text(kStrided) + text(MemoryFormat::Contiguous) == "StridedContiguous");
  CHECK(DeviceTypeName(kCPU) == std::string("CPU"));
  CHECK(DeviceTypeName(kCUDA, true) == std::string("cuda"));
}
