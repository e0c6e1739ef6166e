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
  const std::string percent = format(" %3.0f %%  loss %.4f", 100 * done, loss());
  const std::string speed = format("  %s img/s", with_commas(rate()).c_str());
  const std::string time = format("  %s left", duration(left).c_str());
  if (!terminal_) {
    std::fprintf(stderr, "%s %s%s%s\n", head.c_str(), percent.c_str(), speed.c_str(), time.c_str());
    return;
  }
  // The bar takes what room there is; on a narrow terminal it goes first, then the speed. The last column is left free:
  // a full line would make some terminals begin the next.
  const int width = terminal_width(stderr) - 1;
  std::string line = head + percent + speed + time;
  const int cells = std::min(30, width - static_cast<int>(line.size()) - 3);
  if (cells >= 5) {
    const auto full = static_cast<size_t>(done * cells);
    line = head + " [" + std::string(full, '=') + std::string(static_cast<size_t>(cells) - full, ' ') + "]" + percent +
           speed + time;
  } else if (static_cast<int>(line.size()) > width) {
    line = head + percent + time;
    line.resize(std::min(line.size(), static_cast<size_t>(std::max(0, width))));
  }
  std::fprintf(stderr, "%s%s", kClearLine, line.c_str());
  std::fflush(stderr);
}

void Progress::finish(double test_accuracy) {
  std::fprintf(stderr, "%s%-17s epoch %lld/%lld  test %6.2f %%  loss %.4f  %s img/s  %.1f s\n",
               terminal_ ? kClearLine : "", title_.c_str(), static_cast<long long>(epoch_),
               static_cast<long long>(epochs_), test_accuracy, loss(), with_commas(rate()).c_str(), seconds());
}

}  // namespace mnist
