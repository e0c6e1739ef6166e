#include <taper/core/error.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdio>

namespace taper {
namespace {

// For set_warning_handler(function).
class FunctionHandler final : public WarningHandler {
 public:
  void process(const SourceLocation&, const std::string& message, bool) override { function.load()(message); }
  std::atomic<void (*)(const std::string&)> function{nullptr};
};

// Never destroyed: there may be warnings until the very end.
WarningHandler& default_handler() {
  static WarningHandler& handler = *new WarningHandler;
  return handler;
}

std::atomic<WarningHandler*> warning_handler{nullptr};  // null: the default one
std::atomic<bool> warn_always{false};

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

WarningHandler::~WarningHandler() = default;
void WarningHandler::process(const SourceLocation&, const std::string& message, bool) {
  std::fprintf(stderr, "taper warning: %s\n", message.c_str());
}

void Warning::warn(const SourceLocation& where, const std::string& message, bool verbatim) {
  get_warning_handler()->process(where, message, verbatim);
}
void Warning::set_warning_handler(WarningHandler* handler) noexcept { warning_handler = handler; }
WarningHandler* Warning::get_warning_handler() noexcept {
  WarningHandler* handler = warning_handler;
  return handler ? handler : &default_handler();
}
void Warning::set_warnAlways(bool value) noexcept { warn_always = value; }
bool Warning::get_warnAlways() noexcept { return warn_always; }

void set_warning_handler(void (*function)(const std::string& message)) {
  static FunctionHandler& handler = *new FunctionHandler;
  if (function) handler.function = function;
  Warning::set_warning_handler(function ? &handler : nullptr);
}
void warn(const std::string& message, const SourceLocation& where) { Warning::warn(where, message, false); }

void append_to(std::string& out, long long value) { fmt::format_to(std::back_inserter(out), "{}", value); }
void append_to(std::string& out, unsigned long long value) { fmt::format_to(std::back_inserter(out), "{}", value); }
void append_to(std::string& out, double value) { fmt::format_to(std::back_inserter(out), "{}", value); }

}  // namespace taper
