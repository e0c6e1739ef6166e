#include "progress.h"

#include <cmath>

#include "../common/text.h"

namespace examples::mnist {

Progress::Progress(std::string title, int64_t epoch, int64_t epochs, int64_t total)
    : head_(format("%-17s epoch %lld/%lld", title.c_str(), static_cast<long long>(epoch),
                   static_cast<long long>(epochs))),
      epochs_left_(epochs - epoch),
      total_(total) {}

void Progress::update(int64_t images, double loss) {
  images_ += images;
  loss_sum_ += loss * static_cast<double>(images);
  if (!bar_.due()) return;
  const auto left = static_cast<double>(total_ - images_ + epochs_left_ * total_);  // until the net has seen all epochs
  bar_.show(head_, static_cast<double>(images_) / static_cast<double>(total_), format("loss %.4f", this->loss()),
            with_commas(rate()) + " img/s", left / rate());
}

// fabs: x86 likes to print its NaNs as -nan
double Progress::loss() const { return std::fabs(loss_sum_ / static_cast<double>(images_)); }
double Progress::rate() const { return static_cast<double>(images_) / seconds(); }

void Progress::finish(double test_accuracy) {
  bar_.finish(head_ + format("  test %6.2f %%  loss %.4f  %s img/s  %.1f s", test_accuracy, loss(),
                             with_commas(rate()).c_str(), seconds()));
}

}  // namespace examples::mnist
