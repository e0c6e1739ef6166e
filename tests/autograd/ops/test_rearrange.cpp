// Views that share memory, geometry changed in place, and what is refused by rearranging and scattering functions.
#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/indexing.h>

#include "catch.h"

using namespace taper;
using namespace taper::indexing;

TEST_CASE("the new views share memory with their tensor") {
  const Tensor x = arange(24, kFloat32).view({2, 3, 4});
  for (const Tensor& view :
       {x.unfold(2, 2, 1), x.unflatten(2, {2, 2}), x.movedim(0, 2), x.swapaxes(0, 1), x.mT(), x.numpy_T(), x.ravel(),
        x.broadcast_to({5, 2, 3, 4}), atleast_3d(x), x.tensor_split(2, 1)[1], x.dsplit(2)[0], x.view(kInt32)}) {
    INFO(view.sizes());
    CHECK(view.is_alias_of(x));
  }
  x.unfold(2, 2, 2).select(3, 1).fill_(-1);
  CHECK(x.index({0, 0}).equal(tensor({0., -1., 2., -1.})));
  CHECK_FALSE(x.repeat({1, 1, 1}).is_alias_of(x));
  CHECK_FALSE(x.flip(0).is_alias_of(x));
  CHECK_FALSE(x.roll(0, 0).is_alias_of(x));
  CHECK_FALSE(diag(x[0]).is_alias_of(x));
}

TEST_CASE("view(dtype) reads the same bytes, where they fit") {
  const Tensor x = tensor({1.f, 2.f, -0.f, 0.5f});
  CHECK(x.view(kInt32).equal(tensor({0x3f800000, 0x40000000, INT32_MIN, 0x3f000000}, kInt32)));
  CHECK(x.view(kFloat64).numel() == 2);
  CHECK(x.view(kUInt8).sizes().vec() == std::vector<int64_t>{16});
  CHECK(x.view(kFloat64).view(kFloat32).equal(x));
  CHECK_THROWS_WITH(x.slice(0, 0, 3).view(kFloat64), ContainsSubstring("must make whole ones of 8"));
  CHECK_THROWS_WITH(x.slice(0, 1, 3).view(kFloat64), ContainsSubstring("offset 1"));
  CHECK_THROWS_WITH(x.slice(0, 0, 4, 2).view(kUInt8), ContainsSubstring("without gaps"));
}

TEST_CASE("view(kBool) takes bytes that are 0 or 1") {
  CHECK(tensor({0, 1, 1}, kUInt8).view(kBool).sum().item<int64_t>() == 2);
  CHECK(zeros({0}).view(kBool).numel() == 0);
  CHECK_THROWS_WITH(tensor({0, 2}, kUInt8).view(kBool),
                    ContainsSubstring("must be 0 or 1; got others in a tensor of Byte"));
  CHECK_THROWS_AS(ones({2}).view(kBool), ValueError);
}

TEST_CASE("resize_ to the sizes it has leaves a transposed tensor as it is") {
  const Tensor x = arange(6, kFloat32).view({2, 3}).t();
  CHECK(x.resize_({3, 2}).equal(tensor({{0., 3.}, {1., 4.}, {2., 5.}})));
  const Tensor end = arange(6).slice(0, 3);
  CHECK_THROWS_WITH(end.resize_({INT64_MAX}), ContainsSubstring("more than memory can address"));
}

TEST_CASE("resize_ keeps the values that fit and refuses what others share or need") {
  Tensor x = arange(6, kFloat32);
  const void* memory = x.data_ptr();
  x.resize_({2, 2});
  CHECK(x.equal(tensor({{0., 1.}, {2., 3.}})));
  CHECK(x.data_ptr() == memory);
  x.resize_({3, 50});
  CHECK(x.numel() == 150);
  CHECK(x.flatten().slice(0, 0, 6).equal(arange(6, kFloat32)));
  const Tensor view = x[0];
  CHECK_THROWS_WITH(x.resize_({1000}), ContainsSubstring("must be the only one on it"));
  CHECK_THROWS_WITH(ones({2}).requires_grad_().resize_({1}), ContainsSubstring("must not require grad"));
  CHECK_THROWS_WITH(x.resize_({-1}), ContainsSubstring("must not be negative"));
  CHECK_THROWS_AS(x.resize_({INT64_MAX, 4}), Error);
  CHECK(x.sizes().vec() == std::vector<int64_t>{3, 50});
  Tensor nothing = empty({0});
  nothing.resize_({2, 3}).fill_(1);
  CHECK(nothing.sum().item<float>() == 6);
}

