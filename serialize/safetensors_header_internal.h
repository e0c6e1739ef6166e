// The header of a safetensors file (safetensors.h), with all its checks.
#pragma once

#include <taper/serialize/format_internal.h>
#include <taper/serialize/safetensors.h>

#include <string_view>
#include <vector>

namespace taper::serialize::detail {

constexpr uint64_t kMostHeader = 100'000'000;  // bytes; the limit of the published reader

struct Entry {
  std::string name;
  const Format* format = nullptr;  // null for an unsupported dtype
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // where the data begins and ends, in bytes after the header
  std::string dtype{};          // its name in the file
};

// The bytes of its data, whose format is known; nullopt when they, or the strides of its shape, overflow 63 bits.
optional<uint64_t> count_bytes(const Entry& entry);

struct Header {
  std::vector<Entry> entries;
  Metadata metadata;
};

// `where` is the prefix of all error messages: "load_safetensors: net.safetensors".

// The length, the JSON and the spaces after it.
std::string write_header(const std::string& where, const Header& header);

// Reads the JSON and the spaces after it. Does not check that names are unique.
Header parse_header(const std::string& where, std::string_view json);

// The entries in the order of their data. Shapes, dtypes and offsets must agree (except for unknown dtypes), and the
// tensors must cover all `data` bytes without gap or overlap.
std::vector<const Entry*> check_layout(const std::string& where, const std::vector<Entry>& entries, uint64_t data);

// The reason why the tensor cannot be read.
std::string unreadable(const Entry& entry);

}  // namespace taper::serialize::detail
