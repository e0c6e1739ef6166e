// Training and testing the network.
#pragma once

#include <vector>

#include "data.h"
#include "net.h"
#include "options.h"

namespace examples::resnet {

struct Epoch {
  double loss;           // mean over the epoch's images
  double test_accuracy;  // in percent
  double lr;             // at the end
  double seconds;        // of training, without the test
  double images_per_second;
};

// Trains `net` as the options say. Ends early on an interrupt, with the finished epochs, and when the loss is NaN or
// infinite.
std::vector<Epoch> train(ResNet& net, const ImageData& data, const Options& options);

}  // namespace examples::resnet
