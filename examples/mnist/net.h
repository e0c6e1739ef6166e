// The net: three fully connected layers, without or with batch normalisation after the first two.
#pragma once

#include <taper/layers/nn.h>

#include <string>

namespace examples::mnist {

// Keys of its state_dict: fc1.weight, bn1.running_mean, ... A Linear before a BatchNorm needs no bias: the mean that is
// subtracted would take it out again.
inline taper::nn::Sequential mlp(bool batch_norm) {
  using namespace taper::nn;
  Sequential net;
  const auto hidden = [&](const std::string& number, int64_t in, int64_t out) {
    net->push_back("fc" + number, Linear(LinearOptions(in, out).bias(!batch_norm)));
    if (batch_norm) net->push_back("bn" + number, BatchNorm1d(out));
    net->push_back("relu" + number, ReLU());
  };
  net->push_back("flatten", Flatten());
  hidden("1", 784, 512);
  hidden("2", 512, 256);
  net->push_back("fc3", Linear(256, 10));
  return net;
}

}  // namespace examples::mnist
