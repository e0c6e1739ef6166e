// The command line of the program.
#pragma once

#include <string>
#include <vector>

#include "../common/options.h"
#include "net.h"

namespace examples::mnist {

constexpr double kMomentum = 0.9;

struct Options : TrainingOptions {
  Options() {
    epochs = 5;
    out = "out/mnist";  // for curves and CSV
  }
  std::vector<Net> nets = {Net::Plain, Net::BatchNorm};  // to train, in this order
  std::string save;                                      // folder; empty: none
};

// Whether the last batch of an epoch would be a single image. It is left out: batch normalisation cannot train on it,
// and both networks must see the same images.
inline bool leaves_one(const Options& options) {
  return options.batch_size > 1 && options.train_size % options.batch_size == 1;
}

// Fills `options`; returns as parse() of ../common/options.h.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::mnist
