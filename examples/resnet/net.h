// A residual network for small images (He et al. 2015, section 4.2).
#pragma once

#include <taper/layers/nn.h>

#include <vector>

namespace examples::resnet {

struct BasicBlockOptions {
  BasicBlockOptions(int64_t in_channels, int64_t out_channels)
      : in_channels_(in_channels), out_channels_(out_channels) {}
  TAPER_ARG(int64_t, in_channels);
  TAPER_ARG(int64_t, out_channels);
  // Of the first convolution and of the shortcut.
  TAPER_ARG(int64_t, stride) = 1;
  // Begin with a last BatchNorm of weight 0: the block is its shortcut at first, the net a shallow one (Goyal et al.
  // 2017, section 5.1).
  TAPER_ARG(bool, zero_init_residual) = true;
};

// y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)), with 3x3 convolutions. The shortcut is x itself, or a 1x1
// convolution with BatchNorm where the sizes change.
//
//   x  [N, in_channels, H, W]
//   y  [N, out_channels, ceil(H / stride), ceil(W / stride)]
class BasicBlockImpl : public taper::nn::Cloneable<BasicBlockImpl> {
 public:
  BasicBlockImpl(int64_t in_channels, int64_t out_channels)
      : BasicBlockImpl(BasicBlockOptions(in_channels, out_channels)) {}
  explicit BasicBlockImpl(const BasicBlockOptions& options_) : options(options_) { BasicBlockImpl::reset(); }
  void reset() override;
  taper::Tensor forward(const taper::Tensor& x);

  BasicBlockOptions options;
  taper::nn::Conv2d conv1{nullptr}, conv2{nullptr};
  taper::nn::BatchNorm2d bn1{nullptr}, bn2{nullptr};
  taper::nn::Sequential downsample{nullptr};  // empty where the shortcut is x
};
TAPER_MODULE(BasicBlock);

struct ResNetOptions {
  explicit ResNetOptions(int64_t num_classes) : num_classes_(num_classes) {}
  TAPER_ARG(int64_t, num_classes);
  // Of the images.
  TAPER_ARG(int64_t, in_channels) = 1;
  // A stage each; from the second on, each halves height and width.
  TAPER_ARG(std::vector<int64_t>, channels) = {16, 32, 64};
  // Blocks in a stage.
  TAPER_ARG(int64_t, blocks) = 1;
  // Of the first convolution.
  TAPER_ARG(int64_t, stride) = 1;
  TAPER_ARG(bool, zero_init_residual) = true;
};

// A 3x3 convolution, the stages, the mean of each channel and a Linear: 2 + 2 stages * blocks layers. Convolutions have
// He's initial weights.
//
//   x       [N, in_channels, H, W]
//   scores  [N, num_classes]
class ResNetImpl : public taper::nn::Cloneable<ResNetImpl> {
 public:
  explicit ResNetImpl(int64_t num_classes) : ResNetImpl(ResNetOptions(num_classes)) {}
  explicit ResNetImpl(const ResNetOptions& options_) : options(options_) { ResNetImpl::reset(); }
  void reset() override;
  taper::Tensor forward(const taper::Tensor& x);

  ResNetOptions options;
  taper::nn::Conv2d conv1{nullptr};
  taper::nn::BatchNorm2d bn1{nullptr};
  taper::nn::Sequential stages{nullptr};
  taper::nn::Linear fc{nullptr};
};
TAPER_MODULE(ResNet);

}  // namespace examples::resnet
