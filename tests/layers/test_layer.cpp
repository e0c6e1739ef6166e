// What a program may build on taper's own layers.
#include <taper/layers/layer.h>
#include <taper/taper.h>

#include "catch.h"
#include "support/text.h"

namespace {

using taper::Tensor;
namespace nn = taper::nn;

// A second forward, and a function that has a name of its own.
struct ScaledLinearImpl : nn::LinearImpl {
  using LinearImpl::forward;
  using LinearImpl::LinearImpl;
  Tensor forward(const Tensor& x, double factor) {
    TAPER_CHECK(factor > 0, "ScaledLinear: factor must be positive; got ", factor);
    return compute(x) * factor;
  }
  Tensor compute(const Tensor& x) { return forward(x); }
};
TAPER_MODULE(ScaledLinear);

struct NetImpl : nn::Module {
  NetImpl() { fc = register_module("fc", ScaledLinear(3, 2)); }
  Tensor forward(const Tensor& x, double factor) { return fc(x, factor); }
  ScaledLinear fc{nullptr};
};
TAPER_MODULE(Net);

struct TwiceOptions {
  TAPER_ARG(double, offset) = 0.5;
  TAPER_PRINTED(offset_);
};
struct Twice : nn::Layer<Twice, TwiceOptions, const Tensor&> {
  using Layer::Layer;

 protected:
  Tensor layer_forward(const Tensor& x) override { return 2 * x + options.offset(); }
};

}  // namespace

TEST_CASE("a subclass of a layer overloads forward, and errors name the module") {
  Net net;
  CHECK(net(taper::ones({4, 3}), 2.0).sizes() == taper::IntArrayRef({4, 2}));
  CHECK_THROWS_WITH(net(taper::ones({4, 3}), -1.0), ContainsSubstring("(in module fc)"));
  CHECK_THROWS_WITH(net(taper::ones({4, 5}), 2.0), ContainsSubstring("(in module fc)"));
}

TEST_CASE("a layer's class may have any name") {
  Twice twice;
  CHECK(twice.forward(taper::ones({1})).item<float>() == 2.5F);
  CHECK_THAT(support::printed(static_cast<const nn::Module&>(twice)), ContainsSubstring("Twice(offset=0.5)"));
}

TEST_CASE("adaptive pooling is made of a list, in which a size may be left out") {
  nn::AdaptiveAvgPool2dImpl average({taper::nullopt, 5});
  CHECK(average.forward(taper::ones({1, 1, 4, 10})).sizes() == taper::IntArrayRef({1, 1, 4, 5}));
  nn::AdaptiveMaxPool2dImpl largest({3, 5});
  CHECK(largest.forward(taper::ones({1, 1, 6, 10})).sizes() == taper::IntArrayRef({1, 1, 3, 5}));
}
