#include "catch.h"
#include "support/text.h"

#include <taper/autograd/autograd.h>
#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/conv.h>
#include <taper/layers/sequential.h>

using namespace taper;
using namespace support;
namespace F = taper::nn::functional;

namespace {

bool close(const Tensor& a, const Tensor& b) { return allclose(a, b, 1e-5, 1e-5); }

}  // namespace

TEST_CASE("Conv2d: shapes of weight, bias and output") {
  nn::Conv2d conv(nn::Conv2dOptions(4, 6, {3, 5}).stride({2, 1}).padding({1, 2}).groups(2));
  CHECK(conv->weight.sizes() == IntArrayRef({6, 2, 3, 5}));
  CHECK(conv->bias.sizes() == IntArrayRef({6}));
  CHECK(conv(randn({2, 4, 7, 8})).sizes() == IntArrayRef({2, 6, 4, 8}));
  CHECK(conv(randn({4, 7, 8})).sizes() == IntArrayRef({6, 4, 8}));
  CHECK(nn::Conv1d(3, 2, 4)(randn({5, 3, 9})).sizes() == IntArrayRef({5, 2, 6}));
  CHECK(!nn::Conv1d(nn::Conv1dOptions(3, 2, 4).bias(false))->bias.defined());
}

TEST_CASE("Conv2d: a kernel of one value moves the image, a kernel of ones adds it up") {
  nn::Conv2d conv(nn::Conv2dOptions(1, 1, 3).padding(1).bias(false));
  const NoGradGuard no_grad;
  const Tensor x = arange(12).to(kFloat32).view({1, 1, 3, 4});
  conv->weight.zero_();
  conv->weight[0][0][1][2].fill_(1);
  CHECK(equal(conv(x)[0][0], tensor({{1., 2., 3., 0.}, {5., 6., 7., 0.}, {9., 10., 11., 0.}}).to(kFloat32)));
  conv->weight.fill_(1);
  CHECK(conv(x)[0][0][1][1].item<float>() == 0 + 1 + 2 + 4 + 5 + 6 + 8 + 9 + 10);
}

TEST_CASE("Conv2d of 1 x 1 is a Linear of the channels") {
  manual_seed(1);
  nn::Conv2d conv(5, 3, 1);
  const Tensor x = randn({2, 5, 4, 6});
  const Tensor rows = x.permute({0, 2, 3, 1});
  CHECK(close(conv(x), linear(rows, conv->weight.view({3, 5}), conv->bias).permute({0, 3, 1, 2})));
}

TEST_CASE("Conv1d is Conv2d with a height of 1") {
  manual_seed(2);
  nn::Conv1d conv(nn::Conv1dOptions(4, 6, 3).stride(2).padding(2).dilation(2).groups(2));
  const Tensor x = randn({3, 4, 11});
  CHECK(equal(conv(x),
              conv2d(x.unsqueeze(2), conv->weight.unsqueeze(2), conv->bias, {1, 2}, {0, 2}, {1, 2}, 2).squeeze(2)));
}

TEST_CASE("Conv2d: padding same keeps the size, for even kernels one value more at the end; valid is none") {
  manual_seed(3);
  const Tensor x = randn({2, 3, 5, 6});
  nn::Conv2d same(nn::Conv2dOptions(3, 2, {4, 2}).padding(kSame).dilation({1, 2}));
  CHECK(same(x).sizes() == IntArrayRef({2, 2, 5, 6}));
  CHECK(close(same(x), conv2d(constant_pad_nd(x, {1, 1, 1, 2}), same->weight, same->bias, 1, 0, {1, 2})));
  nn::Conv2d valid(nn::Conv2dOptions(3, 2, 3).padding(kValid));
  CHECK(valid(x).sizes() == IntArrayRef({2, 2, 3, 4}));
  CHECK(equal(valid(x), conv2d(x, valid->weight, valid->bias, 1, "valid")));
  CHECK(equal(valid(x), conv2d(x, valid->weight, valid->bias, 1, 0)));
  CHECK(equal(conv1d(x[0], ones({2, 5, 2}), {}, 1, "same"),
              F::conv1d(x[0], ones({2, 5, 2}), F::Conv1dFuncOptions().padding(kSame))));
}

