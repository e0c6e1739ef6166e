#include <taper/core/error.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdio>

namespace taper {
namespace {

void warn_on_stderr(const std::string& message) { std::fprintf(stderr, "taper warning: %s\n", message.c_str()); }

std::atomic<WarningHandler> warning_handler{warn_on_stderr};

}  // namespace

// Out-of-line destructors keep one typeinfo in the library, so that a catch in a program matches a throw in it.
Error::~Error() = default;
void Error::add_module(const std::string& path) {
  if (message_.find(" (in module ") == std::string::npos) message_ += " (in module " + path + ")";
}
IndexError::~IndexError() = default;
ValueError::~ValueError() = default;
TypeError::~TypeError() = default;
NotImplementedError::~NotImplementedError() = default;

void set_warning_handler(WarningHandler handler) { warning_handler = handler ? handler : warn_on_stderr; }
void warn(const std::string& message) { warning_handler.load()(message); }

void append_to(std::string& out, long long value) { fmt::format_to(std::back_inserter(out), "{}", value); }
void append_to(std::string& out, unsigned long long value) { fmt::format_to(std::back_inserter(out), "{}", value); }
void append_to(std::string& out, double value) { fmt::format_to(std::back_inserter(out), "{}", value); }

}  // namespace taper
