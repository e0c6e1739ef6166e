// Text from files in error messages and JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taper::serialize::detail {

bool valid_utf8(std::string_view text);

// The text for an error message: at most 100 bytes, control characters escaped; other bytes beyond ASCII are escaped
// unless the text is UTF-8 and `keep_utf8` is set.
std::string shown(std::string_view text, bool keep_utf8 = true);

// The first ten of the names, for error messages: "'a', 'b'".
std::string quoted(const std::vector<std::string>& names);

// The text as a JSON string. Throws Error, with the prefix `where`, unless it is UTF-8.
std::string json_string(const std::string& where, const std::string& text);

}  // namespace taper::serialize::detail
