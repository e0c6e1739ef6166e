#include <taper/core/error.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdio>

namespace taper {
namespace {

// For set_warning_handler(function): one for each function, in a list that stays, as a guard may bring it back.
class FunctionHandler final : public WarningHandler {
 public:
  static FunctionHandler* of(void (*function)(const std::string&)) {
    static std::atomic<FunctionHandler*> first{nullptr};
    FunctionHandler* newest = first.load();
    for (FunctionHandler* h = newest; h; h = h->next_) {
      if (h->function_ == function) return h;
    }
    auto* const made = new FunctionHandler(function, newest);
    while (!first.compare_exchange_weak(made->next_, made)) {
    }
    return made;
  }
  void process(const SourceLocation&, const std::string& message, bool) override { function_(message); }

 private:
  FunctionHandler(void (*function)(const std::string&), FunctionHandler* next) : function_(function), next_(next) {}

  void (*const function_)(const std::string&);
  FunctionHandler* next_;
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
  Warning::set_warning_handler(function ? FunctionHandler::of(function) : nullptr);
}
void warn(const std::string& message, const SourceLocation& where) { Warning::warn(where, message, false); }

void append_to(std::string& out, long long value) { fmt::format_to(std::back_inserter(out), "{}", value); }
void append_to(std::string& out, unsigned long long value) { fmt::format_to(std::back_inserter(out), "{}", value); }
void append_to(std::string& out, double value) { fmt::format_to(std::back_inserter(out), "{}", value); }

}  // namespace taper