TEST_CASE("Conv2d: padding modes are pad() followed by a plain convolution") {
  manual_seed(4);
  const Tensor x = randn({2, 3, 6, 5});
  using Mode = nn::Conv2dOptions::padding_mode_t;
  for (const auto& [mode, name] :
       {std::pair<Mode, const char*>{kReflect, "reflect"}, {kReplicate, "replicate"}, {kCircular, "circular"}}) {
    INFO(name);
    nn::Conv2d conv(nn::Conv2dOptions(3, 4, 3).stride({2, 1}).padding({1, 2}).padding_mode(mode));
    CHECK(close(conv(x), conv2d(pad(x, {2, 2, 1, 1}, name), conv->weight, conv->bias, {2, 1})));
    nn::Conv2d same(nn::Conv2dOptions(3, 4, {2, 3}).padding(kSame).padding_mode(mode));
    CHECK(close(same(x), conv2d(pad(x, {1, 1, 0, 1}, name), same->weight, same->bias)));
    CHECK(same(x[0]).sizes() == IntArrayRef({4, 6, 5}));
  }
}

TEST_CASE("ConvTranspose2d is the gradient of Conv2d's input") {
  manual_seed(5);
  nn::ConvTranspose2d up(nn::ConvTranspose2dOptions(4, 6, {3, 2})
                             .stride({2, 3})
                             .padding({1, 0})
                             .output_padding({1, 0})
                             .groups(2)
                             .dilation({1, 2})
                             .bias(false));
  const Tensor x = randn({2, 4, 5, 3});
  const Tensor y = up(x);
  CHECK(y.sizes() == IntArrayRef({2, 6, 10, 9}));
  const Tensor image = randn(y.sizes()).requires_grad_();
  const Tensor small = conv2d(image, up->weight.detach(), {}, {2, 3}, {1, 0}, {1, 2}, 2);
  REQUIRE(small.sizes() == x.sizes());
  small.backward(x);
  CHECK(close(y, image.grad()));
}

TEST_CASE("ConvTranspose: output_size chooses between the sizes that give the same input") {
  nn::ConvTranspose2d up(nn::ConvTranspose2dOptions(2, 3, 3).stride(3).dilation({1, 2}));
  const Tensor x = randn({1, 2, 4, 4});
  CHECK(up(x).sizes() == IntArrayRef({1, 3, 12, 14}));
  const std::vector<int64_t> spatial = {14, 15}, all = {1, 3, 13, 16};
  CHECK(up->forward(x, IntArrayRef(spatial)).sizes() == IntArrayRef({1, 3, 14, 15}));
  CHECK(up->forward(x, IntArrayRef(all)).sizes() == IntArrayRef({1, 3, 13, 16}));
  const std::vector<int64_t> wrong = {15, 15};
  CHECK_THROWS_WITH(
      up->forward(x, IntArrayRef(wrong)),
      "ConvTranspose2d: output_size must be from 12 to 14 in dimension 0 for input sizes [1, 2, 4, 4]; got [15, 15] "
      "(in module "
      "ConvTranspose2d)");
  nn::ConvTranspose1d line(nn::ConvTranspose1dOptions(2, 3, 2).stride(2));
  const std::vector<int64_t> odd = {9};
  CHECK(line->forward(randn({2, 4}), IntArrayRef(odd)).sizes() == IntArrayRef({3, 9}));
}

