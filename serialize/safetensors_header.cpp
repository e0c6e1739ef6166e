#include <taper/serialize/safetensors_header_internal.h>

#include <taper/core/error.h>
#include <taper/serialize/format_internal.h>
#include <taper/serialize/text_internal.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace taper::serialize::detail {
namespace {

using Json = nlohmann::json;
using taper::detail::str;

// Follows the JSON parser through the header, with no tree in between: what does not belong ends the parse at once,
// and so neither depth nor size of a hostile header matters.
class HeaderReader : public Json::json_sax_t {
 public:
  HeaderReader(const std::string& where, std::string_view text) : where_(where), text_(text) {}
  Header header;

  bool start_object(size_t) override {
    if (in_ == In::kNothing) {
      in_ = In::kHeader;
    } else if (in_ == In::kHeader && key_ == "__metadata__") {
      if (has_metadata_) fail("must name everything once; got __metadata__ twice");
      has_metadata_ = true;
      in_ = In::kMetadata;
    } else if (in_ == In::kHeader) {
      header.entries.emplace_back().name = key_;
      seen_ = {};
      in_ = In::kTensor;
    } else {
      unexpected("an object");
    }
    return true;
  }
  bool key(std::string& key) override {
    if (in_ == In::kMetadata && header.metadata.count(key) != 0) {
      fail("must name everything once; got '", shown(key), "' in __metadata__ twice");
    }
    if (in_ == In::kTensor) {
      const size_t field = static_cast<size_t>(std::find(kFields.begin(), kFields.end(), key) - kFields.begin());
      if (field == kFields.size()) {
        fail(tensor(), " must have dtype, shape and data_offsets alone; got '", shown(key), "'");
      }
      if (std::exchange(seen_[field], true)) fail(tensor(), " must have one ", key, "; got two");
    }
    key_ = std::move(key);
    return true;
  }
  bool end_object() override {
    if (in_ == In::kTensor) {
      for (size_t field = 0; field < kFields.size(); ++field) {
        if (!seen_[field]) fail(tensor(), " must have ", field < 2 ? "a " : "", kFields[field], "; got none");
      }
    }
    in_ = in_ == In::kHeader ? In::kNothing : In::kHeader;
    return true;
  }
  bool start_array(size_t) override {
    if (in_ == In::kTensor && key_ == "shape") {
      in_ = In::kShape;
    } else if (in_ == In::kTensor && key_ == "data_offsets") {
      offsets_ = 0;
      in_ = In::kOffsets;
    } else {
      unexpected("a list");
    }
    return true;
  }
  bool end_array() override {
    if (in_ == In::kOffsets && offsets_ != 2) unexpected(str("a list of ", offsets_));
    in_ = In::kTensor;
    return true;
  }
  bool number_unsigned(uint64_t value) override {
    if (in_ == In::kShape && value <= INT64_MAX) {
      header.entries.back().shape.push_back(static_cast<int64_t>(value));
    } else if (in_ == In::kOffsets && offsets_ < 2) {
      (offsets_++ == 0 ? header.entries.back().begin : header.entries.back().end) = value;
    } else {
      unexpected(in_ == In::kOffsets ? "a longer list" : str(value));
    }
    return true;
  }
  bool string(std::string& value) override {
    if (in_ == In::kMetadata) {
      header.metadata.emplace(std::move(key_), std::move(value));
    } else if (in_ == In::kTensor && key_ == "dtype") {
      header.entries.back().format = find_format(value);
      header.entries.back().dtype = std::move(value);
    } else {
      unexpected(str("\"", shown(value), "\""));
    }
    return true;
  }
  bool number_integer(int64_t value) override { unexpected(str(value)); }
  bool number_float(double, const std::string& text) override { unexpected(shown(text)); }
  bool boolean(bool value) override { unexpected(str(value)); }
  bool null() override {
    if (in_ != In::kHeader || key_ != "__metadata__" || has_metadata_) unexpected("null");
    has_metadata_ = true;  // some writers' way to say that there is none
    return true;
  }
  bool binary(Json::binary_t&) override { unexpected("bytes"); }
  bool parse_error(size_t position, const std::string&, const Json::exception&) override {
    const size_t from = std::min(position < 20 ? 0 : position - 20, text_.size());
    fail("must be JSON in UTF-8; got an error at byte ", position, ", after \"",
         shown(text_.substr(from, position - from)), "\"");
  }

 private:
  static constexpr std::array<std::string_view, 3> kFields = {"dtype", "shape", "data_offsets"};
  enum class In { kNothing, kHeader, kMetadata, kTensor, kShape, kOffsets };

