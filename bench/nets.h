// The convolutional network of the benchmarks, for taper and for libtorch.
#pragma once

#include <torch/torch.h>

namespace bench {

// conv32-BN-ReLU-pool-conv64-BN-ReLU-pool-fc128-BN-ReLU-fc10, on images of 28 x 28
inline torch::nn::Sequential make_cnn() {
  namespace nn = torch::nn;
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 32, 3).padding(1).bias(false)), nn::BatchNorm2d(32), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Conv2d(nn::Conv2dOptions(32, 64, 3).padding(1).bias(false)),
                        nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                        nn::Linear(nn::LinearOptions(64 * 7 * 7, 128).bias(false)), nn::BatchNorm1d(128), nn::ReLU(),
                        nn::Linear(128, 10));
}

}  // namespace bench
