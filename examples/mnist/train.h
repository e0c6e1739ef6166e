// Training and testing one network.
#pragma once

#include <taper/core/tensor.h>

#include <string>
#include <vector>

#include "../common/digits.h"
#include "options.h"

namespace examples::mnist {

struct Epoch {
  double loss;           // mean over the epoch's images
  double test_accuracy;  // in percent
  double seconds;        // of training, without the test
};

struct Result {
  std::string name;   // of the network, in files
  std::string title;  // in tables
  std::vector<Epoch> epochs;
  // After the last of these epochs:
  taper::Tensor predicted;   // [test images] int64
  taper::Tensor confidence;  // [test images] the probability given to that class
  uint64_t checksum = 0;     // of all parameters and buffers
  int64_t images = 0;        // trained on, in finished epochs
  bool diverged = false;     // the loss became infinite or NaN, in the last epoch
  bool saved = true;         // nothing to save counts as saved

  double accuracy() const { return epochs.back().test_accuracy; }
  double seconds() const;
  double images_per_second() const { return static_cast<double>(images) / seconds(); }
};

// Trains a network as the options say. Ends early when the loss is NaN or infinite and on an interrupt; the result then
// has the finished epochs (including one that diverged).
Result train(Net kind, const Data& data, const Options& options);

}  // namespace examples::mnist
