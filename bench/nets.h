// The convolutional and the recurrent networks of the benchmarks, for taper and for libtorch.
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

// Reads images of 28 x 28 row by row, 2 layers in both directions of 128 units each; its last output is classified.
template <class Layer, class Options>
struct RecurrentImpl : torch::nn::Module {
  RecurrentImpl()
      : layer(register_module("layer", Layer(Options(28, 128).num_layers(2).bidirectional(true)))),
        fc(register_module("fc", torch::nn::Linear(256, 10))) {}
  torch::Tensor forward(const torch::Tensor& x) { return fc(std::get<0>(layer(x))[-1]); }
  Layer layer;
  torch::nn::Linear fc;
};
using LstmNet = RecurrentImpl<torch::nn::LSTM, torch::nn::LSTMOptions>;
using GruNet = RecurrentImpl<torch::nn::GRU, torch::nn::GRUOptions>;

}  // namespace bench
