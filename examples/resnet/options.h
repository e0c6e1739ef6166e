// The command line of the program.
#pragma once

#include "../common/options.h"

namespace examples::resnet {

// The fraction of the training in which the learning rate rises from a tenth; then it decays to 0.
constexpr double kWarmUp = 0.1;

struct Options : TrainingOptions {
  Options() {
    epochs = 5;
    batch_size = 64;
    lr = 0.1;
    out = "out/resnet";  // for the weights and the CSV
  }
  int64_t blocks = 1;   // in a stage
  int64_t width = 16;   // channels of the first stage
  bool augment = true;  // random transforms of the training images
};

// Fills `options`; returns as parse() of ../common/options.h.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::resnet
