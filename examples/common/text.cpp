#include "text.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace examples {

std::string format(const char* pattern, ...) {
  std::va_list arguments, again;
  va_start(arguments, pattern);
  va_copy(again, arguments);
  std::string text(static_cast<size_t>(std::max(0, std::vsnprintf(nullptr, 0, pattern, arguments))), '\0');
  std::vsnprintf(text.data(), text.size() + 1, pattern, again);
  va_end(again);
  va_end(arguments);
  return text;
}

std::string with_commas(double value) {
  const std::string digits = format("%.0f", value);
  if (!std::isfinite(value)) return digits;
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string counted(int64_t count, const std::string& one) {
  return with_commas(static_cast<double>(count)) + ' ' + one + (count == 1 ? "" : "s");
}

std::string duration(double seconds) {
  if (!(std::abs(seconds) < 1e15)) return "?";
  if (seconds < 60) return format("%.0f s", std::ceil(seconds));
  const auto minutes = static_cast<long long>(seconds / 60);
  if (minutes < 60)
    return format("%lld min %02.0f s", minutes, std::floor(seconds - 60.0 * static_cast<double>(minutes)));
  return format("%lld h %02lld min", minutes / 60, minutes % 60);
}

bool is_terminal(std::FILE* stream) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(stream)) && !(term && std::strcmp(term, "dumb") == 0);
}

int terminal_width(std::FILE* stream) {
  winsize size = {};
  return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool is_utf8() {
  std::setlocale(LC_CTYPE, "");  // that alone: numbers keep their point
  return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

}  // namespace examples
