// The header of a safetensors file (safetensors.h): what it says of each tensor, and all the checks on it. Internal to
// serialize/.
#pragma once

#include <taper/serialize/format.h>
#include <taper/serialize/safetensors.h>

#include <string_view>
#include <vector>

namespace taper::serialize::detail {

constexpr uint64_t kMostHeader = 100'000'000;  // bytes; the limit of the published reader

struct Entry {
  std::string name;
  const Format* format = nullptr;  // of a file that is read: null for a dtype that cannot be
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // where the data begins and ends, in bytes after the header
  std::string dtype{};          // as the file names it
};

// The bytes of its data, whose format is known; nothing when they, or strides over its shape, are beyond 63 bits.
optional<uint64_t> count_bytes(const Entry& entry);

struct Header {
  std::vector<Entry> entries;
  Metadata metadata;
};

// `where` starts all error messages: "load_safetensors: net.safetensors".

// The length, the JSON and the spaces after it.
std::string write_header(const std::string& where, const Header& header);

// Reads the JSON and the spaces after it. Names are not known to differ afterwards.
Header parse_header(const std::string& where, std::string_view json);

// The entries in the order of their data. Shapes, dtypes and offsets must agree (but for dtypes that are not known),
// and the data belong to the tensors without gap or overlap, down to the last of its `data` bytes.
std::vector<const Entry*> check_layout(const std::string& where, const std::vector<Entry>& entries, uint64_t data);

// Why the tensor cannot be read.
std::string unreadable(const Entry& entry);

// Text as it may stand in an error message: not endless, nothing a terminal obeys.
std::string shown(std::string_view text, bool is_utf8 = true);

}  // namespace taper::serialize::detail
