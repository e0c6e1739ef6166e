#include <taper/serialize/ivalue_json_internal.h>

#include <taper/core/error.h>
#include <taper/serialize/text_internal.h>

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <limits>

namespace taper::serialize::detail {
namespace {

using Json = nlohmann::json;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

optional<std::vector<int64_t>> integers(std::string_view text) {
  std::vector<int64_t> values;
  const auto skip_spaces = [&] { text.remove_prefix(std::min(text.find_first_not_of(' '), text.size())); };
  do {
    text.remove_prefix(1);  // [ or ,
    skip_spaces();
    if (values.empty() && text == "]") return values;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), values.emplace_back());
    if (error != std::errc()) return nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    skip_spaces();
  } while (text.starts_with(','));
  if (text != "]") return nullopt;
  return values;
}

}  // namespace

std::string to_json(const std::string& where, const IValue& value) {
  if (value.isNone()) return "null";
  if (value.isBool()) return value.toBool() ? "true" : "false";
  if (value.isInt()) return std::to_string(value.toInt());
  if (value.isDouble()) {
    const double x = value.toDouble();  // JSON has no words for these; Python's module writes and reads them so
    return std::isfinite(x) ? Json(x).dump() : std::isnan(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
  }
  if (value.isString()) return json_string(where, value.toStringRef());
  TAPER_CHECK_TYPE(value.isIntList(), where,
                   " must be nothing, a tensor, a bool, an integer, a double, a string or a list of integers; got ",
                   "another kind; write it as one of these");
  return Json(value.toIntVector()).dump();
}

IValue from_json(const std::string& where, const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity" || text == "-Infinity") return text[0] == '-' ? -kInfinity : kInfinity;
  if (text.starts_with('[')) {
    if (optional<std::vector<int64_t>> list = integers(text)) return std::move(*list);
  } else if (!text.starts_with('{')) {  // nothing that nests
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const bool too_large = json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX;
    if (json.is_null()) return {};
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_integer() && !too_large) return json.get<int64_t>();
    if (json.is_number_float()) return json.get<double>();
    if (json.is_string()) return json.get<std::string>();
  }
  throw Error(taper::detail::str(where, " must be JSON of null, a bool, a number, a string or a list of integers; got ",
                                 "\"", shown(text), "\"; the file is damaged or of another program"));
}

}  // namespace taper::serialize::detail
