#include <taper/serialize/text_internal.h>

#include <taper/core/error.h>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace taper::serialize::detail {

using taper::detail::str;

bool valid_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(std::string(text)).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string shown(std::string_view text, bool keep_utf8) {
  keep_utf8 = keep_utf8 && valid_utf8(text);
  size_t end = std::min<size_t>(text.size(), 100);
  while (keep_utf8 && end < text.size() && (text[end] & 0xc0) == 0x80) --end;  // no half characters
  std::string out;
  for (const char c : text.substr(0, end)) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !keep_utf8)) {
      constexpr const char* kDigits = "0123456789abcdef";
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      out += c;
    }
  }
  return end < text.size() ? out + "..." : out;
}

std::string quoted(const std::vector<std::string>& names) {
  constexpr size_t kMost = 10;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) text += str(i > 0 ? ", '" : "'", shown(names[i]), "'");
  return names.size() > kMost ? text + ", ..." : text;
}

std::string json_string(const std::string& where, const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(str(where, " must be UTF-8; got '", shown(text), "'"));
  }
}

}  // namespace taper::serialize::detail