TEST_CASE("convolutions print as in PyTorch") {
  CHECK(printed(nn::Conv2d(1, 2, 3)) == "taper::nn::Conv2d(1, 2, kernel_size=[3, 3], stride=[1, 1])");
  CHECK(printed(nn::Conv1d(nn::Conv1dOptions(4, 2, 3).stride(2).padding(1).dilation(3).groups(2).bias(false))) ==
        "taper::nn::Conv1d(4, 2, kernel_size=3, stride=2, padding=1, dilation=3, groups=2, bias=false)");
  CHECK(printed(nn::Conv2d(nn::Conv2dOptions(1, 2, {3, 4}).padding(kSame).padding_mode(kCircular))) ==
        "taper::nn::Conv2d(1, 2, kernel_size=[3, 4], stride=[1, 1], padding='same', padding_mode=kCircular)");
  CHECK(printed(nn::ConvTranspose2d(nn::ConvTranspose2dOptions(1, 2, 3).stride(2).output_padding({1, 0}))) ==
        "taper::nn::ConvTranspose2d(1, 2, kernel_size=[3, 3], stride=[2, 2], output_padding=[1, 0])");
}

TEST_CASE("convolutions in a Sequential, down and up again") {
  nn::Sequential net(nn::Conv2d(nn::Conv2dOptions(3, 8, 3).stride(2).padding(1)),
                     nn::ConvTranspose2d(nn::ConvTranspose2dOptions(8, 3, 4).stride(2).padding(1)));
  const Tensor x = randn({2, 3, 8, 8});
  const Tensor y = net->forward(x);
  CHECK(y.sizes() == x.sizes());
  y.sum().backward();
  for (const Tensor& p : net->parameters()) CHECK(p.grad().sizes() == p.sizes());
}

TEST_CASE("functional convolutions take their options by name") {
  manual_seed(6);
  const Tensor x = randn({2, 4, 6}), w = randn({6, 2, 3}), b = randn({6});
  CHECK(equal(F::conv1d(x, w, F::Conv1dFuncOptions().bias(b).stride(2).padding(1).dilation(2).groups(2)),
              conv1d(x, w, b, 2, 1, 2, 2)));
  const Tensor v = randn({4, 3, 2});
  CHECK(equal(F::conv_transpose1d(
                  x, v, F::ConvTranspose1dFuncOptions().stride(3).padding(1).output_padding(2).groups(2).dilation(2)),
              conv_transpose1d(x, v, {}, 3, 1, 2, 2, 2)));
  const Tensor image = randn({1, 2, 5, 5}), k = randn({2, 2, 3, 3});
  CHECK(equal(F::conv2d(image, k, F::Conv2dFuncOptions().padding({1, 0})), conv2d(image, k, {}, 1, {1, 0})));
  CHECK(equal(F::conv_transpose2d(image, k), conv_transpose2d(image, k)));
}

TEST_CASE("wrong operands of a convolution are errors that show them") {
  const Tensor x = randn({2, 3, 5, 5}), w = randn({4, 3, 3, 3});
  CHECK_THROWS_WITH(
      conv2d(x, randn({4, 2, 3, 3})),
      "conv2d: the input must have 2 channels, as weight [4, 2, 3, 3] and groups = 1 say; got 3 in input sizes "
      "[2, 3, 5, 5]");
  CHECK_THROWS_WITH(
      conv2d(x, randn({4, 3, 7, 3}), {}, 1, {0, 1}),
      "conv2d: the kernel must fit into the padded input; got input sizes [2, 3, 5, 5], kernel [7, 3], padding 0 and "
      "dilation [1]");
  CHECK_THROWS_WITH(conv2d(x, w, {}, 0), "conv2d: stride must be at least 1 and below 2^31; got [0]");
  CHECK_THROWS_WITH(conv2d(x, w, {}, 1, {-1, 0}), "conv2d: padding must be at least 0 and below 2^31; got [-1, 0]");
  CHECK_THROWS_WITH(conv2d(x, w, {}, {1, 1, 1}), "conv2d: stride must be one number or 2 values; got [1, 1, 1]");
  CHECK_THROWS_WITH(conv2d(x, w, {}, 2, "same"), "conv2d: padding 'same' must come with a stride of 1; got stride [2]");
  CHECK_THROWS_WITH(conv2d(x, w, {}, 1, "full"),
                    "conv2d: padding must be numbers, \"same\" or \"valid\"; got \"full\"");
  CHECK_THROWS_WITH(conv2d(x, w, {}, 1, 0, 1, 3), ContainsSubstring("groups must divide the out_channels"));
  CHECK_THROWS_WITH(conv2d(x, w, {}, 1, 0, 1, 0), "conv2d: groups must be at least 1 and below 2^31; got 0");
  CHECK_THROWS_WITH(conv2d(x, w, randn({3})), ContainsSubstring("the bias must be [4]"));
  CHECK_THROWS_WITH(conv2d(x[0][0], w),
                    ContainsSubstring("the input must be [N, C, H, W] or [C, H, W]; got sizes [5, 5]"));
  CHECK_THROWS_WITH(conv1d(x, w), ContainsSubstring("the weight must be [out_channels, in_channels / groups, kernel]"));
  CHECK_THROWS_WITH(conv2d(x.to(kFloat64), w), ContainsSubstring("must have one dtype; got Double, Float and no bias"));
  CHECK_THROWS_AS(conv2d(x.to(kInt64), w), TypeError);
  CHECK_THROWS_AS(conv2d(Tensor(), w), Error);
  CHECK_THROWS_AS(conv2d(x, randn({4, 3, 0, 3})), ValueError);
  CHECK_THROWS_WITH(
      conv_transpose2d(x, randn({3, 2, 3, 3}), {}, 2, 0, 2),
      "conv_transpose2d: output_padding must be smaller than stride or dilation; got output_padding [2], stride [2] "
      "and dilation [1]");
  CHECK_THROWS_WITH(conv_transpose2d(x, randn({3, 2, 3, 3}), {}, 1, 4), ContainsSubstring("which give -1"));
  CHECK_THROWS_WITH(conv_transpose2d(x, w), ContainsSubstring("the input must have 4 channels"));
}

