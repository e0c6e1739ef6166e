// Progress: measures one epoch of training and shows it on stderr - as a bar on a terminal, otherwise in plain lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mnist {

class Progress {
 public:
  // Epoch `epoch` of `epochs`, counted from 1, of `total` images.
  Progress(std::string title, int64_t epoch, int64_t epochs, int64_t total);
  // An epoch left early leaves no bar behind.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A step on `images` with this mean loss.
  void update(int64_t images, double loss);
  // The line that stays.
  void finish(double test_accuracy);

  int64_t images() const { return images_; }
  // Mean over the images so far; NaN before the first.
  double loss() const;
  double rate() const;
  // From the start to the last update.
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  void show();

  const std::string title_;
  const int64_t epoch_, epochs_, total_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point now_ = start_, next_;
  int64_t images_ = 0;
  double loss_sum_ = 0;
};

}  // namespace mnist
