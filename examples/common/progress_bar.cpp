#include "progress_bar.h"

#include <algorithm>
#include <cstdio>

#include "text.h"

namespace examples {
namespace {

constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar()
    : terminal_(is_terminal(stderr)),
      every_(terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10)),
      next_(start_ + every_) {}

ProgressBar::~ProgressBar() {
  if (terminal_) std::fputs(kClearLine, stderr);
}

bool ProgressBar::due() {
  now_ = Clock::now();
  if (now_ < next_) return false;
  next_ = now_ + every_;
  return true;
}

void ProgressBar::show(const std::string& head, double done, const std::string& detail, const std::string& speed,
                       double seconds_left) {
  const auto part = [](const std::string& text) { return text.empty() ? "" : "  " + text; };
  const std::string percent = format(" %3.0f %%", 100 * done) + part(detail);
  const std::string time = format("  %s left", duration(seconds_left).c_str());
  std::string line = head + percent + part(speed) + time;
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", line.c_str());
    return;
  }
  // The last column is left free: a full line would make some terminals begin the next.
  const int width = terminal_width(stderr) - 1;
  const int cells = std::min(30, width - static_cast<int>(line.size()) - 3);
  if (cells >= 5) {
    const auto full = static_cast<size_t>(done * cells);
    line = head + " [" + std::string(full, '=') + std::string(static_cast<size_t>(cells) - full, ' ') + "]" + percent +
           part(speed) + time;
  } else if (static_cast<int>(line.size()) > width) {
    line = head + percent + time;
    line.resize(std::min(line.size(), static_cast<size_t>(std::max(0, width))));
  }
  std::fprintf(stderr, "%s%s", kClearLine, line.c_str());
  std::fflush(stderr);
}

void ProgressBar::finish(const std::string& line) {
  std::fprintf(stderr, "%s%s\n", terminal_ ? kClearLine : "", line.c_str());
}

}  // namespace examples