TEST_CASE("options of a convolution that do not fit each other are errors") {
  CHECK_THROWS_WITH(
      nn::Conv2d(nn::Conv2dOptions(3, 4, 3).groups(2)),
      "Conv2d: groups must divide in_channels and out_channels; got groups = 2, in_channels = 3 and out_channels = 4");
  CHECK_THROWS_WITH(nn::Conv2d(nn::Conv2dOptions(3, 4, {3, 0})), "Conv2d: kernel_size must be at least 1; got [3, 0]");
  CHECK_THROWS_WITH(nn::Conv1d(nn::Conv1dOptions(3, 4, 3).stride(0)), "Conv1d: stride must be at least 1; got 0");
  CHECK_THROWS_WITH(nn::Conv1d(nn::Conv1dOptions(3, 4, 3).padding(-1)), "Conv1d: padding must be at least 0; got -1");
  CHECK_THROWS_WITH(nn::Conv2d(nn::Conv2dOptions(3, 4, 3).stride(2).padding(kSame)),
                    "Conv2d: padding kSame must come with a stride of 1; got stride [2, 2]");
  CHECK_THROWS_WITH(nn::ConvTranspose2d(nn::ConvTranspose2dOptions(3, 4, 3).padding_mode(kReflect)),
                    "ConvTranspose2d: padding_mode must be kZeros; got kReflect");
  CHECK_THROWS_AS(nn::Conv2d(nn::Conv2dOptions(-1, 4, 3)), ValueError);
  CHECK_THROWS_AS(nn::Conv2d(nn::Conv2dOptions(1, 4, {3, 3, 3})), ValueError);
}

TEST_CASE("a dilation far beyond the input costs no memory; more groups than can be is an error") {
  // Only the middle tap meets the input.
  const int64_t far = int64_t{1} << 30;
  const Tensor x = randn({2, 3, 4}, kFloat64), w = randn({5, 3, 3}, kFloat64);
  CHECK(allclose(conv1d(x, w, {}, 1, far, far), matmul(w.select(2, 1), x)));
  CHECK(allclose(conv2d(x.unsqueeze(-1), w.unsqueeze(-1), {}, 1, {far, 0}, {far, 1}).squeeze(-1),
                 matmul(w.select(2, 1), x)));
  CHECK_THROWS_WITH(conv1d(ones({1, 2, 3}), ones({0, 2, 3}), {}, 1, 0, 1, INT64_MAX),
                    ContainsSubstring("groups must be at least 1 and below 2^31"));
}
