#include "progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "text.h"

namespace mnist {
namespace {

constexpr std::chrono::milliseconds kBarEvery{100};
constexpr std::chrono::seconds kLineEvery{10};
constexpr const char* kClearLine = "\r\x1b[K";

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 60) return format("%.0f s", std::ceil(seconds));
  const auto minutes = static_cast<long long>(seconds / 60);
  if (minutes < 60)
    return format("%lld min %02.0f s", minutes, std::floor(seconds - 60.0 * static_cast<double>(minutes)));
  return format("%lld h %02lld min", minutes / 60, minutes % 60);
}

}  // namespace

Progress::Progress(std::string title, int64_t epoch, int64_t epochs, int64_t total)
    : title_(std::move(title)),
      epoch_(epoch),
      epochs_(epochs),
      total_(total),
      terminal_(is_terminal(stderr)),
      next_(start_ + (terminal_ ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery))) {}

Progress::~Progress() {
  if (terminal_) std::fputs(kClearLine, stderr);
}

void Progress::update(int64_t images, double loss) {
  images_ += images;
  loss_sum_ += loss * static_cast<double>(images);
  now_ = Clock::now();
  if (now_ < next_) return;
  next_ = now_ + (terminal_ ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery));
  show();
}

// fabs: x86 likes to print its NaNs as -nan
double Progress::loss() const { return std::fabs(loss_sum_ / static_cast<double>(images_)); }
double Progress::seconds() const { return std::chrono::duration<double>(now_ - start_).count(); }
double Progress::rate() const { return static_cast<double>(images_) / seconds(); }

void Progress::show() {
  const double done = static_cast<double>(images_) / static_cast<double>(total_);
  // Until this net has seen all its epochs.
  const double left = (static_cast<double>(epochs_ - epoch_ + 1) - done) * static_cast<double>(total_) / rate();
  const std::string head =
      format("%-17s epoch %lld/%lld", title_.c_str(), static_cast<long long>(epoch_), static_cast<long long>(epochs_));
  const std::string tail = format("%3.0f %%  loss %.4f  %s img/s  %s left", 100 * done, loss(),
                                  with_commas(rate()).c_str(), duration(left).c_str());
  if (!terminal_) {
    std::fprintf(stderr, "%s  %s\n", head.c_str(), tail.c_str());
    return;
  }
  // One column is left free: a full line would make some terminals begin the next.
  const int room = terminal_width(stderr) - 1 - static_cast<int>(head.size() + tail.size()) - 5;
  std::string bar;
  if (room >= 5) {
    const int cells = room < 30 ? room : 30;
    const int full = static_cast<int>(done * cells);
    bar =
        " [" + std::string(static_cast<size_t>(full), '=') + std::string(static_cast<size_t>(cells - full), ' ') + "]";
  }
  std::string line = head + bar + " " + tail;
  line.resize(std::min(line.size(), static_cast<size_t>(terminal_width(stderr) - 1)));
  std::fprintf(stderr, "%s%s", kClearLine, line.c_str());
  std::fflush(stderr);
}

void Progress::finish(double test_accuracy) {
  std::fprintf(stderr, "%s%-17s epoch %lld/%lld  test %6.2f %%  loss %.4f  %s img/s  %.1f s\n",
               terminal_ ? kClearLine : "", title_.c_str(), static_cast<long long>(epoch_),
               static_cast<long long>(epochs_), test_accuracy, loss(), with_commas(rate()).c_str(), seconds());
}

}  // namespace mnist
