// Training and testing the network.
#pragma once

#include <vector>

#include "../common/digits.h"
#include "net.h"
#include "options.h"

namespace examples::sequences {

struct Epoch {
  double loss;           // mean over the epoch's images
  double test_accuracy;  // in percent
  double seconds;        // of training, without the test
  double images_per_second;
};

struct Result {
  std::vector<Epoch> epochs;
  std::vector<double> accuracy_after;  // in percent, after 1, 2, ... rows
};

// Trains `net` as the options say, by its answer after the last row and, with less weight, by those before. Ends early
// on an interrupt, with the finished epochs, and when the loss is NaN or infinite.
Result train(RowReader& net, const Data& data, const Options& options);

}  // namespace examples::sequences
