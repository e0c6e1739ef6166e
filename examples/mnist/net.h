// The networks that can be trained.
#pragma once

#include <taper/layers/nn.h>

namespace examples::mnist {

enum class Net { Plain, BatchNorm, Cnn };

constexpr const char* name(Net net) {  // for programs and files
  return net == Net::Plain ? "plain" : net == Net::BatchNorm ? "batchnorm" : "cnn";
}
constexpr const char* title(Net net) {  // for people
  return net == Net::Plain ? "without BatchNorm" : net == Net::BatchNorm ? "with BatchNorm" : "CNN with BatchNorm";
}
constexpr const char* layers(Net net) {
  return net == Net::Cnn ? "conv32-BN-ReLU-pool-conv64-BN-ReLU-pool-fc128-BN-ReLU-fc10" : "784-512-256-10";
}

// Takes images [N, 1, 28, 28], returns scores [N, 10].
taper::nn::Sequential make_net(Net net);

}  // namespace examples::mnist
