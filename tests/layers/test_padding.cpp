#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

#include "catch.h"

using namespace taper;
namespace F = taper::nn::functional;

namespace {

std::vector<int64_t> padded(std::vector<int64_t> values, std::vector<int64_t> border, F::PadFuncOptions::mode_t mode) {
  const Tensor x = tensor(values).view({1, -1});
  const Tensor y = F::pad(x, F::PadFuncOptions(border).mode(mode)).view({-1});
  return {y.data_ptr<int64_t>(), y.data_ptr<int64_t>() + y.numel()};
}
using List = std::vector<int64_t>;

}  // namespace

TEST_CASE("pad: each mode, by hand") {
  CHECK(padded({1, 2, 3}, {2, 1}, kConstant) == List{0, 0, 1, 2, 3, 0});
  CHECK(padded({1, 2, 3}, {2, 1}, kReflect) == List{3, 2, 1, 2, 3, 2});
  CHECK(padded({1, 2, 3}, {2, 1}, kReplicate) == List{1, 1, 1, 2, 3, 3});
  CHECK(padded({1, 2, 3}, {2, 1}, kCircular) == List{2, 3, 1, 2, 3, 1});
  CHECK(padded({1, 2, 3}, {-1, 1}, kConstant) == List{2, 3, 0});
  CHECK(padded({1, 2, 3}, {-1, -1}, kReflect) == List{2});
  CHECK(padded({1, 2, 3}, {-4, 2}, kReplicate) == List{3});
  CHECK(padded({1, 2, 3}, {-4, 3}, kConstant) == List{0, 0});
  CHECK(F::pad(zeros({2}), F::PadFuncOptions({1, 1}).value(7)).equal(tensor({7.f, 0.f, 0.f, 7.f})));
}

TEST_CASE("pad: the last dimensions first, in any layout, and empty batches") {
  manual_seed(0);
  const Tensor x = randn({2, 3, 4, 5});
  const Tensor y = pad(x, {1, 2, 3, 0, 1, 1}, "constant", 0.5);
  CHECK(y.sizes() == IntArrayRef({2, 5, 7, 8}));
  CHECK(y.narrow(1, 1, 3).narrow(2, 3, 4).narrow(3, 1, 5).equal(x));
  CHECK(y.select(1, 0).equal(full({2, 7, 8}, 0.5)));
  for (const char* mode : {"constant", "reflect", "replicate", "circular"}) {
    INFO(mode);
    const Tensor strided = x.transpose(2, 3).contiguous().transpose(2, 3);
    CHECK(pad(strided, {2, 1, 1, 3}, mode).equal(pad(x, {2, 1, 1, 3}, mode)));
    CHECK(pad(x.narrow(0, 0, 0), {2, 1, 1, 3}, mode).sizes() == IntArrayRef({0, 3, 8, 8}));
    const Tensor same = pad(x, {0, 0, 0, 0}, mode);
    CHECK(same.equal(x));
    CHECK(!same.is_alias_of(x));
  }
}

TEST_CASE("pad: misuse is an error that says what must hold") {
  const Tensor x = zeros({2, 3, 4});
  CHECK_THROWS_WITH(pad(x, {1}),
                    "constant_pad_nd: the padding must have two numbers, before and after, for each dimension, the "
                    "last one first; got [1]");
  CHECK_THROWS_WITH(pad(zeros({4}), {1, 1, 1, 1}),
                    "constant_pad_nd: the input must have a dimension for every two numbers of padding; got input "
                    "sizes [4] and padding [1, 1, 1, 1]");
  CHECK_THROWS_WITH(pad(x, {-3, -2}),
                    "constant_pad_nd: negative padding must leave something of each dimension; got input sizes "
                    "[2, 3, 4] and padding [-3, -2]");
  CHECK_THROWS_WITH(pad(x, {4, 0}, "reflect"),
                    "pad: the padding must be below the size of the dimension, which it reflects; got input sizes "
                    "[2, 3, 4] and padding [4, 0]");
  CHECK_THROWS_WITH(pad(x, {0, 5}, "circular"),
                    "pad: the padding must be at most the size of the dimension, which it repeats; got input sizes "
                    "[2, 3, 4] and padding [0, 5]");
  CHECK_THROWS_WITH(pad(x.narrow(2, 0, 0), {1, 1}, "replicate"),
                    "pad: the padding must have something to repeat; got input sizes [2, 3, 0] and padding [1, 1]");
  CHECK_THROWS_WITH(pad(zeros({4}), {1, 1}, "reflect"),
                    "pad: this mode pads the last 1, 2 or 3 dimensions of an input with one or two more; got input "
                    "sizes [4] and padding [1, 1]");
  CHECK_THROWS_WITH(pad(x, {1, 1}, "mirror"),
                    "pad: mode must be \"constant\", \"reflect\", \"replicate\" or \"circular\"; got \"mirror\"");
  CHECK_THROWS_WITH(pad(x, {1, 1}, "reflect", 2), "pad: a value is for mode \"constant\"; got 2 for \"reflect\"");
  CHECK_THROWS_WITH(reflection_pad2d(x, {1, 1}), "reflection_pad2d: the padding must have 4 numbers; got [1, 1]");
}

TEST_CASE("padding beyond all sizes is an error") {
  CHECK_THROWS_WITH(F::pad(ones({1, 3}), F::PadFuncOptions({INT64_MIN, INT64_MAX})),
                    ContainsSubstring("the padding must be below 2^60 either way"));
}
