// Progress on stderr: a bar on a terminal, otherwise a plain line from time to time.
#pragma once

#include <chrono>
#include <string>

namespace examples {

class ProgressBar {
 public:
  ProgressBar();
  // Removes an unfinished bar.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Whether it is time for the next show(). Cheap enough for every step.
  bool due();
  // `head [====    ]  42 %  detail  speed  3 s left`; `done` from 0 to 1. A narrow terminal omits the bar first,
  // then the speed.
  void show(const std::string& head, double done, const std::string& detail, const std::string& speed,
            double seconds_left);
  // A permanent line.
  void finish(const std::string& line);

  // Since the bar was made, at the last due().
  double seconds() const { return std::chrono::duration<double>(now_ - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_;
  const Clock::duration every_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point now_ = start_, next_;
};

}  // namespace examples
