// Errors: one family, one macro. A message reads `op: what must hold; got A and B; what to do`.
//
//   TAPER_CHECK(dim < 3, "conv: dim must be below 3; got ", dim);
//
// The arguments are joined into one string; a type takes part by an `append_to(std::string&, const T&)` that argument-
// dependent lookup can find. Nothing is formatted unless the check fails.
#pragma once

#include <taper/core/macros.h>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

namespace taper {

// The root of everything taper throws. A bad input throws one of these and changes nothing.
class TAPER_API Error : public std::exception {
 public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  ~Error() override;
  const char* what() const noexcept override { return message_.c_str(); }
  const char* what_without_backtrace() const noexcept { return message_.c_str(); }
  const std::string& msg() const noexcept { return message_; }
  // Appends " (in module <path>)", unless the message names a module already.
  void add_module(const std::string& path);

 private:
  std::string message_;
};

// An index or dimension out of range.
class TAPER_API IndexError : public Error {
 public:
  using Error::Error;
  ~IndexError() override;
};

// A value outside its domain (a probability of 2, a negative size).
class TAPER_API ValueError : public Error {
 public:
  using Error::Error;
  ~ValueError() override;
};

// A dtype or kind of object that the operation does not take.
class TAPER_API TypeError : public Error {
 public:
  using Error::Error;
  ~TypeError() override;
};

// A thing libtorch has and taper does not (yet).
class TAPER_API NotImplementedError : public Error {
 public:
  using Error::Error;
  ~NotImplementedError() override;
};

// Where a warning was given.
struct SourceLocation {
  const char* function;
  const char* file;
  uint32_t line;
};

// What becomes of warnings: a line on stderr, unless process() is overridden. `verbatim` asks for the message as it is.
class TAPER_API WarningHandler {
 public:
  virtual ~WarningHandler();
  virtual void process(const SourceLocation& where, const std::string& message, bool verbatim);
};

namespace Warning {

TAPER_API void warn(const SourceLocation& where, const std::string& message, bool verbatim);
// One handler serves all threads. It stays the caller's and must live until another takes its place; null restores the
// one that writes to stderr.
TAPER_API void set_warning_handler(WarningHandler* handler) noexcept;
TAPER_API WarningHandler* get_warning_handler() noexcept;
// Whether what is said once per program is said every time.
TAPER_API void set_warnAlways(bool value) noexcept;
TAPER_API bool get_warnAlways() noexcept;

// Set for a scope.
class WarningHandlerGuard {
 public:
  explicit WarningHandlerGuard(WarningHandler* handler) : before_(get_warning_handler()) {
    set_warning_handler(handler);
  }
  ~WarningHandlerGuard() { set_warning_handler(before_); }
  WarningHandlerGuard(const WarningHandlerGuard&) = delete;
  WarningHandlerGuard& operator=(const WarningHandlerGuard&) = delete;

 private:
  WarningHandler* before_;
};
class WarnAlways {
 public:
  explicit WarnAlways(bool value = true) : before_(get_warnAlways()) { set_warnAlways(value); }
  ~WarnAlways() { set_warnAlways(before_); }
  WarnAlways(const WarnAlways&) = delete;
  WarnAlways& operator=(const WarnAlways&) = delete;

 private:
  bool before_;
};

}  // namespace Warning

// The same with a function that is handed the messages alone.
TAPER_API void set_warning_handler(void (*function)(const std::string& message));
// Gives a warning from where it is called.
TAPER_API void warn(const std::string& message,
                    const SourceLocation& where = {__builtin_FUNCTION(), __builtin_FILE(), __builtin_LINE()});

inline void append_to(std::string& out, std::string_view text) { out.append(text); }
inline void append_to(std::string& out, const char* text) { out.append(text); }
inline void append_to(std::string& out, const std::string& text) { out.append(text); }
inline void append_to(std::string& out, char c) { out.push_back(c); }
inline void append_to(std::string& out, bool value) { out.append(value ? "true" : "false"); }
TAPER_API void append_to(std::string& out, long long value);
TAPER_API void append_to(std::string& out, unsigned long long value);
TAPER_API void append_to(std::string& out, double value);

namespace detail {

template <class T>
void append_any(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, char>) {
    append_to(out, value);
  } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    append_to(out, static_cast<long long>(value));
  } else if constexpr (std::is_integral_v<T>) {
    append_to(out, static_cast<unsigned long long>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    append_to(out, static_cast<double>(value));
  } else if constexpr (requires { value.has_value(); }) {
    if (value) {
      append_any(out, *value);
    } else {
      out.append("None");
    }
  } else if constexpr (!std::is_convertible_v<const T&, std::string_view> &&
                       requires { value.begin() != value.end(); }) {
    out.push_back('[');  // a list: [2, 3]
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (it != value.begin()) out.append(", ");
      append_any(out, *it);
    }
    out.push_back(']');
  } else {
    append_to(out, value);
  }
}

// The arguments, written one after the other.
template <class... Args>
std::string str(const Args&... args) {
  std::string out;
  (append_any(out, args), ...);
  return out;
}

// std::ostream and what is like it, so that no public header includes one.
template <class T>
concept TextStream = requires(T& stream, const char* text) {
  stream.write(text, 1);
};

template <TextStream Stream, class T>
Stream& write(Stream& stream, const T& value) {
  const std::string text = detail::str(value);
  stream.write(text.data(), static_cast<long>(text.size()));
  return stream;
}

}  // namespace detail
}  // namespace taper

#define TAPER_CHECK_AS(ErrorType, condition, ...)         \
  do {                                                    \
    if (!(condition)) [[unlikely]]                        \
      throw ErrorType(::taper::detail::str(__VA_ARGS__)); \
  } while (false)
#define TAPER_CHECK(condition, ...) TAPER_CHECK_AS(::taper::Error, condition, __VA_ARGS__)
#define TAPER_CHECK_INDEX(condition, ...) TAPER_CHECK_AS(::taper::IndexError, condition, __VA_ARGS__)
#define TAPER_CHECK_VALUE(condition, ...) TAPER_CHECK_AS(::taper::ValueError, condition, __VA_ARGS__)
#define TAPER_CHECK_TYPE(condition, ...) TAPER_CHECK_AS(::taper::TypeError, condition, __VA_ARGS__)
