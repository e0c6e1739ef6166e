// Progress on stderr: a bar that stays in its line on a terminal, now and then a plain line elsewhere.
#pragma once

#include <chrono>
#include <string>

namespace examples {

class ProgressBar {
 public:
  ProgressBar();
  // What was not finished leaves no bar behind.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Whether it is time for the next show(). Cheap: it may be asked at every step.
  bool due();
  // `head [====    ]  42 %  detail  speed  3 s left`; `done` from 0 to 1. On a narrow terminal the bar goes first, then
  // the speed.
  void show(const std::string& head, double done, const std::string& detail, const std::string& speed,
            double seconds_left);
  // A line that stays.
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
