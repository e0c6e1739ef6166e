#include "catch.h"

#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/layers/nn.h>

using namespace taper;

namespace {

struct NetImpl : nn::Module {
  NetImpl() {
    fc1 = register_module("fc1", nn::Linear(784, 100));
    norm = register_module("norm", nn::BatchNorm1d(100));
    fc2 = register_module("fc2", nn::Linear(100, 10));
    unused = register_module("unused", nn::ReLU());
  }
  // As many programs for libtorch write it: not fc1(x), which modules of one's own need to be seen.
  Tensor forward(const Tensor& x) { return fc2->forward(relu(norm->forward(fc1->forward(x)))); }
  nn::Linear fc1{nullptr}, fc2{nullptr};
  nn::BatchNorm1d norm{nullptr};
  nn::ReLU unused{nullptr};
};
TAPER_MODULE(Net);

}  // namespace

TEST_CASE("summary shows sizes and parameters of every module, and totals") {
  Net net;
  net->fc2->weight.set_requires_grad(false);
  CHECK(nn::summary(net, {64, 784}) ==
        "Module               Output     Parameters\n"
        "Net                  [64, 10]            0\n"
        "  fc1: Linear        [64, 100]      78,500\n"
        "  norm: BatchNorm1d  [64, 100]         200\n"
        "  fc2: Linear        [64, 10]        1,010\n"
        "  unused: ReLU       -                   0\n"
        "Parameters: 79,710 (78,710 trainable); buffers: 201\n");
}

TEST_CASE("summary takes holders, pointers, modules and several inputs, nested and repeated modules") {
  nn::Linear shared(4, 4);
  nn::Sequential seq({{"a", shared}, {"inner", nn::Sequential(nn::ReLU())}, {"b", shared}});
  const std::string text = nn::summary(seq, randn({2, 4}));
  CHECK(text == nn::summary(seq.ptr(), {2, 4}));
  CHECK(text == nn::summary(*seq, {2, 4}));
  CHECK_THAT(text, ContainsSubstring("a: Linear") && ContainsSubstring("[2, 4] x2") &&
                       ContainsSubstring("    0: ReLU") && ContainsSubstring("Parameters: 20 (20 trainable)"));
  struct AddImpl : nn::Module {
    Tensor forward(const Tensor& a, const Tensor& b) { return a + b; }
  };
  CHECK_THAT(nn::summary(std::make_shared<AddImpl>(), ones({2}), ones({3, 2})), ContainsSubstring("[3, 2]"));
  nn::Linear wide(4, 2);
  wide->to(kFloat64);
  CHECK_THAT(nn::summary(wide, {1, 4}), ContainsSubstring("[1, 2]"));
}

TEST_CASE("summary leaves mode, statistics, gradients and the random stream alone, also when it fails") {
  Net net;
  net->norm->eval();
  const Tensor mean = net->norm->running_mean.clone();
  manual_seed(5);
  nn::summary(net, {64, 784});
  CHECK_THROWS_WITH(nn::summary(net, {64, 5}), ContainsSubstring("(in module fc1)"));
  CHECK(net->is_training());
  CHECK(net->fc1->is_training());
  CHECK(!net->norm->is_training());
  CHECK(net->norm->running_mean.equal(mean));
  CHECK(!net->fc1->weight.grad().defined());
  const Tensor next = rand({2});
  manual_seed(5);
  CHECK(next.equal(rand({2})));
  CHECK(net->forward(ones({2, 784})).requires_grad());
}
