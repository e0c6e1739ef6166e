// What tests of files share: an empty folder, whole files as strings, safetensors files put together by hand.
#pragma once

#include <taper/core/error.h>

#include "catch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

// Removed at the end, with all that is in it.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "taper_files_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }

  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string write(const std::string& name, const std::string& bytes) const {
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

// The length of the header, the header, the data: nothing is checked or padded.
inline std::string by_hand(const std::string& header, const std::string& data = "") {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(uint64_t{header.size()} >> shift);
  return bytes + header + data;
}

// The text of the taper::Error that f() throws.
template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const taper::Error& error) {
    return error.what();
  }
  return "no error";
}

// While one is alive, warnings are kept here instead of printed.
struct CatchWarnings {
  CatchWarnings() {
    last().clear();
    taper::set_warning_handler([](const std::string& message) { last() = message; });
  }
  ~CatchWarnings() { taper::set_warning_handler(nullptr); }
  static std::string& last() {
    static std::string message;
    return message;
  }
};
