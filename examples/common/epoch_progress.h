// EpochProgress: measures one epoch of training and shows its progress on stderr.
#pragma once

#include <cstdint>
#include <string>

#include "progress_bar.h"

namespace examples {

class EpochProgress {
 public:
  // Epoch `epoch` of `epochs`, counted from 1, of `total` images.
  EpochProgress(const std::string& title, int64_t epoch, int64_t epochs, int64_t total);

  // A step on `images` with this mean loss. `detail` is shown after the loss.
  void update(int64_t images, double loss, const std::string& detail = "");
  // The final line, with `result`: "test  98.10 %".
  void finish(const std::string& result);

  int64_t images() const { return images_; }
  // Mean over the images so far; NaN before the first.
  double loss() const;
  double rate() const;
  // From the start to the last update.
  double seconds() const { return bar_.seconds(); }

 private:
  const std::string head_;
  const int64_t epochs_left_, total_;
  ProgressBar bar_;
  int64_t images_ = 0;
  double loss_sum_ = 0;
};

}  // namespace examples
