// The command line of the program.
#pragma once

#include "../common/options.h"

namespace examples::dcgan {

struct Options : TrainingOptions {
  Options() {
    epochs = 3;
    lr = 2e-4;
    out = "out/dcgan";
  }
  int64_t width = 32;   // channels of the outer layers; twice as many in the inner ones
  int64_t every = 200;  // steps between images
};

// Fills `options`; returns as parse() of ../common/options.h.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::dcgan
