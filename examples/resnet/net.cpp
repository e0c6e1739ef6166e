#include "net.h"

#include <string>

namespace examples::resnet {
namespace {

using namespace taper::nn;

// Without a bias, which the BatchNorm after it would cancel.
Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  Conv2d layer(Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
  init::kaiming_normal_(layer->weight, 0, taper::kFanOut, taper::kReLU);
  return layer;
}

}  // namespace

void BasicBlockImpl::reset() {
  const int64_t in = options.in_channels(), out = options.out_channels(), stride = options.stride();
  conv1 = register_module("conv1", convolution(in, out, 3, stride));
  bn1 = register_module("bn1", BatchNorm2d(out));
  conv2 = register_module("conv2", convolution(out, out, 3, 1));
  bn2 = register_module("bn2", BatchNorm2d(out));
  if (options.zero_init_residual()) init::zeros_(bn2->weight);
  downsample = nullptr;
  if (stride != 1 || in != out) {
    downsample = register_module("downsample", Sequential(convolution(in, out, 1, stride), BatchNorm2d(out)));
  }
}

taper::Tensor BasicBlockImpl::forward(const taper::Tensor& x) {
  const taper::Tensor y = bn2(conv2(taper::relu(bn1(conv1(x)))));
  return taper::relu(y + (downsample ? downsample->forward(x) : x));
}

void ResNetImpl::reset() {
  int64_t in = options.channels().at(0);
  conv1 = register_module("conv1", convolution(options.in_channels(), in, 3, options.stride()));
  bn1 = register_module("bn1", BatchNorm2d(in));
  stages = register_module("stages", Sequential());
  for (size_t stage = 0; stage < options.channels().size(); ++stage) {
    const int64_t out = options.channels()[stage];
    for (int64_t block = 0; block < options.blocks(); ++block) {
      stages->push_back(BasicBlock(BasicBlockOptions(in, out)
                                       .stride(stage > 0 && block == 0 ? 2 : 1)
                                       .zero_init_residual(options.zero_init_residual())));
      in = out;
    }
  }
  fc = register_module("fc", Linear(in, options.num_classes()));
}

taper::Tensor ResNetImpl::forward(const taper::Tensor& x) {
  const taper::Tensor features = stages->forward(taper::relu(bn1(conv1(x))));
  return fc(features.mean({2, 3}));
}

}  // namespace examples::resnet
