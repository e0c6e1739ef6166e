// The command line of the program.
#pragma once

#include "../common/options.h"

namespace examples::sequences {

struct Options : TrainingOptions {
  Options() {
    epochs = 3;
    batch_size = 64;
    lr = 2e-3;
    out = "out/sequences";
  }
  int64_t hidden = 128;  // units of a layer
  int64_t layers = 1;
  bool gru = false;  // instead of an LSTM
};

// Fills `options`; returns as parse() of ../common/options.h.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::sequences
