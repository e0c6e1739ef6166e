#include "inception_net.h"

namespace examples::paper {
namespace {

using namespace taper::nn;

// A convolution that keeps the size, what normalises it and the activation, at the end of `net`.
void add_convolution(Sequential& net, int64_t in, int64_t out, int64_t kernel, bool batch_norm, bool sigmoid) {
  Conv2d convolution(Conv2dOptions(in, out, kernel).padding(kernel / 2).bias(!batch_norm));
  init::kaiming_normal_(convolution->weight, 0, taper::kFanIn, taper::kReLU);
  if (!batch_norm) init::zeros_(convolution->bias);
  net->push_back(convolution);
  if (batch_norm) net->push_back(BatchNorm2d(out));
  if (sigmoid) {
    net->push_back(Sigmoid());
  } else {
    net->push_back(ReLU());
  }
}

}  // namespace

void InceptionImpl::reset() {
  const auto add = [&](Sequential& branch, int64_t in, int64_t out, int64_t kernel) {
    add_convolution(branch, in, out, kernel, options.batch_norm(), options.sigmoid());
  };
  const int64_t in = options.in_channels();
  one = register_module("one", Sequential());
  add(one, in, options.one(), 1);

  three = register_module("three", Sequential());
  add(three, in, options.three_reduced(), 1);
  add(three, options.three_reduced(), options.three(), 3);

  doubled = register_module("doubled", Sequential());
  add(doubled, in, options.doubled_reduced(), 1);
  add(doubled, options.doubled_reduced(), options.doubled(), 3);
  add(doubled, options.doubled(), options.doubled(), 3);

  pool = register_module("pool", Sequential());
  pool->push_back(AvgPool2d(AvgPool2dOptions(3).stride(1).padding(1)));
  add(pool, in, options.pool(), 1);
}

taper::Tensor InceptionImpl::forward(const taper::Tensor& x) {
  return taper::cat({one->forward(x), three->forward(x), doubled->forward(x), pool->forward(x)}, /*dim=*/1);
}

Sequential inception_net(bool batch_norm, bool sigmoid) {
  const auto wide = [&](int64_t in) {
    return Inception(InceptionOptions(in)
                         .one(16)
                         .three(24)
                         .doubled(12)
                         .pool(12)
                         .three_reduced(16)
                         .doubled_reduced(8)
                         .batch_norm(batch_norm)
                         .sigmoid(sigmoid));
  };
  Sequential net(Functional([](const taper::Tensor& x) { return x.view({-1, 1, 28, 28}); }));
  add_convolution(net, 1, 16, 3, batch_norm, sigmoid);
  net->push_back(MaxPool2d(2));  // -> 16 x 14 x 14
  net->push_back(Inception(InceptionOptions(16).batch_norm(batch_norm).sigmoid(sigmoid)));
  net->push_back(MaxPool2d(2));  // -> 32 x 7 x 7
  net->push_back(wide(32));
  net->push_back(wide(64));
  net->push_back(AdaptiveAvgPool2d(1));
  net->push_back(Flatten());
  net->push_back(Linear(64, 10));
  return net;
}

}  // namespace examples::paper
