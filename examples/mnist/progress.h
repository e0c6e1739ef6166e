// Progress: measures one epoch of training and shows it on stderr.
#pragma once

#include <cstdint>
#include <string>

#include "../common/progress_bar.h"

namespace examples::mnist {

class Progress {
 public:
  // Epoch `epoch` of `epochs`, counted from 1, of `total` images.
  Progress(std::string title, int64_t epoch, int64_t epochs, int64_t total);

  // A step on `images` with this mean loss.
  void update(int64_t images, double loss);
  // The line that stays.
  void finish(double test_accuracy);

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

}  // namespace examples::mnist
