// ReduceLROnPlateau: lowers every learning rate to max(lr factor, min_lr) when a metric, say the loss on a validation
// set, has not improved for more than `patience` steps. Then it waits for `cooldown` steps before it counts again.
//
//   an improvement is, with t = threshold and `best` the best metric so far:
//   mode min   rel: metric < best (1 - t)    abs: metric < best - t
//   mode max   rel: metric > best (1 + t)    abs: metric > best + t
//
//   taper::optim::ReduceLROnPlateau scheduler(optimizer);
//   scheduler.step(validation_loss);  // after each epoch
//
// A NaN is no improvement. A rate is not changed by eps or less.
#pragma once

#include <taper/optim/optimizer.h>

namespace taper::optim {

class TAPER_API ReduceLROnPlateau {
 public:
  enum SchedulerMode { min, max };
  enum ThresholdMode { rel, abs };

  // min_lr: none (0), one for all groups, or one for each. ValueError for a factor outside [0, 1[, and for a negative
  // patience, cooldown, threshold, min_lr or eps.
  explicit ReduceLROnPlateau(Optimizer& optimizer, SchedulerMode mode = min, double factor = 0.1, int patience = 10,
                             double threshold = 1e-4, ThresholdMode threshold_mode = rel, int cooldown = 0,
                             const std::vector<double>& min_lr = {}, double eps = 1e-8);
  ReduceLROnPlateau(const ReduceLROnPlateau&) = delete;

  void step(double metric);
  std::vector<double> get_last_lr() const;

  //   best, num_bad_epochs, cooldown_counter, last_epoch and last_lr (float64, one per group)
  OrderedDict<std::string, Tensor> state_dict() const;
  // An Error for a state that does not fit changes nothing.
  void load_state_dict(const OrderedDict<std::string, Tensor>& state);

 private:
  bool is_better(double metric) const;
  void reduce();

  Optimizer& optimizer_;
  const SchedulerMode mode_;
  const double factor_;
  const int64_t patience_;
  const double threshold_;
  const ThresholdMode threshold_mode_;
  const int64_t cooldown_;
  std::vector<double> min_lrs_;
  const double eps_;

  double best_;
  int64_t bad_epochs_ = 0, cooldown_left_ = 0, last_epoch_ = 0;
};
using ReduceLROnPlateauScheduler = ReduceLROnPlateau;  // libtorch's name

}  // namespace taper::optim