TEST_CASE("rearranging functions refuse what they cannot do") {
  const Tensor x = ones({2, 3});
  CHECK_THROWS_WITH(x.flip({0, -2}), "flip: every dimension may be named once; got [0, -2]");
  CHECK_THROWS_WITH(x.roll({1, 2}, 0), ContainsSubstring("got shifts [1, 2] and dimensions [0]"));
  CHECK_THROWS_WITH(tensor(1).roll(1, 0), ContainsSubstring("zero-dim"));
  CHECK_THROWS_WITH(x.repeat({2}), ContainsSubstring("got [2] for sizes [2, 3]"));
  CHECK_THROWS_WITH(x.repeat({2, -1}), ContainsSubstring("must not be negative"));
  CHECK_THROWS_WITH(x.repeat({INT64_MAX, 1}), ContainsSubstring("more than memory can address"));
  CHECK_THROWS_AS(x.repeat({int64_t{1} << 40, int64_t{1} << 40}), Error);
  CHECK_THROWS_WITH(x.repeat_interleave(tensor({1, -1}), 0), ContainsSubstring("got -1"));
  CHECK_THROWS_WITH(x.repeat_interleave(tensor({1, 1, 1}), 0), ContainsSubstring("each of the 2 slices"));
  CHECK_THROWS_WITH(repeat_interleave(tensor({INT64_MAX, 1})), ContainsSubstring("less than 2^63"));
  CHECK_THROWS_WITH(x[0].tril(), ContainsSubstring("at least 2 dimensions"));
  CHECK(x.tril(INT64_MAX).equal(x));
  CHECK(x.triu(INT64_MIN).equal(x));
  CHECK(x.tril(INT64_MIN).sum().item<float>() == 0);
  CHECK_THROWS_WITH(x.diag_embed(INT64_MIN), ContainsSubstring("more than memory"));
  CHECK_THROWS_WITH(x.unfold(1, 4, 1), ContainsSubstring("the size must be in [0, 3]"));
  CHECK_THROWS_WITH(x.unfold(1, 2, 0), ContainsSubstring("the step must be positive"));
  CHECK(x.unfold(1, 2, INT64_MAX).sizes().vec() == std::vector<int64_t>{2, 1, 2});
  CHECK_THROWS_WITH(x.unflatten(1, {2, 2}), ContainsSubstring("same 3 elements"));
  CHECK_THROWS_WITH(x.movedim({0, 1}, 0), ContainsSubstring("one destination a source"));
  CHECK_THROWS_WITH(x.tensor_split(0), ContainsSubstring("must be positive"));
  CHECK_THROWS_WITH(x.hsplit(2), ContainsSubstring("must divide dimension 1"));
  CHECK_THROWS_WITH(meshgrid({x, x}), ContainsSubstring("must be vectors"));
  CHECK_THROWS_WITH(pixel_shuffle(ones({3, 1, 1}), INT64_MAX), ContainsSubstring("pixel_shuffle"));
  CHECK_THROWS_WITH(hstack({}), "hstack: at least one tensor is needed; got an empty list");
}

TEST_CASE("triangles, combinations and shifts that are far out take no memory") {
  const int64_t n = int64_t{1} << 20;
  CHECK(tril_indices(n, n, 2 - n).equal(tensor({{n - 2, n - 1, n - 1}, {int64_t{0}, int64_t{0}, int64_t{1}}})));
  CHECK(triu_indices(n, n, n - 2).equal(tensor({{int64_t{0}, int64_t{0}, int64_t{1}}, {n - 2, n - 1, n - 1}})));
  for (const int64_t rows : {0, 1, 3, 5}) {
    for (const int64_t columns : {0, 1, 4}) {
      for (int64_t offset = -7; offset <= 7; ++offset) {
        INFO(rows << " " << columns << " " << offset);
        const Tensor all = ones({rows, columns});
        CHECK(tril_indices(rows, columns, offset).equal(nonzero(all.tril(offset)).t()));
        CHECK(triu_indices(rows, columns, offset).equal(nonzero(all.triu(offset)).t()));
      }
    }
  }
  CHECK_THROWS_WITH(tril_indices(int64_t{1} << 62, int64_t{1} << 62), ContainsSubstring("tril_indices: "));
  CHECK(combinations(ones({3}), int64_t{1} << 62).numel() == 0);
  CHECK(combinations(zeros({0}), int64_t{1} << 62, true).numel() == 0);
  const Tensor x = arange(3, kFloat64).set_requires_grad(true), dy = tensor({1., 2., 3.}, kFloat64);
  roll(x, INT64_MIN, 0).backward(dy);  // by -2^63, 1 modulo 3
  CHECK(roll(x.grad(), INT64_MIN, 0).equal(dy));
  CHECK(tensordot(ones({2, 0}), ones({1, 3}), {1}, {0}).equal(zeros({2, 3})));
  CHECK_THROWS_WITH(flip(Tensor(), 0), ContainsSubstring("defined tensor"));
}