  std::string tensor() const { return str("tensor '", shown(header.entries.back().name), "'"); }
  template <class... Args>
  [[noreturn]] void fail(const Args&... args) const {
    throw Error(str(where_, ": the header ", args...));
  }
  [[noreturn]] void unexpected(const std::string& what) const {
    switch (in_) {
      case In::kNothing: fail("must be an object; got ", what);
      case In::kHeader: fail("must have an object for '", shown(key_), "'; got ", what);
      case In::kMetadata: fail("must have a string for '", shown(key_), "' in __metadata__; got ", what);
      case In::kShape: fail("must have whole numbers from 0 to 2^63-1 in the shape of ", tensor(), "; got ", what);
      case In::kOffsets:
        fail("must have two whole numbers of at least 0 as data_offsets of ", tensor(), "; got ", what);
      case In::kTensor: break;
    }
    fail("must have a ", key_ == "dtype" ? "string" : "list", " as ", key_, " of ", tensor(), "; got ", what);
  }

  const std::string& where_;
  std::string_view text_;
  In in_ = In::kNothing;
  std::string key_;  // the last one
  bool has_metadata_ = false;
  std::array<bool, kFields.size()> seen_ = {};  // of the tensor
  int offsets_ = 0;
};

}  // namespace

optional<uint64_t> count_bytes(const Entry& entry) {
  constexpr uint64_t kLargest = 8;  // in memory, where an element may take more bytes than in the file
  const optional<uint64_t> elements = count_elements(entry.shape);
  if (!elements || *elements > INT64_MAX / kLargest) return nullopt;
  return *elements * entry.format->bytes;
}

std::string write_header(const std::string& where, const Header& header) {
  std::string json = "{";
  if (!header.metadata.empty()) {
    json += "\"__metadata__\":{";
    for (const auto& [key, value] : header.metadata) {
      if (json.back() != '{') json += ',';
      json += json_string(where + ": a metadata key", key);
      json += ':';
      json += json_string(where + ": a metadata value", value);
    }
    json += '}';
  }
  for (const Entry& e : header.entries) {
    if (json.size() > 1) json += ',';
    json += json_string(where + ": the name of a tensor", e.name);
    json += str(":{\"dtype\":\"", e.format->name, "\",\"shape\":[");
    for (size_t i = 0; i < e.shape.size(); ++i) json += str(i > 0 ? "," : "", e.shape[i]);
    json += str("],\"data_offsets\":[", e.begin, ",", e.end, "]}");
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  TAPER_CHECK(json.size() <= kMostHeader, where, ": the header must not exceed ", kMostHeader, " bytes; got ",
              json.size(), " for ", header.entries.size(), " tensors; use fewer or shorter names, or several files");
  return put_numbers({{json.size(), 8}}) + json;
}

Header parse_header(const std::string& where, std::string_view json) {
  TAPER_CHECK(json.starts_with('{'), where, ": the header must begin with {; got \"",
              shown(json.substr(0, 16), /*keep_utf8=*/false), "\"; this is no safetensors file, or a damaged one");
  // The parser takes a zero byte for the end.
  TAPER_CHECK(json.find('\0') == json.npos, where, ": the header must be JSON in UTF-8; got a zero byte at byte ",
              json.find('\0'));
  HeaderReader reader(where, json);
  Json::sax_parse(json.begin(), json.end(), &reader);
  return std::move(reader.header);
}

std::vector<const Entry*> check_layout(const std::string& where, const std::vector<Entry>& entries, uint64_t data) {
  std::vector<const Entry*> order;
  for (const Entry& e : entries) {
    const auto name = [&] { return str(where, ": tensor '", shown(e.name), "'"); };
    const optional<uint64_t> bytes = e.format ? count_bytes(e) : e.end - e.begin;
    TAPER_CHECK(bytes, name(), " must have a number of bytes below 2^63; got shape ", shown(str(e.shape)));
    TAPER_CHECK(e.begin <= e.end && e.end <= data, name(), " must lie within the ", data,
                " bytes that follow the header; got data_offsets [", e.begin, ", ", e.end,
                "]; the file is cut short or damaged");
    TAPER_CHECK(e.end - e.begin == *bytes, name(), " must have ", *bytes, " bytes for dtype ", e.format->name,
                " and shape ", shown(str(e.shape)), "; got data_offsets [", e.begin, ", ", e.end, "], ",
                e.end - e.begin, " bytes");
    order.push_back(&e);
  }
  std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  uint64_t end = 0;
  for (const Entry* e : order) {
    TAPER_CHECK(e->begin == end, where, ": the data of tensor '", shown(e->name),
                "' must begin where that of the one before it ends, at ", end, "; got data_offsets [", e->begin, ", ",
                e->end, "], ", e->begin < end ? "which overlap" : "which leave a gap");
    end = e->end;
  }
  TAPER_CHECK(end == data, where, ": the file must end with its last tensor, ", end, " bytes after the header; got ",
              data, " bytes");
  return order;
}

std::string unreadable(const Entry& entry) {
  return str("tensor '", shown(entry.name), "' must have a dtype of bool, integers, F64, F32, F16 or BF16; got '",
             shown(entry.dtype), "'; convert it before saving");
}

}  // namespace taper::serialize::detail
