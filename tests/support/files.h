// An empty folder for a test, and whole files as strings.
#pragma once

#include "catch.h"
#include "support/text.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace support {

// Removed at the end, with all that is in it.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "taper_files_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }

  std::string operator/(const std::string& name) const { return path + "/" + name; }
  // The path of a new file, in folders of its own where `name` says so.
  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(*this / name).parent_path());
    std::ofstream(*this / name, std::ios::binary) << bytes;
    return *this / name;
  }
  size_t files() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path)) count += entry.exists() || entry.is_symlink();
    return count;
  }
  std::string path;
};

inline std::string read_bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

// The text of the error with which load(path) refuses a file of these bytes, or "no error"; it begins with the names of
// the function and of the file.
std::string error_of_file(const std::string& function, const std::string& bytes, const auto& load) {
  const Folder folder;
  const std::string path = folder.write("file", bytes), text = error_of([&] { load(path); });
  if (text != "no error") CHECK_THAT(text, ContainsSubstring(function + ": " + path + ": "));
  return text;
}

// The bytes of a safetensors file: the length of the header, the header, the data; nothing is checked or padded.
inline std::string by_hand(const std::string& header, const std::string& data = "") {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(uint64_t{header.size()} >> shift);
  return bytes + header + data;
}

// The beginning of an IDX file, of unsigned bytes: 0, 0, the type (8), the number of sizes, each size in four bytes.
inline std::string idx_header(const std::vector<uint32_t>& sizes) {
  std::string bytes{0, 0, 8, static_cast<char>(sizes.size())};
  for (const uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift));
  }
  return bytes;
}

}  // namespace support