TEST_CASE("a bad index of a scattering function is an error and changes nothing") {
  const Tensor x = zeros({2, 3}), src = ones({2, 3});
  const Tensor bad = tensor({{0, 1, 2}, {0, 0, 3}}), negative = tensor({{0, -1, 0}});
  CHECK_THROWS_AS(x.scatter_(1, bad, src), IndexError);
  CHECK_THROWS_AS(x.scatter_(1, negative, 5), IndexError);
  CHECK_THROWS_AS(x.scatter_add_(1, bad, src), IndexError);
  CHECK_THROWS_AS(x.scatter_reduce_(1, bad, src, "amax"), IndexError);
  CHECK_THROWS_AS(x.scatter_(1, bad, src, "multiply"), IndexError);
  CHECK_THROWS_AS(x.index_add_(0, tensor({0, 2}), src), IndexError);
  CHECK_THROWS_AS(x.index_copy_(0, tensor({0, -1}), src), IndexError);
  CHECK_THROWS_AS(x.index_fill_(1, tensor({0, 3}), 1), IndexError);
  CHECK_THROWS_AS(x.put_(tensor({0, 6}), tensor({1., 1.})), IndexError);
  CHECK_THROWS_AS(x.put_(tensor({0, -7}), tensor({1., 1.})), IndexError);
  CHECK_THROWS_AS(x.take(tensor({6})), IndexError);
  CHECK_THROWS_AS(x.take_along_dim(tensor({{3}}), 1), IndexError);
  CHECK_THROWS_AS(x.masked_scatter_(x == 0, ones({5})), Error);
  CHECK_THROWS_AS(x.scatter_(0, tensor({{0, 0, 0, 0}}), 1), Error);
  CHECK_THROWS_AS(x.scatter_(0, tensor({0}), 1), Error);
  CHECK_THROWS_WITH(x.scatter_reduce(0, bad, src, "median"), ContainsSubstring("got median"));
  CHECK_THROWS_WITH(x.scatter_(0, tensor({{0}}), src, "divide"), ContainsSubstring("got divide"));
  CHECK_THROWS_AS(x.scatter_add_(0, tensor({{0}}), ones({1, 1}, kFloat64)), TypeError);
  CHECK_THROWS_AS(x.fill_diagonal_(1).narrow(0, 0, 1).squeeze().fill_diagonal_(1), Error);
  CHECK(x.equal(eye(2, 3)));
  CHECK_THROWS_AS(x.gather(0, tensor({{0}}), true), NotImplementedError);
}

TEST_CASE("scattering a tensor into itself reads what was there before") {
  const Tensor x = tensor({1., 2., 3.}), at = tensor({2, 0, 1});
  x.scatter_(0, at, x);
  CHECK(x.equal(tensor({2., 3., 1.})));
  const Tensor i = tensor({2, 0, 1});
  i.scatter_(0, i, i);
  CHECK(i.equal(tensor({0, 1, 2})));
  x.index_add_(0, at, x);
  CHECK(x.equal(tensor({5., 4., 3.})));
}

TEST_CASE("in-place scattering follows autograd's rules") {
  const Tensor leaf = ones({3}).requires_grad_();
  CHECK_THROWS_AS(leaf.scatter_(0, tensor({0}), 1), Error);
  CHECK_THROWS_AS(leaf.index_fill_(0, tensor({0}), 1), Error);
  CHECK_THROWS_AS(ones({1}).expand({3}).scatter_(0, tensor({0}), 1), Error);
  const Tensor base = zeros({2, 3}), src = ones({2}).requires_grad_();
  base.select(1, 1).index_copy_(0, tensor({1, 0}), src);  // through a view
  (base * tensor({{1., 2., 3.}, {4., 5., 6.}})).sum().backward();
  CHECK(src.grad().equal(tensor({5., 2.})));
}

TEST_CASE("a mask of two dims stands for two dims, whatever comes behind it") {
  const Tensor x = arange(24, kFloat32).view({2, 3, 4}), mask = x.select(2, 0) > 5;
  const auto at = mask.nonzero_numpy();
  CHECK(x.index({mask, Slice(None, None, 2)}).equal(x.index({at[0], at[1], Slice(None, None, 2)})));
  CHECK(x.index({mask, 2}).equal(x.index({at[0], at[1], 2})));
  CHECK(x.index({mask, tensor({3})}).equal(x.index({at[0], at[1], tensor({3})})));
}
