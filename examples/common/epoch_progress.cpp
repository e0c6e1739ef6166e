#include "epoch_progress.h"

#include <cmath>

#include "text.h"

namespace examples {

EpochProgress::EpochProgress(const std::string& title, int64_t epoch, int64_t epochs, int64_t total)
    : head_(format("%s epoch %lld/%lld", title.c_str(), static_cast<long long>(epoch), static_cast<long long>(epochs))),
      epochs_left_(epochs - epoch),
      total_(total) {}

void EpochProgress::update(int64_t images, double loss, const std::string& detail) {
  images_ += images;
  loss_sum_ += loss * static_cast<double>(images);
  if (!bar_.due()) return;
  const auto left = static_cast<double>(total_ - images_ + epochs_left_ * total_);  // until all epochs are over
  bar_.show(head_, static_cast<double>(images_) / static_cast<double>(total_),
            format("loss %.4f", this->loss()) + detail, with_commas(rate()) + " img/s", left / rate());
}

// fabs: x86 likes to print its NaNs as -nan
double EpochProgress::loss() const { return std::fabs(loss_sum_ / static_cast<double>(images_)); }
double EpochProgress::rate() const { return static_cast<double>(images_) / seconds(); }

void EpochProgress::finish(const std::string& result) {
  bar_.finish(head_ + "  " + result +
              format("  loss %.4f  %s img/s  %.1f s", loss(), with_commas(rate()).c_str(), seconds()));
}

}  // namespace examples
