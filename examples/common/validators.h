// CLI11 validators: an error message, or an empty string for a valid value.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>

namespace examples {

// An integer in range. CLI11 would read one with a leading 0 as octal.
template <class Number>
CLI::Validator whole(Number min, Number max, const std::string& hint = "") {
  return CLI::Validator(
      [=](const std::string& text) -> std::string {
        Number value{};
        const std::errc error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
        const bool read = error == std::errc() && text == std::to_string(value);
        if (read && value >= min && value <= max) return "";
        return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) + hint + "; got " +
               text;
      },
      "");
}

inline CLI::Validator not_empty() {
  return CLI::Validator([](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, "");
}

}  // namespace examples
