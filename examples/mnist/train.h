// Training and testing one net.
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
  std::string name;   // of the net, for programs
  std::string title;  // for people
  std::vector<Epoch> epochs;
  // After the last of these epochs:
  taper::Tensor predicted;   // [test images] int64
  taper::Tensor confidence;  // [test images] the probability given to that class
  uint64_t checksum = 0;     // of all parameters and buffers
  int64_t images = 0;        // trained on so far, in finished epochs
  bool diverged = false;     // the loss became infinite or NaN, in the last epoch
  bool saved = true;         // nothing to save counts as saved

  double accuracy() const { return epochs.back().test_accuracy; }
  double seconds() const;
  double images_per_second() const { return static_cast<double>(images) / seconds(); }
};

// Trains a net as the options say. Ends early when the loss is no number any more and at an interrupt; the result then
// holds the epochs that were finished (one that diverged included).
Result train(Net kind, const Data& data, const Options& options);

}  // namespace examples::mnist
