// Formatting of text, and properties of the terminal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace examples {

// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...);
// 45123.4 -> "45,123"
std::string with_commas(double value);
// counted(1, "epoch") -> "1 epoch", counted(5000, "image") -> "5,000 images"
std::string counted(int64_t count, const std::string& one);
// "42 s", "3 min 07 s", "2 h 05 min"; "?" for NaN and extremely long times.
std::string duration(double seconds);

bool is_terminal(std::FILE* stream);
// In columns; 80 if unknown.
int terminal_width(std::FILE* stream);
// Whether the user's locale is UTF-8.
bool is_utf8();

}  // namespace examples
