#include "net.h"

#include <string>

namespace examples::mnist {
namespace {

using namespace taper::nn;

// A layer before a BatchNorm needs no bias: the mean that is subtracted would take it out again.

// Three fully connected layers, without or with batch normalisation after the first two. Keys of its state_dict:
// fc1.weight, bn1.running_mean, ...
Sequential mlp(bool batch_norm) {
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

// Two convolutions and two fully connected layers. Keys: conv1.weight, bn1.running_mean, ...
Sequential cnn() {
  Sequential net;
  const auto convolution = [&](const std::string& number, int64_t in, int64_t out) {
    net->push_back("conv" + number, Conv2d(Conv2dOptions(in, out, 3).padding(1).bias(false)));
    net->push_back("bn" + number, BatchNorm2d(out));
    net->push_back("relu" + number, ReLU());
    net->push_back("pool" + number, MaxPool2d(2));
  };
  convolution("1", 1, 32);   // -> 32 x 14 x 14
  convolution("2", 32, 64);  // -> 64 x 7 x 7
  net->push_back("flatten", Flatten());
  net->push_back("fc1", Linear(LinearOptions(64 * 7 * 7, 128).bias(false)));
  net->push_back("bn3", BatchNorm1d(128));
  net->push_back("relu3", ReLU());
  net->push_back("fc2", Linear(128, 10));
  return net;
}

}  // namespace

Sequential make_net(Net net) { return net == Net::Cnn ? cnn() : mlp(net == Net::BatchNorm); }

}  // namespace examples::mnist
